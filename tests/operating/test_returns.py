"""A round's workbooks out and in again: one firm, the wrong ones, and three hundred from end to end."""

import io
import re
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from crm.audit.verification import VerificationState
from crm.core.db import session, writing
from crm.operating import rounds
from crm.operating.models import OperatingReport
from crm.operating.rounds import RoundDetails
from crm.people.models import Unit
from tests import factories
from tests.operating.filling import NAME, fill, zipped

GOOD = {"revenue": 499.5, "assets": 900, "staff": 23}


def make_firm(carrier, name=""):
    firm = factories.make_company(carrier, name)
    factories.make_residence(firm, carrier, date(2019, 1, 1))
    return firm


@pytest.fixture
def firm(cast):
    return make_firm(cast.carrier_a, "常州领航机器人有限公司")


@pytest.fixture
def one(cast, firm):
    make_firm(cast.carrier_b, "常州别处有限公司")
    with writing():
        park = session.get_one(Unit, cast.park.id)
        return rounds.open_round(park, RoundDetails(2020, 9, date(2020, 10, 15)), by=cast.a)


def taken(browser, one):
    """The workbooks of a round as this browser gets them, by their names."""
    answer = browser.post(f"/operating/rounds/{one.id}/workbooks", data={"all": "1"})
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].isascii()  # what a real server can send
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def send(browser, one, files):
    sent = [(io.BytesIO(data), name) for name, data in files.items()]
    answer = browser.post(
        f"/operating/rounds/{one.id}/returns",
        data={"files": sent},
        content_type="multipart/form-data",
    )
    answer.request.environ[
        "wsgi.input"
    ].close()  # a large body waits in a file, which the test client leaves open
    return answer


def save(browser, one, page, **more):
    packed = re.search(r'name="packed" value="([^"]*)"', page.text)[1]
    return browser.post(f"/operating/rounds/{one.id}/reports", data={"packed": packed, **more})


def count():
    session.rollback()
    return session.scalar(select(func.count(OperatingReport.id)))


def test_what_came_back_is_checked_then_saved_with_its_file_as_source(browser_of, one, firm):
    browser = browser_of("a")
    ((name, blank),) = taken(browser, one).items()  # B's firm is not among A's
    assert name == f"{firm.name}-{firm.uscc}.xlsx"
    page = send(browser, one, {name: fill(blank, **GOOD)})
    assert (page.status_code, count()) == (200, 0)
    assert save(browser, one, page).status_code == 303
    report = session.scalars(select(OperatingReport)).one()
    assert (report.revenue, report.staff, report.source) == (4_995_000, 23, name)
    assert (report.state, report.through_month) == (VerificationState.PENDING, 9)
    again = send(browser, one, {name: fill(blank, **GOOD)})
    assert 'name="packed"' not in again.text
    assert count() == 1


def test_an_odd_file_is_saved_only_when_its_questions_are_ticked(browser_of, one, firm):
    factories.make_operating_report(firm, 2020, 6, date(2020, 6, 30), staff=5)
    browser = browser_of("a")
    ((name, blank),) = taken(browser, one).items()
    page = send(browser, one, {name: fill(blank, **GOOD)})
    (key,) = re.findall(r'name="confirmed" value="([^"]+)"', page.text)
    assert save(browser, one, page).status_code == 303
    assert count() == 1
    assert save(browser, one, page, confirmed=key).status_code == 303
    assert count() == 2


def test_faults_are_listed_per_file_and_cell_and_the_good_ones_are_kept(
    browser_of, cast, one, firm
):
    other = make_firm(cast.carrier_a)
    with writing():
        unit = session.get_one(Unit, cast.carrier_a.id)
        both = rounds.open_round(unit, RoundDetails(2020, 9, date(2020, 10, 15)), by=cast.a)
    browser = browser_of("a")
    files = taken(browser, both)
    first, second = files
    page = send(
        browser, both,
        {
            first: fill(files[first], **GOOD),
            "坏.xlsx": fill(files[second], **{**GOOD, "staff": "很多人"}),
            "别轮.xlsx": fill(taken(browser, one)[f"{firm.name}-{firm.uscc}.xlsx"], **GOOD),
            "换名.xlsx": fill(files[second], **GOOD, **{"B4": firm.uscc, NAME: firm.name}),
            "图片.png": b"\x89PNG",
        },
    )  # fmt: skip
    for words in ("C11 从业人员", "另一轮", "表上的企业与表的标识不符", "请用 .xlsx 格式"):
        assert words in page.text
    assert save(browser, both, page).status_code == 303
    assert session.scalars(select(OperatingReport.company_id)).all() in ([firm.id], [other.id])


def test_two_files_of_one_firm_must_say_the_same(browser_of, one):
    browser = browser_of("a")
    ((name, blank),) = taken(browser, one).items()
    same = {"甲.xlsx": fill(blank, **GOOD), "甲(1).xlsx": fill(blank, **GOOD)}
    assert "请只留一份" not in send(browser, one, same).text
    differing = {**same, "甲(2).xlsx": fill(blank, **{**GOOD, "staff": 24})}
    assert "请只留一份" in send(browser, one, differing).text


def test_another_units_workbook_is_refused_and_tells_nothing(browser_of, one):
    ((name, blank),) = taken(browser_of("a"), one).items()
    page = send(browser_of("b"), one, {name: fill(blank, **GOOD)})
    assert "不在本轮应报名单或您的数据范围内" in page.text
    assert 'name="packed"' not in page.text


def test_what_one_person_checked_is_not_saved_by_another_or_in_another_round(browser_of, cast, one):
    browser = browser_of("a")
    ((name, blank),) = taken(browser, one).items()
    page = send(browser, one, {name: fill(blank, **GOOD)})
    assert save(browser_of("b"), one, page).status_code == 422
    forged = browser.post(f"/operating/rounds/{one.id}/reports", data={"packed": "W10.x"})
    assert (forged.status_code, count()) == (422, 0)


def test_files_need_the_right_role_and_an_open_round(browser_of, one):
    address = f"/operating/rounds/{one.id}"
    assert send(browser_of("supervisor"), one, {"a.xlsx": b""}).status_code == 403
    assert browser_of("leader").post(f"{address}/workbooks").status_code == 403
    assert send(browser_of("a"), one, {}).status_code == 422
    with writing():
        fresh = session.merge(one)
        fresh.closed_on = date(2020, 9, 30)
    assert send(browser_of("a"), one, {"a.xlsx": b""}).status_code == 409


def test_nothing_to_download_is_said(browser_of, one, firm):
    factories.make_operating_report(firm, 2020, 9, date(2020, 9, 30))
    answer = browser_of("a").post(f"/operating/rounds/{one.id}/workbooks")
    assert (answer.status_code, "没有未报的企业" in answer.text) == (422, True)


def test_a_round_of_three_hundred_firms(cast, browser_of):
    """Out in one zip, filled in, all in again in one zip: 299 good, one that wants a yes."""
    with writing():
        unit = session.get_one(Unit, cast.carrier_a.id)
        firms = [
            factories.Company(
                name=f"常州{n}号有限公司", name_key=f"{n}", search_text="", uscc=factories.make_uscc(n),
                unit_id=unit.id, kind=factories.CompanyKind.ENTERPRISE, industry_code="I65",
            )
            for n in range(300)
        ]  # fmt: skip
        session.add_all(firms)
        session.flush()
        session.add_all(
            factories.Residence(
                company_id=firm.id, carrier_id=unit.id, from_on=date(2019, 1, 1),
                kind=factories.ResidenceKind.REGISTERED,
            )
            for firm in firms
        )  # fmt: skip
        session.add(
            OperatingReport(
                company_id=firms[0].id, year=2020, through_month=6, period_end_on=date(2020, 6, 30),
                revenue=Decimal(1_000_000), staff=23, state=VerificationState.VERIFIED,
            )
        )  # fmt: skip
        session.flush()
        one = rounds.open_round(unit, RoundDetails(2020, 9, date(2020, 10, 15)), by=cast.a)
    browser = browser_of("a")
    blanks = taken(browser, one)
    assert len(blanks) == 300
    filled = {name: fill(data, **GOOD, tax=n) for n, (name, data) in enumerate(blanks.items())}
    page = send(browser, one, {"收回.zip": zipped(filled)})
    keys = re.findall(r'name="confirmed" value="([^"]+)"', page.text)
    assert save(browser, one, page, confirmed=keys).status_code == 303
    assert "300／300 家" in browser.get(f"/operating/rounds/{one.id}").text
    again = send(browser, one, {"收回.zip": zipped(filled)})
    assert 'name="packed"' not in again.text
    assert count() == 301
