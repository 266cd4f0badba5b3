"""The moves of an application, one service each. Every refusal is said at once; every move appends a step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from crm.audit.services import record
from crm.core import clock
from crm.core.db import session
from crm.core.words import N_
from crm.entry import gates
from crm.entry.gates import NEEDS_REASON, Missing, Move
from crm.entry.limits import Clock, after_step, limits
from crm.entry.models import (
    Decision,
    EntryApplication,
    EntryErrand,
    EntryReview,
    EntryState,
    EntryStep,
)
from crm.entry.services import EntryRefused, searched
from crm.people.models import Unit, User
from crm.reference import settings
from crm.reference.working_days import calendar_around


class NotYet(EntryRefused):
    """Something is missing; `missing` names all of it."""

    def __init__(self, move: Move, missing: Sequence[Missing]) -> None:
        self.missing = tuple(missing)
        message = N_("“%(move)s”还缺 %(n)s 项，请补齐。")
        super().__init__(message, move=move, n=len(missing))


@dataclass(frozen=True)
class ReviewDetails:
    """What a review said, and who took part."""

    reviewed_on: date
    people: str
    opinion: str
    decision: Decision


@dataclass(frozen=True)
class AgreementDetails:
    """What was signed: the agreement, the rooms, the promise on safety and environment."""

    number: str
    signed_on: date
    rooms: str
    pledge_on: date | None


def submit(
    application: EntryApplication, *, by: User, on: date, opinion: str = "", version: int | None
) -> EntryStep:
    """The papers are handed in: it gets its number and the clock begins. Raises StaleRecord, NotYet, EntryRefused."""
    _begin(application, Move.SUBMIT, on, version)
    number_it(application, on.year)
    return _step(application, Move.SUBMIT, EntryState.ACCEPTANCE, by=by, on=on, opinion=opinion)


def accept(
    application: EntryApplication, *, by: User, on: date, opinion: str = "", version: int | None
) -> EntryStep:
    """受理: all required materials are there. Who accepts it does not review it."""
    _begin(application, Move.ACCEPT, on, version)
    application.received_by_id = application.owner_id = by.id
    return _step(application, Move.ACCEPT, EntryState.REVIEW, by=by, on=on, opinion=opinion)


def send_back(
    application: EntryApplication, *, by: User, on: date, opinion: str = "", version: int | None
) -> EntryStep:
    """退回补正: all that is missing in one list (一次告知); the clock stops."""
    _begin(application, Move.RETURN, on, version)
    return _send_back(application, Move.RETURN, by=by, on=on, opinion=opinion)


def resubmit(
    application: EntryApplication, *, by: User, on: date, opinion: str = "", version: int | None
) -> EntryStep:
    """All is there: back to where it was returned from, with the working days that were left."""
    _begin(application, Move.RESUBMIT, on, version)
    back_to = application.returned_from or EntryState.ACCEPTANCE
    application.returned_from = None
    return _step(application, Move.RESUBMIT, back_to, by=by, on=on, opinion=opinion)


def refuse(
    application: EntryApplication, *, by: User, on: date, opinion: str, version: int | None
) -> EntryStep:
    """不予受理, with the reason."""
    _begin(application, Move.REFUSE, on, version, opinion)
    return _step(application, Move.REFUSE, EntryState.REFUSED, by=by, on=on, opinion=opinion)


def withdraw(
    application: EntryApplication, *, by: User, on: date, opinion: str, version: int | None
) -> EntryStep:
    """The applicant takes it back, with the reason."""
    _begin(application, Move.WITHDRAW, on, version, opinion)
    return _step(application, Move.WITHDRAW, EntryState.WITHDRAWN, by=by, on=on, opinion=opinion)


def review(
    application: EntryApplication, details: ReviewDetails, *, by: User, version: int | None
) -> EntryStep:
    """评审 by somebody other than who received it: on to 签约, the end, or back for 补正."""
    _begin(application, Move.REVIEW, details.reviewed_on, version)
    if by.id == application.received_by_id:
        raise EntryRefused(N_("受理人不能评审自己受理的申请，请由其他人员评审。"))
    missing = gates.missing(application, Move.ACCEPT)
    if details.decision is Decision.AGREED and missing:
        raise NotYet(Move.REVIEW, missing)
    session.add(EntryReview(application_id=application.id, by_id=by.id, **vars(details)))
    on, opinion = details.reviewed_on, details.opinion
    if details.decision is Decision.CORRECTION:
        return _send_back(application, Move.REVIEW, by=by, on=on, opinion=opinion)
    to_state = EntryState.SIGNING if details.decision is Decision.AGREED else EntryState.FAILED
    return _step(application, Move.REVIEW, to_state, by=by, on=on, opinion=opinion)


def sign(
    application: EntryApplication, details: AgreementDetails, *, by: User, version: int | None
) -> EntryStep:
    """签约: agreement, rooms and 安全环保承诺; what has to be done for the entrant is listed from now on."""
    _begin(application, Move.SIGN, details.signed_on, version)
    if details.pledge_on is None:
        raise EntryRefused(N_("请填写安全环保承诺的签署日期。"), field="pledge_on")
    application.agreement_number, application.agreement_on = details.number, details.signed_on
    application.rooms, application.pledge_on = details.rooms, details.pledge_on
    application.errands = [
        EntryErrand(position=position, name=name)
        for position, name in enumerate(settings.get("entry.errands"), 1)
    ]
    return _step(application, Move.SIGN, EntryState.ERRANDS, by=by, on=details.signed_on)


def settled(application: EntryApplication, *, by: User, on: date) -> EntryStep:
    """The last step, taken by settlement.settle together with the firm and its residence."""
    return _step(application, Move.SETTLE, EntryState.SETTLED, by=by, on=on)


def expect_ready(application: EntryApplication, move: Move, on: date, version: int | None) -> None:
    """Hold the application and refuse a move that it cannot make. Raises StaleRecord, EntryRefused."""
    application.expect_version(version)
    if application.state not in gates.FROM[move]:
        message = N_("申请现为“%(state)s”，不能“%(move)s”。")
        raise EntryRefused(message, state=application.state, move=move)
    if on > clock.today():
        raise EntryRefused(N_("日期不能晚于今天。"), field="on")
    if on < application.state_entered_on:
        message = N_("日期不能早于上一步的日期（%(last)s）。")
        raise EntryRefused(message, field="on", last=application.state_entered_on.isoformat())


def _begin(
    application: EntryApplication, move: Move, on: date, version: int | None, opinion: str = ""
) -> None:
    expect_ready(application, move, on, version)
    if move in NEEDS_REASON and not opinion:
        raise EntryRefused(N_("请填写原因。"), field="opinion")
    if missing := gates.missing(application, move):
        raise NotYet(move, missing)


def number_it(application: EntryApplication, year: int) -> None:
    """The next number of the year. The park's own row is held until the commit, so that nobody takes the same."""
    park = select(Unit.id).where(Unit.parent_id.is_(None)).order_by(Unit.id)
    session.execute(park.with_for_update(key_share=True))
    last = session.scalar(
        select(func.max(EntryApplication.sequence)).where(EntryApplication.year == year)
    )
    application.year, application.sequence = year, (last or 0) + 1
    application.number = number_of(year, application.sequence)
    application.search_text = searched(application.name, application.uscc, application.number)


def number_of(year: int, sequence: int) -> str:
    return f"科教城入申〔{year}〕{sequence:04d}号"


def _send_back(
    application: EntryApplication, move: Move, *, by: User, on: date, opinion: str
) -> EntryStep:
    missing = [material.name for material in application.materials if material.is_missing]
    if not missing and not opinion:
        message = N_("材料齐全；如仍需补正，请写明要补正的内容。")
        raise EntryRefused(message, field="opinion")
    application.returned_from = application.state
    step = _step(application, move, EntryState.CORRECTION, by=by, on=on, opinion=opinion)
    step.missing = "\n".join(missing)
    return step


def _step(
    application: EntryApplication,
    move: Move,
    to_state: EntryState,
    *,
    by: User,
    on: date,
    opinion: str = "",
) -> EntryStep:
    before = application.state
    step = EntryStep(
        application_id=application.id,
        from_state=before,
        to_state=to_state,
        effective_on=on,
        by_id=by.id,
        opinion=opinion,
    )
    session.add(step)
    _turn_clock(application, before, to_state, on)
    application.state, application.state_entered_on = to_state, on
    changes = {"state": (before, to_state)}
    action = f"entry.{_DONE[move]}"
    record(action, application, by=by, changes=changes, effective_on=on, note=opinion)
    session.flush()  # a further move in the same transaction reads the application anew
    return step


_DONE = {
    Move.SUBMIT: "submitted",
    Move.ACCEPT: "accepted",
    Move.RETURN: "sent_back",
    Move.RESUBMIT: "resubmitted",
    Move.REFUSE: "refused",
    Move.REVIEW: "reviewed",
    Move.SIGN: "signed",
    Move.SETTLE: "settled",
    Move.WITHDRAW: "withdrawn",
}


def _turn_clock(
    application: EntryApplication, before: EntryState, to_state: EntryState, on: date
) -> None:
    running = Clock(application.clock_from_on, application.days_allowed)
    calendar = calendar_around(filter(None, (running.from_on, on)))
    now = after_step(running, before, to_state, on, limits=limits(), calendar=calendar)
    application.clock_from_on, application.days_allowed = now.from_on, now.days
    application.due_on = now.due_on(calendar)
