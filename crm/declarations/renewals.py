"""当年重新认定: every 高企 whose certificate ends in a year, on the list from 1 January, and how far its renewal has come."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from crm.audit.services import Actor
from crm.companies.models import Company
from crm.companies.queries import counted_carrier, visible_to
from crm.core.db import session
from crm.core.words import N_, LabelledEnum
from crm.declarations.models import Declaration, DeclarationBatch
from crm.declarations.steps import FILED
from crm.ladder.models import Qualification
from crm.ladder.models import QualificationKind as Kind
from crm.ladder.queries import proves
from crm.ladder.services import file_renewals
from crm.people.models import Unit
from crm.people.scope import Scope


class Renewal(LabelledEnum):
    """How far the renewal of a certificate that ends in the year has come."""

    NOT_FILED = "not_filed", N_("未申报")
    FILED = "filed", N_("已申报")
    RENEWED = "renewed", N_("已重新认定")


def ending_in(year: int, scope: Scope, on: date) -> Select[*tuple[Any, ...]]:
    """The firms in the park that day whose last certificate ends within the year, by the round and not by days left.

    Columns id (of the firm), name, carrier_id, carrier, number, counts_to (the first day without it), renewal. A revoked
    certificate does not come up for renewal; neither does one that a later one had replaced before the year began.
    """
    home, at_home = counted_carrier(Company.id, on)
    newest = (
        select(
            Qualification.company_id,
            Qualification.number,
            Qualification.counts_to,
            func.row_number()
            .over(
                partition_by=Qualification.company_id,
                order_by=(Qualification.counts_to.desc(), Qualification.id.desc()),
            )
            .label("place"),
        )
        .where(
            Qualification.kind == Kind.HIGH_TECH,
            proves(Qualification),
            Qualification.revoked_on.is_(None),
            ends_in(year),
            ~_is_renewed(Qualification, before=date(year, 1, 1)),
        )
        .subquery()
    )
    renewal = case(
        (_is_renewed(newest.c, before=min(on, date(year, 12, 31))), Renewal.RENEWED.value),
        (_is_filed(newest.c.company_id, year), Renewal.FILED.value),
        else_=Renewal.NOT_FILED.value,
    )
    return (
        visible_to(scope)
        .join(newest, and_(newest.c.company_id == Company.id, newest.c.place == 1))
        .join(home, at_home)
        .join(Unit, Unit.id == home.carrier_id)
        .with_only_columns(
            Company.id,
            Company.name,
            Unit.id.label("carrier_id"),
            Unit.name.label("carrier"),
            newest.c.number,
            newest.c.counts_to,
            renewal.label("renewal"),
        )
        .order_by(newest.c.counts_to, Company.id)
    )


def ends_in(year: int) -> ColumnElement[bool]:
    """Its last day lies in the year; counts_to is the day after."""
    return Qualification.counts_to.between(date(year, 1, 2), date(year + 1, 1, 1))


def note_filing(company_ids: Sequence[int], *, on: date, by: Actor) -> None:
    """Their renewal was applied for: it is noted on the certificates that end in that year, where nobody has yet."""
    query = select(Qualification).where(
        Qualification.company_id.in_(company_ids),
        Qualification.kind == Kind.HIGH_TECH,
        proves(Qualification),
        Qualification.revoked_on.is_(None),
        Qualification.renewal_filed_on.is_(None),
        ends_in(on.year),
    )
    held = query.options(joinedload(Qualification.company)).with_for_update(of=Qualification)
    fresh = {"populate_existing": True}
    file_renewals(session.scalars(held, execution_options=fresh).all(), on=on, by=by)


def _is_renewed(ending: Any, *, before: date) -> ColumnElement[bool]:
    """A later certificate of the same firm was issued by that day."""
    later = aliased(Qualification)
    return exists().where(
        later.company_id == ending.company_id,
        later.kind == Kind.HIGH_TECH,
        proves(later),
        later.issued_on <= before,
        later.revoked_on.is_(None),
        or_(later.counts_to.is_(None), later.counts_to > ending.counts_to),
    )


def _is_filed(company_id: ColumnElement[int], year: int) -> ColumnElement[bool]:
    """It stands in a round of that year, filed and not rejected."""
    return exists().where(
        Declaration.company_id == company_id,
        Declaration.batch_id == DeclarationBatch.id,
        DeclarationBatch.kind == Kind.HIGH_TECH,
        DeclarationBatch.year == year,
        Declaration.state.in_(FILED),
    )
