"""What a project must show before it enters a stage, by kind and day (domain.md §3).

What is missing is said all at once: for a skip, what the gates of the skipped stages ask for as well.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Date,
    Row,
    String,
    bindparam,
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
from crm.projects.gate_models import DocumentKind, GateVersion, ProjectApproval
from crm.projects.gate_rules import Rules, Version, rules_of, rules_on
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


class Progress(NamedTuple):
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
    found = _evidence_in(session.execute(_kept_beside(), {"ids": list(project_ids)}))
    return {id_: found.get(id_, NOTHING) for id_ in project_ids}


def progress(rows: Sequence[Any], on: date) -> dict[int, Progress]:
    """How far each of these projects is with its next gate: one statement, however many there are.

    The rows have PROGRESS_FIELDS. Those that are paused, lost or completed have no gate before them.
    """
    under_way = [row for row in rows if row.stage in _NEXT]
    if not under_way:
        return {}
    known = {"ids": [row.id for row in under_way], "day": on}
    parts = session.execute(_kept_beside(with_gates=True), known).all()
    evidence = _evidence_in(part for part in parts if part.asks != _GATE)
    rules = rules_of(_version_in(part) for part in parts if part.asks == _GATE)
    found = {}
    for row in under_way:
        gate, kept = rules[row.kind, _NEXT[row.stage]], evidence.get(row.id, NOTHING)
        met = sum(is_met(one, row, kept, on) for one in gate.requirements)
        found[row.id] = Progress(gate.stage, met, len(gate.requirements))
    return found


_NEXT = dict(pairwise(PIPELINE))
_GATE = "gate"


def _evidence_in(parts: Iterable[Any]) -> dict[int, Evidence]:
    """By project; of those beside which something is kept."""
    documents: dict[int, set[str]] = defaultdict(set)
    approvals: dict[int, dict[str, tuple[Approval, ...]]] = defaultdict(dict)
    activities: dict[int, dict[str, date]] = defaultdict(dict)
    for asks, project_id, key, due_on, done_on, is_inapplicable, _requirements in parts:
        if asks == Asks.DOCUMENT.value:
            documents[project_id].add(key)
        elif asks == Asks.ACTIVITY.value:
            activities[project_id][key] = done_on
        else:
            item = Approval(due_on, done_on, bool(is_inapplicable))
            approvals[project_id][key] = (*approvals[project_id].get(key, ()), item)
    return {
        id_: Evidence(frozenset(documents[id_]), approvals[id_], activities[id_])
        for id_ in {*documents, *approvals, *activities}
    }


def _version_in(part: Row[Any]) -> Version:
    kind, stage = part.key.split()
    asked = json.loads(part.requirements)
    return Version(part.due_on, part.number, ProjectKind(kind), Stage(stage), asked)


@cache  # to put it together takes longer than to ask it of one project
def _kept_beside(*, with_gates: bool = False) -> CompoundSelect[*tuple[Any, ...]]:
    """What is kept beside the projects `ids`, and the versions of all gates by a `day`.

    Columns: asks, number (of the project or the version), key, due_on (or valid_from), done_on, is_inapplicable, requirements.
    """
    ids: BindParameter[int] = bindparam("ids", expanding=True)
    no_day, nothing = cast(null(), Date), cast(null(), String)
    papers = select(
        literal(Asks.DOCUMENT.value).label("asks"),
        Attachment.subject_id.label("number"),
        Attachment.subject_type.label("key"),
        no_day.label("due_on"),
        no_day.label("done_on"),
        false().label("is_inapplicable"),
        nothing.label("requirements"),
    ).where(
        Attachment.subject_type.in_([kind.owner for kind in DocumentKind]),
        Attachment.subject_id.in_(ids),
        Attachment.archived_at.is_(None),
    )
    approvals = select(
        literal(Asks.APPROVAL.value),
        ProjectApproval.project_id,
        cast(ProjectApproval.kind, String),
        ProjectApproval.due_on,
        ProjectApproval.granted_on,
        ProjectApproval.is_inapplicable,
        nothing,
    ).where(ProjectApproval.project_id.in_(ids))
    activities = (
        select(
            literal(Asks.ACTIVITY.value),
            Activity.subject_id,
            cast(Activity.kind, String),
            no_day,
            func.min(Activity.happened_on),
            false(),
            nothing,
        )
        .where(
            Activity.subject_type == "project",
            Activity.subject_id.in_(ids),
            Activity.archived_at.is_(None),
        )
        .group_by(Activity.subject_id, Activity.kind)
    )
    if not with_gates:
        return union_all(papers, approvals, activities)
    gates = select(
        literal(_GATE),
        GateVersion.id,
        cast(GateVersion.kind, String) + " " + cast(GateVersion.stage, String),
        GateVersion.valid_from,
        no_day,
        false(),
        cast(GateVersion.requirements, String),
    ).where(GateVersion.valid_from <= bindparam("day", type_=Date))
    return union_all(papers, approvals, activities, gates)
