"""Who comes and goes: each figure is one Select of dated rows, which the table counts, the page lists and T01 sums.

A row is a firm at a carrier: record_id, label, happened_on, contribution, unit_id, note (why it ended), other_unit_id (the
other end of a move). A figure counts distinct firms in every scope, so the parts may exceed the whole. A residence holds
from its first day until, not including, the day it ended: a firm leaves on the first day on which it is no longer there.
"""

from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from crm.companies.models import LEAVING, Company, EndReason, Residence, ResidenceKind
from crm.companies.queries import counted_carrier, covers
from crm.reference.counting import STANDARD, in_force
from crm.reference.models import EntrantRule

Rows: TypeAlias = Select[*tuple[Any, ...]]

CHAINED = (EndReason.TRANSFERRED, EndReason.GRADUATED)  # the next residence begins that very day
ENDED_FOR_GOOD = (EndReason.DISSOLVED, EndReason.LICENCE_REVOKED)


# Flows: what happened from `start` through `until`


def new_entrants(start: date, until: date) -> Rows:
    """新增入驻企业, T01: the first 注册在园 of a body that counts, by the rule in force on that day.

    A move between carriers is never new; a return only where the rule says so, and then at most once in the period.
    """
    home, at_home = counted_carrier(Company.id, Residence.from_on.expression)
    rule, is_in_force = in_force(Residence.from_on.expression)
    needs_licence = func.coalesce(rule.needs_licence, STANDARD.needs_licence)
    needs_agreement = func.coalesce(rule.needs_agreement, STANDARD.needs_agreement)
    counts_returns = func.coalesce(rule.counts_returns, STANDARD.counts_returns)
    is_return = and_(counts_returns, _came_back(), ~_was_registered_before(since=start))
    return (
        _rows(Residence.from_on, home.carrier_id)
        .join(home, at_home)
        .outerjoin(rule, is_in_force)
        .where(
            Residence.kind == ResidenceKind.REGISTERED,
            Residence.from_on.between(start, until),
            _is_counted_kind(rule),
            or_(~needs_licence, Company.uscc.is_not(None)),
            or_(~needs_agreement, Residence.agreement_on <= until),
            or_(~_was_registered_before(), is_return),
        )
    )


def left(start: date, until: date) -> Rows:
    """迁出注销: bodies that count whose 注册在园 ended for a reason of leaving; moves between carriers are none."""
    rule, is_in_force = in_force(Residence.to_on.expression)
    return (
        _rows(Residence.to_on, Residence.carrier_id, note=Residence.reason)
        .outerjoin(rule, is_in_force)
        .where(
            Residence.is_counted,
            Residence.kind == ResidenceKind.REGISTERED,
            Residence.to_on.between(start, until),
            Residence.reason.in_(LEAVING),
            _is_counted_kind(rule),
        )
    )


def transferred_in(start: date, until: date) -> Rows:
    """转入: its 统计归属 came from another carrier of the park that day."""
    return _transfers(start, until, is_in=True)


def transferred_out(start: date, until: date) -> Rows:
    """转出: its 统计归属 went to another carrier of the park that day."""
    return _transfers(start, until, is_in=False)


def returned(start: date, until: date) -> Rows:
    """再入驻: a counted residence of a firm that had left the park before."""
    earlier, linked = aliased(Residence), aliased(Residence)
    had_left = exists().where(
        earlier.company_id == Residence.company_id,
        earlier.is_counted,
        earlier.to_on <= Residence.from_on,
        earlier.reason.in_(LEAVING),
    )
    goes_on = exists().where(
        linked.company_id == Residence.company_id,
        linked.is_counted,
        linked.to_on == Residence.from_on,
        linked.reason.in_(CHAINED),
    )
    rule, is_in_force = in_force(Residence.from_on.expression)
    return (
        _rows(Residence.from_on, Residence.carrier_id)
        .outerjoin(rule, is_in_force)
        .where(
            Residence.is_counted,
            Residence.from_on.between(start, until),
            had_left,
            ~goes_on,
            _is_counted_kind(rule),
        )
    )


def graduated(start: date, until: date) -> Rows:
    """毕业: 在孵 ended so, whatever body it is; the firm stays."""
    return _rows(Residence.to_on, Residence.carrier_id, note=Residence.reason).where(
        Residence.kind == ResidenceKind.INCUBATED,
        Residence.reason == EndReason.GRADUATED,
        Residence.to_on.between(start, until),
    )


# Stocks: what is so on the day `until`


def ever_resident(start: date, until: date) -> Rows:
    """累计入驻: had its 统计归属 there on any day so far, gone since or not."""
    rule, is_in_force = in_force(until)
    return (
        _rows(Residence.from_on, Residence.carrier_id)
        .outerjoin(rule, is_in_force)
        .where(Residence.is_counted, Residence.from_on <= until, _is_counted_kind(rule))
    )


def resident(start: date, until: date) -> Rows:
    """现有在园: has its 统计归属 there that day."""
    return ever_resident(start, until).where(covers(Residence, until))


def in_business(start: date, until: date) -> Rows:
    """正常经营: of those in the park the licensed ones of which no 吊销 or 注销 was recorded during the stay."""
    ended = aliased(Residence)
    has_ended = exists().where(
        ended.company_id == Residence.company_id,
        ended.reason.in_(ENDED_FOR_GOOD),
        ended.to_on > Residence.from_on,
        ended.to_on <= until,
    )
    return resident(start, until).where(Company.uscc.is_not(None), ~has_ended)


def incubated(start: date, until: date) -> Rows:
    """在孵: firms and teams in incubation that day, at the carrier that incubates them."""
    return _rows(Residence.from_on, Residence.carrier_id).where(
        Residence.kind == ResidenceKind.INCUBATED, covers(Residence, until)
    )


def _rows(day: Any, unit_id: Any, *, note: Any = None, other_unit_id: Any = None) -> Rows:
    return (
        select(
            Company.id.label("record_id"),
            Company.name.label("label"),
            day.label("happened_on"),
            literal(1).label("contribution"),
            unit_id.label("unit_id"),
            cast(null() if note is None else note, String(40)).label("note"),
            cast(null() if other_unit_id is None else other_unit_id, Integer).label(
                "other_unit_id"
            ),
        )
        .select_from(Company)
        .join(Residence, Residence.company_id == Company.id)
        .where(Company.archived_at.is_(None))
    )


def _transfers(start: date, until: date, *, is_in: bool) -> Rows:
    following = aliased(Residence)
    follows = and_(
        following.company_id == Residence.company_id,
        following.is_counted,
        following.from_on == Residence.to_on,
        following.carrier_id != Residence.carrier_id,
    )
    here, there = Residence.carrier_id, following.carrier_id
    if is_in:
        here, there = there, here
    rule, is_in_force = in_force(Residence.to_on.expression)
    return (
        _rows(Residence.to_on, here, other_unit_id=there)
        .join(following, follows)
        .outerjoin(rule, is_in_force)
        .where(
            Residence.is_counted,
            Residence.reason == EndReason.TRANSFERRED,
            Residence.to_on.between(start, until),
            _is_counted_kind(rule),
        )
    )


def _is_counted_kind(rule: type[EntrantRule]) -> ColumnElement[bool]:
    """Whether the firm's kind is one of the rule's words."""
    words = literal(" ") + func.coalesce(rule.kinds, " ".join(STANDARD.kinds)) + " "
    return words.contains(literal(" ") + cast(Company.kind, String(40)) + " ")


def _was_registered_before(since: date | None = None) -> ColumnElement[bool]:
    """Whether the firm had an earlier 注册在园 (one that began on `since` or later, where it is given)."""
    earlier = aliased(Residence)
    found = exists().where(*_earlier(earlier))
    return found if since is None else found.where(earlier.from_on >= since)


def _came_back() -> ColumnElement[bool]:
    """Whether every earlier 注册在园 had ended by then, and none went over into this one."""
    earlier = aliased(Residence)
    goes_on = and_(earlier.to_on == Residence.from_on, earlier.reason.in_(CHAINED))
    is_there = or_(earlier.to_on.is_(None), earlier.to_on > Residence.from_on, goes_on)
    return ~exists().where(*_earlier(earlier), is_there)


def _earlier(earlier: type[Residence]) -> tuple[ColumnElement[bool], ...]:
    is_earlier = or_(
        earlier.from_on < Residence.from_on,
        and_(earlier.from_on == Residence.from_on, earlier.id < Residence.id),
    )
    return (
        earlier.company_id == Residence.company_id,
        earlier.kind == ResidenceKind.REGISTERED,
        is_earlier,
    )
