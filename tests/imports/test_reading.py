"""A large file is read by a job; what is cancelled or cannot be read leaves an import with which people can go on."""

from typing import Any

import pytest
from sqlalchemy import func, select

from crm.core.db import session, writing
from crm.imports import work
from crm.imports.models import Import, ImportRow, ImportState
from crm.imports.todos import todos
from crm.jobs import services as jobs
from crm.jobs.models import Job, JobState
from crm.jobs.running import run_now
from tests.imports import test_pages as pages
from tests.imports.test_pages import BAD, GOOD, latest, sheet, step, upload


@pytest.fixture
def a(browser_of: Any) -> Any:
    return browser_of("a")


@pytest.fixture(autouse=True)
def every_file_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "READ_AT_ONCE", 1)


def cancelled(import_: Import) -> None:
    with writing():
        job = session.get_one(Job, import_.job_id)
        jobs.cancel(job, by=job.requested_by)


def test_a_large_file_is_read_by_a_job_and_then_mapped(a: Any) -> None:
    answer = upload(a, sheet(GOOD, BAD))
    assert upload(a, sheet(GOOD, BAD)).location == answer.location
    assert len(session.scalars(select(Import)).all()) == 1
    import_ = latest()
    assert import_.state is ImportState.READING
    assert 'hx-trigger="every 2s"' in a.get(answer.location).text
    assert step(a, import_, "columns", **{"use-1": "name"}).status_code == 409
    run_now(import_.job_id)  # type: ignore[arg-type]
    import_ = latest()
    assert (import_.state, import_.rows) == (ImportState.UPLOADED, 2)
    assert upload(a, sheet(GOOD, BAD)).location == answer.location
    assert latest().state is ImportState.UPLOADED, "the same form sent again begins nothing"
    assert "合计行不导入：第5行" in a.get(answer.location).text
    assert pages.map_as_guessed(a).creates == 1


def test_another_sheet_of_a_large_file_is_read_by_a_job_too(a: Any) -> None:
    upload(a, sheet(GOOD, BAD))
    run_now(latest().job_id)  # type: ignore[arg-type]
    assert step(a, latest(), "sheets", head_row="3").status_code == 303
    assert latest().state is ImportState.READING
    run_now(latest().job_id)  # type: ignore[arg-type]
    assert (latest().state, latest().head_row) == (ImportState.UPLOADED, 3)


def test_what_cannot_be_read_says_why_and_is_read_again_or_given_up(a: Any, cast: Any) -> None:
    address = upload(a, b"\xff\xff\xff,\xff").location
    run_now(latest().job_id)  # type: ignore[arg-type]
    import_ = latest()
    assert import_.state is ImportState.FAILED
    assert session.get_one(Job, import_.job_id).state == JobState.FAILED
    page = a.get(address).text
    assert "认不出文字编码" in page
    assert [todo.text for todo in todos(session.merge(cast.a))] == ["导入的表格没有读完"]
    assert step(a, import_, "columns", **{"use-0": "name"}).status_code == 409
    assert step(a, import_, "sheets", head_row="").status_code == 303
    assert latest().state is ImportState.READING
    run_now(latest().job_id)  # type: ignore[arg-type]
    assert step(a, latest(), "droppings").status_code == 303
    assert latest().state is ImportState.DROPPED


def test_a_cancelled_reading_is_begun_again_from_a_page(a: Any) -> None:
    upload(a, sheet(GOOD, BAD))
    cancelled(latest())
    assert latest().state is ImportState.FAILED
    run_now(latest().job_id)  # type: ignore[arg-type]
    assert session.scalar(select(func.count()).select_from(ImportRow)) == 0
    assert step(a, latest(), "sheets", head_row="").status_code == 303
    run_now(latest().job_id)  # type: ignore[arg-type]
    assert (latest().state, latest().rows) == (ImportState.UPLOADED, 2)


def test_a_cancelled_check_or_landing_leaves_the_import_where_it_was(
    a: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages.step_pages, "AT_ONCE", 1)
    upload(a, sheet(GOOD, BAD))
    run_now(latest().job_id)  # type: ignore[arg-type]
    pages.map_as_guessed(a)
    cancelled(latest())
    assert latest().state is ImportState.UPLOADED
    pages.map_as_guessed(a)
    run_now(latest().job_id)  # type: ignore[arg-type]
    assert step(a, latest(), "landings").status_code == 303
    assert latest().state is ImportState.LANDING
    cancelled(latest())
    assert latest().state is ImportState.CHECKED
    run_now(latest().job_id)  # type: ignore[arg-type]
    assert latest().state is ImportState.CHECKED
    assert GOOD[1] not in pages.firms()
