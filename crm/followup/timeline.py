"""What follow-up adds to a record's timeline: activities, requests, instructions, and what came of the tasks."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from crm.core.db import session
from crm.core.registry import TimelineItem
from crm.core.words import N_
from crm.followup import queries
from crm.followup.models import Activity, ActivityKind, Instruction, Request, Task, TaskState
from crm.followup.tasks import ANSWERED

SHOWN = 50
ICONS = {
    ActivityKind.VISIT: "map-pin",
    ActivityKind.CALL: "phone",
    ActivityKind.MEETING: "users",
    ActivityKind.MESSAGE: "message",
    ActivityKind.NOTE: "notes",
    ActivityKind.REVISIT: "phone",
}


def of_subject(kind: str, record_id: int) -> Iterator[TimelineItem]:
    """The newest of each sort; the panel leads to all of them."""
    for activity in session.scalars(queries.activities_about(kind, record_id).limit(SHOWN)):
        yield _activity(activity)
    for asked in session.scalars(queries.requests_about(kind, record_id).limit(SHOWN)):
        yield from _request(asked)
    for instruction in session.scalars(queries.instructions_about(kind, record_id).limit(SHOWN)):
        yield from _instruction(instruction)
    done = (
        select(Task)
        .where(
            *queries.about(Task, kind, record_id),
            Task.state == TaskState.DONE,
            Task.origin.not_in(ANSWERED),
        )
        .order_by(Task.closed_on.desc())
        .limit(SHOWN)
    )
    for task in session.scalars(done):
        yield _done(task)


def _activity(activity: Activity) -> TimelineItem:
    by = activity.by.name if activity.by else ""
    if activity.companions:
        by = f"{by}、{activity.companions}" if by else activity.companions
    text, values = activity.kind.label, tuple[tuple[str, Any], ...]()
    if activity.people_met:
        text = N_("%(kind)s，会见%(people)s")
        values = (("kind", activity.kind), ("people", activity.people_met))
    return TimelineItem(
        activity.happened_on, ICONS[activity.kind], text, values, by, activity.summary
    )


def _request(asked: Request) -> Iterator[TimelineItem]:
    yield TimelineItem(
        asked.received_on,
        "message",
        N_("企业诉求（%(category)s）"),
        (("category", asked.category),),
        by=asked.from_whom,
        note=asked.text,
    )
    if asked.closed_on:
        yield TimelineItem(
            asked.closed_on, "circle-check", N_("诉求办结"), by=asked.task.owner.name
        )


def _instruction(instruction: Instruction) -> Iterator[TimelineItem]:
    yield TimelineItem(
        instruction.given_on,
        "flag",
        N_("%(leader)s批示"),
        (("leader", instruction.leader.name),),
        note=instruction.text,
    )
    if instruction.closed_on:
        yield TimelineItem(
            instruction.closed_on,
            "circle-check",
            N_("批示销号"),
            by=instruction.task.owner.name,
            note=instruction.task.result,
        )


def _done(task: Task) -> TimelineItem:
    assert task.closed_on is not None
    return TimelineItem(
        task.closed_on,
        "check",
        N_("完成：%(what)s"),
        (("what", task.what),),
        by=task.owner.name,
        note=task.result,
    )
