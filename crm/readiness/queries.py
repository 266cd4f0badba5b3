"""What is known of some firms as of a day, and what people said of the suggestions: a handful of queries for any number."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from crm.audit.verification import VerificationState
from crm.companies.models import Company, Residence, ResidenceKind
from crm.companies.queries import covers, visible_to
from crm.core.db import session
from crm.evidence import held
from crm.evidence.kinds.patents import PatentKind
from crm.ladder.models import Qualification
from crm.ladder.queries import counts_on
from crm.operating.models import OperatingReport
from crm.people.models import User
from crm.people.scope import Scope
from crm.readiness.criteria import Facts, Tick, YearFigures
from crm.readiness.models import CriterionTick, Kind, Suggestion, SuggestionState

YEARS_BACK = 3

Proofs = dict[Any, date | None]


def facts_of(company_ids: Sequence[int], on: date) -> dict[int, Facts]:
    """All that the rules ask for, of each firm."""
    years, holds = _years(company_ids, on), _holds(company_ids, on)
    incubated, ticks = _incubated(company_ids, on), ticks_of(company_ids)
    patents, capital = held.patents_of(company_ids, on), held.capital_of(company_ids, on)
    query = select(Company.id, Company.industry_code, Company.established_on)
    return {
        id_: Facts(
            industry_code=industry_code,
            established_on=established_on,
            years=years.get(id_, {}),
            holds=holds.get(id_, {}),
            incubated_from=incubated.get(id_),
            inventions=patents.get(id_, {}).get(PatentKind.INVENTION, 0),
            other_patents=sum(
                number
                for kind, number in patents.get(id_, {}).items()
                if kind is not PatentKind.INVENTION
            ),
            risk_capital=capital.get(id_),
            ticks={
                name: Tick(tick.is_met, tick.note, tick.ticked_on, by or "")
                for name, (tick, by) in ticks.get(id_, {}).items()
                if tick.is_met is not None
            },
        )
        for id_, industry_code, established_on in session.execute(
            query.where(Company.id.in_(company_ids))
        )
    }


def _years(company_ids: Sequence[int], on: date) -> dict[int, dict[int, YearFigures]]:
    """The latest cumulative figures of each year; what was sent back is no figure."""
    r = OperatingReport
    query = (
        select(
            r.company_id, r.year, r.through_month, r.state, r.revenue, r.assets, r.staff, r.tech_staff, r.r_and_d,
            r.high_tech_income, r.size_class,
        )
        .where(r.company_id.in_(company_ids), r.year >= on.year - YEARS_BACK, *reported_by(r, on))
        .order_by(r.through_month)
    )  # fmt: skip
    found: dict[int, dict[int, YearFigures]] = {}
    for company_id, year, month, state, *figures in session.execute(query):
        is_verified = state == VerificationState.VERIFIED
        found.setdefault(company_id, {})[year] = YearFigures(year, month, is_verified, *figures)
    return found


def reported_by(report: Any, on: date) -> tuple[Any, ...]:
    """The conditions that a report's period had ended and that it was not sent back."""
    return report.period_end_on <= on, report.state != VerificationState.RETURNED


def _holds(company_ids: Sequence[int], on: date) -> dict[int, Proofs]:
    q = Qualification
    query = (
        select(q.company_id, q.kind, q.counts_to)
        .where(q.company_id.in_(company_ids), counts_on(q, on))
        .order_by(q.counts_from, q.id)
    )
    found: dict[int, Proofs] = {}
    for company_id, kind, counts_to in session.execute(query):
        found.setdefault(company_id, {})[kind] = counts_to
    return found


def _incubated(company_ids: Sequence[int], on: date) -> dict[int, date]:
    query = (
        select(Residence.company_id, func.min(Residence.from_on))
        .where(
            Residence.company_id.in_(company_ids),
            Residence.kind == ResidenceKind.INCUBATED,
            covers(Residence, on),
        )
        .group_by(Residence.company_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def ticks_of(
    company_ids: Sequence[int],
) -> dict[int, dict[str, tuple[CriterionTick, str | None]]]:
    """What people said of criteria, with who said it."""
    query = (
        select(CriterionTick, User.name)
        .outerjoin(User, User.id == CriterionTick.by_id)
        .where(CriterionTick.company_id.in_(company_ids))
    )
    found: dict[int, dict[str, tuple[CriterionTick, str | None]]] = {}
    for tick, by in session.execute(query):
        found.setdefault(tick.company_id, {})[tick.criterion] = tick, by
    return found


def decisions_on(company_ids: Sequence[int], kind: Kind, year: int) -> dict[int, Suggestion]:
    """The last word on each firm's suggestion of the year."""
    query = select(Suggestion).where(
        Suggestion.company_id.in_(company_ids), Suggestion.kind == kind, Suggestion.year == year
    )
    return {found.company_id: found for found in session.scalars(query)}


def decided_firms(scope: Scope, kind: Kind, year: int) -> Select[*tuple[Any, ...]]:
    """The firms whose suggestion somebody has decided, the newest first."""
    return (
        visible_to(scope)
        .join(Suggestion, Suggestion.company_id == Company.id)
        .where(Suggestion.kind == kind, Suggestion.year == year)
        .with_only_columns(Company.id)
        .order_by(Suggestion.decided_on.desc(), Suggestion.id.desc())
    )


def taken(kind: Kind, year: int) -> Select[*tuple[Any, ...]]:
    """Firms whose suggestion became a task: it carries them on, whatever their figures do meanwhile."""
    return select(Suggestion.company_id).where(
        Suggestion.kind == kind, Suggestion.year == year, Suggestion.state == SuggestionState.TAKEN
    )
