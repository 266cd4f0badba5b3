"""The pages: scope, dates, drill-down, files and the log that notes them."""

import io
import json
from typing import Any
from urllib.parse import quote

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.core.db import session, writing
from crm.jobs.running import run_now
from crm.people.models import User
from crm.people.roles import Right, Role
from crm.reference import settings
from tests.factories import Cast, make_user, signed_in_client
from tests.reports.conftest import HOSTILE

PAGE, ROWS, FILES = "/reports/pipeline", "/reports/pipeline/projects", "/reports/pipeline/files"


def exports() -> list[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.action == "report.exported")
    return list(session.scalars(query.order_by(AuditEntry.id)))


def test_the_report_shows_its_sentence_and_escapes_names(projects: Any, browser_of: Any) -> None:
    page = browser_of("leader").get(f"{PAGE}?as_of=2020-09-30").text
    assert "截至9月30日，七个一批项目共8个" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_the_date_of_the_address_is_the_date_of_the_report(projects: Any, browser_of: Any) -> None:
    leader = browser_of("leader")
    assert "签约项目0个" in leader.get(f"{PAGE}?as_of=2020-09-29").text
    assert "签约项目1个" in leader.get(f"{PAGE}?as_of=2020-09-30").text


def test_without_projects_the_page_says_so(cast: Cast, browser_of: Any) -> None:
    assert "没有项目" in browser_of("leader").get(PAGE).text


@pytest.mark.parametrize(
    "query",
    ["as_of=2020-02-30", "as_of=2020-10-01", "since=2020-09-30", "since=1850-01-01", "as_of=x"],
)
@pytest.mark.parametrize("page", [PAGE, ROWS])
def test_days_that_make_no_period_are_asked_for_again(
    page: str, query: str, cast: Cast, browser_of: Any
) -> None:
    answer = browser_of("leader").get(f"{page}?{query}")
    assert answer.status_code == 422
    assert "is-invalid" in answer.text


def test_staff_see_their_own_units_projects_alone(projects: Any, browser_of: Any) -> None:
    staff = browser_of("a")
    page = staff.get(PAGE).text
    assert "七个一批项目共3个" in page
    assert "退回在谈" not in page
    rows = staff.get(ROWS).text
    assert "甲线索" in rows
    assert "末日签约" not in rows


@pytest.mark.parametrize("address", [PAGE, ROWS])
def test_another_unit_is_not_found(
    address: str, projects: Any, cast: Cast, browser_of: Any
) -> None:
    staff = browser_of("a")
    for code in ("dcy", "park", "no-such-unit"):
        assert staff.get(f"{address}?unit={code}").status_code == 404
    assert staff.get(f"{address}?unit=ustp").status_code == 200


def test_a_leader_looks_at_one_unit(projects: Any, browser_of: Any) -> None:
    page = browser_of("leader").get(f"{PAGE}?unit=dcy").text
    assert "七个一批项目共2个" in page
    assert "甲线索" not in page


def test_a_figure_opens_the_projects_it_counts(projects: Any, browser_of: Any) -> None:
    leader = browser_of("leader")
    lead = leader.get(f"{ROWS}?by=stage&key=lead").text
    assert all(name in lead for name in ("甲线索", "恢复项目"))
    assert "末日签约" not in lead
    assert "在建项目甲" in leader.get(f"{ROWS}?by=industry&key=").text
    assert leader.get(f"{ROWS}?by=stage&key=no-such").status_code == 404
    assert leader.get(f"{ROWS}?by=weather&key=sun").status_code == 404


def test_an_admin_has_no_reports(browser_of: Any) -> None:
    for address in ("/reports", PAGE, ROWS):
        assert browser_of("admin").get(address).status_code == 403


def test_a_stranger_is_asked_to_sign_in(app: Any) -> None:
    for address in ("/reports", PAGE, ROWS):
        assert "/login" in app.test_client().get(address).headers["Location"]


@pytest.mark.parametrize(("kind", "begins"), [("pdf", b"%PDF-"), ("xlsx", b"PK"), ("json", b"{")])
def test_a_file_comes_with_its_name_and_is_noted_in_the_log(
    kind: str, begins: bytes, projects: Any, cast: Cast, browser_of: Any
) -> None:
    answer = browser_of("leader").post(
        FILES, data={"format": kind, "as_of": "2020-09-30", "unit": "dcy"}
    )
    assert answer.status_code == 200
    assert answer.data.startswith(begins)
    name = quote(f"项目推进报告-2020-09-30.{kind}")
    assert answer.headers["Content-Disposition"] == (
        f"attachment; filename=\"pipeline-2020-09-30.{kind}\"; filename*=UTF-8''{name}"
    )
    (entry,) = exports()
    assert entry.actor == cast.leader.name
    assert json.loads(entry.details) == {
        "format": kind,
        "as_of": "2020-09-30",
        "since": "2020-08-31",
        "scope": "大创园",
        "rows": 3,
    }


def test_a_file_holds_only_what_its_reader_may_see(projects: Any, cast: Cast, app: Any) -> None:
    staff = make_user(Role.INCUBATOR_STAFF, unit=cast.carrier_a, rights=(Right.EXPORT,))
    browser = signed_in_client(app, staff)
    names = {
        line["name"] for line in browser.post(FILES, data={"format": "json"}).get_json()["lines"]
    }
    assert names == {"甲线索", "期前意向", "在建项目甲"}
    assert browser.post(FILES, data={"format": "json", "unit": "dcy"}).status_code == 404
    assert len(exports()) == 1


def test_without_the_right_nothing_leaves_and_nothing_is_offered(
    projects: Any, browser_of: Any
) -> None:
    supervisor = browser_of("supervisor")
    assert supervisor.post(FILES, data={"format": "pdf"}).status_code == 403
    assert FILES not in supervisor.get(PAGE).text
    assert FILES in browser_of("leader").get(PAGE).text
    assert exports() == []


@pytest.mark.parametrize("data", [{"format": "docx"}, {}, {"format": "pdf", "as_of": "2021-01-01"}])
def test_a_file_that_cannot_be_is_refused(
    data: dict[str, str], projects: Any, browser_of: Any
) -> None:
    assert browser_of("leader").post(FILES, data=data).status_code == 422
    assert exports() == []


def test_a_file_is_never_got_without_posting(browser_of: Any, cast: Cast) -> None:
    assert browser_of("leader").get(FILES).status_code == 405


def test_the_pipeline_stands_on_the_first_page_of_who_reads_reports(
    projects: Any, browser_of: Any
) -> None:
    page = browser_of("leader").get("/").text
    assert 'id="pipeline-overview"' in page
    assert PAGE in page
    assert 'id="pipeline-overview"' not in browser_of("investment").get("/").text


def test_the_report_in_english(projects: Any, browser_of: Any) -> None:
    leader = browser_of("leader")
    leader.post("/locale", data={"locale": "en", "next": PAGE})
    assert leader.get(PAGE).status_code == 200
    assert HOSTILE not in leader.get(ROWS).text


def test_a_long_report_is_printed_by_the_worker(projects: Any, cast: Cast, browser_of: Any) -> None:
    """Only its PDF takes long: the workbook comes at once. What is printed is what its requester sees now."""
    with writing():
        settings.put("reports.at_once", 2, by=session.get_one(User, cast.admin.id))
    leader = browser_of("leader")
    assert leader.post(FILES, data={"format": "xlsx"}).status_code == 200
    given = {"format": "pdf", "unit": cast.carrier_a.code}
    asked = (
        leader.post(FILES, data=given),
        leader.post("/reports/dispatch/files", data={"format": "pdf"}),
    )
    assert [answer.location for answer in asked] == ["/jobs/1", "/jobs/2"]
    assert len(exports()) == 1
    for number in (1, 2):
        run_now(number)
    pdf, dispatch = (leader.post(f"/jobs/{n}/downloads") for n in (1, 2))
    assert pdf.mimetype == dispatch.mimetype == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.data)).pages)
    assert "甲线索" in text
    assert "末日签约" not in text
    assert dispatch.data.startswith(b"%PDF")
    assert [json.loads(entry.details)["format"] for entry in exports()] == ["xlsx", "pdf", "pdf"]

    leader.post(FILES, data=given)
    with writing():
        session.get_one(User, cast.leader.id).roles = frozenset({Role.UNIT_HEAD})
        session.get_one(User, cast.leader.id).unit_id = cast.carrier_b.id
    run_now(3)
    assert "不在您的数据范围内" in leader.get("/jobs/3").text
