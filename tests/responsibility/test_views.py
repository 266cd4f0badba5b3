"""The pages, by who opens them."""

from decimal import Decimal

import pytest
from sqlalchemy import select, update

from crm.audit.models import AuditEntry
from crm.core.db import session, writing
from crm.responsibility import queries, services
from crm.responsibility.models import (
    Expectation,
    IndicatorShare,
    ReportRound,
    RoundDue,
    StatedTarget,
    TaskDuty,
)
from crm.responsibility.services import Part
from crm.targets.models import Indicator, ProgressReport, ReviewState
from tests.reports.test_faces import text_of
from tests.targets.test_standing import indicator


@pytest.fixture
def own(plan, cast):
    """T01 and T42 are the office's."""
    with writing():
        session.execute(update(Indicator).values(unit_id=cast.carrier_b.id))
        session.execute(
            update(Indicator)
            .where(Indicator.code.in_(("T01", "T42")))
            .values(unit_id=cast.office.id)
        )
    return {code: indicator(plan, code).id for code in ("T01", "T42")}


def test_the_office_names_who_answers_and_the_leader_finds_it_under_mine(browser_of, plan, cast):
    task = session.scalars(queries.tasks(plan)).all()[5]
    supervisor = browser_of("supervisor")
    typed = {"leader": cast.leader.id, "unit": cast.office.id, "joint": [cast.carrier_a.id],
             "due_on": "2020-11-30", "version": 0}  # fmt: skip
    assert "责任领导" in supervisor.get(f"/responsibility/tasks/{task.id}").text
    assert supervisor.post(f"/responsibility/tasks/{task.id}", data=typed).status_code == 303
    refused = supervisor.post(
        f"/responsibility/tasks/{task.id}", data=typed | {"due_on": "x", "version": 1}
    )
    assert refused.status_code == 422
    assert (
        supervisor.post(f"/responsibility/tasks/{task.id}", data=typed | {"version": 9}).status_code
        == 409
    )
    again = supervisor.get(f"/responsibility/tasks/{task.id}").text
    assert (
        f'<option selected value="{cast.leader.id}">' in again
    )  # what is there is not lost by saving again
    table = browser_of("leader").get("/responsibility").text
    assert "韩主任" in table and "2020-11-30" in table  # noqa: PT018 - one row
    assert task.name in browser_of("leader").get("/responsibility/mine").text
    assert "没有您分管的任务" in browser_of("a").get("/responsibility/mine").text
    assert browser_of("leader").get(f"/responsibility/tasks/{task.id}").status_code == 403


def test_a_target_is_split_on_one_page_and_each_unit_sees_its_own(browser_of, plan, cast, own):
    supervisor, page = browser_of("supervisor"), f"/responsibility/targets/{own['T01']}/shares"
    version = session.get(Indicator, own["T01"]).version
    assert "差额" in supervisor.get(page).text
    wrong = {
        f"u{cast.carrier_a.id}-value": "很多",
        f"u{cast.carrier_b.id}-value": "150",
        "version": version,
    }
    answer = supervisor.post(page, data=wrong)
    assert answer.status_code == 422
    assert 'value="很多"' in answer.text and 'value="150"' in answer.text  # noqa: PT018 - nothing typed is lost
    right = wrong | {f"u{cast.carrier_a.id}-value": "200"}
    assert supervisor.post(page, data=right).status_code == 303
    assert supervisor.post(page, data=right).status_code == 409
    shown = supervisor.get(f"/responsibility/targets/{own['T01']}").text
    assert "尚差 10" in shown
    mine = browser_of("a").get(f"/responsibility/targets/{own['T01']}").text
    assert "200" in mine and "大创园" not in mine  # noqa: PT018 - its own, not the other's
    assert browser_of("a").get(f"/responsibility/targets/{own['T42']}").status_code == 404
    assert "新增入驻企业" in browser_of("a").get(f"/responsibility/units/{cast.carrier_a.id}").text
    assert browser_of("a").get(f"/responsibility/units/{cast.carrier_b.id}").status_code == 404
    sheet = browser_of("leader").get("/responsibility/shares").text
    assert "大创园" in sheet
    for kind in ("pdf", "xlsx"):
        answer = browser_of("leader").post("/responsibility/shares/files", data={"format": kind})
        assert (answer.status_code, answer.data[:2] in (b"%P", b"PK")) == (200, True)


def test_a_suggestion_fills_the_grid_with_the_whole(browser_of, plan, cast, own):
    with writing():
        one = session.get(Indicator, own["T01"])
        parts = {u.id: Part(Decimal(1)) for u in (cast.carrier_a, cast.carrier_b)}
        services.split(one, parts, version=None, by=cast.supervisor)
    text = (
        browser_of("supervisor")
        .get(f"/responsibility/targets/{own['T01']}/shares?suggest=even")
        .text
    )
    assert text.count('value="180"') == 2
    assert {s.value for s in session.scalars(select(IndicatorShare))} == {
        Decimal(1)
    }  # only suggested


def test_levels_stand_side_by_side(browser_of, plan, cast, own):
    page = f"/responsibility/targets/{own['T01']}/levels"
    typed = {"city_value": "300", "plan_value": "360", "judged": "city", "version": 1}
    assert browser_of("supervisor").post(page, data=typed | {"judged": "own"}).status_code == 422
    assert browser_of("supervisor").post(page, data=typed).status_code == 303
    assert session.get(Indicator, own["T01"]).target == 300
    assert len(session.scalars(select(StatedTarget)).all()) == 2
    assert browser_of("unit_head").get(page).status_code == 403


def test_the_unit_declares_the_year_and_its_head_signs(browser_of, plan, cast, own):
    page = f"/responsibility/targets/{own['T42']}/expectations"
    assert browser_of("unit_staff").post(page, data={"value": "x"}).status_code == 422
    assert (
        browser_of("unit_staff").post(page, data={"value": "365", "note": "在手"}).status_code
        == 303
    )
    one = session.scalars(select(Expectation)).one()
    signing = f"/responsibility/expectations/{one.id}/signatures"
    assert browser_of("unit_staff").post(signing, data={"version": 1}).status_code == 403
    assert browser_of("unit_head").post(signing, data={"version": 1}).status_code == 303
    assert session.get(Expectation, one.id).signed_by_id == cast.unit_head.id
    assert browser_of("unit_head").post(signing, data={"version": 2}).status_code == 409


def test_a_round_goes_from_the_office_to_the_unit_and_back(browser_of, plan, cast, own):
    supervisor, staff, head = map(browser_of, ("supervisor", "unit_staff", "unit_head"))
    assert supervisor.post("/responsibility/rounds", data={"month": 10}).status_code == 422
    assert supervisor.post("/responsibility/rounds", data={"month": 8}).status_code == 303
    number = session.scalars(select(ReportRound.id)).one()
    page = f"/responsibility/rounds/{number}/units/{cast.office.id}"
    due = session.scalars(select(RoundDue.id).where(RoundDue.indicator_id == own["T42"])).one()
    computed = session.scalars(select(RoundDue.id).where(RoundDue.indicator_id == own["T01"])).one()
    assert "T42" in staff.get(page).text
    bad = staff.post(page, data={f"d{due}-value": "12.5", f"d{due}-note": "台账"})
    assert bad.status_code == 422 and "12.5" in bad.text  # noqa: PT018 - kept
    good = {f"d{due}-value": "240", f"d{due}-note": "台账", "confirmed": computed}
    assert staff.post(page, data=good).status_code == 303
    assert browser_of("b").post(page, data=good).status_code in (403, 404)
    report = session.scalars(select(ProgressReport)).one()
    seen = {"seen": f"{report.id}:{report.version}"}
    assert "全部签审" in head.get(page).text
    assert head.post(f"{page}/signatures", data=seen).status_code == 303
    seen = {"seen": f"{report.id}:2", f"reason-{report.id}": "缺附件"}
    assert supervisor.post(f"{page}/verifications", data=seen).status_code == 303
    assert session.get(ProgressReport, report.id).state is ReviewState.RETURNED
    assert "缺附件" in staff.get(page).text
    for path in (
        f"/responsibility/rounds/{number}",
        f"/responsibility/rounds/{number}?notice",
        "/responsibility/rounds",
    ):
        assert supervisor.get(path).status_code == 200
    assert (
        supervisor.post(
            f"/responsibility/rounds/{number}/closings", data={"version": 1}
        ).status_code
        == 303
    )
    assert session.get(ReportRound, number).closed_at is not None


def test_the_first_pages_lead_here(browser_of, plan, cast, own):
    with writing():
        session.add(
            TaskDuty(
                task_id=session.scalars(queries.tasks(plan)).first().id, leader_id=cast.leader.id
            )
        )
    assert "/responsibility/mine" in browser_of("leader").get("/").text
    assert f"/responsibility/units/{cast.office.id}" in browser_of("unit_head").get("/").text
    browser_of("supervisor").post("/responsibility/rounds", data={"month": 8})
    assert "/responsibility/rounds/1" in browser_of("supervisor").get("/").text


def test_a_notice_names_what_is_owed_in_the_readers_scope_and_is_printed(
    browser_of, own, august, tmp_path
):
    address = f"/responsibility/rounds/{august.id}"
    whole = browser_of("supervisor").get(f"{address}?notice").text
    assert "T42" in whole and "T03" in whole  # noqa: PT018 - of several units
    unit = browser_of("unit_staff")
    answer = unit.post(f"{address}/files")
    assert answer.mimetype == "application/pdf"
    for text in (unit.get(f"{address}?notice").text, text_of(answer.data, tmp_path)):
        assert "T42" in text
        assert "T03" not in text
    noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "report.exported")).one()
    assert (noted.subject_type, noted.subject_id) == ("report_rounds", august.id)
