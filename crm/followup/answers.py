"""Answers to requests and instructions, and what was said of them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert, select

from crm.audit.services import Actor
from crm.core import clock
from crm.core.db import BULK, session
from crm.followup.models import Answer, Instruction, Request, TaskOrigin

_TITLE = 60


def add_answer(to: Request | Instruction, text: str, on: date, by_id: int | None) -> Answer:
    said = Answer(origin=to.task.origin, origin_id=to.id, text=text, answered_on=on, by_id=by_id)
    session.add(said)
    return said


def insert_answers(rows: Sequence[Mapping[str, Any]]) -> None:
    """Answers that were kept elsewhere before, in one statement."""
    if rows:
        session.execute(insert(Answer), list(rows), execution_options=BULK)


def judge(origin: TaskOrigin, origin_id: int, *, is_accepted: bool, remark: str, by: Actor) -> None:
    """What is said of the last answer."""
    last = session.scalar(
        select(Answer)
        .where(Answer.origin == origin, Answer.origin_id == origin_id)
        .order_by(Answer.id.desc())
        .limit(1)
    )
    if last is not None:
        last.is_accepted, last.remark = is_accepted, remark
        last.judged_on, last.judged_by_id = clock.today(), by.id


def title(text: str) -> str:
    """The first words of a longer text, for a line in a list."""
    first = text.split("\n", 1)[0]
    return first if len(first) <= _TITLE else f"{first[:_TITLE]}…"
