"""A figure reported by hand counts once three people stand for it; leaders read it and take the report along."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.browsing import Visitor

TARGET = "T08"  # 营业收入, 300 亿元, of 产业发展处
NOTE = "园区企业统计月报，营业收入累计，2020年9月"


def test_a_figure_counts_once_it_is_signed_and_verified(visitor: Callable[..., Visitor]) -> None:
    staff = visitor("unit_staff")
    staff.follow(staff.find(f"main a[href^='/targets/{TARGET}']").first)
    staff.fill(as_of_on="2020-09-30", value="231.4", note=NOTE)
    staff.follow(staff.find("#report .btn-primary"))
    report = staff.find("tr[id^=report-]", NOTE).get_attribute("id")
    assert report
    expect(staff.find(f"#{report} .button-row")).to_have_count(0)  # not one's own

    supervisor = visitor("supervisor")
    supervisor.open("/targets/reviews")
    expect(supervisor.find(f"#{report}")).to_have_count(0)  # not before the head
    before = _figure(supervisor)
    assert before != "231.4"

    head = visitor("unit_head")
    head.open("/targets/reviews")
    head.follow(head.find(f"#{report} .btn-primary"))
    expect(head.find(f"#{report}")).to_have_count(0)
    assert _figure(head) == before

    supervisor.open("/targets/reviews")
    supervisor.follow(supervisor.find(f"#{report} .btn-primary"))
    expect(supervisor.find(f"#{report}")).to_have_count(0)

    leader = visitor("lead")
    assert _figure(leader) == "231.4"
    leader.open(f"/targets/{TARGET}")
    expect(leader.find(".stat", "完成率")).to_contain_text("77.1%")  # 231.4 of 300
    expect(leader.find(".light--ok").first).to_be_visible()
    expect(leader.find(f"#{report}")).to_contain_text("丁以宁 / 方景行 / 顾清越")
    expect(leader.find("#report")).to_have_count(0)


def test_a_leader_takes_the_pipeline_report_along(visitor: Callable[..., Visitor]) -> None:
    leader = visitor("lead")
    leader.follow(leader.find("#pipeline-overview .btn-primary"))
    expect(leader.find("h1")).to_have_text("项目推进报告")
    assert leader.download(leader.find("[name=format][value=xlsx]"))[:2] == b"PK"
    report = leader.page.url.removeprefix(leader.address)
    leader.follow(leader.find("[name=format][value=pdf]"))  # so long a paper is the worker's
    ready = leader.find("main button", "下载")
    expect(ready).to_be_visible(timeout=120_000)
    assert leader.download(ready)[:5] == b"%PDF-"
    leader.open(report)
    leader.fill(as_of="2020-06-30", since="2020-05-31")
    leader.follow(leader.find("#period .btn-primary"))
    expect(leader.find(".report-meta")).to_contain_text("2020-06-30")
    leader.follow(leader.find(".report-table .total a"))
    expect(leader.find(".page-head")).to_contain_text("截至2020-06-30")


def _figure(reader: Visitor) -> str:
    """What the board says was achieved, without what still waits."""
    reader.open("/targets")
    row = reader.page.locator("tr", has=reader.find(f"a[href^='/targets/{TARGET}']"))
    return row.locator("td[data-label=累计完成] > span").first.inner_text().split("\n")[0]
