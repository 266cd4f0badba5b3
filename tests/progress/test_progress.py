"""Progress notes: periods, who owes one, corrections after the freeze, and the sitting from one project to the next."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from crm.core.db import session, writing
from crm.core.errors import StaleRecord
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.progress import queries, services
from crm.progress.models import Cadence, ProgressNote
from crm.progress.periods import period_named, period_of
from crm.progress.services import NoteTexts
from crm.projects.models import Stage
from tests import factories

SEPTEMBER = period_of(Cadence.MONTH, date(2020, 9, 30))
LEAD, BUILDING = (Stage.LEAD, date(2020, 1, 6)), (Stage.CONSTRUCTION, date(2020, 6, 1))


@pytest.fixture
def project(cast):
    return factories.make_project(cast.office, "甲项目", LEAD, BUILDING, owner=cast.investment)


def write(project, cast, text, version=None, period=SEPTEMBER):
    with writing():
        fresh = session.merge(project)
        note = services.write(fresh, period, NoteTexts(text), version=version, by=cast.investment)
    return note.id


def texts(project):
    rows = session.scalars(select(ProgressNote).order_by(ProgressNote.ordinal))
    return [(note.ordinal, note.progress) for note in rows if note.project_id == project.id]


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2020-12", date(2020, 12, 1), date(2020, 12, 31)),
        ("2020-W01", date(2019, 12, 30), date(2020, 1, 5)),
        ("2020-W53", date(2020, 12, 28), date(2021, 1, 3)),
    ],
)
def test_a_period_begins_and_ends_on_its_days_and_has_neighbours(name, first, last):
    period = period_named(name)
    assert (period.starts_on, period.ends_on, period.name) == (first, last, name)
    assert period.previous.following == period.following.previous == period


@pytest.mark.parametrize(
    "name",
    ["2020-13", "2020-00", "2021-W53", "2020-W00", "20-09", "2020-9", "", "\uff12020-09"],
)
def test_what_is_no_period_is_refused(name):
    with pytest.raises(ValueError, match="no period"):
        period_named(name)


def test_the_projects_that_owe_a_note_are_those_that_stood_in_a_stage_that_reports(project, cast):
    factories.make_project(cast.office, "线索", LEAD)
    done = (Stage.COMPLETED, date(2020, 9, 30))
    finished = factories.make_project(cast.office, "竣工", LEAD, BUILDING, done)
    names = [row.name for row in session.execute(queries.owing(WHOLE_PARK_SCOPE, SEPTEMBER))]
    assert names == ["甲项目"]
    august = session.execute(queries.owing(WHOLE_PARK_SCOPE, SEPTEMBER.previous))
    assert {row.name for row in august} == {"甲项目", finished.name}
    may = session.execute(queries.owing(WHOLE_PARK_SCOPE, period_named("2020-05")))
    assert may.all() == []


def test_a_note_is_changed_until_it_is_frozen_and_corrected_after(project, cast):
    first = write(project, cast, "主体三层", version=0)
    assert write(project, cast, "主体四层", version=1) == first
    with writing():
        services.freeze({first: 2}, "2020年9月项目调度", by=cast.leader)
    with pytest.raises(StaleRecord):  # the page showed it before the freeze
        write(project, cast, "主体五层", version=2)
    assert write(project, cast, "主体五层", version=3) != first
    assert texts(project) == [(1, "主体四层"), (2, "主体五层")]
    assert queries.notes_in([project.id], SEPTEMBER)[project.id].progress == "主体五层"
    write(project, cast, "主体五层半")  # a correction that no report holds is still open
    assert texts(project) == [(1, "主体四层"), (2, "主体五层半")]


def test_two_people_do_not_note_the_same_project_unseen(project, cast):
    write(project, cast, "一", version=0)
    with pytest.raises(StaleRecord):
        write(project, cast, "二", version=0)


def test_the_sitting_goes_from_project_to_project_and_begins_from_the_last_note(
    project, cast, browser_of
):
    second = factories.make_project(cast.office, "乙项目", LEAD, BUILDING, owner=cast.investment)
    factories.make_project(cast.office, "别人的", LEAD, BUILDING, owner=cast.leader)
    write(project, cast, "八月完成桩基", period=SEPTEMBER.previous)
    browser = browser_of("investment")
    begun = browser.get("/projects/notes/2020-09/mine")
    assert begun.location == f"/projects/notes/2020-09/{project.id}"
    page = browser.get(begun.location).text
    assert "八月完成桩基" in page
    assert "第 1 个，共 2 个；已填 0 个" in page
    empty = browser.post(begun.location, data={"version": 0, "problems": "缺钢材"})
    assert (empty.status_code, "缺钢材" in empty.text) == (422, True)
    said = {"version": 0, "progress": "主体封顶", "problems": "缺钢材"}
    assert (
        browser.post(begun.location, data=said).location == f"/projects/notes/2020-09/{second.id}"
    )
    again = browser.post(begun.location, data=said)
    assert (again.status_code, "他人修改" in again.text) == (409, True)
    last = browser.post(f"/projects/notes/2020-09/{second.id}", data=said)
    assert last.location == "/projects/notes?period=2020-09&mine=1"
    assert browser.get("/projects/notes/2020-09/mine").location.endswith("mine=1")


def test_who_has_not_reported_is_listed_with_text_to_copy(project, cast, browser_of):
    page = browser_of("leader").get("/projects/notes?period=2020-09").text
    text = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)[1]
    assert text.splitlines() == [
        "2020年9月项目进展尚有1个项目未报，请于2020-09-30前填报。",
        "陈招商：甲项目",
    ]
    assert "还有 1 个，共 1 个" in browser_of("investment").get("/todo").text
    write(project, cast, "主体三层")
    assert "催报" not in browser_of("leader").get("/projects/notes?period=2020-09").text
    assert "项目进展" not in browser_of("investment").get("/todo").text


def test_a_period_that_has_not_begun_takes_no_note(project, browser_of):
    answer = browser_of("investment").post(
        f"/projects/notes/2020-10/{project.id}", data={"version": 0, "progress": "将来"}
    )
    assert (answer.status_code, "还没有开始" in answer.text) == (422, True)


def test_the_wrong_role_and_other_peoples_projects(project, cast, browser_of):
    address = f"/projects/notes/2020-09/{project.id}"
    assert browser_of("auditor").get(address).status_code == 403
    assert browser_of("b").get(f"/projects/{project.id}/notes").status_code == 404
    with writing():
        session.merge(project).is_sealed = True
    assert "甲项目" not in browser_of("auditor").get("/projects/notes?period=2020-09").text
    assert browser_of("auditor").get(f"/projects/{project.id}/notes").status_code == 404
    assert browser_of("leader").get(f"/projects/{project.id}/notes").status_code == 200


def test_the_list_costs_the_same_for_many(project, cast, browser_of, query_count):
    browser = browser_of("leader")

    def cost():
        with query_count() as asked:
            assert browser.get("/projects/notes?period=2020-09").status_code == 200
        return len(asked)

    few = cost()
    for number in range(6):
        more = factories.make_project(cast.office, f"项目{number}", LEAD, BUILDING, owner=cast.a)
        write(more, cast, "进展")
    assert cost() == few
