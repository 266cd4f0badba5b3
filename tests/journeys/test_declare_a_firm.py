"""组织申报: a batch is opened, a firm goes from 摸底 to 认定, and its certificate comes with it."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.browsing import Visitor

NUMBER = "GR202032800001"


def test_a_firm_is_declared_and_gets_its_certificate(visitor: Callable[..., Visitor]) -> None:
    a = visitor("A")
    a.open("/companies?where=kind:is:enterprise")
    firm = a.find("tbody th a").nth(3)
    name, address = firm.inner_text(), firm.get_attribute("href")
    a.open("/declarations")
    a.follow(a.find("main a", "新建批次").first)
    a.fill(qualification="high_tech", year="2020", number="补报批", due_on="2020-10-16")
    a.follow(a.find("main form .btn-primary"))
    batch = a.page.url
    a.follow(a.find("main a", "添加申报").first)
    a.fill(lines=name)
    a.follow(a.find("main form .btn-primary"))
    for state in ("已报", "公示"):
        _take_to(a, name, state)
        column = a.page.locator(".board__column", has=a.find("h2", re.compile(f"^{state}$")))
        expect(column).to_contain_text(name)
    _take_to(a, name, "认定")
    a.find("main tbody input[name^=value-]").fill(NUMBER)
    a.fill(source="苏高企协〔2020〕9号", issued_on="2020-09-28")
    a.follow(a.find("main form .btn-primary"))
    assert a.page.url == batch

    a.open(f"{address}")
    expect(a.find("#ladder-of-" + str(address).split("/")[-1])).to_contain_text(NUMBER)


def _take_to(a: Visitor, name: str, state: str) -> None:
    a.page.get_by_label(f"勾选 {name}").check()
    a.fill(to_state=state, effective_on="2020-09-30")
    a.follow(a.find("main form .btn-primary"))
