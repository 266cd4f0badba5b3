"""Suggestions of one kind: candidates found by the database, judged by the rules, those that people have decided left out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from crm.companies.models import Company
from crm.companies.queries import counted_carrier
from crm.core.db import session
from crm.declarations.models import Declaration, DeclarationBatch, State
from crm.declarations.renewals import Renewal, ending_in
from crm.ladder.models import QualificationKind
from crm.people.models import Unit
from crm.people.scope import Scope
from crm.readiness import above_scale, graduation, high_tech, losing, tech_sme
from crm.readiness.candidates import candidates
from crm.readiness.criteria import Facts, Judgement
from crm.readiness.models import Kind, Suggestion, SuggestionState
from crm.readiness.queries import decided_firms, decisions_on, facts_of, taken

JUDGED = 500  # candidates of one page; the others are told of, not walked

RULES: Mapping[Kind, Callable[[Facts, date], Judgement]] = {
    Kind.ABOVE_SCALE: above_scale.judge,
    Kind.HIGH_TECH: high_tech.judge,
    Kind.TECH_SME: tech_sme.judge,
    Kind.GRADUATION: graduation.judge,
    Kind.RENEWAL: high_tech.judge,  # again as for the first time (国科发火〔2016〕32号 art. 9)
    Kind.LOSING: losing.judge,
}
DECLARED_AS: Mapping[Kind, QualificationKind] = {
    Kind.ABOVE_SCALE: QualificationKind.ABOVE_SCALE,
    Kind.HIGH_TECH: QualificationKind.HIGH_TECH,
    Kind.TECH_SME: QualificationKind.TECH_SME,
    Kind.RENEWAL: QualificationKind.HIGH_TECH,
}
"""Which rounds of 组织申报 take the firms of a kind."""


@dataclass(frozen=True)
class Suggested:
    """One firm before one rule, and what people did about it."""

    id: int
    name: str
    carrier: str
    judgement: Judgement
    decision: Suggestion | None = None
    declared: State | None = None
    renewal: Renewal | None = None
    ends_on: date | None = None  # the certificate's last day, of who is to renew it


@dataclass(frozen=True)
class Suggestions:
    """The firms of one kind, the readiest first; `is_cut` where there were more candidates than are judged."""

    firms: Sequence[Suggested]
    is_cut: bool = False

    @property
    def ready(self) -> int:
        return sum(firm.judgement.is_ready for firm in self.firms)


def suggestions(
    kind: Kind, scope: Scope, on: date, unit: Unit | None = None, *, most: int = JUDGED
) -> Suggestions:
    """What waits for somebody's word. The certificates that end in the year are all listed, in order of their end."""
    query = candidates(kind, scope, on, unit)
    if kind is not Kind.RENEWAL:
        query = query.where(Company.id.not_in(taken(kind, on.year)))
    ids = list(dict.fromkeys(session.scalars(query.limit(most + 1))))
    firms = judged(ids[:most], kind, scope, on)
    if kind is not Kind.RENEWAL:
        firms = [firm for firm in firms if firm.judgement.criteria and not is_settled(firm, on)]
        firms.sort(key=lambda firm: firm.judgement.order)
    return Suggestions(firms, is_cut=len(ids) > most)


def decided(kind: Kind, scope: Scope, on: date) -> Suggestions:
    """What people have decided this year, the newest first."""
    ids = list(session.scalars(decided_firms(scope, kind, on.year).limit(JUDGED + 1)))
    return Suggestions(judged(ids[:JUDGED], kind, scope, on), is_cut=len(ids) > JUDGED)


def is_settled(firm: Suggested, on: date) -> bool:
    """Decided, and nothing new since: it stays away until its figures change or its day has come."""
    decision = firm.decision
    if decision is None:
        return False
    if decision.state is SuggestionState.TAKEN:
        return True
    if decision.figures != firm.judgement.figures():
        return False
    return decision.until_on is None or on < decision.until_on


def of_firm(company_id: int, scope: Scope, on: date) -> list[tuple[Kind, Suggested]]:
    """One firm before each rule that asks anything of it as it stands."""
    facts = facts_of([company_id], on)
    concerned = [kind for kind in Kind if _concerns(kind, facts[company_id], on)]
    return [(kind, judged([company_id], kind, scope, on, facts)[0]) for kind in concerned]


def _concerns(kind: Kind, facts: Facts, on: date) -> bool:
    ends_on = facts.holds.get(QualificationKind.HIGH_TECH)
    match kind:
        case Kind.RENEWAL:
            return ends_on is not None and ends_on <= date(on.year + 1, 1, 1)
        case Kind.LOSING:
            return losing.judge(facts, on).is_ready
        case Kind.GRADUATION:
            return facts.incubated_from is not None
        case _:
            return DECLARED_AS[kind] not in facts.holds


def judged(
    ids: Sequence[int],
    kind: Kind,
    scope: Scope,
    on: date,
    facts: Mapping[int, Facts] | None = None,
) -> list[Suggested]:
    """These firms before the rule, in their order; as many queries for ten as for five hundred."""
    if not ids:
        return []
    facts = facts or facts_of(ids, on)
    decisions = decisions_on(ids, kind, on.year)
    declared, renewals = _declared(ids, kind, on.year), _renewals(ids, kind, scope, on)
    places = _places(ids, on)
    return [
        Suggested(
            id=id_,
            name=places[id_].name,
            carrier=places[id_].carrier or "",
            judgement=RULES[kind](facts[id_], on),
            decision=decisions.get(id_),
            declared=declared.get(id_),
            **renewals.get(id_, {}),
        )
        for id_ in ids
    ]


def _places(ids: Sequence[int], on: date) -> dict[int, Any]:
    home, at_home = counted_carrier(Company.id, on)
    query = (
        select(Company.id, Company.name, Unit.name.label("carrier"))
        .outerjoin(home, at_home)
        .outerjoin(Unit, Unit.id == home.carrier_id)
        .where(Company.id.in_(ids))
    )
    return {row.id: row for row in session.execute(query)}


def _declared(ids: Sequence[int], kind: Kind, year: int) -> dict[int, State]:
    """How far their declaration of the year has come; the last where there are several."""
    if kind not in DECLARED_AS:
        return {}
    query = (
        select(Declaration.company_id, Declaration.state)
        .join(DeclarationBatch, DeclarationBatch.id == Declaration.batch_id)
        .where(
            Declaration.company_id.in_(ids),
            DeclarationBatch.year == year,
            DeclarationBatch.kind == DECLARED_AS[kind],
        )
        .order_by(Declaration.id)
    )
    return {row.company_id: row.state for row in session.execute(query)}


def _renewals(ids: Sequence[int], kind: Kind, scope: Scope, on: date) -> dict[int, dict[str, Any]]:
    """How far the renewal has come, and the present certificate's last day."""
    if kind is not Kind.RENEWAL:
        return {}
    query = ending_in(on.year, scope, on).where(Company.id.in_(ids))
    return {
        row.id: {
            "renewal": Renewal(row.renewal),
            "ends_on": row.counts_to - timedelta(1),
        }
        for row in session.execute(query)
    }
