"""Collection rounds: who owes is fixed at the opening, who sees and keeps them, what reminds, when they end."""

from datetime import date

import pytest
from sqlalchemy import select

from crm.audit.verification import VerificationState
from crm.companies.models import CompanyKind, Contact
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError
from crm.operating import rounds
from crm.operating.models import CollectionRound, RoundMember
from crm.operating.reminders import reminders
from crm.operating.rounds import RoundDetails
from crm.people.models import Unit
from crm.people.roles import Right, Role
from crm.people.scope import WHOLE_PARK_SCOPE, scope_of
from tests import factories

TODAY = date(2020, 9, 30)
DETAILS = RoundDetails(2020, 6, due_on=date(2020, 10, 15))
FORM = {"year": "2020", "through_month": "6", "due_on": "2020-10-15", "money_unit": "wan"}


def make_firm(carrier, name="", from_on=date(2019, 1, 1), to_on=None, **values):
    firm = factories.make_company(carrier, name, **values)
    factories.make_residence(firm, carrier, from_on, to_on)
    return firm


def open_round(cast, unit=None, details=DETAILS):
    with writing():
        return rounds.open_round(session.get_one(Unit, (unit or cast.park).id), details, by=cast.a)


def names(query):
    return {firm.name for firm in session.scalars(query)}


def test_who_owes_are_the_enterprises_in_residence_on_the_last_day(cast):
    make_firm(cast.carrier_a, "最后一天来", date(2020, 6, 30))
    make_firm(cast.carrier_a, "次日来", date(2020, 7, 1))
    make_firm(cast.carrier_a, "当天走", to_on=date(2020, 6, 30))
    make_firm(cast.carrier_a, "次日走", to_on=date(2020, 7, 1))
    make_firm(cast.carrier_a, "研究院", kind=CompanyKind.INSTITUTE)
    make_firm(cast.carrier_b, "别处的")
    one = open_round(cast, cast.carrier_a)
    assert names(rounds.members(WHOLE_PARK_SCOPE, one)) == {"最后一天来", "次日走"}


def test_the_list_stays_as_it_was_opened_and_latecomers_stand_apart(cast):
    make_firm(cast.carrier_a, "早来")
    one = open_round(cast, cast.carrier_a)
    make_firm(cast.carrier_a, "补登记")
    make_firm(cast.carrier_b, "别处补登记")
    make_firm(cast.carrier_a, "七月才来", date(2020, 7, 1))
    assert names(rounds.members(WHOLE_PARK_SCOPE, one)) == {"早来"}
    assert names(rounds.latecomers(WHOLE_PARK_SCOPE, one)) == {"补登记"}


def test_who_has_reported_and_who_has_not(cast):
    for name, month, state in (
        ("早一期", 3, VerificationState.VERIFIED),
        ("本期", 6, VerificationState.PENDING),
        ("后一期", 8, VerificationState.PENDING),
        ("退回", 6, VerificationState.RETURNED),
    ):
        end = date(2020, month, 30)
        firm = make_firm(cast.carrier_a, name)
        factories.make_operating_report(firm, 2020, month, end, state=state)
    one = open_round(cast)
    assert names(rounds.missing(WHOLE_PARK_SCOPE, one)) == {"早一期", "退回"}
    (line,) = session.execute(rounds.by_carrier(scope_of(cast.a), one))
    assert (line.name, line.owing, line.reported) == ("国家大学科技园", 4, 2)
    assert session.execute(rounds.by_carrier(scope_of(cast.b), one)).all() == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"through_month": 13}, "through_month"),
        ({"through_month": 10}, "through_month"),
        ({"due_on": date(2020, 9, 29)}, "due_on"),
        ({"year": 2009}, "unit_id"),  # nobody was there
    ],
)
def test_a_round_that_makes_no_sense_is_refused(cast, changed, field):
    make_firm(cast.carrier_a)
    with pytest.raises(DomainError) as refused:
        open_round(cast, details=RoundDetails(**{**vars(DETAILS), **changed}))
    assert refused.value.field == field
    assert session.scalars(select(RoundMember)).all() == []


def test_a_period_that_ends_today_is_collected_and_no_period_twice(cast):
    make_firm(cast.carrier_a)
    open_round(cast, details=RoundDetails(2020, 9, due_on=TODAY))
    open_round(cast, cast.carrier_a, RoundDetails(2020, 9, due_on=TODAY))
    with pytest.raises(Conflict):
        open_round(cast, details=RoundDetails(2020, 9, due_on=TODAY))


def test_a_round_of_the_park_is_seen_by_its_carriers_and_one_of_a_carrier_not_by_another(cast):
    make_firm(cast.carrier_a)
    park, own = open_round(cast), open_round(cast, cast.carrier_a)
    seen = {u: set(session.scalars(rounds.visible_rounds(scope_of(u)))) for u in (cast.a, cast.b)}
    assert seen == {cast.a: {park, own}, cast.b: {park}}


@pytest.fixture
def one(cast):
    firm = make_firm(cast.carrier_a, "常州领航机器人有限公司")
    factories._add(Contact(company_id=firm.id, name="李雷", phone="13812345678", is_primary=True))
    return open_round(cast)


def test_a_round_is_opened_on_its_page(cast, browser_of):
    make_firm(cast.carrier_a)
    browser = browser_of("a")
    assert browser.get("/operating/rounds/new").status_code == 200
    form = {**FORM, "unit_id": str(cast.carrier_a.id)}
    assert (
        browser.post("/operating/rounds", data={**form, "due_on": "2020-09-01"}).status_code == 422
    )
    assert (
        browser.post("/operating/rounds", data={**form, "unit_id": str(cast.park.id)}).status_code
        == 422
    )
    answer = browser.post("/operating/rounds", data=form)
    assert answer.status_code == 303
    assert "0／1 家" in browser.get(answer.location).text
    assert browser.post("/operating/rounds", data=form).status_code == 409
    assert browser_of("supervisor").get("/operating/rounds/new").status_code == 200
    assert browser_of("leader").post("/operating/rounds", data=form).status_code == 403


def test_rounds_are_listed_and_shown_within_ones_scope(cast, browser_of, one):
    own = open_round(cast, cast.carrier_a)
    assert browser_of("leader").get("/operating/rounds").text.count("/operating/rounds/") >= 2
    assert "领航机器人" in browser_of("a").get(f"/operating/rounds/{one.id}").text
    assert "领航机器人" not in browser_of("b").get(f"/operating/rounds/{one.id}").text
    assert browser_of("b").get(f"/operating/rounds/{own.id}").status_code == 404
    assert browser_of("admin").get(f"/operating/rounds/{own.id}").status_code == 403


def test_late_ones_are_marked(cast, browser_of, one):
    reported = make_firm(cast.carrier_b)
    factories.make_operating_report(reported, 2020, 6, date(2020, 6, 30))
    late = open_round(
        cast, cast.carrier_b, RoundDetails(2020, 6, date(2020, 7, 15), opened_on=date(2020, 7, 1))
    )
    assert "迟报" in browser_of("supervisor").get(f"/operating/rounds/{late.id}").text
    assert "迟报" not in browser_of("supervisor").get(f"/operating/rounds/{one.id}").text


def test_the_reminder_names_who_owes_with_masked_telephone_numbers(cast, browser_of, one):
    (text,) = reminders(one, scope_of(cast.a), TODAY, is_masked=True)
    assert text.text.splitlines() == [
        "【催报】国家大学科技园：2020年1—6月（本年累计）经营数据尚有1家企业未报，请于2020年10月15日前报送。",
        "1. 常州领航机器人有限公司（联系人：李雷，138****5678）：未报",
    ]
    (late,) = reminders(one, scope_of(cast.a), date(2020, 10, 16), is_masked=True)
    assert "已逾期1天" in late.text
    page = browser_of("a").get(f"/operating/rounds/{one.id}/reminders").text
    assert "138****5678" in page
    assert "领航机器人" not in browser_of("b").get(f"/operating/rounds/{one.id}/reminders").text
    assert browser_of("leader").get(f"/operating/rounds/{one.id}/reminders").status_code == 403


def test_whole_numbers_are_by_right_and_logged(app, cast, browser_of, one):
    address = f"/operating/rounds/{one.id}/contacts"
    assert browser_of("a").post(address).status_code == 403
    trusted = factories.make_user(Role.INCUBATOR_STAFF, unit=cast.carrier_a, rights=(Right.UNMASK,))
    assert "13812345678" in factories.signed_in_client(app, trusted).post(address).text
    from crm.audit.models import AuditEntry

    last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (last.action, last.actor_id) == ("round.contacts_revealed", trusted.id)


def test_reminding_and_closing_are_for_who_keeps_the_round(browser_of, one):
    address = f"/operating/rounds/{one.id}"
    assert browser_of("a").post(f"{address}/reminders").status_code == 403  # it is the park's
    assert browser_of("supervisor").post(f"{address}/reminders").status_code == 303
    assert browser_of("a").post(f"{address}/closings", data={"version": "2"}).status_code == 403
    assert (
        browser_of("supervisor").post(f"{address}/closings", data={"version": "1"}).status_code
        == 409
    )
    assert (
        browser_of("supervisor").post(f"{address}/closings", data={"version": "2"}).status_code
        == 303
    )
    session.expire_all()
    found = session.get_one(CollectionRound, one.id)
    assert (found.reminded_on, found.closed_on) == (TODAY, TODAY)
    assert browser_of("supervisor").post(f"{address}/reminders").status_code == 409


def test_an_open_round_is_a_todo_while_somebody_owes(cast, browser_of, one):
    assert "收集2020年1—6月经营数据" in browser_of("a").get("/todo").text
    assert "收集2020年1—6月" not in browser_of("b").get("/todo").text
    assert "正在收集2020年1—6月" in browser_of("a").get("/").text
    firm_id = session.scalar(select(RoundMember.company_id))
    firm = session.get_one(factories.Company, firm_id)
    factories.make_operating_report(firm, 2020, 6, date(2020, 6, 30))
    assert "收集2020年1—6月经营数据" not in browser_of("a").get("/todo").text


def test_ten_firms_cost_as_many_queries_as_two(cast, browser_of, query_count):
    def cost(month):
        details = RoundDetails(2020, month, due_on=date(2020, 10, 15))
        made, browser = open_round(cast, details=details), browser_of("supervisor")
        with query_count() as queries:
            assert browser.get(f"/operating/rounds/{made.id}").status_code == 200
        return len(queries)

    make_firm(cast.carrier_a)
    make_firm(cast.carrier_b)
    few = cost(3)
    for _ in range(8):
        make_firm(cast.carrier_b)
    assert cost(6) == few
