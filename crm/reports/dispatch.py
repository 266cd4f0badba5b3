"""项目调度: the month's table of projects under way. One dataset; page, PDF, workbook and DOCX show it.

Listed are the projects that stand in a stage that reports (progress.stages) at the month's end, and those completed in
its year. Investment is that of crm.investments, each in the project's own currency; the light follows the pace.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from crm.core import clock
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.investments.progress import Progress, progress_of
from crm.milestones.models import Problem, ProblemState
from crm.milestones.queries import Mark, marks_of, next_of, problems_of
from crm.people.models import User
from crm.people.scope import Scope
from crm.pipeline.flow import MoveKind
from crm.progress.models import Cadence, ProgressNote
from crm.progress.periods import Period, period_of
from crm.progress.queries import notes_in
from crm.projects.models import Project, Stage
from crm.projects.queries import visible_to
from crm.reference import settings
from crm.reports import pipeline
from crm.reports.figures import Movement, ProjectLine
from crm.reports.pipeline import PipelineReport
from crm.reports.queries import placed_projects
from crm.targets.pace import Light, Limits, light_of_gap
from crm.targets.standing import pace_limits

TITLE = N_("项目调度")
KIND = "dispatch"


@dataclass(frozen=True)
class Note:
    """What was said of a project for the month."""

    id: int
    version: int
    progress: str
    problems: str
    next_steps: str
    coordination: str


@dataclass(frozen=True)
class Hurdle:
    """A problem that is not solved: who must solve it, by when."""

    what: str
    solver: str
    due_on: date
    is_escalated: bool


@dataclass(frozen=True)
class Money:
    """The project's investment year, in its own currency; None is not known."""

    planned: Decimal | None
    month_done: Decimal | None
    cumulative: Decimal | None
    reported_through: date | None
    share: Fraction | None
    pace: Fraction | None
    ahead: Fraction | None


@dataclass(frozen=True)
class DispatchLine:
    """One project of the table."""

    project: ProjectLine
    content: str  # 建设内容
    leader: str | None
    money: Money
    light: Light
    note: Note | None
    hurdles: tuple[Hurdle, ...]
    milestones: tuple[Mark, ...]
    next_milestone: Mark | None

    @property
    def total(self) -> Decimal | None:
        """总投资: agreed from 签约, expected until 意向."""
        return self.project.agreed if self.project.agreed is not None else self.project.expected


@dataclass(frozen=True)
class OnePager:
    """One project in a month."""

    month: date
    as_of: date
    line: DispatchLine
    is_demo: bool
    generated_at: datetime


@dataclass(frozen=True)
class Issue:
    """That the report went out: who approved it, when."""

    approved_by: str
    on: date


@dataclass(frozen=True)
class DispatchReport:
    """The month's report: the pipeline's figures and movements (without its lists), and the table."""

    month: date
    overview: PipelineReport
    lines: tuple[DispatchLine, ...]
    issue: Issue | None = None

    @property
    def period(self) -> Period:
        return period_of(Cadence.MONTH, self.month)

    def moved(self, kind: MoveKind) -> tuple[Movement, ...]:
        """The month's steps of one kind: 新增, 推进, 后退, 流失 …"""
        return tuple(step for step in self.overview.movements if step.kind == kind)

    @property
    def silent(self) -> int:
        """How many projects of the table nobody reported on."""
        return sum(line.note is None for line in self.lines)


def build(scope: Scope, month: date) -> DispatchReport:
    """The report of a month, of its days so far where it is not over. Raises DomainError for one that lies ahead."""
    period, as_of = _period(month)
    found = pipeline.build(scope, as_of, period.previous.ends_on)
    stages = frozenset(Stage(stage) for stage in settings.get("progress.stages"))
    chosen = [line for line in found.lines if _is_listed(line, as_of, stages)]
    return DispatchReport(
        month=period.starts_on,
        overview=replace(found, title=TITLE, lines=(), breakdowns=()),
        lines=tuple(_lines(scope, chosen, period, as_of)),
    )


def one_pager(scope: Scope, project_id: int, month: date) -> OnePager | None:
    """One project in a month, whatever stage it stands in; None where it is not there for the reader."""
    period, as_of = _period(month)
    placed = placed_projects(scope, as_of).where(Project.id == project_id)
    found = list(_lines(scope, pipeline.project_lines(placed, as_of), period, as_of))
    if not found:
        return None
    return OnePager(period.starts_on, as_of, found[0], settings.is_demo_data(), clock.now())


def for_reader(report: DispatchReport, scope: Scope) -> DispatchReport:
    """An issued report without the projects that are not there for this reader (any more); its sums stay as they went out."""
    there = set(session.scalars(_ids(scope)))
    overview = replace(
        report.overview,
        movements=tuple(m for m in report.overview.movements if m.project_id in there),
        stalled=tuple(line for line in report.overview.stalled if line.id in there),
    )
    lines = tuple(line for line in report.lines if line.project.id in there)
    return replace(report, overview=overview, lines=lines)


def _period(month: date) -> tuple[Period, date]:
    """The month, and the last day of it that is here. Raises DomainError for one that lies ahead."""
    period = period_of(Cadence.MONTH, month)
    if period.starts_on > clock.today():
        raise DomainError(N_("这个月还没有开始。"), field="month")
    return period, min(period.ends_on, clock.today())


def _is_listed(line: ProjectLine, as_of: date, stages: frozenset[Stage]) -> bool:
    is_new = line.stage == Stage.COMPLETED and line.entered_on.year == as_of.year
    return line.stage in stages or is_new


def _lines(
    scope: Scope, chosen: Sequence[ProjectLine], period: Period, as_of: date
) -> Iterator[DispatchLine]:
    if not chosen:
        return
    among = _ids(scope) if len(chosen) > 1 else _ids(scope).where(Project.id == chosen[0].id)
    facts = {row.id: row for row in session.execute(_facts(among))}
    money = progress_of(among, period.starts_on)
    notes = notes_in(among, period)
    marks = marks_of(among)
    hurdles = _hurdles(among, as_of)
    limits = pace_limits()
    for line in chosen:
        of_line = marks.get(line.id, [])
        progress = _money(money[line.id])
        yield DispatchLine(
            project=line,
            content=facts[line.id].summary,
            leader=facts[line.id].leader,
            money=progress,
            light=_light(progress, limits),
            note=_note(notes.get(line.id)),
            hurdles=tuple(hurdles.get(line.id, ())),
            milestones=tuple(of_line),
            next_milestone=next_of(of_line, as_of),
        )


def _ids(scope: Scope) -> Select[int]:
    return visible_to(scope).with_only_columns(Project.id)


def _facts(among: Select[int]) -> Select[*tuple[Any, ...]]:
    leader = aliased(User)
    return (
        select(Project.id, Project.summary, leader.name.label("leader"))
        .outerjoin(leader, leader.id == Project.leader_id)
        .where(Project.id.in_(among))
    )


def _money(found: Progress) -> Money:
    return Money(
        planned=found.planned,
        month_done=found.month_done,
        cumulative=found.cumulative,
        reported_through=found.reported_through,
        share=found.share,
        pace=found.pace_share,
        ahead=found.ahead,
    )


def _light(money: Money, limits: Limits) -> Light:
    """By the same limits as a target's: done once the year's plan is."""
    is_done = money.share is not None and money.share >= 1
    return Light.DONE if is_done else light_of_gap(money.ahead, limits)


def _note(note: ProgressNote | None) -> Note | None:
    if note is None:
        return None
    return Note(
        note.id, note.version, note.progress, note.problems, note.next_steps, note.coordination
    )


def _hurdles(among: Select[int], as_of: date) -> Mapping[int, list[Hurdle]]:
    """What was raised by the day and is not solved."""
    found: dict[int, list[Hurdle]] = {}
    query = problems_of(among).where(
        Problem.state != ProblemState.SOLVED, Problem.raised_on <= as_of
    )
    for problem in session.scalars(query):
        person = f" {problem.solver.name}" if problem.solver else ""
        hurdle = Hurdle(
            problem.what,
            f"{problem.solver_unit.name}{person}",
            problem.due_on,
            problem.state == ProblemState.ESCALATED,
        )
        found.setdefault(problem.project_id, []).append(hurdle)
    return found
