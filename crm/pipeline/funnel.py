"""The funnel: of the projects first reported in a period, how many came to each stage, how long it took, where they were lost.

A project counts once in a stage, however often it stepped back and came again; a stage that was skipped counts as reached.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from crm.audit.remembered import remembered
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_, LabelledEnum
from crm.pipeline.paths import Meant, Paths, paths
from crm.pipeline.survival import median_days
from crm.projects.journeys import came_to, is_furthest
from crm.projects.models import PIPELINE, LossReason, Project, Stage, StageChange
from crm.projects.queries import counted


class What(LabelledEnum):
    """What a number of the funnel counts of a stage."""

    REACHED = "reached", N_("到达")
    OPEN = "open", N_("仍在推进")
    LOST = "lost", N_("流失")


@dataclass(frozen=True)
class Cohort:
    """Projects that were first reported from a day through another, as they stand on a third."""

    since: date
    until: date
    on: date


@dataclass(frozen=True)
class Level:
    """A stage: who came to it or beyond; of those that came no further, how many are still under way and how many are lost.

    `stays` took some days, `moves` of them are over; `median_days` is how long half of them took to go on.
    """

    stage: Stage
    reached: int
    open: int
    lost: int
    of_previous: Fraction | None
    of_all: Fraction | None
    median_days: Fraction | None
    stays: int
    moves: int

    @property
    def share(self) -> Fraction:
        return self.of_all or Fraction(0)


@dataclass(frozen=True)
class Loss:
    """Projects that were lost for one reason (None: not said), having come to a stage and no further."""

    stage: Stage
    reason: LossReason | None
    count: int


@dataclass(frozen=True)
class Funnel:
    levels: tuple[Level, ...]
    losses: tuple[Loss, ...]

    @property
    def count(self) -> int:
        return self.levels[0].reached


def check(cohort: Cohort, today: date) -> None:
    """Raises DomainError for days that make no cohort."""
    if cohort.on > today:
        raise DomainError(N_("统计截止日期不能晚于今天。"), field="as_of")
    if not date(1900, 1, 1) <= cohort.since <= cohort.until <= cohort.on:
        raise DomainError(N_("首报期间须从早到晚，且不晚于统计截止日期。"), field="from")


@remembered
def funnel(meant: Meant, cohort: Cohort) -> Funnel:
    found = paths(meant, cohort.on, meant.condition, is_in(cohort))
    furthest, is_lost = found.furthest(cohort.on), found.is_lost(cohort.on)
    levels: list[Level] = []
    for place, stage in enumerate(PIPELINE):
        reached = int((furthest >= place).sum())
        stopped = furthest == place
        stays = found.stays(place, cohort.on)[0].lasting if place + 1 < len(PIPELINE) else None
        levels.append(
            Level(
                stage,
                reached,
                int((stopped & ~is_lost).sum()),
                int((stopped & is_lost).sum()),
                _share(reached, levels[-1].reached) if levels else None,
                _share(reached, levels[0].reached if levels else reached),
                median_days(stays) if stays else None,
                stays.count if stays else 0,
                stays.moves if stays else 0,
            )
        )
    return Funnel(tuple(levels), _losses(meant, found.only(is_lost), cohort))


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _losses(meant: Meant, lost: Paths, cohort: Cohort) -> tuple[Loss, ...]:
    """By stage in order, the most frequent reason first. Why a project was lost is what its last step into loss says."""
    steps = (
        select(StageChange.project_id, StageChange.loss_reason)
        .join(Project, Project.id == StageChange.project_id)
        .where(meant.condition, is_in(cohort), _is_loss(cohort.on))
        .order_by(StageChange.effective_on, StageChange.id)
    )
    reasons = {row.project_id: row.loss_reason for row in session.execute(steps)}
    counts = Counter(
        (place, reasons[number])
        for number, place in zip(lost.ids.tolist(), lost.furthest(cohort.on).tolist(), strict=True)
    )
    ordered = sorted(counts.items(), key=lambda item: (item[0][0], -item[1], item[0][1] or ""))
    return tuple(Loss(PIPELINE[place], reason, count) for (place, reason), count in ordered)


def _is_loss(on: date) -> ColumnElement[bool]:
    lost = StageChange.to_stage == Stage.LOST
    return and_(counted(), lost, StageChange.effective_on <= on)


def is_lost_for(reason: LossReason | None, on: date) -> ColumnElement[bool]:
    """The condition that a project's last step into loss says this reason, or none."""
    said = (
        select(StageChange.loss_reason)
        .where(StageChange.project_id == Project.id, _is_loss(on))
        .order_by(StageChange.effective_on.desc(), StageChange.id.desc())
        .limit(1)
        .correlate(Project)
        .scalar_subquery()
    )
    return said.is_(None) if reason is None else said == reason


def is_in(cohort: Cohort) -> ColumnElement[bool]:
    return Project.first_reported_on.between(cohort.since, cohort.until)


def is_counted(now: Any, cohort: Cohort, stage: Stage, what: What) -> ColumnElement[bool]:
    """The condition that one number of the funnel counts a project; `now` is its stage on the day."""
    if what == What.REACHED:
        which = came_to(stage, cohort.on).is_not(None)
    else:
        is_lost = now == Stage.LOST
        which = is_furthest(stage, cohort.on) & (is_lost if what == What.LOST else ~is_lost)
    return is_in(cohort) & which
