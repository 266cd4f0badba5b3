"""All reports of a period: listed, and many verified at once, never one's own."""

import re
from datetime import date
from decimal import Decimal

import pytest

from crm.audit.verification import VerificationState
from crm.core.db import session
from crm.operating.list_pages import MOST_AT_ONCE
from crm.operating.models import OperatingReport
from crm.people.roles import Role
from tests import factories

LIST, VERIFY = "/operating/reports?year=2020&month=6", "/operating/reports/verifications"


@pytest.fixture
def reports(cast):
    made = []
    for who in (cast.a, cast.a, cast.supervisor):
        firm = factories.make_company(cast.carrier_a)
        factories.make_residence(firm, cast.carrier_a, date(2019, 1, 1))
        made.append(
            factories.make_operating_report(
                firm, 2020, 6, date(2020, 6, 30), revenue=Decimal(7_654_300), staff=3,
                state=VerificationState.PENDING, reported_by_id=who.id,
            )
        )  # fmt: skip
    return made


def states(reports):
    session.rollback()
    session.expire_all()
    return [session.get_one(OperatingReport, report.id).state.value for report in reports]


def test_all_that_wait_are_verified_over_the_pages_as_they_were_seen(browser_of, cast, reports):
    for _ in range(50):
        firm = factories.make_company(cast.carrier_a)
        factories.make_residence(firm, cast.carrier_a, date(2019, 1, 1))
        reports.append(
            factories.make_operating_report(
                firm, 2020, 6, date(2020, 6, 30), state=VerificationState.PENDING
            )
        )
    browser = browser_of("supervisor")
    page = browser.get(LIST).text
    assert "核验待核的 52 份" in page
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    data = {"year": "2020", "month": "6", "all": "1"}
    assert browser.post(VERIFY, data={**data, "seen": "0" * 64}).status_code == 409
    assert browser.post(VERIFY, data={**data, "seen": seen}).status_code == 303
    found = states(reports)
    assert (found.pop(2), set(found)) == ("pending", {"verified"})  # one's own waits for another


def test_those_that_are_ticked_are_verified_but_not_ones_own_and_not_changed_ones(
    browser_of, reports
):
    ticked = [f"{reports[0].id}:1", f"{reports[1].id}:2", f"{reports[2].id}:1", "x", "7:"]
    browser = browser_of("supervisor")
    assert (
        browser.post(VERIFY, data={"report": ticked, "year": "2020", "month": "6"}).status_code
        == 303
    )
    assert states(reports) == ["verified", "pending", "pending"]
    page = browser.get(LIST).text
    assert "已核验 1 份" in page
    assert "1 份由您本人填报" in page
    assert "1 份已有变化" in page


def test_verifying_needs_the_right_and_something_ticked(cast, browser_of, reports):
    assert browser_of("a").post(VERIFY, data={"report": f"{reports[0].id}:1"}).status_code == 403
    assert browser_of("supervisor").post(VERIFY, data={"report": "x"}).status_code == 422
    many = {"report": [f"{n}:1" for n in range(1, MOST_AT_ONCE + 2)]}
    assert browser_of("supervisor").post(VERIFY, data=many).status_code == 422
    assert states(reports) == ["pending"] * 3


def test_nobody_verifies_what_lies_outside_their_scope(app, cast, reports):
    """A verifier of one unit only: the role is the park's, so the scope is narrowed by hand."""
    stranger = factories.make_user(Role.INCUBATOR_STAFF, unit=cast.carrier_b)
    browser = factories.signed_in_client(app, stranger)
    assert browser.post(VERIFY, data={"report": f"{reports[0].id}:1"}).status_code == 403
    assert "7,654" not in browser.get(LIST).text


def test_the_list_is_of_one_period_and_state_and_shows_figures_by_right(browser_of, cast, reports):
    assert "765.43" in browser_of("a").get(LIST).text
    assert "765.43" not in browser_of("leader").get(LIST).text
    assert "没有这一期的填报" in browser_of("a").get("/operating/reports?year=2020&month=3").text
    assert "没有这一期的填报" in browser_of("a").get(f"{LIST}&state=verified").text
    assert "没有这一期的填报" in browser_of("b").get(LIST).text
    own = browser_of("supervisor").get(f"{LIST}&state=pending").text
    assert f'value="{reports[2].id}:1"' not in own
    assert f'value="{reports[0].id}:1"' in own
    assert 'name="report"' not in browser_of("a").get(LIST).text


def test_ten_reports_cost_as_many_queries_as_two(cast, browser_of, reports, query_count):
    def cost():
        browser = browser_of("a")
        with query_count() as queries:
            assert browser.get(LIST).status_code == 200
        return len(queries)

    before = cost()
    for _ in range(8):
        firm = factories.make_company(cast.carrier_a)
        factories.make_operating_report(firm, 2020, 6, date(2020, 6, 30), reported_by_id=cast.b.id)
    assert cost() == before
