"""A job runs as its requester, once, and says what came of it; the row decides, whoever runs it."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm.audit.models import AuditEntry
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError, NotAllowed
from crm.files.owners import store
from crm.jobs import services
from crm.jobs.models import Job, JobState
from crm.jobs.running import Running, run_now
from crm.people import services as people
from crm.people.models import User
from crm.people.roles import Action, Role
from crm.reference import settings
from crm.web.guards import me, my_scope
from tests import factories
from tests.jobs.conftest import job_of


def test_it_runs_as_its_requester_with_the_scope_of_that_day(
    app: Flask, cast: factories.Cast, kind_of: Any, ask: Any
) -> None:
    seen = []
    kind = kind_of(lambda running: seen.append((running.user.id, me().id, my_scope().prefixes)))
    asked = [ask(kind, cast.a), ask(kind, cast.leader)]
    with writing():
        session.get_one(User, cast.a.id).unit_id = cast.carrier_b.id
    for number in asked:
        run_now(number)
    assert seen == [
        (cast.a.id, cast.a.id, (cast.carrier_b.path,)),
        (cast.leader.id, cast.leader.id, None),
    ]
    assert [job_of(number).state for number in asked] == [JobState.DONE] * 2


def test_the_same_form_sent_twice_is_one_job(
    app: Flask, cast: factories.Cast, kind_of: Any, ask: Any, at_once: Any
) -> None:
    kind = kind_of(lambda running: None)
    first = ask(kind, cast.a, key="form")
    assert at_once(*[lambda: ask(kind, cast.a, key="form")] * 3) == [first] * 3
    assert ask(kind, cast.b, key="form") != first  # another person's token is another
    numbers = at_once(*[lambda: ask(kind, cast.a, key="new")] * 3)
    assert len(set(numbers)) == 1, numbers
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Job)) == 3


def test_the_same_work_is_not_begun_twice_while_it_waits(
    app: Flask, cast: factories.Cast, kind_of: Any, ask: Any
) -> None:
    kind = kind_of(lambda running: None)
    first = ask(kind, cast.a, {"n": 1})
    assert ask(kind, cast.a, {"n": 1}) == first
    others = {ask(kind, cast.a, {"n": 2}), ask(kind, cast.b, {"n": 1})}
    assert first not in others
    run_now(first)
    assert ask(kind, cast.a, {"n": 1}) not in {first, *others}


def test_a_file_is_kept_once_however_often_the_job_is_run(
    app: Flask, cast: factories.Cast, kind_of: Any, ask: Any
) -> None:
    runs, left = [], []

    def make_file(running: Running) -> None:
        runs.append(running.job_id)
        path = running.folder / "answer.json"
        path.write_text('{"n": 1}')
        left.append(path)
        running.finish_with_file(path, "答复.json", "application/json", noting=_note_it)

    number = ask(kind_of(make_file), cast.a)
    for _ in range(3):
        run_now(number)
    job = job_of(number)
    assert runs == [number]
    assert (job.state, job.result_name, job.result_type) == (
        "done",
        "答复.json",
        "application/json",
    )
    assert job.result_file is not None
    with store().open(job.result_file.sha256) as content:
        assert content.read() == b'{"n": 1}'
    assert not left[0].exists()  # the job's folder is gone
    assert session.scalar(select(func.count()).where(AuditEntry.action == "setting.changed")) == 1


def test_rows_and_the_job_are_finished_together_or_not_at_all(
    app: Flask, cast: factories.Cast, kind_of: Any, ask: Any
) -> None:
    """Cancelled just before it lands: nothing of it stays."""
    number = 0

    def land(running: Running) -> None:
        if running.payload["is_cancelled"]:
            with writing():
                services.cancel(session.get_one(Job, number), by=me())
        with writing():
            _note_it()
            running.finish_at("/companies")

    kind = kind_of(land)
    number = ask(kind, cast.a, {"is_cancelled": True})
    run_now(number)
    assert job_of(number).state == JobState.CANCELLED
    assert not settings.get("setup.finished")
    number = ask(kind, cast.a, {"is_cancelled": False})
    run_now(number)
    assert (job_of(number).state, job_of(number).result_href) == (JobState.DONE, "/companies")
    assert settings.get("setup.finished")


def test_what_the_business_refuses_is_told_in_a_sentence_and_a_crash_in_another(
    app: Flask, cast: factories.Cast, kind_of: Any, ask: Any
) -> None:
    def refuse(running: Running) -> None:
        raise DomainError("超过 %(most)s 行", most=7)

    def crash(running: Running) -> None:
        session.add(User(username="half"))  # and leaves something undone behind
        raise ZeroDivisionError("secret 13812345678")

    refused, crashed = ask(kind_of(refuse), cast.a), ask(kind_of(crash), cast.a)
    run_now(refused)
    run_now(crashed)
    assert (job_of(refused).state, job_of(refused).error) == (JobState.FAILED, "超过 7 行")
    assert job_of(crashed).state == JobState.FAILED
    assert "138" not in job_of(crashed).error
    with writing():
        again = services.repeat(job_of_writing(refused), by=session.get_one(User, cast.a.id))
        twice = services.repeat(job_of_writing(refused), by=session.get_one(User, cast.a.id))
    assert again.id == twice.id != refused
    with pytest.raises(Conflict), writing():
        services.cancel(job_of_writing(refused), by=session.get_one(User, cast.a.id))


def test_who_lost_the_right_or_the_account_gets_nothing(
    app: Flask, cast: factories.Cast, kind_of: Any, ask: Any
) -> None:
    runs: list[int] = []
    kind = kind_of(lambda running: runs.append(running.job_id), Action.COMPANIES_WRITE.value)
    with pytest.raises(NotAllowed):
        ask(kind, cast.auditor)
    lost, gone = ask(kind, cast.a), ask(kind, cast.b)
    with writing():
        session.get_one(User, cast.a.id).roles = frozenset({Role.AUDITOR})
        people.disable(session.get_one(User, cast.b.id), by=session.get_one(User, cast.admin.id))
    run_now(lost)
    run_now(gone)
    assert [job_of(lost).state, job_of(gone).state] == [JobState.FAILED] * 2
    assert not runs


def test_progress_is_seen_while_it_runs_and_never_mixes_with_what_lands(
    app: Flask, cast: factories.Cast, kind_of: Any, ask: Any
) -> None:
    seen: list[Any] = []

    def count(running: Running) -> None:
        session.scalar(select(func.count()).select_from(User))  # a snapshot is open
        for done in range(3):
            running.tell(done, 3, "写入")
        with session.get_bind().engine.connect() as other:
            seen.append(other.execute(select(Job.done, Job.total, Job.phase, Job.state)).one())
        with writing():
            running._told_at = 0.0
            running.tell(9, 9)  # says nothing
            seen.append(session.get_one(Job, running.job_id).done)
        services_cancel(running.job_id)
        assert running.is_cancelled()
        running._told_at = 0.0
        running.tell(3, 3)  # is stopped here
        seen.append("went on")

    number = ask(kind_of(count), cast.a)
    run_now(number)
    assert seen == [(0, 3, "写入", JobState.RUNNING), 0]
    assert job_of(number).state == JobState.CANCELLED


def test_a_job_that_kills_its_process_each_time_is_given_up(
    app: Flask, cast: factories.Cast, kind_of: Any, ask: Any
) -> None:
    class Killed(BaseException):
        pass

    def die(running: Running) -> None:
        raise Killed

    number = ask(kind_of(die), cast.a)
    for _ in range(services.MOST_ATTEMPTS):
        with pytest.raises(Killed):
            run_now(number)
        assert job_of(number).state == JobState.RUNNING
    run_now(number)
    assert (job_of(number).state, job_of(number).error) == (JobState.FAILED, services.GAVE_UP)


def test_old_results_are_let_go(
    app: Flask, cast: factories.Cast, kind_of: Any, ask: Any, tmp_path: Path
) -> None:
    path = tmp_path / "x.txt"
    path.write_text("x")
    kind = kind_of(lambda running: running.finish_with_file(path, "x.txt", "text/plain"))
    old, new = ask(kind, cast.a, {"n": 1}), ask(kind, cast.a, {"n": 2})
    for days, number in ((-1, old), (1, new)):
        with writing():
            settings.put("jobs.result_days", days, by=session.get_one(User, cast.admin.id))
        run_now(number)
    with writing():
        services.expire(by=session.get_one(User, cast.admin.id))
    assert job_of(old).result_file is None
    assert job_of(new).result_file is not None


def test_of_very_large_results_the_oldest_go(
    app: Flask, cast: factories.Cast, kind_of: Any, ask: Any, tmp_path: Path
) -> None:
    def run(running: Running) -> None:
        path = tmp_path / "x.txt"
        path.write_text(f"{running.payload['n']}" * 600_000)
        running.finish_with_file(path, "x.txt", "text/plain")

    kind = kind_of(run)
    with writing():
        settings.put("jobs.result_megabytes", 1, by=session.get_one(User, cast.admin.id))
    others = ask(kind, cast.b, {"n": 1})
    mine = [ask(kind, cast.a, {"n": n}) for n in (2, 3)]
    for number in (others, *mine):
        run_now(number)
    assert [job_of(number).result_file is None for number in (others, *mine)] == [
        False,
        True,
        False,
    ]


def job_of_writing(number: int) -> Job:
    return session.get_one(Job, number)


def services_cancel(number: int) -> None:
    with writing():
        services.cancel(session.get_one(Job, number), by=me())


def _note_it() -> None:
    settings.put("setup.finished", True, by=me())
