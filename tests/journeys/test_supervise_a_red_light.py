"""A red light becomes an order; the unit answers, is sent back, answers again; a second person closes it; the 通报 tells."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.browsing import Visitor

TARGET = "T10"  # a red light of 国际合作处 in the demo park; the order goes to 产业发展处
MATTER = "请分析滞后原因并按月报进度"


def test_a_red_light_is_followed_until_a_second_person_closes_it(
    visitor: Callable[..., Visitor],
) -> None:
    supervisor = visitor("supervisor")
    supervisor.open(f"/targets/{TARGET}")
    supervisor.follow(supervisor.find("#supervision a", "立督办单"))
    supervisor.fill(title=MATTER, unit_id="产业发展处")
    supervisor.follow(supervisor.find("main .btn-primary", "立项"))
    expect(supervisor.find(".page-head")).to_contain_text("待签收")
    order = supervisor.page.url.removeprefix(supervisor.address)

    staff, head = visitor("unit_staff"), visitor("unit_head")
    staff.open("/supervision/mine")
    staff.follow(staff.find("main a", MATTER).first)
    _take(staff, "received")
    _answer(staff, head, order, "已开专题会。")

    supervisor.open(order)
    supervisor.find("#step-returned summary").click()
    supervisor.page.locator("#returned-text").fill("没有完成时间。")
    _take(supervisor, "returned")
    staff.open(order)
    expect(staff.find(".page-head")).to_contain_text("已退办")
    _answer(staff, head, order, "十月底前完成，已签协议一份。")

    supervisor.open(order)
    _take(supervisor, "closed")
    expect(supervisor.find(".page-head")).to_contain_text("已销号")
    expect(supervisor.find("main")).to_contain_text("1次、0次")
    supervisor.open("/supervision/bulletins/new")
    supervisor.follow(supervisor.find("main .btn-primary", "印发通报"))
    expect(supervisor.find(".report tr", MATTER)).to_contain_text("2020-09-30")
    assert supervisor.download(supervisor.find("main button", "PDF"))[:5] == b"%PDF-"


def _answer(staff: Visitor, head: Visitor, order: str, text: str) -> None:
    """Written by the unit, signed by its head: not by who wrote it."""
    staff.page.locator("#answered-text").fill(text)
    _take(staff, "answered")
    expect(staff.find("#step-signed")).to_have_count(0)
    head.open(order)
    _take(head, "signed")


def _take(person: Visitor, kind: str) -> None:
    person.follow(person.find(f"#step-{kind} button[type=submit]"))
