"""The pages of jobs: mine, how far one is, stopping it, again, and the file that came of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.jobs import services
from crm.jobs.models import Job, JobState
from crm.jobs.running import Running, run_now
from crm.people.models import User
from crm.people.roles import Right
from tests import factories
from tests.jobs.conftest import job_of


@pytest.fixture
def file_job(app: Flask, cast: factories.Cast, kind_of: Any, ask: Any, tmp_path: Path) -> int:
    """A job of a's that has made a file."""
    path = tmp_path / "x.json"
    path.write_text('{"n": 1}')

    def make(running: Running) -> None:
        running.finish_with_file(path, "名册.json", "application/json")

    number: int = ask(kind_of(make), cast.a)
    run_now(number)
    return number


def test_the_list_shows_ones_own_jobs_and_the_admin_all(
    app: Flask, cast: factories.Cast, kind_of: Any, ask: Any, browser_of: Any, query_count: Any
) -> None:
    kind = kind_of(lambda running: None)
    numbers = [ask(kind, who, {"n": n}) for n in range(2) for who in (cast.a, cast.b)]
    browser = browser_of("a")
    browser.get("/jobs")
    with query_count() as few:
        page = browser.get("/jobs").text
    assert [f"/jobs/{n}" in page for n in numbers] == [True, False, True, False]
    assert "处理进程没有运行" in page
    for n in range(2, 10):
        ask(kind, cast.a, {"n": n})
    with query_count() as many:
        browser.get("/jobs")
    assert len(many) == len(few)
    admin = browser_of("admin").get("/jobs").text
    assert all(f"任务 {n}" in admin and f"/jobs/{n}" not in admin for n in numbers)
    assert "还没有后台任务" in browser_of("leader").get("/jobs").text


def test_a_running_job_asks_again_for_itself_and_one_that_is_over_does_not(
    app: Flask, cast: factories.Cast, kind_of: Any, ask: Any, browser_of: Any
) -> None:
    number = ask(kind_of(lambda running: None), cast.a)
    with writing():
        services.begin(number, "w")
        services.show_life("w")
        job = session.get_one(Job, number)
        job.done, job.total, job.phase = 1500, 3000, "写入数据"
    browser = browser_of("a")
    page = browser.get(f"/jobs/{number}").text
    assert 'hx-trigger="every 2s"' in page
    assert 'value="1500" max="3000"' in page
    assert "写入数据 · 1,500 / 3,000" in " ".join(page.split())
    assert "处理进程没有运行" not in page
    part = browser.get(f"/jobs/{number}", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith("<section")
    with writing():
        services.finish(number, href="/companies")
    page = browser.get(f"/jobs/{number}").text
    assert 'hx-trigger="every 2s"' not in page
    assert 'href="/companies">' in page


def test_only_its_requester_takes_the_file_and_taking_it_is_logged(
    cast: factories.Cast, browser_of: Any, file_job: int
) -> None:
    address = f"/jobs/{file_job}/downloads"
    answer = browser_of("a").post(address)
    assert answer.json == {"n": 1}
    assert answer.mimetype == "application/json"
    assert (
        f"attachment; filename=job-{file_job}.json; filename*=UTF-8''%E5%90%8D"
        in (answer.headers["Content-Disposition"])
    )
    assert browser_of("b").post(address).status_code == 404
    assert browser_of("b").get(f"/jobs/{file_job}").status_code == 404
    assert browser_of("admin").get(f"/jobs/{file_job}").status_code == 404
    assert browser_of("admin").post(address).status_code == 404
    logged = select(AuditEntry.subject, AuditEntry.actor_id)
    assert session.execute(logged.where(AuditEntry.action == "job.downloaded")).all() == [
        ("名册.json", cast.a.id)
    ]
    with writing():
        session.get_one(Job, file_job).result_file = None
    assert "已过保留期" in browser_of("a").get(f"/jobs/{file_job}").text
    assert browser_of("a").post(address).status_code == 404


def test_the_right_is_asked_for_once_more_when_the_file_is_taken(
    app: Flask, cast: factories.Cast, kind_of: Any, ask: Any, browser_of: Any, tmp_path: Path
) -> None:
    path = tmp_path / "x.txt"
    path.write_text("x")
    kind = kind_of(
        lambda running: running.finish_with_file(path, "x.txt", "text/plain"), "reports.export"
    )
    with writing():
        session.get_one(User, cast.a.id).rights = frozenset({Right.EXPORT})
    number = ask(kind, cast.a)
    run_now(number)
    with writing():
        session.get_one(User, cast.a.id).rights = frozenset()
    assert browser_of("a").post(f"/jobs/{number}/downloads").status_code == 403


def test_a_job_is_cancelled_by_its_requester_or_at_the_machine_and_once(
    app: Flask, cast: factories.Cast, kind_of: Any, ask: Any, browser_of: Any
) -> None:
    runs: list[int] = []
    kind = kind_of(lambda running: runs.append(running.job_id))
    number = ask(kind, cast.a)
    assert browser_of("b").post(f"/jobs/{number}/cancellations").status_code == 404
    assert browser_of("a").post(f"/jobs/{number}/cancellations").status_code == 303
    assert job_of(number).state == JobState.CANCELLED
    answer = browser_of("a").post(f"/jobs/{number}/cancellations")
    assert (answer.status_code, "已经结束" in answer.text) == (409, True)
    second = str(ask(kind, cast.a))
    run = app.test_cli_runner().invoke
    assert second in run(args=["jobs", "list"]).output
    assert json.loads(run(args=["jobs", "list", "--json"]).output)[0]["state"] == "queued"
    assert [run(args=["jobs", "cancel", second]).exit_code for _ in range(2)] == [0, 1]
    for each in (number, int(second)):
        run_now(each)
    assert not runs


def test_what_failed_says_why_and_is_asked_for_again_as_one_job(
    app: Flask, cast: factories.Cast, kind_of: Any, ask: Any, browser_of: Any
) -> None:
    def refuse(running: Running) -> None:
        raise DomainError("超过 %(most)s 行", most=7)

    number = ask(kind_of(refuse), cast.a, {"n": 3})
    run_now(number)
    browser = browser_of("a")
    page = browser.get(f"/jobs/{number}").text
    assert "超过 7 行" in page
    assert f"/jobs/{number}/repeats" in page
    first, second = (browser.post(f"/jobs/{number}/repeats") for _ in range(2))
    assert first.location == second.location == f"/jobs/{number + 1}"
    assert job_of(number + 1).given == {"n": 3}
    assert browser_of("b").post(f"/jobs/{number}/repeats").status_code == 404
    assert browser_of("admin").post(f"/jobs/{number}/repeats").status_code == 404
    assert browser.post(f"/jobs/{number + 1}/repeats").status_code == 409


def test_the_browser_that_asked_is_told_when_a_job_is_over(
    app: Flask, cast: factories.Cast, kind_of: Any, ask: Any, browser_of: Any
) -> None:
    number = ask(kind_of(lambda running: None), cast.a)
    run_now(number)  # a failed one would do: it is asked for again to be followed
    browser = browser_of("a")
    assert "/jobs/news" not in browser.get("/jobs").text
    with browser.session_transaction() as cookie:
        cookie["jobs"] = [number]
    assert "/jobs/news" in browser.get("/jobs").text
    told = browser.get("/jobs/news")
    assert "toast" in told.headers["HX-Trigger"]
    assert "/jobs/news" not in told.text
    assert "HX-Trigger" not in browser.get("/jobs/news").headers
    assert "/jobs/news" not in browser.get("/jobs").text
