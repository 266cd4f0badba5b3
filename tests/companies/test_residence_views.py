"""The pages of coming and going: they work, refuse with a sentence, and only for who keeps the firm."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from crm.companies.models import EndReason, Residence
from crm.companies.queries import last_move
from crm.core.db import session
from tests.factories import make_company, make_residence

STEPS = ("residences", "returns", "transfers", "incubations", "graduations", "departures", "undos")


@pytest.fixture
def firm(cast: Any) -> Any:
    company = make_company(cast.carrier_a)
    make_residence(company, cast.carrier_a, date(2020, 3, 4))
    return company


@pytest.mark.parametrize("step", STEPS)
def test_each_step_has_its_page_for_who_keeps_the_firm(
    browser_of: Any, cast: Any, firm: Any, step: str
) -> None:
    address = f"/companies/{firm.id}/{step}"
    assert browser_of("a").get(f"{address}/new").status_code == 200
    assert browser_of("b").get(f"{address}/new").status_code == 404
    assert browser_of("b").post(address, data={"on": "2020-05-05"}).status_code == 404
    for who in ("leader", "auditor", "admin"):
        assert browser_of(who).get(f"{address}/new").status_code == 403
        assert browser_of(who).post(address).status_code == 403
    assert browser_of("a").post(address, data={"note": "x" * 201}).status_code == 422


def test_incubation_graduation_departure_return_and_undo_from_the_pages(
    browser_of: Any, cast: Any, firm: Any
) -> None:
    browser, address = browser_of("a"), f"/companies/{firm.id}"

    def post(step: str, **data: Any) -> int:
        return int(browser.post(f"{address}/{step}", data=data).status_code)

    assert post("incubations", on="2020-04-01", note="入孵评审通过") == 303
    assert post("graduations", on="2020-06-01") == 303
    assert post("departures", on="2020-05-01", reason="moved_out") == 422
    assert post("departures", on="2020-07-08", reason="moved_out") == 303
    stay = {"carrier": cast.carrier_a.id, "residence_kind": "registered"}
    assert post("returns", from_on="2020-07-07", **stay) == 422
    assert post("returns", from_on="2020-08-01", **stay) == 303
    assert post("undos") == 422  # without a reason
    assert post("undos", note="办错了") == 303
    assert "不在园" in browser.get(address).text
    past = browser.get(f"{address}/timeline").text
    assert "撤销“再入驻”（2020-08-01）" in past
    assert "入孵评审通过" in past


def test_the_second_of_two_people_is_told_and_may_go_on(
    browser_of: Any, cast: Any, firm: Any
) -> None:
    first, second = browser_of("a"), browser_of("a")
    address = f"/companies/{firm.id}"
    seen = 'name="seen" type="hidden" value="0"'
    assert seen in second.get(f"{address}/departures/new").text
    first.post(f"{address}/incubations", data={"on": "2020-04-01", "seen": 0})
    data = {"on": "2020-07-08", "reason": "moved_out", "note": "合同到期", "seen": 0}
    answer = second.post(f"{address}/departures", data=data)
    assert answer.status_code == 409
    assert "安一刚刚已为这家企业办理“开始在孵”" in answer.text
    assert "合同到期" in answer.text
    move = last_move(firm.id)
    assert move is not None
    assert f'name="seen" type="hidden" value="{move.id}"' in answer.text
    answer = second.post(f"{address}/departures", data={**data, "seen": move.id})
    assert answer.status_code == 303


def test_a_residence_is_corrected_with_a_reason_and_shown_in_the_timeline(
    browser_of: Any, cast: Any, firm: Any
) -> None:
    browser = browser_of("a")
    stay = session.scalars(select(Residence)).one()
    address = f"/companies/{firm.id}/residences/{stay.id}"
    assert browser.get(f"{address}/edit").status_code == 200
    data = {"from_on": "2020-03-01", "rooms": "A座302", "version": 1}
    assert browser.post(address, data=data).status_code == 422
    answer = browser.post(address, data={**data, "why": "看错"})
    assert answer.location == f"/companies/{firm.id}"
    past = browser.get(f"{answer.location}/timeline").text
    assert "入驻日期由“2020-03-04”改为“2020-03-01”" in past
    answer = browser.post(address, data={**data, "why": "又改"})
    assert answer.status_code == 409
    assert 'name="version" type="hidden" value="2"' in answer.text


def test_a_residence_of_another_carrier_or_firm_is_not_found(
    browser_of: Any, cast: Any, firm: Any
) -> None:
    elsewhere = make_residence(
        firm, cast.carrier_b, date(2019, 1, 1), date(2019, 6, 1), reason=EndReason.MOVED_OUT
    )
    other = make_company(cast.carrier_a)
    stay = session.scalars(select(Residence).where(Residence.to_on.is_(None))).one()
    for way in (
        f"/companies/{firm.id}/residences/{elsewhere.id}",
        f"/companies/{other.id}/residences/{stay.id}",
    ):
        assert browser_of("a").get(f"{way}/edit").status_code == 404
        assert browser_of("a").post(way, data={"why": "x"}).status_code == 404
    assert browser_of("b").get(f"/companies/{firm.id}/residences/{stay.id}/edit").status_code == 404


def test_the_menu_offers_what_can_be_done(browser_of: Any, cast: Any, firm: Any) -> None:
    gone = make_company(cast.carrier_a)
    make_residence(gone, cast.carrier_a, date(2020, 1, 2), date(2020, 2, 1))
    browser = browser_of("a")
    assert "/departures/new" in browser.get(f"/companies/{firm.id}").text
    page = browser.get(f"/companies/{gone.id}").text
    assert "/returns/new" in page
    assert "/departures/new" not in page
    assert "/returns/new" not in browser_of("leader").get(f"/companies/{gone.id}").text
