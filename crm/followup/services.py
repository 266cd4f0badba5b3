"""What we do with activities: write them down, correct, archive. Who was last in touch when is kept beside them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from crm.audit.services import Actor, changes_of, record
from crm.core import clock
from crm.core.db import BULK, session
from crm.core.errors import DomainError
from crm.core.registry import SubjectRef
from crm.core.words import N_
from crm.followup.models import Activity, ActivityKind, LastContact
from crm.followup.subjects import Key

CHUNK = 2000


@dataclass(frozen=True)
class ActivityDetails:
    """What is written down about one activity."""

    kind: ActivityKind
    happened_on: date
    summary: str
    people_met: str = ""
    companions: str = ""


@dataclass(frozen=True)
class ActivityRow:
    """An activity that was written down elsewhere before: about what, by whom, when it was recorded."""

    subject_type: str
    subject_id: int
    unit_id: int
    details: ActivityDetails
    by_id: int | None
    recorded_at: datetime | None = None


def record_activity(kind: str, ref: SubjectRef, details: ActivityDetails, *, by: Actor) -> Activity:
    """Write down what was done about one record. Raises DomainError."""
    row = ActivityRow(kind, ref.id, ref.unit_id, details, by.id)
    activity = Activity(**_columns(row))
    session.add(activity)
    _note_contacts([row])
    record("activity.recorded", activity, by=by, name=ref.name, kind=details.kind)
    return activity


def record_many(rows: Sequence[ActivityRow], *, by: Actor) -> int:
    """Write down many at once, all or none; how many. One audit entry with the count and the SHA-256 of all rows."""
    digest = hashlib.sha256()
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        columns = [_columns(row) for row in chunk]
        session.execute(insert(Activity), columns, execution_options=BULK)
        _note_contacts(chunk)
        digest.update(json.dumps(columns, ensure_ascii=False, default=str).encode())
    if rows:
        record("activities.recorded", None, by=by, count=len(rows), sha256=digest.hexdigest())
    return len(rows)


def correct(
    activity: Activity, details: ActivityDetails, *, version: int, by: Actor, name: str = ""
) -> None:
    """Correct what was written down; old and new stand in the log. Raises StaleRecord, DomainError."""
    _expect_sense(details)
    activity.expect_version(version)
    for field, value in asdict(details).items():
        setattr(activity, field, value)
    changes = changes_of(activity)
    session.flush()
    if changes:
        record("activity.corrected", activity, by=by, name=name, changes=changes)
        _find_last_contact((activity.subject_type, activity.subject_id))


def archive(activity: Activity, *, version: int, by: Actor, name: str = "") -> None:
    """Take one that was written down by mistake off every page; the row stays. Raises StaleRecord."""
    activity.expect_version(version)
    activity.archived_at = clock.now()
    session.flush()
    record("activity.archived", activity, by=by, name=name)
    _find_last_contact((activity.subject_type, activity.subject_id))


def _columns(row: ActivityRow) -> dict[str, Any]:
    _expect_sense(row.details)
    return {
        "subject_type": row.subject_type,
        "subject_id": row.subject_id,
        "unit_id": row.unit_id,
        **asdict(row.details),
        "by_id": row.by_id,
        "recorded_at": row.recorded_at or clock.now(),
        "version": 1,
    }


def _expect_sense(details: ActivityDetails) -> None:
    if details.happened_on > clock.today():
        raise DomainError(N_("日期不能晚于今天。"), field="happened_on")
    if not details.summary:
        raise DomainError(N_("请填写内容。"), field="summary")


def _note_contacts(rows: Sequence[ActivityRow]) -> None:
    """The later of what is known and what these rows say, in one statement. A note is no contact."""
    newest: dict[Key, date] = {}
    for row in rows:
        if row.details.kind != ActivityKind.NOTE:
            key = (row.subject_type, row.subject_id)
            newest[key] = max(newest.get(key, date.min), row.details.happened_on)
    if not newest:
        return
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    first = dialect.insert(LastContact)
    upsert = first.on_conflict_do_update(
        index_elements=["subject_type", "subject_id"],
        set_={"last_on": first.excluded.last_on},
        where=LastContact.last_on < first.excluded.last_on,
    )
    session.execute(
        upsert,
        [
            {"subject_type": kind, "subject_id": number, "last_on": day}
            for (kind, number), day in newest.items()
        ],
    )


def _find_last_contact(key: Key) -> None:
    """After a correction: look it up again among the activities."""
    kind, number = key
    last_on = session.scalar(
        select(func.max(Activity.happened_on)).where(
            Activity.subject_type == kind,
            Activity.subject_id == number,
            Activity.kind != ActivityKind.NOTE,
            Activity.archived_at.is_(None),
        )
    )
    session.execute(
        delete(LastContact).where(
            LastContact.subject_type == kind, LastContact.subject_id == number
        )
    )
    if last_on:
        session.execute(
            insert(LastContact).values(subject_type=kind, subject_id=number, last_on=last_on)
        )
