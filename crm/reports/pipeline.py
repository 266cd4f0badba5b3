"""项目推进报告: the seven batches as of a day, and what moved since another. One dataset; faces.py shows it.

Stages and amounts are those of the day; names are the ones recorded now (crm.projects.queries).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select

from crm.core import clock
from crm.core.db import session
from crm.core.words import N_
from crm.people.scope import Scope
from crm.pipeline import flow
from crm.pipeline.board import ASIDE
from crm.pipeline.paths import Meant
from crm.projects.models import PIPELINE, Stage
from crm.projects.queries import entered, visible_to
from crm.reference import settings
from crm.reports.figures import (
    DIMENSIONS,
    Breakdown,
    Change,
    Movement,
    ProjectLine,
    StageLine,
    breakdown,
    changes_by_kind,
    part_of,
    stage_line,
    total_of,
)
from crm.reports.queries import placed_projects

TITLE = N_("项目推进报告")


@dataclass(frozen=True)
class PipelineReport:
    """What a leader reads. `lines` are all projects behind it, 暂停 and 流失 included; other figures follow from them."""

    title: str
    as_of: date
    since: date
    scope: str
    is_demo: bool
    generated_at: datetime
    stages: tuple[StageLine, ...]
    total: StageLine
    aside: tuple[StageLine, ...]
    changes: tuple[Change, ...]
    breakdowns: tuple[Breakdown, ...]
    stalled: tuple[ProjectLine, ...]
    movements: tuple[Movement, ...]
    lines: tuple[ProjectLine, ...]

    @property
    def is_empty(self) -> bool:
        return not self.lines and not self.movements

    def behind(self, by: str, key: str) -> tuple[ProjectLine, ...]:
        """The projects that one figure counts: of a stage, of a part of a breakdown, or all of the seven stages."""
        if by == "stage":
            return tuple(line for line in self.lines if line.stage == key)
        in_pipeline = tuple(line for line in self.lines if line.stage in PIPELINE)
        for dimension in DIMENSIONS:
            if dimension.name == by:
                return tuple(line for line in in_pipeline if part_of(dimension, line)[0] == key)
        return in_pipeline


def build(scope: Scope, as_of: date, since: date | None = None) -> PipelineReport:
    """The report for a scope as of a day, with what moved after `since`. Raises PeriodRefused."""
    since, as_of = flow.period(as_of, since)
    lines = project_lines(placed_projects(scope, as_of), as_of)
    in_pipeline = tuple(line for line in lines if line.stage in PIPELINE)
    movements = _movements(scope, since, as_of)
    moved = flow.build(Meant(scope, "", visible_to(scope)), since, as_of)
    by_stage = {
        stage: stage_line(stage, line.opening.count, lines, moved.passages)
        for stage, line in moved.stages.items()
    }
    stages = tuple(by_stage[stage] for stage in PIPELINE)
    return PipelineReport(
        title=TITLE,
        as_of=as_of,
        since=since,
        scope=scope.label,
        is_demo=settings.is_demo_data(),
        generated_at=clock.now(),
        stages=stages,
        total=total_of(stages, in_pipeline),
        aside=tuple(by_stage[stage] for stage in ASIDE),
        changes=changes_by_kind(movements),
        breakdowns=tuple(breakdown(dimension, in_pipeline) for dimension in DIMENSIONS),
        stalled=_longest_stalled_first(in_pipeline),
        movements=movements,
        lines=lines,
    )


def project_lines(placed: Select[Any], as_of: date) -> tuple[ProjectLine, ...]:
    """The rows of placed_projects as lines, by stage and then the longest in it first."""
    usual: dict[str, int] = settings.get("projects.stalled_days")
    place = {stage: i for i, stage in enumerate(Stage)}
    rows = session.execute(placed)
    names = tuple(rows.keys())
    lines = [
        ProjectLine(
            days=(as_of - row.entered_on).days,
            usual_days=usual.get(row.stage),
            **dict(zip(names, row, strict=True)),
        )
        for row in rows
    ]
    lines.sort(key=lambda line: (place[line.stage], line.entered_on, line.id))
    return tuple(lines)


def _movements(scope: Scope, since: date, as_of: date) -> tuple[Movement, ...]:
    rows = session.execute(entered(scope, since + timedelta(days=1), as_of))
    return tuple(
        Movement(
            row.project_id,
            row.label,
            row.from_stage,
            row.to_stage,
            row.effective_on,
            row.note,
            row.loss_reason,
        )
        for row in rows
    )


def _longest_stalled_first(lines: tuple[ProjectLine, ...]) -> tuple[ProjectLine, ...]:
    over = [
        (line.days - line.usual_days, line)
        for line in lines
        if line.is_stalled and line.usual_days is not None
    ]
    return tuple(line for _, line in sorted(over, key=lambda pair: (-pair[0], pair[1].id)))
