"""Pages of carriers and space: they work, refuse, and show nobody another carrier's."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.carriers.figures import FIGURES
from crm.carriers.models import Building, Let, Room
from crm.companies.models import EndReason
from crm.core.db import session
from crm.reference.models import EntrantRule
from tests.factories import make_company, make_let, make_residence, make_room

MAR_4 = date(2020, 3, 4)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def firm(cast: Any) -> Any:
    """A firm at carrier A, with a room there."""
    company = make_company(cast.carrier_a, "常州量子芯片有限公司")
    make_residence(company, cast.carrier_a, MAR_4)
    return company


@pytest.fixture
def let(cast: Any, firm: Any) -> Any:
    return make_let(make_room(cast.carrier_a, "301"), firm, MAR_4, date(2020, 11, 1))


def test_the_table_shows_each_carrier_and_the_park(browser_of: Any, cast: Any, firm: Any) -> None:
    page = browser_of("leader").get("/carriers").text
    assert cast.carrier_a.name in page
    assert f"/carriers/figures/new?unit={cast.carrier_a.id}&amp;period=year" in page
    assert "首次注册在园的企业" in page
    own = browser_of("b").get("/carriers").text
    assert cast.carrier_a.name not in own
    assert browser_of("admin").get("/carriers").status_code == 403
    assert "您的数据范围内没有载体" in browser_of("unit_staff").get("/carriers").text


@pytest.mark.parametrize("key", [*FIGURES, "net"])
def test_every_figure_opens_its_rows(browser_of: Any, cast: Any, firm: Any, key: str) -> None:
    gone = make_company(cast.carrier_a, "常州迁走有限公司")
    make_residence(gone, cast.carrier_a, date(2019, 1, 1), MAR_4, reason=EndReason.EVICTED)
    address = f"/carriers/figures/{key}"
    answer = browser_of("leader").get(address)
    assert answer.status_code == 200
    assert (firm.name in answer.text) == (key in ("new", "ever", "resident", "in_business"))
    assert (gone.name in answer.text) == (key in ("left", "ever"))
    assert firm.name not in browser_of("b").get(address).text
    unit = cast.carrier_a.id
    assert browser_of("b").get(f"{address}?unit={unit}").status_code == 404
    assert browser_of("a").get(f"{address}?unit={unit}&period=month").status_code == 200


def test_the_period_and_the_day_are_obeyed(browser_of: Any, cast: Any, firm: Any) -> None:
    browser = browser_of("leader")
    for asked, is_there in (
        ("as_of=2020-03-03", False),
        ("as_of=2020-03-04", True),
        ("period=month", False),
        ("period=month&as_of=2020-03-31", True),
        ("period=custom&from=2020-03-05", False),
        ("period=custom&from=2020-03-04", True),
    ):
        page = browser.get(f"/carriers/figures/new?{asked}").text
        assert (firm.name in page) == is_there, asked


def test_a_carriers_page_shows_its_own_people_who_is_here(
    browser_of: Any, cast: Any, let: Any, firm: Any
) -> None:
    address = f"/carriers/{cast.carrier_a.id}"
    page = browser_of("a").get(address).text
    assert firm.name in page
    assert "2020-11-01" in page  # ends soon
    assert browser_of("b").get(address).status_code == 404
    assert browser_of("leader").get(f"/carriers/{cast.office.id}").status_code == 404
    assert browser_of("leader").get(f"/carriers/{cast.park.id}").status_code == 200


def _ways(cast: Any, let: Any) -> list[tuple[str, str]]:
    room, building = let.room_id, session.get_one(Room, let.room_id).building_id
    carrier = cast.carrier_a.id
    return [
        ("get", f"/carriers/{carrier}"),
        ("get", f"/carriers/buildings/{building}"),
        ("get", f"/carriers/rooms/{room}"),
        ("get", f"/carriers/{carrier}/buildings/new"),
        ("post", f"/carriers/{carrier}/buildings"),
        ("get", f"/carriers/buildings/{building}/edit"),
        ("post", f"/carriers/buildings/{building}"),
        ("get", f"/carriers/buildings/{building}/rooms/new"),
        ("post", f"/carriers/buildings/{building}/rooms"),
        ("get", f"/carriers/rooms/{room}/edit"),
        ("post", f"/carriers/rooms/{room}"),
        ("get", f"/carriers/rooms/{room}/closures/new"),
        ("post", f"/carriers/rooms/{room}/closures"),
        ("post", f"/carriers/rooms/{room}/reopenings"),
        ("get", f"/carriers/{carrier}/rooms/new"),
        ("post", f"/carriers/{carrier}/room-checks"),
        ("post", f"/carriers/{carrier}/rooms"),
        ("get", f"/carriers/rooms/{room}/lets/new"),
        ("post", f"/carriers/rooms/{room}/lets"),
        ("get", f"/carriers/lets/{let.id}/endings/new"),
        ("post", f"/carriers/lets/{let.id}/endings"),
        ("get", f"/carriers/lets/{let.id}/extensions/new"),
        ("post", f"/carriers/lets/{let.id}/extensions"),
    ]


def test_another_carriers_space_is_not_found_and_readers_change_nothing(
    browser_of: Any, cast: Any, let: Any
) -> None:
    own, stranger, leader = browser_of("a"), browser_of("b"), browser_of("leader")
    for number, (method, address) in enumerate(_ways(cast, let)):
        assert getattr(stranger, method)(address).status_code == 404, address
        assert getattr(leader, method)(address).status_code == (200 if number < 3 else 403), address
        if method == "get":
            assert own.get(address).status_code == 200, address
        elif "reopenings" not in address:
            assert own.post(address).status_code in (409, 422), address
    assert session.scalars(select(AuditEntry)).all() == []


def test_building_room_let_extension_and_end_from_the_pages(
    browser_of: Any, cast: Any, firm: Any
) -> None:
    browser = browser_of("a")
    answer = browser.post(
        f"/carriers/{cast.carrier_a.id}/buildings", data={"name": "A座", "total_area": "1,200.5"}
    )
    building = session.scalars(select(Building)).one()
    assert answer.location == f"/carriers/buildings/{building.id}"
    assert building.total_area == Decimal("1200.5")
    data = {"number": "301", "area": "100", "kind": "office", "floor": "3"}
    assert browser.post(f"/carriers/buildings/{building.id}/rooms", data=data).status_code == 303
    assert browser.post(f"/carriers/buildings/{building.id}/rooms", data=data).status_code == 409
    room = session.scalars(select(Room)).one()
    address = f"/carriers/rooms/{room.id}"
    terms = {"from_on": "2020-03-04", "agreed_to_on": "2020-12-31", "kind": "space", "area": "80"}
    answer = browser.post(f"{address}/lets", data={**terms, "firm": "没有这家"})
    assert answer.status_code == 422
    assert "没有这家企业" in answer.text
    assert browser.post(f"{address}/lets", data={**terms, "firm": firm.uscc}).status_code == 303
    answer = browser.post(f"{address}/lets", data={**terms, "firm": "量子芯片"})
    assert answer.status_code == 422
    assert "超出了房间面积" in answer.text
    let = session.scalars(select(Let)).one()
    way = f"/carriers/lets/{let.id}"
    data = {"agreed_to_on": "2021-12-31", "version": 1}
    assert browser.post(f"{way}/extensions", data=data).status_code == 303
    assert (
        browser.post(f"{way}/endings", data={"on": "2020-09-01", "version": 1}).status_code == 409
    )
    assert (
        browser.post(f"{way}/endings", data={"on": "2020-09-01", "version": 2}).status_code == 303
    )
    assert "2020-09-01" in browser.get(address).text
    room_edit = {"number": "302", "area": "100", "kind": "research", "version": 1}
    assert browser.post(address, data=room_edit).status_code == 303
    assert browser.post(address, data=room_edit).status_code == 409
    closing = {"on": "2020-09-30", "version": 2}
    assert browser.post(f"{address}/closures", data=closing).status_code == 303
    assert "停用" in browser.get(address).text
    assert browser.post(f"{address}/reopenings", data={"version": 3}).status_code == 303


def test_a_pasted_list_is_checked_first_and_saved_whole_or_not_at_all(
    browser_of: Any, cast: Any
) -> None:
    browser, address = browser_of("a"), f"/carriers/{cast.carrier_a.id}"
    good, bad = "A座\t301\t120\t办公\nB座\t101\t80", "A座\t302\t很大"
    page = browser.post(f"{address}/room-checks", data={"lines": f"{good}\n{bad}"}).text
    assert "1 行不能登记" in page
    assert f"{address}/rooms&#34;" not in page
    assert browser.post(f"{address}/rooms", data={"lines": f"{good}\n{bad}"}).status_code == 422
    assert session.scalars(select(Room)).all() == []
    assert "都可以登记" in browser.post(f"{address}/room-checks", data={"lines": good}).text
    assert browser.post(f"{address}/rooms", data={"lines": good}).location == address
    session.rollback()
    assert len(session.scalars(select(Room)).all()) == 2
    assert browser.post(f"{address}/rooms", data={"lines": good}).status_code == 422


def test_a_firms_page_has_its_rooms(browser_of: Any, cast: Any, let: Any, firm: Any) -> None:
    address = f"/carriers/companies/{firm.id}"
    fragment = browser_of("a").get(address, headers=HTMX).text
    assert "A座 301" in fragment
    assert "<html" not in fragment
    assert "<html" in browser_of("leader").get(address).text
    assert browser_of("b").get(address).status_code == 404
    assert address in browser_of("a").get(f"/companies/{firm.id}").text


def test_lists_cost_the_same_for_ten_rooms_as_for_two(
    browser_of: Any, cast: Any, firm: Any, query_count: Any
) -> None:
    browser, costs = browser_of("a"), []
    for number in (2, 8):
        for _ in range(number):
            make_let(make_room(cast.carrier_a), firm, MAR_4, date(2020, 11, 1))
        building = session.scalars(select(Building.id)).one()
        for address in (
            "/carriers",
            f"/carriers/{cast.carrier_a.id}",
            f"/carriers/buildings/{building}",
            f"/carriers/companies/{firm.id}",
            "/carriers/figures/new",
        ):
            with query_count() as queries:
                assert browser.get(address).status_code == 200
            costs.append((address, len(queries)))
    assert costs[:5] == costs[5:]


def test_the_rule_is_read_by_readers_and_changed_by_who_keeps_it(
    browser_of: Any, cast: Any, firm: Any
) -> None:
    admin, data = browser_of("admin"), {"valid_from": "2020-05-01", "kinds": ["branch"]}
    assert "首次注册在园的企业" in browser_of("a").get("/counting-rules").text
    assert browser_of("a").get("/counting-rules/new").status_code == 403
    assert browser_of("a").post("/counting-rules", data=data).status_code == 403
    assert admin.get("/counting-rules/new").status_code == 200
    past = {**data, "valid_from": "2019-12-31"}
    assert "以往年度" in admin.post("/counting-rules", data=past).text
    assert admin.post("/counting-rules", data={"valid_from": "2020-05-01"}).status_code == 422
    assert admin.post("/counting-rules", data=data).status_code == 303
    assert admin.post("/counting-rules", data=data).status_code == 409
    rule = session.scalars(select(EntrantRule)).one()
    assert admin.get(f"/counting-rules/{rule.id}/edit").status_code == 200
    change = {"kinds": ["branch", "enterprise"], "needs_licence": "y", "version": 1}
    assert admin.post(f"/counting-rules/{rule.id}", data=change).status_code == 303
    assert admin.post(f"/counting-rules/{rule.id}", data=change).status_code == 409
    page = browser_of("leader").get("/counting-rules").text
    assert "企业、分公司" in page
    assert "金管理" in page
    assert "自 2020-05-01 起" in browser_of("leader").get("/carriers").text
