"""What we ask about jobs."""

from datetime import datetime, timedelta

from sqlalchemy import Select, func, select

from crm.core import clock
from crm.core.db import session
from crm.jobs.models import OPEN, Job, JobWorker
from crm.people.models import User

SILENT_AFTER = timedelta(minutes=3)


def visible_to(user: User) -> Select[Job]:
    """A person's own jobs: what they are about, and what came of them, is nobody else's."""
    return everybodys().where(Job.requested_by_id == user.id)


def everybodys() -> Select[Job]:
    """For who runs the system: that there are such jobs, not what they are about."""
    return select(Job)


def newest(query: Select[Job]) -> Select[Job]:
    return query.order_by(None).order_by(Job.id.desc())


def unfinished() -> Select[Job]:
    """In the order in which they were asked for."""
    return select(Job).where(Job.state.in_(OPEN)).order_by(Job.id)


def last_sign_of_life() -> datetime | None:
    """When a worker was last seen; None: never."""
    return session.scalar(select(func.max(JobWorker.seen_at)))


def is_silent() -> bool:
    """Whether no worker was seen for a while: what is asked for waits until one is."""
    seen = last_sign_of_life()
    return seen is None or seen < clock.now() - SILENT_AFTER


def living_workers() -> Select[str]:
    return select(JobWorker.name).where(JobWorker.seen_at >= clock.now() - SILENT_AFTER)
