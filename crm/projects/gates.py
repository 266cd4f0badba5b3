"""What a project must show before it enters a stage, by kind and day (domain.md §3).

What is missing is said all at once: for a skip, what the gates of the skipped stages ask for as well.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Date,
    Row,
    String,
    cast,
    false,
    func,
    literal,
    null,
    select,
    union_all,
)

from crm.core import clock
from crm.core.db import session
from crm.files.models import Attachment
from crm.followup.models import Activity
from crm.projects.gate_models import DocumentKind, ProjectApproval
from crm.projects.gate_rules import Rules, rules_on
from crm.projects.models import PIPELINE, Project, ProjectKind, Stage
from crm.projects.requirements import (
    NOTHING,
    PROJECT_FIELDS,
    Approval,
    Asks,
    Evidence,
    Requirement,
    is_met,
)

PROGRESS_FIELDS = (Project.id, Project.kind, Project.stage, *PROJECT_FIELDS)


@dataclass(frozen=True)
class Progress:
    """How much of the next gate a project shows already."""

    stage: Stage  # the next one
    met: int
    asked: int


def stages_between(stood_at: Stage, to_stage: Stage) -> tuple[Stage, ...]:
    """The stages newly entered by a move, the target included; none for a step back or aside."""
    if to_stage not in PIPELINE:
        return ()
    return PIPELINE[PIPELINE.index(stood_at) + 1 : PIPELINE.index(to_stage) + 1]


def asked(kind: ProjectKind, stood_at: Stage, to_stage: Stage, rules: Rules) -> list[Requirement]:
    """All that the gates on the way from one stage to another ask of a kind."""
    return [
        requirement
        for stage in stages_between(stood_at, to_stage)
        for requirement in rules[kind, stage].requirements
    ]


def missing(
    project: Any,
    to_stage: Stage,
    *,
    stood_at: Stage | None = None,
    on: date | None = None,
    rules: Rules | None = None,
    evidence: Evidence | None = None,
) -> list[Requirement]:
    """All that the gates on the way to a stage still lack on a day, at once.

    `stood_at`: the stage where the project stands, or stood before it was paused or lost. Who asks of many projects
    gives the `rules` and each one's `evidence`, read once for all.
    """
    if stood_at is None:
        stood_at = project.stage if project.stage in PIPELINE else Stage.LEAD
    if rules is None:
        rules = rules_on(on or clock.today())
    wanted = asked(project.kind, stood_at, to_stage, rules)
    wanted = [one for one in wanted if not is_met(one, project, NOTHING, on)]
    if wanted and evidence is None:  # what the project itself does not show may be kept beside it
        evidence = evidence_of([project.id])[project.id]
    return [one for one in wanted if not is_met(one, project, evidence or NOTHING, on)]


def checked(project: Project, to_stage: Stage, on: date) -> list[tuple[Requirement, bool]]:
    """All that the gate of one stage asks of a project, and whether it is there."""
    requirements = rules_on(on)[project.kind, to_stage].requirements
    evidence = evidence_of([project.id])[project.id]
    return [(one, is_met(one, project, evidence, on)) for one in requirements]


def needs_reason(stage: Stage, stood_at: Stage, to_stage: Stage) -> bool:
    """Whether a move must say why: a skip, a step back, a pause, a loss, a return."""
    if stage not in PIPELINE or to_stage not in PIPELINE:
        return True
    return PIPELINE.index(to_stage) != PIPELINE.index(stood_at) + 1


def evidence_of(project_ids: Collection[int]) -> dict[int, Evidence]:
    """What is kept beside the fields of these projects, in one statement."""
    documents: dict[int, set[str]] = defaultdict(set)
    approvals: dict[int, dict[str, tuple[Approval, ...]]] = defaultdict(dict)
    activities: dict[int, dict[str, date]] = defaultdict(dict)
    for row in session.execute(_kept_beside(project_ids)):
        if row.asks == Asks.DOCUMENT:
            documents[row.project_id].add(row.key)
        elif row.asks == Asks.ACTIVITY:
            activities[row.project_id][row.key] = row.done_on
        else:
            item = Approval(row.due_on, row.done_on, bool(row.is_inapplicable))
            of_kind = approvals[row.project_id].get(row.key, ())
            approvals[row.project_id][row.key] = (*of_kind, item)
    return {
        id_: Evidence(frozenset(documents[id_]), approvals[id_], activities[id_])
        for id_ in project_ids
    }


def progress(rows: Sequence[Row[Any]], on: date) -> dict[int, Progress]:
    """How far each of these projects is with its next gate: two statements, however many there are.

    The rows have PROGRESS_FIELDS. Those that are paused, lost or completed have no gate before them.
    """
    under_way = [row for row in rows if row.stage in PIPELINE[:-1]]
    if not under_way:
        return {}
    evidence = evidence_of([row.id for row in under_way])
    rules = rules_on(on)
    found = {}
    for row in under_way:
        stage = PIPELINE[PIPELINE.index(row.stage) + 1]
        wanted = rules[row.kind, stage].requirements
        met = sum(is_met(one, row, evidence[row.id], on) for one in wanted)
        found[row.id] = Progress(stage, met, len(wanted))
    return found


def _kept_beside(project_ids: Collection[int]) -> CompoundSelect[*tuple[Any, ...]]:
    """Columns: project_id, asks, key, due_on, done_on, is_inapplicable."""
    papers = select(
        Attachment.subject_id.label("project_id"),
        literal(Asks.DOCUMENT.value).label("asks"),
        Attachment.subject_type.label("key"),
        cast(null(), Date).label("due_on"),
        cast(null(), Date).label("done_on"),
        false().label("is_inapplicable"),
    ).where(
        Attachment.subject_type.in_([kind.owner for kind in DocumentKind]),
        Attachment.subject_id.in_(project_ids),
        Attachment.archived_at.is_(None),
    )
    approvals = select(
        ProjectApproval.project_id,
        literal(Asks.APPROVAL.value),
        cast(ProjectApproval.kind, String),
        ProjectApproval.due_on,
        ProjectApproval.granted_on,
        ProjectApproval.is_inapplicable,
    ).where(ProjectApproval.project_id.in_(project_ids))
    activities = (
        select(
            Activity.subject_id,
            literal(Asks.ACTIVITY.value),
            cast(Activity.kind, String),
            cast(null(), Date),
            func.min(Activity.happened_on),
            false(),
        )
        .where(
            Activity.subject_type == "project",
            Activity.subject_id.in_(project_ids),
            Activity.archived_at.is_(None),
        )
        .group_by(Activity.subject_id, Activity.kind)
    )
    return union_all(papers, approvals, activities)
