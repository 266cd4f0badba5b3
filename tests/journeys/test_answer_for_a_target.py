"""A unit tells what it owes and what it expects of the year, and answers an order; a leader turns a red light into one."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.browsing import Visitor

RED = "T06"  # of 科技创新处, in the charge of the demo park's leader
OWN = "T36"  # of 产业发展处, counted by the system
ORDERED = "关于完善园区托幼配套的建议"


def test_a_unit_tells_what_it_owes_and_expects_and_answers(visitor: Callable[..., Visitor]) -> None:
    staff, head = visitor("unit_staff"), visitor("unit_head")
    staff.open("/todo")
    staff.follow(staff.find("main li", "报送9月指标数据").locator("a").last)
    row = staff.find("tr[data-grid-row]", OWN)
    row.locator("[name=confirmed]").check()
    staff.follow(staff.find("main .btn-primary", "全部提交"))
    expect(row).to_contain_text("已确认")

    staff.open(f"/targets/{OWN}")
    staff.follow(staff.find("#responsibility a", "申报预计全年"))
    staff.fill(value="3", note="三季度报表测算，第四季度两家可达")
    staff.follow(staff.find("main .btn-primary", "申报"))
    expect(staff.find("#responsibility")).to_contain_text("待签发")
    head.open(f"/targets/{OWN}")
    head.follow(head.find("#responsibility button", "签发"))
    expect(head.find("#responsibility tr", "三季度报表测算")).to_contain_text("方景行")

    staff.open("/supervision/mine")
    staff.follow(staff.find("main a", ORDERED).first)
    staff.page.locator("#answered-text").fill("两处托幼点已开工，年底投用。")
    staff.follow(staff.find("#step-answered button[type=submit]"))
    expect(staff.find(".page-head")).to_contain_text("待负责人签发")


def test_a_leader_instructs_on_a_red_light_and_finds_the_order(
    visitor: Callable[..., Visitor],
) -> None:
    leader, supervisor = visitor("lead"), visitor("supervisor")
    leader.follow(leader.find("main a[href='/responsibility/mine']").first)
    leader.follow(leader.find("main td a", RED))
    expect(leader.find("main .light--bad").first).to_be_visible()
    leader.follow(leader.find("#followup a", "批示").first)
    words = "请科技创新处会同园区，月内拿出追赶进度的办法。"
    owner = leader.page.locator("#owner option").nth(1).get_attribute("value") or ""
    leader.fill(text=words, owner=owner, due_on="2020-10-20")
    leader.follow(leader.find("main form .btn-primary"))

    supervisor.open("/supervision/sources")
    supervisor.follow(supervisor.find("main tr", words).locator("a", has_text="立项"))
    supervisor.follow(supervisor.find("main .btn-primary", "立项"))
    expect(supervisor.find(".page-head")).to_contain_text("待签收")

    leader.open("/followup/instructions")
    leader.follow(leader.find("main a", words[:20]))
    expect(leader.find("#supervision tr", words[:20])).to_contain_text("待签收")
