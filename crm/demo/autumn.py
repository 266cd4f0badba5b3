"""Which generated firms declare what, read from the database once everything else is there; then written in bulk."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import Select, select

from crm.audit.services import Actor
from crm.companies.models import Company, CompanyKind
from crm.core.db import session
from crm.declarations.renewals import Renewal, ending_in
from crm.declarations.services import declare_many, open_batch
from crm.demo.arrivals import PLAN_YEAR
from crm.demo.declared import FIRST_YEAR, Autumn, Certificate, Firm
from crm.ladder.models import Qualification, QualificationKind
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.readiness.candidates import candidates
from crm.readiness.judging import suggestions
from crm.readiness.models import Kind, SuggestionState
from crm.readiness.services import DecisionRow, decide_many

_OTHERS, _OVER_THE_LINE, _DECIDED = (
    80,
    8,
    12,
)  # few: the rounds describe the park, whatever its size


def declare(rng: Random, until: date, today: date, *, by: Actor) -> int:
    """Open the rounds of three years and put the firms into them; how many declarations."""
    over = candidates(Kind.ABOVE_SCALE, WHOLE_PARK_SCOPE, until).limit(_OVER_THE_LINE)
    rounds = Autumn(rng, until, today).rounds(
        _certificates(),
        ending=_ending(until),
        others=_firms(_without().limit(_OTHERS)),
        over_the_line=_firms(over),
    )
    decide_many(_decisions(until), by=by)
    rows = []
    for found in rounds:
        batch = open_batch(found.details, by=by)
        rows += [replace(row, batch_id=batch.id) for row in found.rows if row.steps]
    return declare_many(rows, by=by)


def _decisions(until: date) -> list[DecisionRow]:
    """A few suggestions that somebody has put off or dismissed."""
    found = suggestions(Kind.GRADUATION, WHOLE_PARK_SCOPE, until, most=_DECIDED).firms
    return [
        DecisionRow(
            firm.id,
            Kind.GRADUATION,
            SuggestionState.POSTPONED if number % 2 else SuggestionState.DISMISSED,
            "等年度审计报告出来再办" if number % 2 else "企业计划年内迁出",
            firm.judgement.figures(),
            until - timedelta(9),
            until_on=until + timedelta(60) if number % 2 else None,
        )
        for number, firm in enumerate(found[::3])
    ]


def _certificates() -> list[Certificate]:
    """Every 高企 certificate since the first year; who moved in with one declared elsewhere."""
    query = (
        select(Qualification.id, Company.id, Company.unit_id, Qualification.issued_on)
        .join(Company, Company.id == Qualification.company_id)
        .where(
            Qualification.kind == QualificationKind.HIGH_TECH,
            Qualification.issued_on >= date(FIRST_YEAR, 1, 1),
            Qualification.is_moved_in.is_(False),
        )
    )
    return [
        Certificate(id_, Firm(firm, unit), day) for id_, firm, unit, day in session.execute(query)
    ]


def _ending(until: date) -> Sequence[Firm]:
    """Whose certificate ends this year and was not renewed in the summer."""
    rows = session.execute(ending_in(PLAN_YEAR, WHOLE_PARK_SCOPE, until)).all()
    ids = [row.id for row in rows if row.renewal != Renewal.RENEWED.value]
    return _firms(select(Company.id).where(Company.id.in_(ids)).order_by(Company.id))


def _without() -> Select[*tuple[Any, ...]]:
    """Enterprises that hold nothing and were here before the rounds began."""
    return (
        select(Company.id)
        .where(
            Company.kind == CompanyKind.ENTERPRISE,
            Company.established_on < date(FIRST_YEAR - 1, 1, 1),
            Company.id.not_in(select(Qualification.company_id)),
        )
        .order_by(Company.id)
    )


def _firms(query: Select[*tuple[Any, ...]]) -> Sequence[Firm]:
    """The firms of a query, in its order, each once."""
    ids = list(dict.fromkeys(session.scalars(query)))
    units = select(Company.id, Company.unit_id).where(Company.id.in_(ids))
    unit_of = {row.id: row.unit_id for row in session.execute(units)}
    return [Firm(id_, unit_of[id_]) for id_ in ids]
