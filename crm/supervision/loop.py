"""The loop as data (domain.md §5): each step, from which states it may be taken, by whom, where it leads, what it must say.

立项 → 交办 → 签收 → 办理 → 反馈 → 签发 → 审核 → 办结销号 or 退办 → 通报 → 归档. No database here: `after` is a pure
function, so that the register, the demo data and every figure as of a past day follow the same rules.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from crm.core.errors import DomainError, NotAllowed
from crm.core.words import N_
from crm.supervision.models import State, StepKind


class Who(StrEnum):
    """Who may take a step; `second` is 督查, but nobody who ever answered or signed the order."""

    SUPERVISOR = "supervisor"
    SECOND = "second"
    LEAD = "lead"
    JOINT = "joint"
    HEAD = "head"
    ANYBODY = "anybody"  # who took the step that is corrected, or 督查
    NOBODY = "nobody"  # the system and the bulletin


@dataclass(frozen=True)
class Step:
    """One line of the table. Without `to` the order stays in its state."""

    kind: StepKind
    froms: tuple[State, ...]
    who: Who
    to: State | None = None
    says: bool = False
    sets_day: bool = False


UNANSWERED = (State.ISSUED, State.HANDLING, State.RETURNED, State.ANSWERED)
"""Nothing signed has come: past its day such an order is overdue."""
RUNNING = (*UNANSWERED, State.SIGNED)
_AT_WORK = (State.HANDLING, State.RETURNED)
_S, _K = State, StepKind

TABLE = (
    Step(_K.ISSUED, (_S.DOCKETED,), Who.SUPERVISOR, _S.ISSUED),
    Step(_K.RECEIVED, (_S.ISSUED,), Who.LEAD, _S.HANDLING),
    Step(_K.ANSWERED, _AT_WORK, Who.LEAD, _S.ANSWERED, says=True),
    Step(_K.SIGNED, (_S.ANSWERED,), Who.HEAD, _S.SIGNED),
    Step(_K.HELD_BACK, (_S.ANSWERED,), Who.HEAD, _S.HANDLING, says=True),
    Step(_K.CLOSED, (_S.SIGNED,), Who.SECOND, _S.CLOSED),
    Step(_K.RETURNED, (_S.SIGNED,), Who.SECOND, _S.RETURNED, says=True),
    Step(_K.NOTED, _AT_WORK, Who.LEAD, says=True),
    Step(_K.CONTRIBUTED, (_S.ISSUED, *_AT_WORK), Who.JOINT, says=True),
    Step(_K.EXTENSION_GRANTED, RUNNING, Who.SUPERVISOR),
    Step(_K.EXTENSION_REFUSED, RUNNING, Who.SUPERVISOR, says=True),
    Step(_K.EXTENSION_ASKED, (_S.ISSUED, *_AT_WORK), Who.LEAD, says=True, sets_day=True),
    Step(_K.REMINDED, UNANSWERED, Who.SUPERVISOR),
    Step(_K.ARCHIVED, (_S.CLOSED,), Who.SUPERVISOR, _S.ARCHIVED),
    Step(_K.WITHDRAWN, (_S.DOCKETED, _S.ISSUED), Who.SUPERVISOR, _S.WITHDRAWN, says=True),
    Step(_K.ESCALATED, UNANSWERED, Who.NOBODY),
    Step(_K.REPORTED, (*RUNNING, _S.CLOSED, _S.ARCHIVED), Who.NOBODY),
    Step(_K.CORRECTED, tuple(s for s in State if s is not State.ARCHIVED), Who.ANYBODY, says=True),
)
STEPS = {step.kind: step for step in TABLE}
AUTHORS = (StepKind.ANSWERED, StepKind.SIGNED, StepKind.CONTRIBUTED)
"""Who took one of these steps of an order neither closes it nor sends it back."""


class StepRefused(DomainError):
    """The order does not stand where this step begins."""

    status = 409


@dataclass(frozen=True)
class Act:
    """One step as it is taken: what, on which day, with which words."""

    kind: StepKind
    happened_on: date
    text: str = ""
    cause: str = ""
    measures: str = ""
    new_on: date | None = None


@dataclass(frozen=True)
class Course:
    """How an order stands after some of its events. The register repeats these columns."""

    state: State
    state_on: date
    due_on: date
    first_due_on: date
    issued_on: date | None = None
    answered_on: date | None = None
    closed_on: date | None = None
    extension_to: date | None = None
    returns: int = 0
    extensions: int = 0
    escalation: int = 0

    def is_overdue(self, day: date) -> bool:
        return self.state in UNANSWERED and self.due_on < day

    def days_overdue(self, day: date) -> int:
        return (day - self.due_on).days if self.is_overdue(day) else 0


def docketed(on: date, due_on: date) -> Course:
    """How an order begins."""
    return Course(State.DOCKETED, on, due_on, due_on)


def refusal(course: Course, act: Act) -> DomainError | None:
    """What keeps an order from this step, whoever takes it."""
    step = STEPS[act.kind]
    if course.state not in step.froms:
        return StepRefused(
            N_("督办单现在是“%(state)s”，不能%(step)s。"), state=course.state, step=act.kind
        )
    if step.says and not act.text:
        return DomainError(N_("请写明内容。"), field="text")
    if act.kind is StepKind.ISSUED and (act.new_on or course.due_on) < act.happened_on:
        return DomainError(N_("时限不能早于交办日期。"), field="new_on")
    if act.kind in (StepKind.EXTENSION_GRANTED, StepKind.EXTENSION_REFUSED):
        return None if course.extension_to else StepRefused(N_("没有待批的延期申请。"))
    return _refused_extension(course, act) if act.kind is StepKind.EXTENSION_ASKED else None


def _refused_extension(course: Course, act: Act) -> DomainError | None:
    if course.extension_to:
        return StepRefused(N_("已有待批的延期申请。"))
    if act.happened_on >= course.due_on:
        return DomainError(N_("延期须在时限之前申请，时限为%(day)s。"), day=course.due_on)
    if act.new_on is None or act.new_on <= course.due_on:
        return DomainError(
            N_("新的时限须晚于现在的时限%(day)s。"), field="new_on", day=course.due_on
        )
    return None


def as_taken(course: Course, act: Act) -> Act:
    """The act with the day that it sets where that follows from the order: what is granted is what was asked for."""
    if act.kind is StepKind.EXTENSION_GRANTED:
        return replace(act, new_on=course.extension_to)
    if act.kind is StepKind.ISSUED:
        return replace(act, new_on=act.new_on or course.due_on)
    return act


def replayed(events: Sequence[Act]) -> Course:
    """How an order stands after these events, of which the first is its 立项."""
    first, *others = events
    course = docketed(first.happened_on, first.new_on or first.happened_on)
    for act in others:
        course = after(course, act)
    return course


def after(course: Course, act: Act) -> Course:
    """How the order stands after a step. Raises StepRefused, DomainError."""
    error = refusal(course, act)
    if error:
        raise error
    day, kind = act.happened_on, act.kind
    if to := STEPS[kind].to:
        course = replace(course, state=to, state_on=day)
    match kind:
        case StepKind.ISSUED:
            due_on = act.new_on or course.due_on
            return replace(course, issued_on=day, due_on=due_on, first_due_on=due_on)
        case StepKind.SIGNED:
            return replace(course, answered_on=day)
        case StepKind.RETURNED:
            return replace(course, answered_on=None, returns=course.returns + 1)
        case StepKind.CLOSED:
            return replace(course, closed_on=day, extension_to=None)
        case StepKind.EXTENSION_ASKED:
            return replace(course, extension_to=act.new_on)
        case StepKind.EXTENSION_REFUSED:
            return replace(course, extension_to=None)
        case StepKind.EXTENSION_GRANTED:
            assert course.extension_to is not None
            return replace(
                course,
                due_on=course.extension_to,
                extension_to=None,
                extensions=course.extensions + 1,
                escalation=0,
            )
        case StepKind.ESCALATED:
            return replace(course, escalation=course.escalation + 1)
    return course


def expect_second(person_id: int | None, authors: Collection[int | None]) -> None:
    """Raise NotAllowed for who answered or signed, or gave a part of it: another person judges. The system never does."""
    if person_id is None or person_id in authors:
        raise NotAllowed(N_("反馈人、签发人和协办人不能审核自己办理的督办单。"))
