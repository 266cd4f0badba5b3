"""What evidence proves: dated rows with what each contributes and the unit in which it counts.

Only verified rows make a figure; the same of another `state` stands beside it. A record that several park firms hold has
further rows (`is_shared`); who adds up keeps one of a record (metrics.figures).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)

from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.companies.queries import counted_carrier
from crm.evidence.kind import Kind
from crm.evidence.kinds import KINDS
from crm.evidence.kinds.financings import Financing, InvestorKind
from crm.evidence.kinds.patents import Patent, PatentStatus
from crm.evidence.kinds.platforms import Platform
from crm.evidence.kinds.talents import Talent
from crm.evidence.models import CoHolder
from crm.ladder.models import Qualification, QualificationKind
from crm.ladder.queries import counts_on

Rows: TypeAlias = Select[*tuple[Any, ...]]
Filters: TypeAlias = Mapping[str, str]

VERIFIED = VerificationState.VERIFIED
KEPT = (VerificationState.VERIFIED, VerificationState.PENDING)  # not those that were sent back


def happened(
    kind: Kind,
    start: date,
    until: date,
    filters: Filters,
    *,
    amount: str = "",
    day: str = "happened_on",
    state: VerificationState = VERIFIED,
    is_shared: bool = False,
) -> Rows:
    """The records of a register from one day through another, each 1 or its `amount`, in the unit of their first firm.

    `is_shared`: instead once more for each further firm, in its unit; own_unit_id is where they count by the first.
    """
    model: Any = kind.model
    contribution, on = getattr(model, amount) if amount else literal(1), getattr(model, day)
    own = getattr(model, dict(model.days())[day])
    records = select(*_facts(model, on, contribution)).where(
        *proved(kind, filters, state), on.between(start, until)
    )
    if amount:
        records = records.where(contribution.is_not(None))
    if not is_shared:
        return records.add_columns(own.label("unit_id")).where(own.is_not(None))
    unit = CoHolder.counted_unit_id if day == "happened_on" else CoHolder.later_unit_id
    return (
        records.add_columns(unit.label("unit_id"), own.label("own_unit_id"))
        .join(CoHolder, and_(CoHolder.kind == kind.key, CoHolder.record_id == model.id))
        .where(unit.is_not(None))
    )


def people(
    start: date, until: date, filters: Filters, *, state: VerificationState = VERIFIED
) -> Rows:
    """Talents with a further column: who it is, so that one person under two programmes is one (count once).

    Known by the number of a paper, else by name and employer.
    """
    facts = happened(KINDS["talents"], start, until, filters, state=state).subquery()
    employer = func.coalesce(cast(Talent.company_id, String), Talent.holder)
    by_name = Talent.title.concat("|").concat(employer)
    person = case((Talent.id_number != "", Talent.id_number), else_=by_name)
    return select(facts, person.label("person")).join(Talent, Talent.id == facts.c.record_id)


def granted_undated(filters: Filters) -> Rows:
    """Patents that were granted once, by their legal status, without the day of it."""
    kind = KINDS["patents"]
    return select(*_facts(Patent, Patent.happened_on, literal(1)), _kept(Patent)).where(
        *matching(kind, filters),
        Patent.state.in_(KEPT),
        Patent.granted_on.is_(None),
        Patent.status.in_((PatentStatus.GRANTED, PatentStatus.ENDED)),
    )


def without_amount(kind: Kind, amount: str, start: date, until: date, filters: Filters) -> Rows:
    """The records of a period that do not say the amount by which they would count."""
    model: Any = kind.model
    return select(*_facts(model, model.happened_on, literal(1)), _kept(model)).where(
        *matching(kind, filters),
        model.state.in_(KEPT),
        getattr(model, amount).is_(None),
        model.happened_on.between(start, until),
    )


def standing_platforms(
    until: date, filters: Filters, *, state: VerificationState = VERIFIED
) -> Rows:
    """The platforms that stand on a day (a stock), where their firm has its 统计归属 on that same day."""
    home, at_home = counted_carrier(Platform.company_id, until)
    unit = case((Platform.company_id.is_(None), Platform.counted_unit_id), else_=home.carrier_id)
    return (
        select(*_facts(Platform, Platform.happened_on, literal(1)), unit.label("unit_id"))
        .outerjoin(home, at_home)
        .where(
            *proved(KINDS["platforms"], filters, state),
            Platform.happened_on <= until,
            or_(Platform.withdrawn_on.is_(None), Platform.withdrawn_on > until),
            unit.is_not(None),
        )
    )


def firms_of_the_fund(start: date, until: date, *, state: VerificationState = VERIFIED) -> Rows:
    """High-tech firms that the guidance fund invested in, each once, at its first; 高企 or 科小 on that day."""
    is_high_tech = select(Qualification.id).where(
        Qualification.company_id == Financing.company_id,
        Qualification.kind.in_((QualificationKind.HIGH_TECH, QualificationKind.TECH_SME)),
        counts_on(Qualification, Financing.happened_on.expression),
    )
    number = func.row_number().over(
        partition_by=Financing.company_id, order_by=(Financing.happened_on, Financing.id)
    )
    facts = (
        select(
            Company.id.label("record_id"), Company.name.label("label"), Financing.happened_on,
            literal(1).label("contribution"), Financing.counted_unit_id.label("unit_id"), number.label("number"),
        )
        .join(Company, Company.id == Financing.company_id)
        .where(
            *proved(KINDS["financings"], {"investor_kind": InvestorKind.GUIDANCE_FUND.value}, state),
            Financing.happened_on.between(start, until),
            Financing.counted_unit_id.is_not(None),
            is_high_tech.exists(),
        )
        .subquery()
    )  # fmt: skip
    names = ("record_id", "label", "happened_on", "contribution", "unit_id")
    return select(*(facts.c[name] for name in names)).where(facts.c.number == 1)


def proved(
    kind: Kind, filters: Filters, state: VerificationState = VERIFIED
) -> list[ColumnElement[bool]]:
    """What a record must be to count."""
    return [*matching(kind, filters), kind.model.state == state]


def matching(kind: Kind, filters: Filters) -> list[ColumnElement[bool]]:
    """A register's present records, of a filter any of its values, between commas. Other filters are the metric's."""
    model: Any = kind.model
    found = [model.archived_at.is_(None)]
    for name, values in filters.items():
        if name in kind.by_name:
            column = getattr(model, name)
            found.append(column.in_([_value(column, text) for text in values.split(",")]))
    return found


def _facts(model: Any, on: Any, contribution: Any) -> tuple[Any, ...]:
    return (
        model.id.label("record_id"),
        model.title.label("label"),
        on.label("happened_on"),
        contribution.label("contribution"),
    )


def _kept(model: Any) -> Any:
    """The unit whom an undated record asks for its day: who keeps it."""
    return model.unit_id.label("unit_id")


def _value(column: Any, text: str) -> Any:
    return text == "true" if column.type.python_type is bool else text
