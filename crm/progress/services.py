"""What we do with progress notes: write, correct, freeze."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, changes_of, record
from crm.core import clock
from crm.core.db import BULK, session
from crm.core.errors import DomainError, StaleRecord
from crm.core.words import N_
from crm.progress import queries
from crm.progress.models import ProgressNote
from crm.progress.periods import Period
from crm.projects.models import Project


@dataclass(frozen=True)
class NoteTexts:
    """What is said; its fields are columns of ProgressNote."""

    progress: str
    problems: str = ""
    next_steps: str = ""
    coordination: str = ""


@dataclass(frozen=True)
class NoteRow:
    """A note that was kept elsewhere before."""

    project_id: int
    period: Period
    texts: NoteTexts
    noted_on: date
    by_id: int | None = None
    recorded_at: datetime | None = None


def write(
    project: Project, period: Period, texts: NoteTexts, *, version: int | None, by: Actor
) -> ProgressNote:
    """Say what happened in a period; `version` is that of the note that the page showed, 0 where there was none.

    A frozen note stays: the new words become a correction, a note of its own. Raises DomainError, StaleRecord.
    """
    if period.starts_on > clock.today():
        raise DomainError(N_("这一期还没有开始。"))
    if not texts.progress:
        raise DomainError(N_("请填写进展。"), field="progress")
    last = queries.notes_in([project.id], period).get(project.id)
    if last is None:
        if version:
            raise StaleRecord
        return _add(project, period, texts, 1, by)
    last.expect_version(version)
    if last.frozen_with is not None:
        return _add(project, period, texts, last.ordinal + 1, by)
    for column, text in asdict(texts).items():
        setattr(last, column, text)
    last.by_id, last.noted_on = by.id, clock.today()
    record("progress.changed", last, by=by, name=project.name, changes=changes_of(last))
    return last


def write_many(rows: Sequence[NoteRow], *, by: Actor) -> int:
    """The first word on many projects and periods at once; how many. One audit entry."""
    if rows:
        session.execute(
            insert(ProgressNote), [_columns(row) for row in rows], execution_options=BULK
        )
        record("progress.noted_many", None, by=by, count=len(rows))
    return len(rows)


def freeze(notes: Mapping[int, int], report: str, *, by: Actor) -> None:
    """These notes, by number with the version that was read, went into an issued report: they stay as they are.

    One that an earlier report froze keeps that report's name. Raises StaleRecord when one was changed since it was read.
    """
    if not notes:
        return
    held = select(ProgressNote.id, ProgressNote.version).where(ProgressNote.id.in_(notes))
    if dict(session.execute(held.with_for_update()).all()) != dict(notes):
        raise StaleRecord
    is_open = ProgressNote.id.in_(notes), ProgressNote.frozen_with.is_(None)
    values = {"frozen_with": report, "version": ProgressNote.version + 1}
    session.execute(update(ProgressNote).where(*is_open).values(values))
    record("progress.frozen", None, by=by, name=report, count=len(notes))


def _add(
    project: Project, period: Period, texts: NoteTexts, ordinal: int, by: Actor
) -> ProgressNote:
    row = NoteRow(project.id, period, texts, clock.today(), by.id)
    note = ProgressNote(**_columns(row) | {"ordinal": ordinal})
    try:
        with session.begin_nested():
            session.add(note)
    except IntegrityError:  # somebody else said it meanwhile
        raise StaleRecord from None
    word = "progress.noted" if ordinal == 1 else "progress.corrected"
    record(word, note, by=by, name=project.name, text=texts.progress)
    return note


def _columns(row: NoteRow) -> dict[str, Any]:
    return {
        "project_id": row.project_id,
        "cadence": row.period.cadence,
        "starts_on": row.period.starts_on,
        "ordinal": 1,
        **asdict(row.texts),
        "noted_on": row.noted_on,
        "by_id": row.by_id,
        "recorded_at": row.recorded_at or clock.now(),
        "version": 1,
    }
