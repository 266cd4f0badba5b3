"""The investment team's Monday: say what moved, look at the funnel and the forecast; the leader issues 项目调度."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.journeys.browsing import Visitor

COUNTED = re.compile(r"(?:共|找到)?\s*([\d,]+)\s*(?:项|个|条)")


def test_what_moved_is_told_project_by_project_without_the_mouse(
    visitor: Callable[..., Visitor],
) -> None:
    staff = visitor("investment")
    staff.open("/projects/notes")
    staff.follow(staff.find("main table tbody a", "填报").first)
    first = staff.page.url
    staff.fill(progress="设备已进场，本周完成调试。", next_steps="下周联动试车。")
    with staff.page.expect_navigation():
        staff.page.keyboard.press("Control+Enter")
    staff.look()
    assert staff.page.url != first
    staff.page.goto(first)
    expect(staff.find("#progress")).to_have_value("设备已进场，本周完成调试。")


def test_what_is_typed_outlives_the_session(visitor: Callable[..., Visitor]) -> None:
    staff = visitor("investment")
    staff.open("/projects/notes")
    staff.follow(staff.find("main table tbody a", "填报").first)
    form = staff.page.url
    staff.find("#progress").fill("写了一半，登录过期了。")
    staff.page.wait_for_load_state("networkidle")
    staff.page.context.clear_cookies()
    with staff.refused(400), staff.page.expect_navigation():
        staff.page.keyboard.press("Control+Enter")
    staff.follow(staff.find("main a", "返回"))
    staff.sign_in("investment")
    staff.open(form.removeprefix(staff.address))
    expect(staff.find("#progress")).to_have_value("写了一半，登录过期了。")
    staff.find("button", "放弃").first.click()


def test_a_mark_opens_the_projects_that_it_counts(visitor: Callable[..., Visitor]) -> None:
    lead = visitor("lead")
    for page in ("/projects/funnel", "/projects/breakdowns", "/projects/forecast"):
        lead.open(page)
        figure = lead.find("main table td.num a").first
        counted = int(figure.inner_text().replace(",", ""))
        lead.follow(figure)
        assert _rows(lead) == counted, page


def _rows(lead: Visitor) -> int:
    """How many projects the page says that it lists."""
    told = COUNTED.search(lead.find("main").inner_text())
    assert told is not None
    return int(told[1].replace(",", ""))


def test_the_leader_issues_the_monthly_report_and_its_files_stay(
    visitor: Callable[..., Visitor],
) -> None:
    lead = visitor("lead")
    lead.open("/reports/dispatch?month=2020-08")
    lead.find("summary", "批准并发布").click()
    lead.follow(lead.find("form button", "批准并发布"))
    expect(lead.find("main")).to_contain_text("批准人")
    assert lead.download(_file(lead, "xlsx")).startswith(b"PK")
    assert lead.download(_file(lead, "docx")).startswith(b"PK")
    lead.open("/reports/dispatch?month=2020-08")
    expect(lead.find("main")).to_contain_text("这个月的报告已于")


def _file(lead: Visitor, kind: str) -> Locator:
    return lead.page.locator(f"button[name=format][value={kind}]")
