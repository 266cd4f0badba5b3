"""Which firm owns which: both ways, no loops, no pair twice at a time, no names of firms outside the scope."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.services import SYSTEM
from crm.companies.links import LinkDetails, add_link, link_many
from crm.companies.models import Company, CompanyLink, LinkKind
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.ladder.models import QualificationKind
from crm.ladder.queries import standings_of
from crm.ladder.rungs import Rung
from tests.factories import make_company, make_qualification, make_residence

MARCH, JUNE = date(2020, 3, 4), date(2020, 6, 1)


def _link(parent: Company, child: Company, from_on: date = MARCH, **values: Any) -> None:
    details = LinkDetails(parent.id, child.id, LinkKind.CONTROLS, from_on, **values)
    with writing():
        add_link(parent, details, by=SYSTEM)


def _links() -> list[CompanyLink]:
    return list(session.scalars(select(CompanyLink).order_by(CompanyLink.id)))


@pytest.mark.parametrize(
    ("from_on", "to_on", "is_fine"),
    [
        (date(2020, 1, 1), MARCH, True),  # ends on the day the other begins
        (date(2020, 1, 1), date(2020, 3, 5), False),
        (JUNE, None, True),  # begins on the day the other ended
        (date(2020, 5, 31), None, False),
        (date(2020, 1, 1), None, False),
    ],
)
def test_a_pair_is_linked_once_at_a_time(
    cast: Any, from_on: date, to_on: date | None, is_fine: bool
) -> None:
    a, b = make_company(cast.carrier_a), make_company(cast.carrier_a)
    _link(a, b, MARCH, to_on=JUNE)
    if is_fine:
        _link(a, b, from_on, to_on=to_on)
    else:
        with pytest.raises(DomainError) as refused:
            _link(a, b, from_on, to_on=to_on)
        assert refused.value.field == "from_on"
    assert len(_links()) == 1 + is_fine


def test_no_firm_owns_itself_directly_or_through_others(cast: Any) -> None:
    a, b, c = (make_company(cast.carrier_a) for _ in range(3))
    with pytest.raises(DomainError):
        _link(a, a)
    _link(a, b)
    _link(b, c)
    for child in (a, b):
        with pytest.raises(DomainError, match="循环"):
            _link(c, child)
    _link(a, c)  # two ways down are no loop


def test_what_ended_makes_no_loop(cast: Any) -> None:
    a, b = make_company(cast.carrier_a), make_company(cast.carrier_a)
    _link(a, b, MARCH, to_on=JUNE)
    with pytest.raises(DomainError, match="循环"):
        _link(b, a, date(2020, 5, 31))
    _link(b, a, JUNE)


@pytest.mark.parametrize(
    ("share", "is_fine"), [("0", False), ("0.01", True), ("100", True), ("100.01", False)]
)
def test_a_share_is_above_nothing_and_at_most_all(cast: Any, share: str, is_fine: bool) -> None:
    a, b = make_company(cast.carrier_a), make_company(cast.carrier_a)
    if is_fine:
        _link(a, b, share=Decimal(share))
        assert _links()[0].share == Decimal(share)
    else:
        with pytest.raises(DomainError) as refused:
            _link(a, b, share=Decimal(share))
        assert refused.value.field == "share"


def test_a_loop_of_two_halves_does_not_come_about_at_once(cast: Any, at_once: Any) -> None:
    a, b = make_company(cast.carrier_a).id, make_company(cast.carrier_a).id

    def link(parent_id: int, child_id: int) -> Any:
        def act() -> None:
            with writing():
                details = LinkDetails(parent_id, child_id, LinkKind.CONTROLS, MARCH)
                add_link(session.get_one(Company, parent_id), details, by=SYSTEM)

        return act

    said = at_once(link(a, b), link(b, a))
    assert sorted(type(answer).__name__ for answer in said) == ["DomainError", "NoneType"]
    assert len(_links()) == 1


def test_many_links_are_added_by_the_same_rules_with_one_entry(cast: Any, query_count: Any) -> None:
    firms = [make_company(cast.carrier_a) for _ in range(8)]
    chain = [
        LinkDetails(parent.id, child.id, LinkKind.CONTROLS, MARCH)
        for parent, child in zip(firms, firms[1:], strict=False)
    ]
    with query_count() as queries, writing():
        link_many(chain, by=SYSTEM)
    assert len(queries) < 8
    assert len(_links()) == 7
    assert session.scalars(select(AuditEntry)).one().action == "links.added"
    back = LinkDetails(firms[-1].id, firms[0].id, LinkKind.CONTROLS, MARCH)
    with pytest.raises(DomainError, match="循环"), writing():
        link_many([back], by=SYSTEM)


def test_a_listed_parent_does_not_list_its_subsidiary(cast: Any) -> None:
    parent, child = make_company(cast.carrier_a), make_company(cast.carrier_a)
    for company in (parent, child):
        make_residence(company, cast.carrier_a, date(2019, 1, 1))
    make_qualification(parent, QualificationKind.LISTED, date(2020, 1, 6))
    _link(parent, child, share=Decimal(100))
    standings = standings_of([parent.id, child.id], date(2020, 9, 30))
    assert (standings[parent.id].rung, standings[child.id].rung) == (Rung.LISTED, Rung.STARTUP)


def _form(other: str, /, **values: Any) -> dict[str, Any]:
    return {
        "other": other, "role": "parent", "kind": "controls", "share": "51.5", "from_on": "2020-03-04", **values,
    }  # fmt: skip


def test_a_link_shows_on_both_pages_and_can_be_ended(browser_of: Any, cast: Any) -> None:
    child = make_company(cast.carrier_a, "常州光子芯片有限公司")
    parent = make_company(cast.carrier_a, "常州量子雷达有限公司")
    browser, address = browser_of("a"), f"/companies/{child.id}"
    assert browser.get(f"{address}/links/new").status_code == 200
    assert parent.name in browser.get("/companies/suggestions?other=lzld").text
    answer = browser.post(f"{address}/links", data=_form(parent.name))
    assert (answer.status_code, answer.location) == (303, f"{address}#links")
    page = browser.get(address).text
    for words in (parent.name, "上级企业", "51.5%", "2020-03-04"):
        assert words in page
    page = browser.get(f"/companies/{parent.id}").text
    assert child.name in page
    assert "下级企业" in page
    link = _links()[0]
    assert (link.parent_id, link.child_id) == (parent.id, child.id)
    ends = f"{address}/links/{link.id}/ends"
    assert browser.get(f"{ends}/new").status_code == 200
    early = browser.post(ends, data={"on": "2020-03-04", "version": 1})
    assert early.status_code == 422
    assert browser.post(ends, data={"on": "2020-06-01", "version": 1}).status_code == 303
    stale = browser.post(ends, data={"on": "2020-06-02", "version": 1})
    assert stale.status_code == 409
    assert _links()[0].to_on == date(2020, 6, 1)
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["link.added", "link.ended"]


def test_a_firm_of_others_is_linked_by_its_code_and_never_named(browser_of: Any, cast: Any) -> None:
    mine = make_company(cast.carrier_a)
    other = make_company(cast.carrier_b, "南京量子雷达有限公司")
    browser, address = browser_of("a"), f"/companies/{mine.id}"
    refused = browser.post(f"{address}/links", data=_form(other.name))
    assert refused.status_code == 422
    assert "没有找到" in refused.text
    assert other.name not in browser.get("/companies/suggestions?other=量子").text
    assert browser.post(f"{address}/links", data=_form(other.uscc or "")).status_code == 303
    page = browser.get(address).text
    assert "园区内另一企业（大创园）" in page
    assert other.name not in page
    assert f"/companies/{other.id}" not in page
    page = browser_of("b").get(f"/companies/{other.id}").text
    assert "园区内另一企业（国家大学科技园）" in page
    assert mine.name not in page
    assert mine.name in browser_of("leader").get(f"/companies/{other.id}").text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("other", "", "请填写关联企业"),
        ("other", "没有这家", "没有找到"),
        ("other", "x" * 121, "不能超过"),
        ("role", "uncle", ""),
        ("kind", "x", ""),
        ("share", "1e2", "至多两位小数"),
        ("share", "51.555", "至多两位小数"),
        ("share", "１２", "至多两位小数"),
        ("share", "0", "应大于0"),
        ("share", "100.01", "不超过100"),
        ("from_on", "2020-10-01", "不能晚于今天"),
        ("from_on", "", "请填写开始日期"),
    ],
)
def test_bad_input_gets_a_sentence_and_makes_no_link(
    browser_of: Any, cast: Any, field: str, value: str, sentence: str
) -> None:
    mine, other = make_company(cast.carrier_a), make_company(cast.carrier_a)
    data = _form(other.name, **{field: value})
    answer = browser_of("a").post(f"/companies/{mine.id}/links", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert _links() == []


def test_strangers_and_readers_link_nothing(browser_of: Any, cast: Any) -> None:
    mine, other = make_company(cast.carrier_a), make_company(cast.carrier_a)
    _link(mine, other)
    link = _links()[0]
    for who, status in (("b", 404), ("leader", 403), ("auditor", 403)):
        browser = browser_of(who)
        for method, way, data in (
            ("get", "links/new", None),
            ("post", "links", _form(other.name)),
            ("get", f"links/{link.id}/ends/new", None),
            ("post", f"links/{link.id}/ends", {"on": "2020-06-01", "version": 1}),
        ):
            answer = getattr(browser, method)(f"/companies/{mine.id}/{way}", data=data)
            assert answer.status_code == status, (who, way)
    third = make_company(cast.carrier_a)
    elsewhere = f"/companies/{third.id}/links/{link.id}/ends"
    assert browser_of("a").post(elsewhere, data={"on": "2020-06-01"}).status_code == 404
    assert _links()[0].to_on is None
