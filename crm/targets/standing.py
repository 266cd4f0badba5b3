"""How a plan stands as of a day: each target with its figure and light, each milestone with its day.

Seen from less than the whole park a computed figure is that part's own contribution: it has no
light, for the target is the park's. A reported figure is seen by the unit that answers for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from crm.core import clock
from crm.core.db import session
from crm.core.words import N_
from crm.metrics.catalogue import METRICS
from crm.metrics.figures import Metric, Question, figures, reached_on
from crm.people.scope import Scope
from crm.projects.queries import ProjectDates, milestone_dates
from crm.reference import settings
from crm.targets import queries
from crm.targets.models import AnnualPlan, Indicator, PlanMilestone, ProgressReport
from crm.targets.pace import (
    Comparator,
    Kind,
    Light,
    Limits,
    Standing,
    Terms,
    Timing,
    assess,
    assess_milestone,
    timing,
)
from crm.targets.reported import Reports

JSON_PLACES = 6
COMPLETED_IN_USE = "竣工投用"


@dataclass(frozen=True)
class Row:
    """One target: `unverified` is the newest report that does not count yet, `waiting` what such records come to."""

    indicator: Indicator
    standing: Standing
    opening: Decimal | None
    is_part: bool  # the figure is only a unit's own contribution
    is_visible: bool
    verified: ProgressReport | None = None
    unverified: ProgressReport | None = None
    waiting: Decimal | None = None

    @property
    def beside(self) -> Decimal | None:
        """What stands beside the figure (待核); None where nothing waits."""
        return self.unverified.value if self.unverified else self.waiting or None

    @property
    def metric(self) -> Metric | None:
        return METRICS.get(self.indicator.metric)

    @property
    def actual(self) -> Decimal | None:
        return self.standing.actual

    @property
    def light(self) -> Light:
        return self.standing.light


@dataclass(frozen=True)
class MilestoneRow:
    milestone: PlanMilestone
    done_on: date | None
    light: Light
    is_visible: bool
    unverified: ProgressReport | None = None
    lacks: str = ""  # what a project that is half through 竣工投用 still lacks

    @property
    def timing(self) -> Timing:
        return timing(self.milestone.not_before, self.milestone.due_on, self.done_on)


@dataclass(frozen=True)
class Board:
    """All targets and milestones of a plan as of a day, seen from a scope."""

    plan: AnnualPlan
    as_of: date
    scope: Scope
    limits: Limits
    rows: tuple[Row, ...]
    milestones: tuple[MilestoneRow, ...]

    def row(self, code: str) -> Row:
        return next(row for row in self.rows if row.indicator.code == code)

    def milestone(self, code: str) -> MilestoneRow:
        return next(row for row in self.milestones if row.milestone.code == code)


def board(plan: AnnualPlan, as_of: date, scope: Scope) -> Board:
    """The whole board, in a number of queries that does not grow with the records."""
    indicators = list(session.scalars(queries.indicators(plan)))
    milestones = list(session.scalars(queries.milestones(plan)))
    reports = Reports(plan, as_of)
    bound = [m.project_id for m in milestones if m.project_id is not None]
    dates = milestone_dates(bound) if bound else {}
    limits = pace_limits()
    rows = _rows(indicators, milestones, dates, reports, plan, as_of, scope, limits)
    by_id = {row.indicator.id: row for row in rows}
    return Board(
        plan=plan,
        as_of=as_of,
        scope=scope,
        limits=limits,
        rows=rows,
        milestones=tuple(
            _milestone_row(milestone, by_id, dates, reports, plan, as_of, scope)
            for milestone in milestones
        ),
    )


def milestones_of(project_id: int, scope: Scope) -> list[MilestoneRow]:
    """The plans' milestones that a project proves, each as of the day on which its year is shown."""
    bound = session.scalars(queries.milestones_bound_to(project_id)).all()
    dates = milestone_dates([project_id]) if bound else {}
    found = []
    for milestone in bound:
        plan, same = milestone.plan, milestone.same_as
        as_of, reports = clock.opening_date(plan.year), Reports(plan, clock.opening_date(plan.year))
        rows = _rows(
            [same] if same else [], bound, dates, reports, plan, as_of, scope, pace_limits()
        )
        by_id = {row.indicator.id: row for row in rows}
        found.append(_milestone_row(milestone, by_id, dates, reports, plan, as_of, scope))
    return [row for row in found if row.is_visible]


def pace_limits() -> Limits:
    return Limits(settings.get("pace.yellow_points"), settings.get("pace.red_points"))


def question_of(indicator: Indicator, year: int, as_of: date, scope: Scope) -> Question:
    """What a computed indicator asks of its metric."""
    filters = tuple(sorted(indicator.filters.items()))
    return Question(METRICS[indicator.metric], as_of, year, scope.of_units, filters)


def terms_of(indicator: Indicator, opening: Decimal | None) -> Terms:
    """The promise as the pace rules want it."""
    return Terms(
        kind=Kind(indicator.kind),
        comparator=Comparator(indicator.comparator),
        target=indicator.target,
        target_to=indicator.target_to,
        opening=opening,
        baseline=indicator.baseline,
        starts_on=indicator.starts_on,
        due=indicator.due_on,
        curve=tuple(Fraction(share) for share in indicator.curve) if indicator.curve else None,
    )


def _rows(
    indicators: Sequence[Indicator],
    milestones: Sequence[PlanMilestone],
    dates: Mapping[int, ProjectDates],
    reports: Reports,
    plan: AnnualPlan,
    as_of: date,
    scope: Scope,
    limits: Limits,
) -> tuple[Row, ...]:
    computed = _computed(indicators, plan.year, as_of, scope)
    return tuple(
        _row(
            indicator,
            computed,
            reports,
            as_of,
            scope,
            limits,
            _under_way(indicator, milestones, dates, as_of),
        )
        for indicator in indicators
    )


@dataclass(frozen=True)
class _Figures:
    actual: Decimal
    opening: Decimal | None
    waiting: Decimal | None


def _computed(
    indicators: Sequence[Indicator], year: int, as_of: date, scope: Scope
) -> Mapping[int, _Figures]:
    """Every computed figure of the board with its opening stock and what waits beside it, in one statement."""
    questions = {i.id: question_of(i, year, as_of, scope) for i in indicators if i.is_computed}
    stocks = [number for number, question in questions.items() if question.metric.is_stock]
    openings = {number: questions[number].opening for number in stocks}
    waiting = {n: asked for n, one in questions.items() if (asked := one.unverified)}
    answers = iter(figures([*questions.values(), *openings.values(), *waiting.values()]))
    actual, opened, beside = (
        dict(zip(those, answers, strict=False)) for those in (questions, openings, waiting)
    )
    return {n: _Figures(actual[n], opened.get(n), beside.get(n)) for n in questions}


def _row(
    indicator: Indicator,
    computed: Mapping[int, _Figures],
    reports: Reports,
    as_of: date,
    scope: Scope,
    limits: Limits,
    under_way: bool,
) -> Row:
    if indicator.is_computed:
        found = computed[indicator.id]
        if not scope.is_whole_park:
            return Row(
                indicator, Standing(found.actual), found.opening, True, True, waiting=found.waiting
            )
        terms = terms_of(indicator, found.opening)
        standing = assess(terms, found.actual, as_of, limits, under_way=under_way)
        return Row(indicator, standing, found.opening, False, True, waiting=found.waiting)
    if not scope.covers(indicator.unit):
        return Row(indicator, Standing(None), indicator.opening, False, False)
    verified = reports.verified(indicator)
    standing = assess(
        terms_of(indicator, indicator.opening),
        verified.value if verified else None,
        as_of,
        limits,
        under_way=under_way,
    )
    waiting = reports.unverified(indicator)
    return Row(indicator, standing, indicator.opening, False, True, verified, waiting)


def _under_way(
    indicator: Indicator,
    milestones: Sequence[PlanMilestone],
    dates: Mapping[int, ProjectDates],
    as_of: date,
) -> bool:
    """Whether the project of the milestone that is one thing with this indicator has reached 报批."""
    return any(
        _has_reached_approval(dates.get(milestone.project_id or 0), as_of)
        for milestone in milestones
        if milestone.same_as_id == indicator.id
    )


def _has_reached_approval(dates: ProjectDates | None, as_of: date) -> bool:
    reached = dates.reached_approval_on if dates else None
    return reached is not None and reached <= as_of


def _milestone_row(
    milestone: PlanMilestone,
    rows: Mapping[int, Row],
    dates: Mapping[int, ProjectDates],
    reports: Reports,
    plan: AnnualPlan,
    as_of: date,
    scope: Scope,
) -> MilestoneRow:
    if not scope.covers(milestone.unit):
        return MilestoneRow(milestone, None, Light.NONE, False)
    project = dates.get(milestone.project_id or 0)
    under_way = _has_reached_approval(project, as_of)
    unverified = None
    row = rows.get(milestone.same_as_id or 0)
    if row is not None and not row.is_part:
        done_on = _met_on(row, plan, as_of, scope)
        under_way = under_way or row.light == Light.GREEN
    elif milestone.project_id is not None:
        done_on = _proved_on(milestone, project)
    else:
        verified, unverified = reports.verified(milestone), reports.unverified(milestone)
        done_on = verified.as_of_on if verified else None
    if done_on is not None and done_on > as_of:
        done_on = None
    light = assess_milestone(milestone.not_before, milestone.due_on, done_on, as_of, under_way)
    lacks = "" if done_on else _lacking(milestone, project, as_of)
    return MilestoneRow(milestone, done_on, light, True, unverified, lacks)


def _lacking(milestone: PlanMilestone, dates: ProjectDates | None, as_of: date) -> str:
    """投用 is not 竣工验收: where one of the two is there, which one is not."""
    if dates is None or milestone.event != COMPLETED_IN_USE:
        return ""
    is_accepted, is_in_use = (
        day is not None and day <= as_of for day in (dates.accepted_on, dates.in_use_on)
    )
    if is_accepted == is_in_use:
        return ""
    return N_("已竣工验收，尚未投用") if is_accepted else N_("已投用，尚未竣工验收")


def _proved_on(milestone: PlanMilestone, dates: ProjectDates | None) -> date | None:
    if dates is None:
        return None
    return dates.started_on if milestone.event == "开工" else dates.completed_in_use_on


def _met_on(row: Row, plan: AnnualPlan, as_of: date, scope: Scope) -> date | None:
    """The day on which an indicator came to its target: one thing with its milestone, so one day."""
    if not row.standing.is_done:
        return None
    indicator = row.indicator
    if indicator.is_computed:
        return reached_on(question_of(indicator, plan.year, as_of, scope), indicator.target)
    terms = terms_of(indicator, row.opening)
    reports = session.scalars(queries.verified_reports(indicator, as_of))
    return next((r.as_of_on for r in reports if assess(terms, r.value, as_of).is_done), None)


def as_dict(board: Board) -> dict[str, Any]:
    """The board as JSON wants it; the only place where exact figures become floats."""
    return {
        "year": board.plan.year,
        "as_of": board.as_of.isoformat(),
        "scope": board.scope.label,
        "is_demo": settings.is_demo_data(),
        "indicators": [_indicator_as_dict(row) for row in board.rows],
        "milestones": [_milestone_as_dict(row) for row in board.milestones],
    }


def _indicator_as_dict(row: Row) -> dict[str, Any]:
    indicator, standing = row.indicator, row.standing
    return {
        "id": indicator.code,
        "subject": indicator.name,
        "kind": indicator.kind,
        "modal": indicator.modal or None,
        "comparator": indicator.comparator,
        "target": plain_number(indicator.target),
        "target_to": plain_number(indicator.target_to),
        "floor": plain_number(standing.floor),
        "unit": indicator.unit_word,
        "opening": plain_number(row.opening),
        "baseline": plain_number(indicator.baseline),
        "actual": plain_number(standing.actual),
        "unverified": plain_number(row.beside),
        "completion": plain_number(standing.completion),
        "pace": plain_number(standing.pace),
        "gap_points": plain_number(standing.gap_points),
        "light": standing.light.value,
        "exceeds_upper": standing.exceeds_upper,
        "source": "computed" if indicator.is_computed else "reported",
        "metric": indicator.metric or None,
        "parent": indicator.parent.code if indicator.parent else None,
        "mentions": [m.code for m in indicator.mentions if m.code != indicator.code],
        "due": indicator.due_on.isoformat(),
        "responsible": indicator.unit.name,
    }


def _milestone_as_dict(row: MilestoneRow) -> dict[str, Any]:
    milestone = row.milestone
    return {
        "id": milestone.code,
        "subject": milestone.name,
        "event": milestone.event,
        "not_before": milestone.not_before.isoformat(),
        "due": milestone.due_on.isoformat(),
        "done_on": row.done_on.isoformat() if row.done_on else None,
        "light": row.light.value,
        "timing": row.timing.value,
        "project": milestone.named_project.name if milestone.named_project else None,
        "same_as": milestone.same_as.code if milestone.same_as else None,
        "responsible": milestone.unit.name,
    }


def plain_number(value: Decimal | Fraction | None) -> int | float | None:
    """As JSON knows numbers."""
    if value is None:
        return None
    return int(value) if value == int(value) else round(float(value), JSON_PLACES)
