"""久未联系: who counts as in touch, on both sides of the limit."""

from datetime import date

import pytest

from crm.companies.neglected import at_home, neglected
from crm.core.db import session, writing
from crm.followup import services, subjects
from crm.followup.models import ActivityKind
from crm.followup.services import ActivityDetails
from crm.people.scope import WHOLE_PARK_SCOPE, scope_of
from tests import factories


def log(firm, on, by, kind=ActivityKind.CALL):
    with writing():
        ref = subjects.find("company", firm.id, WHOLE_PARK_SCOPE)
        services.record_activity("company", ref, ActivityDetails(kind, on, "电话"), by=by)


def names(user):
    return [row.name for row in session.execute(neglected(scope_of(user), 90))]


@pytest.fixture
def firm(cast):
    firm = factories.make_company(cast.carrier_a, "常州甲公司")
    factories.make_residence(firm, cast.carrier_a, date(2019, 1, 1))
    return firm


@pytest.mark.parametrize(
    ("on", "is_neglected"), [(date(2020, 7, 2), False), (date(2020, 7, 1), True)]
)
def test_ninety_days_ago_is_still_in_touch(cast, firm, on, is_neglected):
    log(firm, on, cast.a)
    assert (names(cast.a) == ["常州甲公司"]) is is_neglected


def test_never_contacted_is_neglected_and_a_note_changes_nothing(cast, firm):
    log(firm, date(2020, 9, 29), cast.a, ActivityKind.NOTE)
    assert names(cast.a) == ["常州甲公司"]


def test_who_has_left_the_park_and_who_is_anothers_is_left_out(cast, firm):
    gone = factories.make_company(cast.carrier_a)
    factories.make_residence(gone, cast.carrier_a, date(2019, 1, 1), date(2020, 9, 30))
    assert names(cast.a) == ["常州甲公司"]
    assert names(cast.b) == []


def test_the_widgets_figure_opens_the_rows(cast, firm, browser_of):
    browser = browser_of("a")
    assert "从未联系" in browser.get("/").text
    page = browser.get("/companies/neglected").text
    assert "常州甲公司" in page
    assert "共 1 家" in page
    assert "常州甲公司" not in browser_of("b").get("/companies/neglected").text
    assert browser_of("admin").get("/companies/neglected").status_code == 403


def test_the_widget_begins_with_the_longest_ago_and_ends_with_those_never_contacted(cast, firm):
    for name, on in (("三月", date(2020, 3, 1)), ("一月", date(2020, 1, 1))):
        other = factories.make_company(cast.carrier_a, name)
        factories.make_residence(other, cast.carrier_a, date(2019, 1, 1))
        log(other, on, cast.a)
    data = at_home(cast.a)
    assert [row.name for row in data["rows"]] == ["一月", "三月", "常州甲公司"]
    assert str(data["count"]) == "3"
