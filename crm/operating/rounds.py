"""Rounds in which a period's figures are collected: opened, reminded of, closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, insert, literal, or_, select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, record
from crm.companies.models import Company, Residence
from crm.companies.queries import visible_to
from crm.core import clock
from crm.core.attributes import MoneyUnit
from crm.core.db import session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.operating.models import CollectionRound, OperatingReport, RoundMember
from crm.operating.periods import Period
from crm.operating.queries import is_reported, owing
from crm.people.models import Unit
from crm.people.scope import WHOLE_PARK_SCOPE, Scope


class RoundClosed(Conflict):
    """The round is closed: nothing more comes in by it."""

    def __init__(self) -> None:
        super().__init__(N_("本轮收集已结束。"))


@dataclass(frozen=True)
class RoundDetails:
    """Which figures are collected, until when. `opened_on` and `closed_on` are for demo data."""

    year: int
    through_month: int
    due_on: date
    money_unit: MoneyUnit = MoneyUnit.WAN
    opened_on: date | None = None
    closed_on: date | None = None

    @property
    def period(self) -> Period:
        return Period(self.year, self.through_month)


# What we ask


def visible_rounds(scope: Scope) -> Select[CollectionRound]:
    """The rounds of the units in a scope, and those of units above, which collect from them as well."""
    above: ColumnElement[bool] = Unit.id.is_(None)
    for prefix in scope.prefixes or ():
        above = or_(above, literal(prefix).startswith(Unit.path))
    seen = or_(scope.includes(CollectionRound.unit_id), above)
    return select(CollectionRound).join(Unit, Unit.id == CollectionRound.unit_id).where(seen)


def open_rounds(scope: Scope) -> Select[CollectionRound]:
    """Those that are not closed, the next to be due first."""
    still = visible_rounds(scope).where(CollectionRound.closed_on.is_(None))
    return still.order_by(CollectionRound.due_on, CollectionRound.id)


def members(scope: Scope, one: CollectionRound) -> Select[*tuple[Any, ...]]:
    """The firms of a round that lie in a scope; `RoundMember` is joined."""
    return (
        visible_to(scope)
        .join(RoundMember, RoundMember.company_id == Company.id)
        .where(RoundMember.round_id == one.id)
    )


def missing(scope: Scope, one: CollectionRound) -> Select[*tuple[Any, ...]]:
    """Those that have not reported yet."""
    return members(scope, one).where(~is_reported(Company.id, one.period))


def latecomers(scope: Scope, one: CollectionRound) -> Select[*tuple[Any, ...]]:
    """Firms that the register came to know after the opening as resident on the period's last day: told apart, not owing."""
    is_member = exists().where(RoundMember.round_id == one.id, RoundMember.company_id == Company.id)
    inside = owing(scope, one.period.end_on).where(~is_member)
    return inside.where(Scope((one.unit.path,), "").includes(Company.unit_id))


def reports_in(company_ids: Sequence[int], one: CollectionRound) -> Select[OperatingReport]:
    """What some firms reported of a round's period or later in its year, the nearest first."""
    return (
        select(OperatingReport)
        .where(
            OperatingReport.company_id.in_(company_ids),
            OperatingReport.year == one.year,
            OperatingReport.through_month >= one.through_month,
        )
        .order_by(OperatingReport.through_month)
    )


def by_carrier(scope: Scope, one: CollectionRound) -> Select[*tuple[Any, ...]]:
    """应报 m and 已报 n of each carrier."""
    return (
        members(scope, one)
        .join(Unit, Unit.id == RoundMember.carrier_id)
        .group_by(Unit.id, Unit.name, Unit.position)
        .order_by(Unit.position, Unit.id)
        .with_only_columns(
            Unit.id,
            Unit.name,
            func.count().label("owing"),
            func.count().filter(is_reported(Company.id, one.period)).label("reported"),
        )
    )


# What we do


def open_round(unit: Unit, details: RoundDetails, *, by: Actor) -> CollectionRound:
    """Begin to collect; who owes is fixed now. Raises DomainError, Conflict where there is this round already."""
    _check(details)
    one = CollectionRound(
        unit_id=unit.id,
        year=details.year,
        through_month=details.through_month,
        money_unit=details.money_unit,
        opened_on=details.opened_on or clock.today(),
        due_on=details.due_on,
        closed_on=details.closed_on,
        opened_by_id=by.id,
    )
    try:
        with session.begin_nested():
            session.add(one)
    except IntegrityError:
        raise Conflict(N_("这一范围的这一期已经开启过收集。"), field="unit_id") from None
    firms = owing(WHOLE_PARK_SCOPE.within(unit), details.period.end_on).with_only_columns(
        literal(one.id), Company.id, Residence.carrier_id
    )
    columns = ["round_id", "company_id", "carrier_id"]
    session.execute(insert(RoundMember).from_select(columns, firms))
    of_it = select(func.count()).select_from(RoundMember).where(RoundMember.round_id == one.id)
    count = session.scalar(of_it)
    if not count:
        raise DomainError(N_("这一范围在期末没有应报企业。"), field="unit_id")
    _record("round.opened", one, unit, by, count=count, due_on=one.due_on.isoformat())
    return one


def _check(details: RoundDetails) -> None:
    if not 1 <= details.through_month <= 12:
        raise DomainError(N_("月份应为1至12。"), field="through_month")
    opened_on = details.opened_on or clock.today()
    if details.period.end_on > opened_on:
        raise DomainError(N_("这一期尚未结束，应报企业还不能确定。"), field="through_month")
    if details.due_on < opened_on:
        raise DomainError(N_("截止日不能早于开启当天。"), field="due_on")


def remind(one: CollectionRound, *, by: Actor) -> None:
    """Note that those who owe were reminded today. Raises RoundClosed."""
    one.expect_version(None)
    expect_open(one)
    one.reminded_on = clock.today()
    _record("round.reminded", one, one.unit, by)


def close(one: CollectionRound, *, version: int | None, by: Actor) -> None:
    """No more files come in; who has not reported stays on the list as it is. Raises StaleRecord, RoundClosed."""
    one.expect_version(version)
    expect_open(one)
    one.closed_on, one.closed_by_id = clock.today(), by.id
    _record("round.closed", one, one.unit, by)


def expect_open(one: CollectionRound) -> None:
    if one.closed_on is not None:
        raise RoundClosed


def _record(action: str, one: CollectionRound, unit: Unit, by: Actor, **details: Any) -> None:
    period = f"{one.year}-{one.through_month:02d}"
    record(action, one, by=by, name=f"{unit.name} {period}", **details)
