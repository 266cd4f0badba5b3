"""What happens to a job: asked for, begun, told of, finished, cancelled. The row decides; the queue only wakes the worker."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, record
from crm.core import clock, registry
from crm.core.db import session
from crm.core.errors import Conflict, NotAllowed
from crm.core.words import N_
from crm.files.models import StoredFile
from crm.files.unpacking import MEGABYTE
from crm.jobs.models import Job, JobState, JobWorker
from crm.jobs.queries import unfinished
from crm.people.models import User
from crm.people.roles import Action
from crm.reference import settings

MOST_ATTEMPTS = 5
GAVE_UP = N_("处理进程多次中断，已不再重试。可以重新发起；如仍不成功，请联系系统管理员。")
LONGEST_ERROR = 500


class Stopped(Exception):
    """The job is not running any more: it was cancelled, or another process has finished it."""


@dataclass(frozen=True)
class ResultFile:
    """What came of a job: a file in the store, under the name that people save it by."""

    file: StoredFile
    name: str
    media_type: str


def request(
    kind: str,
    payload: Mapping[str, Any],
    *,
    by: User,
    title: str,
    values: Mapping[str, Any] | None = None,
    key: str | None = None,
    language: str = "",
) -> Job:
    """Ask for work of a kind. With a `key` that this person used before it is that job again, and nothing new.

    Without one it is, while that waits or runs, the job that says the same. `title` is a msgid filled from `values`.
    Enqueue it after the commit (queueing.enqueue). Raises NotAllowed.
    """
    expect_allowed(registry.job_kinds[kind].action, by)
    text = json.dumps(payload, ensure_ascii=False)
    known = _alike(kind, text, by) if key is None else _with_key(key, by)
    if known is not None:
        return known
    job = Job(
        kind=kind,
        payload=text,
        key=key,
        title=title,
        title_values=json.dumps(values or {}, ensure_ascii=False),
        language=language,
        requested_by_id=by.id,
    )
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError:
        known = _with_key(key or "", by)
        if known is None:
            raise
        return known
    record("job.requested", job, by=by, name=title % (values or {}), kind=kind)
    return job


def repeat(job: Job, *, by: User, language: str = "") -> Job:
    """The same work once more, for one's own job that did not come to its end. Raises Conflict, NotAllowed."""
    if job.state not in (JobState.FAILED, JobState.CANCELLED):
        raise Conflict(N_("这个任务没有失败，不用重新发起。"))
    return request(
        job.kind,
        job.given,
        by=by,
        title=job.title,
        values=job.called,
        key=f"again {job.id}",
        language=language,
    )


def cancel(job: Job, *, by: Actor) -> None:
    """Whatever it has done so far is undone or left without effect. Raises Conflict where it is over."""
    session.refresh(job, with_for_update={"of": Job})
    if not job.is_open:
        raise Conflict(N_("这个任务已经结束，不能取消。"))
    _end(job, JobState.CANCELLED)
    let_go(job)
    record("job.cancelled", job, by=by, name=job.title % job.called)


def begin(job_id: int, worker: str) -> Job | None:
    """Take a job up, for the first time or again after its process died; None where there is nothing to do."""
    job = session.get(Job, job_id, with_for_update={"of": Job})
    if job is None or not job.is_open:
        return None
    if job.attempts >= MOST_ATTEMPTS:
        fail(job_id, GAVE_UP)
        return None
    job.state = JobState.RUNNING
    job.attempts += 1
    job.worker = worker
    job.started_at = clock.now()
    job.done = job.total = 0
    job.phase = ""
    return job


def finish(job_id: int, *, file: ResultFile | None = None, href: str = "") -> None:
    """Done, in the transaction that holds what came of it. Raises Stopped, which undoes that, where it is not running."""
    job = _running(job_id)
    if file is not None:
        job.result_file, job.result_name, job.result_type = file.file, file.name, file.media_type
        job.expires_at = clock.now() + timedelta(days=settings.get("jobs.result_days"))
        _make_room_for(job, file.file)
    job.result_href = href
    _end(job, JobState.DONE)


def fail(job_id: int, sentence: str) -> None:
    """Not done; a job that is over already stays as it is."""
    job = session.get(Job, job_id, with_for_update={"of": Job})
    if job is not None and job.is_open:
        job.error = sentence[:LONGEST_ERROR]
        _end(job, JobState.FAILED)
        let_go(job)


def stopped(job_id: int) -> None:
    """Its process has noticed that it was cancelled: what it held until now may be let go of as well."""
    job = session.get(Job, job_id, with_for_update={"of": Job})
    if job is not None and job.state == JobState.CANCELLED:
        let_go(job)


def let_go(job: Job) -> None:
    """It came to nothing: what waited for it is told."""
    kind = registry.job_kinds.get(job.kind)
    if kind is not None and kind.let_go is not None:
        kind.let_go(job)


def expect_allowed(action: str | None, user: User) -> None:
    """Raises NotAllowed for who has not, or no longer, the right to such work."""
    if user.disabled_at or (action is not None and not user.may(Action(action))):
        raise NotAllowed(N_("您的角色不包含这项操作。如工作需要，请联系系统管理员。"))


def note_download(job: Job, *, by: Actor) -> None:
    """Who took the file away, in the audit log."""
    record("job.downloaded", job, by=by, name=job.result_name)


def expire(*, by: Actor) -> None:
    """Let go of results whose days are over; their content leaves the store when nothing else names it."""
    query = update(Job).where(Job.result_file_id.is_not(None), Job.expires_at < clock.now())
    old = session.scalars(query.values(result_file_id=None).returning(Job.id)).all()
    if old:
        record("job.expired", None, by=by, count=len(old))


def show_life(worker: str) -> None:
    """The worker lives: noted for who waits for it."""
    session.merge(JobWorker(name=worker, seen_at=clock.now()))


def say_goodbye(worker: str) -> None:
    found = session.get(JobWorker, worker)
    if found is not None:
        session.delete(found)


def _with_key(key: str, by: User) -> Job | None:
    return session.scalar(select(Job).where(Job.requested_by_id == by.id, Job.key == key))


def _make_room_for(job: Job, file: StoredFile) -> None:
    """The person's older results go where all of them together would be too large."""
    room = settings.get("jobs.result_megabytes") * MEGABYTE - file.size
    others = (
        select(Job, StoredFile.size)
        .join(Job.result_file)
        .where(Job.requested_by_id == job.requested_by_id, Job.id != job.id)
        .order_by(Job.id.desc())
    )
    for other, size in session.execute(others):
        room -= size
        if room < 0:
            other.result_file = None


def _alike(kind: str, payload: str, by: User) -> Job | None:
    """One of this person's that is not over and would do the very same."""
    query = unfinished().where(Job.requested_by_id == by.id, Job.kind == kind)
    return session.scalars(query.where(Job.payload == payload)).first()


def _running(job_id: int) -> Job:
    job = session.get(Job, job_id, with_for_update={"of": Job})
    if job is None or job.state != JobState.RUNNING:
        raise Stopped
    return job


def _end(job: Job, state: JobState) -> None:
    job.state = state
    job.finished_at = clock.now()
