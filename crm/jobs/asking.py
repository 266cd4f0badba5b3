"""A page asks for work: the job is written down, the worker woken, the reader shown how far it is."""

from collections.abc import Mapping
from typing import Any

from flask import session as cookie
from flask_babel import get_locale

from crm.core.db import writing
from crm.jobs import queueing, services
from crm.web.guards import me
from crm.web.htmx import go_to

FOLLOWED = "jobs"  # in the cookie: jobs whose end this browser is to be told
MOST_FOLLOWED = 5


def ask_for(
    kind: str,
    payload: Mapping[str, Any],
    *,
    title: str,
    values: Mapping[str, Any] | None = None,
    key: str | None = None,
) -> Any:
    """Ask for a job in the reader's name and language, and go to its page. `key` is the form's one-time token."""
    with writing():
        job = services.request(
            kind, payload, by=me(), title=title, values=values, key=key, language=language()
        )
        job_id = job.id
    return go_on(job_id)


def go_on(job_id: int) -> Any:
    """To the page of a job that was just asked for."""
    follow(job_id)
    return go_to("jobs.show", job_id=job_id)


def follow(job_id: int) -> None:
    """Wake the worker for a job that is committed; this browser is told when it ends."""
    queueing.enqueue(job_id)
    cookie[FOLLOWED] = [*cookie.get(FOLLOWED, []), job_id][-MOST_FOLLOWED:]


def language() -> str:
    return str(get_locale())
