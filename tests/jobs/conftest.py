"""Kinds of work made for the tests, known only while a test runs."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect

from crm.core import registry
from crm.core.db import session, writing
from crm.core.registry import JobKind
from crm.jobs import services
from crm.jobs.models import Job
from crm.jobs.running import Running
from crm.people.models import User


@pytest.fixture
def kind_of(app: Flask) -> Iterator[Callable[..., str]]:
    """kind_of(run, action=…) is the name of a kind of work that does `run`."""
    made: list[str] = []

    def make(run: Callable[[Running], None], action: str | None = None) -> str:
        name = f"test{len(made)}"
        registry.job_kinds[name] = JobKind("测试", run, action)
        made.append(name)
        return name

    yield make
    for name in made:
        del registry.job_kinds[name]


@pytest.fixture
def ask(app: Flask) -> Callable[..., int]:
    """ask(kind, user, payload) asks for a job as a page does, without waking a worker; its number."""

    def request(
        kind: str, who: User, payload: dict[str, Any] | None = None, key: str | None = None
    ) -> int:
        number = inspect(who).identity[0]  # a record that another thread reads stays untouched
        with writing():
            by = session.get_one(User, number)
            return services.request(kind, payload or {}, by=by, title="测试", key=key).id

    return request


def job_of(job_id: int) -> Job:
    session.rollback()
    session.expire_all()
    return session.get_one(Job, job_id)
