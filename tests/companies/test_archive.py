"""Archived: out of every list and figure, found by who may restore it, and back with all that it had."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.companies import queries
from crm.companies.models import Company
from crm.core.db import session
from crm.ladder.models import QualificationKind
from crm.ladder.pyramid import pyramid
from crm.metrics.catalogue import METRICS
from crm.metrics.figures import Question, figure
from crm.people.scope import WHOLE_PARK_SCOPE
from tests.factories import make_company, make_qualification, make_residence, make_uscc

TODAY = date(2020, 9, 30)
REASON = "与另一条记录重复"


def _archive(browser: Any, company: Company, **values: Any) -> Any:
    data = {"reason": REASON, "version": company.version, **values}
    return browser.post(f"/companies/{company.id}/archivings", data=data)


def _now(company: Company) -> Company:
    session.expire_all()
    return session.get_one(Company, company.id)


def _figures(browser: Any) -> tuple[Any, ...]:
    """New entrants, holders on the ladder, the number in the list, what a search finds."""
    entrants = METRICS["companies.new_entrants"]
    return (
        figure(Question(entrants, TODAY, 2020, WHOLE_PARK_SCOPE)),
        sum(step.holding for step in pyramid(WHOLE_PARK_SCOPE, TODAY)),
        "共 1 家" in browser.get("/companies").text,
        len(session.scalars(queries.search(queries.visible_to(WHOLE_PARK_SCOPE), "光子")).all()),
    )


def test_an_archived_firm_counts_nowhere_and_a_restored_one_as_before(
    browser_of: Any, cast: Any
) -> None:
    company = make_company(cast.carrier_a, "常州光子芯片有限公司")
    make_residence(company, cast.carrier_a, date(2020, 3, 4))
    make_qualification(company, QualificationKind.HIGH_TECH, date(2020, 5, 6), date(2023, 5, 6))
    browser = browser_of("a")
    browser.post(f"/companies/{company.id}/contacts", data={"name": "李雷"})
    before = _figures(browser)
    assert before[0] == 1
    assert before[2:] == (True, 1)
    assert browser.get(f"/companies/{company.id}/archivings/new").status_code == 200
    answer = _archive(browser, company)
    assert (answer.status_code, answer.location) == (303, "/companies")
    session.expire_all()
    assert _figures(browser) == (0, 0, False, 0)
    assert company.name not in browser_of("leader").get("/ladder").text
    assert browser_of("leader").get(f"/companies/{company.id}").status_code == 404
    answer = browser.post(f"/companies/{company.id}/restorations")
    assert (answer.status_code, answer.location) == (303, f"/companies/{company.id}")
    session.expire_all()
    assert _figures(browser) == before
    assert "李雷" in browser.get(f"/companies/{company.id}").text
    past = browser.get(f"/companies/{company.id}/timeline").text
    for words in ("入驻国家大学科技园", REASON):
        assert words in past
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[1:] == ["company.archived", "company.restored"]


def test_the_message_carries_the_undo(browser_of: Any, cast: Any) -> None:
    company = make_company(cast.carrier_a)
    browser = browser_of("a")
    page = browser.get(_archive(browser, company).location).text
    assert f'action="/companies/{company.id}/restorations"' in page
    assert "撤销归档" in page
    assert "撤销归档" not in browser.get("/companies").text
    assert browser.post(f"/companies/{company.id}/restorations").status_code == 303
    again = browser.post(f"/companies/{company.id}/restorations")
    assert "无需恢复" in browser.get(again.location).text
    assert _now(company).archived_at is None


def test_the_archive_says_who_when_and_why_to_who_may_write(browser_of: Any, cast: Any) -> None:
    mine = make_company(cast.carrier_a, "常州光子芯片有限公司")
    other = make_company(cast.carrier_b, "南京量子雷达有限公司")
    _archive(browser_of("a"), mine)
    _archive(browser_of("b"), other)
    browser = browser_of("a")
    page = browser.get("/companies/archived").text
    for words in (mine.name, REASON, "安一", "共 1 家", mine.uscc or ""):
        assert words in page
    assert other.name not in page
    assert mine.name in browser.get("/companies/archived?q=gzxp").text
    assert mine.name not in browser.get("/companies/archived?q=量子").text
    page = browser.get(f"/companies/{mine.id}").text
    assert "已归档" in page
    assert REASON in page
    assert browser.get(f"/companies/{other.id}").status_code == 404
    assert browser_of("leader").get("/companies/archived").status_code == 403


def test_the_code_of_an_archived_firm_stays_taken_and_says_so(browser_of: Any, cast: Any) -> None:
    company = make_company(cast.carrier_a, "常州光子芯片有限公司", uscc=make_uscc(77))
    _archive(browser_of("a"), company)
    data = {
        "name": "南京量子雷达有限公司", "kind": "enterprise", "uscc": make_uscc(77), "carrier": cast.carrier_a.id,
        "residence_kind": "registered",
    }  # fmt: skip
    answer = browser_of("a").post("/companies", data=data)
    assert answer.status_code == 409
    assert "已归档，可恢复" in answer.text
    assert f'href="/companies/{company.id}"' in answer.text
    answer = browser_of("b").post("/companies", data={**data, "carrier": cast.carrier_b.id})
    assert answer.status_code == 409
    assert "国家大学科技园”归档" in answer.text
    assert company.name not in answer.text


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        ({"reason": ""}, 422, "请填写归档原因"),
        ({"reason": "长" * 201}, 422, "不能超过200"),
        ({"version": 7}, 409, "已被他人修改"),
        ({"version": "9" * 40}, 409, ""),
        ({"version": "x"}, 409, ""),
    ],
)
def test_bad_input_archives_nothing(
    browser_of: Any, cast: Any, data: dict[str, Any], status: int, sentence: str
) -> None:
    company = make_company(cast.carrier_a)
    answer = _archive(browser_of("a"), company, **data)
    assert answer.status_code == status
    assert sentence in answer.text
    assert _now(company).archived_at is None


def test_strangers_and_readers_neither_archive_nor_restore(browser_of: Any, cast: Any) -> None:
    company, archived = make_company(cast.carrier_a), make_company(cast.carrier_a)
    _archive(browser_of("a"), archived)
    for who, status in (("b", 404), ("leader", 403), ("admin", 403)):
        browser = browser_of(who)
        assert browser.get(f"/companies/{company.id}/archivings/new").status_code == status
        assert _archive(browser, company).status_code == status
        answer = browser.post(f"/companies/{archived.id}/restorations")
        assert answer.status_code == status
    assert _now(company).archived_at is None
    assert _now(archived).archived_at is not None


def test_no_page_of_an_archived_firm_edits_it(browser_of: Any, cast: Any) -> None:
    company = make_company(cast.carrier_a)
    browser = browser_of("a")
    _archive(browser, company)
    for way in ("edit", "facts/name", "contacts/new", "links/new", "residences/new", "timeline"):
        assert browser.get(f"/companies/{company.id}/{way}").status_code == 404


def test_a_long_archive_costs_what_a_short_one_does(
    browser_of: Any, cast: Any, query_count: Any
) -> None:
    browser, costs = browser_of("a"), []
    for number in (2, 8):
        for _ in range(number):
            _archive(browser, make_company(cast.carrier_a))
        with query_count() as statements:
            browser.get("/companies/archived")
        costs.append(len(statements))
    assert costs[0] == costs[1]
