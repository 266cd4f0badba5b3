"""What we do with activities: write them down, correct, archive. Who was last in touch when is kept beside them."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from crm.audit.services import Actor, Changes, changes_of, record
from crm.core import clock
from crm.core.among import among
from crm.core.bulk import next_ids, write_many
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


def record_many(rows: Sequence[ActivityRow], *, by: Actor) -> list[int]:
    """Write down many at once, all or none; their ids. One audit entry with the count and the SHA-256 of all rows."""
    digest = hashlib.sha256()
    ids = next_ids(Activity, len(rows))
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        columns = [{"id": ids[start + n], **_columns(row)} for n, row in enumerate(chunk)]
        session.execute(insert(Activity), columns, execution_options=BULK)
        _note_contacts(chunk)
        digest.update(json.dumps(columns, ensure_ascii=False, default=str).encode())
    if rows:
        record("activities.recorded", None, by=by, count=len(rows), sha256=digest.hexdigest())
    return ids


def correct(
    activity: Activity, details: ActivityDetails, *, version: int, by: Actor, name: str = ""
) -> None:
    """Correct what was written down; old and new stand in the log. Raises StaleRecord, DomainError."""
    activity.hold(version)
    correct_many([(activity, details, activity.by_id)], by=by, names={activity.id: name})


def correct_many(
    corrections: Sequence[tuple[Activity, ActivityDetails, int | None]],
    *,
    by: Actor,
    names: Mapping[int, str],
) -> list[Changes]:
    """The same for many that are held, each with what it is to say and who did it; what changed of each."""
    changed: list[Changes] = []
    with session.no_autoflush:
        for activity, details, by_id in corrections:
            expect_sense(details)
            for field, value in asdict(details).items():
                setattr(activity, field, value)
            activity.by_id = by_id
            changes = changes_of(activity)
            activity.version += 1
            if changes:
                name = names.get(activity.id, "")
                record("activity.corrected", activity, by=by, name=name, changes=changes)
            changed.append(changes)
    _write([activity for activity, _, _ in corrections])
    return changed


def archive(activity: Activity, *, version: int, by: Actor, name: str = "") -> None:
    """Take one that was written down by mistake off every page; the row stays. Raises StaleRecord."""
    activity.hold(version)
    archive_many([activity], by=by, names={activity.id: name})


def archive_many(activities: Sequence[Activity], *, by: Actor, names: Mapping[int, str]) -> None:
    """The same for many that are held."""
    with session.no_autoflush:
        for activity in activities:
            activity.archived_at = clock.now()
            activity.version += 1
            record("activity.archived", activity, by=by, name=names.get(activity.id, ""))
    _write(activities)


def _write(activities: Sequence[Activity]) -> None:
    write_many(activities)
    _find_last_contacts({(one.subject_type, one.subject_id) for one in activities})


def _columns(row: ActivityRow) -> dict[str, Any]:
    expect_sense(row.details)
    return {
        "subject_type": row.subject_type,
        "subject_id": row.subject_id,
        "unit_id": row.unit_id,
        **asdict(row.details),
        "by_id": row.by_id,
        "recorded_at": row.recorded_at or clock.now(),
        "version": 1,
    }


def expect_sense(details: ActivityDetails) -> None:
    """What holds of every activity. Raises DomainError."""
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


def _find_last_contacts(keys: Collection[Key]) -> None:
    """After a correction: look them up again among the activities."""
    by_kind: dict[str, list[int]] = defaultdict(list)
    for kind, number in sorted(keys):
        by_kind[kind].append(number)
    for kind, numbers in by_kind.items():
        gone = delete(LastContact).where(
            LastContact.subject_type == kind, among(LastContact.subject_id, numbers)
        )
        last = (
            select(Activity.subject_type, Activity.subject_id, func.max(Activity.happened_on))
            .where(
                Activity.subject_type == kind,
                among(Activity.subject_id, numbers),
                Activity.kind != ActivityKind.NOTE,
                Activity.archived_at.is_(None),
            )
            .group_by(Activity.subject_type, Activity.subject_id)
        )
        session.execute(gone)
        columns = ["subject_type", "subject_id", "last_on"]
        session.execute(insert(LastContact).from_select(columns, last))
