"""Operating figures from spreadsheets: 千元 of 火炬统计, odd ones asked about, verified ones and closed rounds left alone."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.verification import VerificationState
from crm.core.attributes import MoneyUnit
from crm.core.db import session, writing
from crm.imports.kinds import RevertRefused
from crm.operating import rounds, services
from crm.operating.models import OperatingReport
from tests.factories import make_company, make_operating_report, make_residence
from tests.imports.rows import check, land, outcomes, revert, words

FIRM = "常州甲科技有限公司"
ROW = {"company": FIRM, "year": 2019, "revenue": "1200.5", "staff": 35, "profit": -20}


def _reports() -> list[OperatingReport]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(OperatingReport).order_by(OperatingReport.id)))


def test_the_yearly_return_in_thousands_lands_and_is_undone(
    browser_of: Any, cast: Any, query_count: Any
) -> None:
    make_company(cast.carrier_a, FIRM, industry_code="I65")
    landed = land("operating_reports", cast.a, ROW, unit=MoneyUnit.QIAN, source="火炬统计2019")
    (report,) = _reports()
    assert (report.period, report.revenue, report.profit) == (
        (2019, 12),
        Decimal("1200500"),
        -20000,
    )
    assert (report.state, report.source) == (VerificationState.PENDING, "火炬统计2019")
    assert report.size_class is not None
    assert outcomes(check("operating_reports", cast.a, ROW, unit=MoneyUnit.QIAN)) == ["unchanged"]
    changed = land(
        "operating_reports", cast.a, {**ROW, "revenue": 1300, "staff": 36}, unit=MoneyUnit.QIAN
    )
    assert [(r.revenue, r.staff, r.profit) for r in _reports()] == [(1300000, 36, -20000)]
    with pytest.raises(RevertRefused):
        revert("operating_reports", cast.a, landed)
    revert("operating_reports", cast.a, changed)
    assert [(r.revenue, r.staff) for r in _reports()] == [(Decimal("1200500"), 35)]
    address = f"/operating/reports/{report.id}"
    assert (
        browser_of("a").get(address).location
        == f"/operating/companies/{report.company_id}?year=2019"
    )
    assert browser_of("b").get(address).status_code == 404
    with query_count() as few:
        new = land("operating_reports", cast.a, {**ROW, "year": 2018})
    with query_count() as many:
        land("operating_reports", cast.a, *({**ROW, "year": 2014 + n} for n in range(4)))
    assert len(many) == len(few)
    revert("operating_reports", cast.a, new)
    assert 2018 not in {r.year for r in _reports()}


def test_odd_figures_are_asked_about_and_the_answer_is_kept(app: Any, cast: Any) -> None:
    firm = make_company(cast.carrier_a, FIRM)
    make_operating_report(firm, 2020, 6, date(2020, 6, 30), revenue=Decimal(100_000), staff=10)
    row = {"company": FIRM, "year": 2020, "through_month": 8, "revenue": "100000", "staff": 10}
    (asked,) = check("operating_reports", cast.a, row)
    assert words(asked)[0][0] == "revenue"
    assert "疑点已核对" in words(asked)[0][1]
    land("operating_reports", cast.a, {**row, "is_confirmed": "是"})
    assert _reports()[1].confirmed == "revenue:slip"


def test_what_is_wrong_verified_or_over_is_refused(app: Any, cast: Any) -> None:
    firm = make_company(cast.carrier_a, FIRM)
    make_residence(firm, cast.carrier_a, date(2019, 1, 1))
    make_company(cast.carrier_b, "常州乙科技有限公司")
    make_operating_report(firm, 2018, 12, date(2018, 12, 31), revenue=Decimal(100))
    details = rounds.RoundDetails(
        2020, 6, date(2020, 9, 30), MoneyUnit.WAN, closed_on=date(2020, 9, 30)
    )
    with writing():
        rounds.open_round(cast.carrier_a, details, by=cast.a)
    found = check(
        "operating_reports",
        cast.a,
        {**ROW, "company": "常州乙科技有限公司"},
        {**ROW, "year": 2018, "revenue": 5},
        {**ROW, "year": 2020},
        {**ROW, "year": 2020, "through_month": 6},
        {**ROW, "revenue": -5},
        {"company": FIRM, "year": 2019},
        {**ROW, "year": 2018, "revenue": "0.01", "staff": None, "profit": None},
    )
    assert outcomes(found) == ["error"] * 6 + ["unchanged"]
    assert [words(one)[0][0] for one in found[:6]] == [
        "company", "through_month", "through_month", "through_month", "revenue", "revenue",
    ]  # fmt: skip
    assert "已于2020-09-30结束" in words(found[3])[0][1]
    landed = land("operating_reports", cast.a, {**ROW, "is_confirmed": True})
    with writing():
        services.verify(_reports()[1], by=cast.supervisor, version=1)
    with pytest.raises(RevertRefused):
        revert("operating_reports", cast.a, landed)
