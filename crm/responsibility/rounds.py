"""The monthly round: opened for a month that has ended, filled in by the units, signed, verified, closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import SYSTEM, Actor, record
from crm.core import clock
from crm.core.db import BULK, session, writing
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.metrics.figures import figures
from crm.people.models import Unit, User
from crm.people.roles import Action
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.reference import settings
from crm.reference.working_days import calendar
from crm.responsibility.models import IndicatorShare, ReportRound, RoundDue
from crm.responsibility.owed import Owed, owed
from crm.targets import services as targets
from crm.targets.board import done_days
from crm.targets.models import AnnualPlan, Indicator, PlanMilestone, ProgressReport, ReviewState
from crm.targets.queries import find_plan
from crm.targets.services import ReportDetails, next_step
from crm.targets.standing import question_of


class AlreadyOpened(Conflict):
    """That month has its round."""


class NotFilledIn(DomainError):
    """Some figures cannot be as given: a sentence for each, by the number of what is owed."""

    def __init__(self, errors: Mapping[int, DomainError]) -> None:
        super().__init__(N_("有 %(n)s 项需要改正，全部尚未保存。"), n=len(errors))
        self.errors = errors


@dataclass(frozen=True)
class DueRow:
    """One figure or milestone owed, and where it is computed when and by whom it was confirmed."""

    indicator_id: int | None
    unit_id: int
    is_share: bool = False
    is_computed: bool = False
    confirmed_at: datetime | None = None
    confirmed_by_id: int | None = None
    figure: Decimal | None = None
    milestone_id: int | None = None
    done_on: date | None = None


@dataclass(frozen=True)
class RoundRow:
    """A round as it went, for loading several at once."""

    ends_on: date
    opened_on: date
    dues: Sequence[DueRow] = field(default_factory=tuple)
    closed_at: datetime | None = None


def open_round(plan: AnnualPlan, ends_on: date, *, by: Actor, on: date) -> ReportRound:
    """Ask the units for a month's figures.

    Raises DomainError for a month that has not ended or is not the plan's, AlreadyOpened.
    """
    if ends_on.year != plan.year or (ends_on + timedelta(days=1)).day != 1:
        raise DomainError(N_("请选择计划年度内的月份。"), field="month")
    if ends_on > on:
        raise DomainError(N_("这个月还没有结束，月末起才能布置。"), field="month")
    dues = dues_of(plan, ends_on)
    try:
        with session.begin_nested():
            (found,) = _add(plan, [RoundRow(ends_on, on, dues)])
    except IntegrityError:
        raise AlreadyOpened(N_("这个月的报送已经布置。"), field="month") from None
    record("reporting.opened", found, by=by, name=f"{ends_on:%Y-%m}", count=len(dues))
    return found


def open_many(plan: AnnualPlan, rows: Sequence[RoundRow], *, by: Actor) -> int:
    """Rounds that were kept elsewhere before, each with what was owed in it."""
    if rows:
        _add(plan, rows)
        record("reporting.opened_many", None, by=by, count=len(rows))
    return len(rows)


def open_by_itself() -> None:
    """The round of the month that ended last, where its plan has none yet (registry.upkeep)."""
    ends_on = (clock.today() + timedelta(days=1)).replace(day=1) - timedelta(days=1)
    if not settings.get("reporting.opens_by_itself"):
        return
    with writing():
        plan = find_plan(ends_on.year)
        if plan is not None and not _has_round(plan, ends_on):
            open_round(plan, ends_on, by=SYSTEM, on=clock.today())


def close(found: ReportRound, *, version: int | None, by: Actor) -> None:
    """What comes from now on is marked as come after the closing. Raises StaleRecord, Conflict."""
    found.expect_version(version)
    if found.closed_at is not None:
        raise Conflict(N_("这一期报送已经关闭。"))
    found.closed_at = clock.now()
    record("reporting.closed", found, by=by, name=f"{found.ends_on:%Y-%m}")


def dues_of(plan: AnnualPlan, ends_on: date) -> list[DueRow]:
    """What a round of this plan asks for today: each target of its unit (a computed one to be confirmed), each share that
    no record proves of the unit that has it, each milestone whose time has begun (to be confirmed, whatever proves it)."""
    asked = select(Indicator.id, Indicator.unit_id, Indicator.metric).where(
        Indicator.plan_id == plan.id
    )
    found = [
        DueRow(row.id, row.unit_id, is_computed=bool(row.metric)) for row in session.execute(asked)
    ]
    parts = (
        select(IndicatorShare.indicator_id, IndicatorShare.unit_id)
        .join(Indicator)
        .where(Indicator.plan_id == plan.id, Indicator.metric == "")
    )
    found += [DueRow(number, unit_id, True) for number, unit_id in session.execute(parts)]
    promised = select(PlanMilestone.id, PlanMilestone.unit_id).where(
        PlanMilestone.plan_id == plan.id,
        PlanMilestone.not_before <= ends_on,
        PlanMilestone.same_as_id.is_(None),  # else it is told with its target
    )
    return found + [
        DueRow(None, row.unit_id, is_computed=True, milestone_id=row.id)
        for row in session.execute(promised)
    ]


def fill_in(
    found: ReportRound,
    unit: Unit,
    figures_given: Mapping[int, tuple[Decimal, str]],
    confirmed: Sequence[int],
    *,
    by: User,
    on: date,
) -> int:
    """A unit's figures of the round in one go, each by the number of what is owed with its source; and the computed ones that
    it confirms. How many. All or none: raises NotFilledIn, NotAllowed, Conflict where somebody has entered one meanwhile."""
    targets.expect_allowed(by, Action.TARGETS_REPORT, unit)
    found.hold(None)  # one after the other: a figure is entered once
    asked = {one.due.id: one for one in owed_by(found, unit)}
    errors = {}
    for number, (value, note) in figures_given.items():
        one = asked.get(number)
        if one is None or one.due.indicator is None or one.due.is_computed:
            continue
        if not one.is_open:
            raise Conflict(N_("有人刚刚填报了其中的数据，请刷新后再看。"))
        try:
            targets.report(
                one.due.indicator,
                ReportDetails(found.ends_on, value, note),
                by=by,
                on=on,
                share_of=unit if one.due.is_share else None,
            )
        except DomainError as error:
            errors[number] = error
    if errors:
        raise NotFilledIn(errors)
    ticked = [asked[n] for n in confirmed if n in asked and asked[n].due.is_computed]
    return len(figures_given) + _confirm([one for one in ticked if one.is_open], by)


def sign_all(
    found: ReportRound, unit: Unit, seen: Mapping[int, int], back: Mapping[int, str], *, by: User
) -> int:
    """The head signs all that was on the screen (reports by number, with the version shown) but those that go `back`, each
    with a reason. How many were decided."""
    return _decide(found, unit, seen, back, Action.TARGETS_SIGN, by)


def verify_all(
    found: ReportRound, unit: Unit, seen: Mapping[int, int], back: Mapping[int, str], *, by: User
) -> int:
    """督查 verifies all that was on the screen but those that go `back`, each with a reason. How many were decided."""
    return _decide(found, unit, seen, back, Action.TARGETS_VERIFY, by)


def owed_by(found: ReportRound, unit: Unit) -> list[Owed]:
    return owed(WHOLE_PARK_SCOPE, [found], RoundDue.unit_id == unit.id)


def computed_figures(asked: Sequence[Owed]) -> Mapping[int, Decimal]:
    """What the records say of the computed ones at the month's end, by what is owed, in one statement.

    The whole park's figure, its sum alone: a unit that answers for a target stands for all of it, not for its own part.
    """
    questions = {
        one.due.id: question_of(
            one.due.indicator, one.round.ends_on.year, one.round.ends_on, WHOLE_PARK_SCOPE
        )
        for one in asked
        if one.due.indicator is not None and one.due.is_computed
    }
    return dict(zip(questions, figures(list(questions.values())), strict=True))


def days_done(asked: Sequence[Owed]) -> Mapping[int, date | None]:
    """When the milestones of one round were done, as far as is known at the month's end, by what is owed."""
    owing = {one.due.id: one.due.milestone for one in asked if one.due.milestone is not None}
    if not owing:
        return {}
    days = done_days(list(owing.values()), asked[0].round.ends_on)
    return {number: days[milestone.id] for number, milestone in owing.items()}


def _decide(
    found: ReportRound,
    unit: Unit,
    seen: Mapping[int, int],
    back: Mapping[int, str],
    action: Action,
    by: User,
) -> int:
    targets.expect_allowed(by, action, unit)
    decided = 0
    for report in waiting_for(owed_by(found, unit), by, action):
        if report.id not in seen:
            continue
        if report.id in back:
            targets.send_back(report, back[report.id], by=by, version=seen[report.id])
        elif action is Action.TARGETS_SIGN:
            targets.sign(report, by=by, version=seen[report.id])
        else:
            targets.verify(report, by=by, version=seen[report.id])
        decided += 1
    return decided


def waiting_for(asked: Sequence[Owed], user: User, action: Action) -> list[ProgressReport]:
    """What of a round this person may sign, or verify."""
    state = ReviewState.SUBMITTED if action is Action.TARGETS_SIGN else ReviewState.SIGNED
    latest = [one.latest for one in asked if one.waits_for(state)]
    return [report for report in latest if report and next_step(report, user) is action]


def _confirm(ticked: Sequence[Owed], by: User) -> int:
    values, days = computed_figures(ticked), days_done(ticked)
    for one in ticked:
        due = one.due
        due.confirmed_at, due.confirmed_by_id = clock.now(), by.id
        due.figure, due.done_on = values.get(due.id), days.get(due.id)
    if ticked:
        record(
            "reporting.confirmed",
            ticked[0].round,
            by=by,
            name=f"{ticked[0].round.ends_on:%Y-%m}",
            changes={
                one.due.about.code: (None, one.due.figure if one.due.indicator else one.due.done_on)
                for one in ticked
            },
        )
    return len(ticked)


def _add(plan: AnnualPlan, rows: Sequence[RoundRow]) -> list[ReportRound]:
    """Days on which nobody works move to the next working day."""
    days = calendar(plan.year, plan.year + 1)
    made = []
    for row in rows:
        following = row.ends_on + timedelta(days=1)
        data, report = (
            days.after(following.replace(day=settings.get(f"reporting.{name}_day")), 0)
            for name in ("data", "report")
        )
        made.append(
            ReportRound(
                plan_id=plan.id,
                ends_on=row.ends_on,
                data_due_on=data,
                report_due_on=report,
                opened_on=row.opened_on,
                closed_at=row.closed_at,
            )
        )
    session.add_all(made)
    session.flush()
    dues = [
        {"round_id": one.id, **vars(due)}
        for one, row in zip(made, rows, strict=True)
        for due in row.dues
    ]
    if dues:
        session.execute(insert(RoundDue), dues, execution_options=BULK)
    return made


def _has_round(plan: AnnualPlan, ends_on: date) -> bool:
    there = select(ReportRound.id).where(
        ReportRound.plan_id == plan.id, ReportRound.ends_on == ends_on
    )
    return session.scalar(there) is not None
