"""How each target of a plan stands as of a day: its figure and its light.

Seen from less than the whole park a computed figure is that part's own contribution: it has no
light, for the target is the park's. A reported figure is seen by the unit that answers for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from crm.metrics.catalogue import METRICS
from crm.metrics.figures import Metric, Question, figures
from crm.people.scope import Scope
from crm.projects.queries import ProjectDates
from crm.reference import settings
from crm.targets.models import AnnualPlan, Indicator, PlanMilestone, ProgressReport
from crm.targets.pace import (
    Comparator,
    Kind,
    Light,
    Limits,
    Standing,
    Terms,
    assess,
)
from crm.targets.reported import Reports


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


def rows_of(
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
            is_under_way(indicator, milestones, dates, as_of),
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


def is_under_way(
    indicator: Indicator,
    milestones: Sequence[PlanMilestone],
    dates: Mapping[int, ProjectDates],
    as_of: date,
) -> bool:
    """Whether the project of the milestone that is one thing with this indicator has reached 报批."""
    return any(
        has_reached_approval(dates.get(milestone.project_id or 0), as_of)
        for milestone in milestones
        if milestone.same_as_id == indicator.id
    )


def has_reached_approval(dates: ProjectDates | None, as_of: date) -> bool:
    reached = dates.reached_approval_on if dates else None
    return reached is not None and reached <= as_of
