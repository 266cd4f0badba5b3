"""A leader on the way, with a phone."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.browsing import PHONE, Visitor

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_a_leader_reads_targets_and_report_on_a_phone(visitor: Callable[..., Visitor]) -> None:
    leader = visitor("lead", viewport=PHONE)
    expect(leader.find("h1")).to_have_text("我的工作")
    menu, targets = leader.find(".nav-fold summary"), leader.find("#main-nav a[href='/targets']")
    expect(targets).to_be_hidden()
    menu.tap()
    expect(targets).to_be_visible()
    leader.look()
    leader.follow(targets)
    expect(leader.find("#main-nav [aria-current=page]")).to_have_text("指标")
    leader.follow(leader.find("td a[href^='/targets/T01']").first)
    expect(leader.find("#curve svg")).to_be_visible()
    leader.open("/reports/pipeline")
    expect(leader.find("[name=format][value=pdf]")).to_be_in_viewport()


def test_language_and_theme_stay_as_they_were_chosen(visitor: Callable[..., Visitor]) -> None:
    leader = visitor("lead", viewport=PHONE)
    leader.follow(leader.find("button[name=locale][value=en]"))
    expect(leader.find("html")).to_have_attribute("lang", "en")
    expect(leader.find("h1")).not_to_have_text(CHINESE)
    leader.open("/targets")
    expect(leader.find("h1")).not_to_have_text(CHINESE)
    expect(leader.find("main thead").first).not_to_contain_text(CHINESE)

    leader.find("[data-theme-toggle]").tap()
    expect(leader.find("html")).to_have_attribute("data-bs-theme", "dark")
    leader.page.goto("/")
    expect(leader.find("html")).to_have_attribute("data-bs-theme", "dark")
    leader.find("[data-theme-toggle]").tap()
    expect(leader.find("html")).to_have_attribute("data-bs-theme", "light")
    leader.follow(leader.find("button[name=locale][value=zh_Hans_CN]"))
    expect(leader.find("h1")).to_have_text("我的工作")
