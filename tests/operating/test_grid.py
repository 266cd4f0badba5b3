"""The grid: rows of one period saved together or not at all, each fault at its cell."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.audit.verification import VerificationState
from crm.core.db import session
from crm.operating.models import OperatingReport
from tests import factories

PLACE = {"year": "2020", "month": "6", "money": "wan"}
GRID = "/operating/grid"


@pytest.fixture
def firms(cast):
    made = []
    for name in ("甲", "乙", "丙"):
        firm = factories.make_company(cast.carrier_a, f"常州{name}有限公司")
        factories.make_residence(firm, cast.carrier_a, date(2019, 1, 1))
        made.append(firm)
    return made


def form(*rows, **more):
    """(firm, version, figures) rows as the grid sends them."""
    data = {**PLACE, "firm": [str(firm.id) for firm, _version, _figures in rows], **more}
    for firm, version, figures in rows:
        data[f"version-{firm.id}"] = str(version)
        data |= {f"{name}-{firm.id}": value for name, value in figures.items()}
    return data


def stored():
    session.rollback()
    session.expire_all()
    found = session.scalars(select(OperatingReport).where(OperatingReport.through_month == 6))
    return {report.company_id: report for report in found}


def test_the_grid_has_who_owes_the_period_with_their_last_figures(cast, browser_of, firms):
    factories.make_operating_report(
        firms[0], 2020, 3, date(2020, 3, 31), revenue=Decimal(1_234_500)
    )
    factories.make_operating_report(firms[1], 2020, 6, date(2020, 6, 30), staff=7)
    page = browser_of("a").get(GRID, query_string=PLACE).text
    assert "123.45" in page
    assert "常州丙有限公司" in page
    assert f'name="staff-{firms[1].id}"' not in page  # verified: shown, not typed over
    assert f'name="staff-{firms[0].id}"' in page
    assert "1234.5" in browser_of("a").get(f"{GRID}?year=2020&month=6&money=qian").text
    assert "常州丙有限公司" not in browser_of("b").get(GRID, query_string=PLACE).text
    assert browser_of("supervisor").get(GRID).status_code == 403
    assert browser_of("a").get(f"{GRID}?carrier={cast.carrier_b.id}").status_code == 404


def test_changed_rows_are_saved_together_and_empty_ones_left(browser_of, firms):
    rows = [
        (firms[0], 0, {"revenue": "1,234.5", "staff": "20"}),
        (firms[1], 0, {"revenue": "", "staff": ""}),
        (firms[2], 0, {"profit": "-3"}),
    ]
    answer = browser_of("a").post(GRID, data=form(*rows, carrier="", after="7"))
    assert (answer.status_code, "after=7" in answer.location) == (303, True)
    found = stored()
    assert found.keys() == {firms[0].id, firms[2].id}
    assert (found[firms[0].id].revenue, found[firms[0].id].staff) == (12_345_000, 20)
    assert found[firms[2].id].state == VerificationState.PENDING


def test_a_faulty_cell_keeps_all_rows_and_what_was_typed(browser_of, firms):
    rows = [(firms[0], 0, {"revenue": "100"}), (firms[1], 0, {"revenue": "一百", "staff": "3"})]
    answer = browser_of("a").post(GRID, data=form(*rows))
    assert (answer.status_code, stored()) == (422, {})
    assert f'id="revenue-{firms[1].id}-error"' in answer.text
    assert 'value="一百"' in answer.text
    assert 'value="100"' in answer.text
    both = browser_of("a").post(GRID, data=form((firms[0], 0, {"staff": "-1"}), rows[1]))
    assert f'id="staff-{firms[0].id}-error"' in both.text
    assert f'id="revenue-{firms[1].id}-error"' in both.text


def test_a_row_changed_by_somebody_else_meanwhile_is_refused(browser_of, firms):
    report = factories.make_operating_report(
        firms[0], 2020, 6, date(2020, 6, 30), staff=7, state=VerificationState.PENDING
    )
    late = browser_of("a").post(GRID, data=form((firms[0], 0, {"staff": "8"})))
    assert (late.status_code, "已填报" in late.text) == (422, True)
    assert browser_of("a").post(GRID, data=form((firms[0], 1, {"staff": "8"}))).status_code == 303
    stale = browser_of("a").post(GRID, data=form((firms[0], 1, {"staff": "9"})))
    assert (stale.status_code, "已被他人修改" in stale.text) == (422, True)
    assert (stored()[firms[0].id].staff, report.id) == (8, stored()[firms[0].id].id)


def test_an_odd_row_is_confirmed_at_its_place(browser_of, firms):
    factories.make_operating_report(firms[0], 2020, 3, date(2020, 3, 31), staff=2)
    row = (firms[0], 0, {"staff": "20"})
    asked = browser_of("a").post(GRID, data=form(row))
    key = f"{firms[0].id}:staff:staff:2.00:20.00"
    assert (asked.status_code, key in asked.text, stored()) == (422, True, {})
    assert browser_of("a").post(GRID, data=form(row, confirmed=key)).status_code == 303


def test_one_row_is_saved_by_itself_whatever_the_others_say(browser_of, firms):
    headers = {"HX-Request": "true"}
    rows = [(firms[0], 0, {"staff": "20"}), (firms[1], 0, {"staff": "x"})]
    data = form(*rows, row=str(firms[0].id))
    saved = browser_of("a").post(GRID, data=data, headers=headers)
    assert (saved.status_code, saved.text.count("<tbody")) == (200, 1)
    assert f'name="version-{firms[0].id}" value="1"' in saved.text
    refused = browser_of("a").post(GRID, data={**data, "row": str(firms[1].id)}, headers=headers)
    assert (refused.status_code, refused.text.count("<tbody")) == (422, 1)
    assert stored().keys() == {firms[0].id}


def test_nobody_saves_rows_of_other_peoples_firms(browser_of, firms):
    assert browser_of("b").post(GRID, data=form((firms[0], 0, {"staff": "20"}))).status_code == 303
    assert browser_of("supervisor").post(GRID, data=PLACE).status_code == 403
    assert stored() == {}


def test_more_rows_than_a_page_are_refused(browser_of):
    many = {**PLACE, "firm": [str(n) for n in range(1, 52)]}
    assert browser_of("a").post(GRID, data=many).status_code == 422


def test_a_period_that_has_not_ended_is_not_offered(browser_of, firms):
    page = browser_of("a").get(f"{GRID}?year=2020&month=12").text
    assert "2020年1—6月" in page


def test_ten_rows_cost_as_many_queries_as_two(app, cast, browser_of, firms, query_count):
    def cost():
        browser = browser_of("a")
        with query_count() as queries:
            assert browser.get(GRID, query_string=PLACE).status_code == 200
        return len(queries)

    before = cost()
    for _ in range(8):
        firm = factories.make_company(cast.carrier_a)
        factories.make_residence(firm, cast.carrier_a, date(2019, 1, 1))
        factories.make_operating_report(firm, 2020, 3, date(2020, 3, 31), staff=3)
    assert cost() == before
