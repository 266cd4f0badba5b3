"""What evidence proves: dated rows with what each contributes and the unit in which it counts. Verified rows only.

A record that several park firms hold has a row for each; who adds up keeps one of a record (metrics.figures).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union_all

from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.companies.queries import counted_carrier
from crm.evidence.kind import Kind
from crm.evidence.kinds import KINDS
from crm.evidence.kinds.financings import Financing, InvestorKind
from crm.evidence.kinds.platforms import Platform
from crm.evidence.models import CoHolder
from crm.ladder.models import Qualification, QualificationKind
from crm.ladder.queries import counts_on

Rows: TypeAlias = Select[*tuple[Any, ...]]
Filters: TypeAlias = Mapping[str, str]


def happened(
    kind: Kind,
    start: date,
    until: date,
    filters: Filters,
    *,
    amount: str = "",
    day: str = "happened_on",
) -> Rows:
    """The records of a register from one day through another, each 1 or its `amount`; narrowed by the kind's FILTERS."""
    model: Any = kind.model
    unit = dict(model.days())[day]
    contribution = getattr(model, amount) if amount else literal(1)
    on = getattr(model, day)
    facts = (
        model.id.label("record_id"),
        model.title.label("label"),
        on.label("happened_on"),
        contribution.label("contribution"),
    )
    conditions = [*proved(kind, filters), on.between(start, until)]
    if amount:
        conditions.append(contribution.is_not(None))
    own = select(*facts, getattr(model, unit).label("unit_id")).where(*conditions)
    own = own.where(getattr(model, unit).is_not(None))
    if not kind.is_shared:
        return own
    at = CoHolder.counted_unit_id if day == "happened_on" else CoHolder.later_unit_id
    shared = (
        select(*facts, at.label("unit_id"))
        .join(CoHolder, and_(CoHolder.kind == kind.key, CoHolder.record_id == model.id))
        .where(*conditions, at.is_not(None))
    )
    return select(union_all(own, shared).subquery())


def standing_platforms(until: date, filters: Filters) -> Rows:
    """The platforms that stand on a day (a stock), where their firm has its 统计归属 on that same day."""
    home, at_home = counted_carrier(Platform.company_id, until)
    unit = case((Platform.company_id.is_(None), Platform.counted_unit_id), else_=home.carrier_id)
    return (
        select(
            Platform.id.label("record_id"),
            Platform.title.label("label"),
            Platform.happened_on,
            literal(1).label("contribution"),
            unit.label("unit_id"),
        )
        .outerjoin(home, at_home)
        .where(
            *proved(KINDS["platforms"], filters),
            Platform.happened_on <= until,
            or_(Platform.withdrawn_on.is_(None), Platform.withdrawn_on > until),
            unit.is_not(None),
        )
    )


def firms_of_the_fund(start: date, until: date) -> Rows:
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
            *proved(KINDS["financings"], {"investor_kind": InvestorKind.GUIDANCE_FUND.value}),
            Financing.happened_on.between(start, until),
            Financing.counted_unit_id.is_not(None),
            is_high_tech.exists(),
        )
        .subquery()
    )  # fmt: skip
    names = ("record_id", "label", "happened_on", "contribution", "unit_id")
    return select(*(facts.c[name] for name in names)).where(facts.c.number == 1)


def proved(kind: Kind, filters: Filters) -> list[ColumnElement[bool]]:
    """What a record must be to count; of a filter any of its values, between commas. Other filters are the metric's."""
    model: Any = kind.model
    found = [model.archived_at.is_(None), model.state == VerificationState.VERIFIED]
    for name, values in filters.items():
        if name in (*model.FILTERS, *(one.name for one in kind.own if one.choices)):
            column = getattr(model, name)
            found.append(column.in_([_value(column, text) for text in values.split(",")]))
    return found


def _value(column: Any, text: str) -> Any:
    return text == "true" if column.type.python_type is bool else text
