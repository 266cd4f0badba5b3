"""What a person makes of a suggestion: take it up, postpone it, dismiss it; and what they say of a criterion."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, changes_of, record, record_many
from crm.companies.models import Company
from crm.core import clock
from crm.core.db import BULK, session
from crm.core.errors import Conflict, DomainError, StaleRecord
from crm.core.words import N_
from crm.followup.models import TaskOrigin
from crm.followup.tasks import TaskDetails, add_task
from crm.people.models import User
from crm.readiness.models import CriterionTick, Kind, Suggestion, SuggestionState


@dataclass(frozen=True)
class Work:
    """What taking it up means: who does what by when."""

    what: str
    owner_id: int
    due_on: date


@dataclass(frozen=True)
class DecisionRow:
    """A suggestion that was decided elsewhere before; `figures` are those it was decided on."""

    company_id: int
    kind: Kind
    state: SuggestionState
    reason: str
    figures: str
    decided_on: date
    until_on: date | None = None
    by_id: int | None = None


def decide_many(rows: Sequence[DecisionRow], *, by: Actor) -> int:
    """Write down many decisions that are there for the first time; how many."""
    if rows:
        columns = [{**asdict(row), "year": row.decided_on.year} for row in rows]
        session.execute(insert(Suggestion), columns, execution_options=BULK)
        record_many("suggestion.decided_many", [(row.company_id, row) for row in rows], by=by)
    return len(rows)


def take_up(
    company: Company, kind: Kind, work: Work, *, figures: str, version: int | None, by: User
) -> Suggestion:
    """It becomes somebody's task. Raises Conflict where somebody decided meanwhile, DomainError."""
    suggestion = _held(company, kind, version)
    details = TaskDetails(
        work.what, work.due_on, work.owner_id, ("company", company.id), TaskOrigin.SUGGESTION
    )
    suggestion.task_id = add_task(details, by=by).id
    return _decide(suggestion, company, SuggestionState.TAKEN, figures=figures, by=by)


def postpone(
    company: Company,
    kind: Kind,
    *,
    until_on: date,
    reason: str,
    figures: str,
    version: int | None,
    by: User,
) -> Suggestion:
    """Not before a day. Raises Conflict, DomainError."""
    if until_on <= clock.today():
        raise DomainError(N_("推迟到的日期须晚于今天。"), field="until_on")
    _expect_reason(reason)
    suggestion = _held(company, kind, version)
    return _decide(
        suggestion, company, SuggestionState.POSTPONED, until_on, reason, figures=figures, by=by
    )


def dismiss(
    company: Company, kind: Kind, *, reason: str, figures: str, version: int | None, by: User
) -> Suggestion:
    """Not this year, unless its figures change. Raises Conflict, DomainError."""
    _expect_reason(reason)
    suggestion = _held(company, kind, version)
    return _decide(
        suggestion, company, SuggestionState.DISMISSED, None, reason, figures=figures, by=by
    )


def _expect_reason(reason: str) -> None:
    if not reason:
        raise DomainError(N_("请填写原因。"), field="reason")


def _held(company: Company, kind: Kind, version: int | None) -> Suggestion:
    """This year's suggestion, held until the commit. `version` is the one that was seen, None where nobody had decided."""
    year = clock.today().year
    found = session.scalar(
        select(Suggestion)
        .where(
            Suggestion.company_id == company.id, Suggestion.kind == kind, Suggestion.year == year
        )
        .with_for_update(of=Suggestion)
    )
    if found is None:
        return Suggestion(company_id=company.id, kind=kind, year=year)
    if version != found.version:
        raise StaleRecord
    found.version += 1
    return found


def _decide(
    suggestion: Suggestion,
    company: Company,
    state: SuggestionState,
    until_on: date | None = None,
    reason: str = "",
    *,
    figures: str,
    by: User,
) -> Suggestion:
    suggestion.state, suggestion.until_on, suggestion.reason = state, until_on, reason
    suggestion.figures, suggestion.decided_on, suggestion.by_id = figures, clock.today(), by.id
    said = ("state", "until_on", "reason", "task_id")
    changes = {name: pair for name, pair in changes_of(suggestion).items() if name in said}
    _save(suggestion)
    record(f"suggestion.{state.value}", suggestion, by=by, name=company.name, changes=changes)
    return suggestion


def tick(
    company: Company,
    criterion: str,
    is_met: bool | None,
    *,
    note: str,
    version: int | None,
    by: User,
) -> CriterionTick:
    """A person's word on a criterion, with what it rests on; None takes it back. Raises Conflict, DomainError."""
    if not note:
        raise DomainError(N_("请写明依据。"), field="note")
    found = session.scalar(
        select(CriterionTick)
        .where(CriterionTick.company_id == company.id, CriterionTick.criterion == criterion)
        .with_for_update()
    )
    if found is None:
        found = CriterionTick(company_id=company.id, criterion=criterion)
    elif version != found.version:
        raise StaleRecord
    else:
        found.version += 1
    found.is_met, found.note = is_met, note
    found.ticked_on, found.by_id = clock.today(), by.id
    changes = {n: pair for n, pair in changes_of(found).items() if n in ("is_met", "note")}
    _save(found)
    name = company.name
    record("criterion.ticked", found, by=by, name=name, changes=changes, criterion=criterion)
    return found


def _save(row: Suggestion | CriterionTick) -> None:
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Conflict(N_("刚有人办理过这一项，请查看最新情况。")) from None
