"""A firm comes into the library from its own page, with who looks after it; its course stands in the list."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.browsing import Visitor

MEASURES = "辅导研发费用归集，对接知识产权机构"


def test_a_firm_is_taken_in_and_stands_in_the_library(visitor: Callable[..., Visitor]) -> None:
    a = visitor("A")
    a.open("/companies?where=kind:is:enterprise")
    a.follow(a.find("tbody th a").nth(5))
    name = a.find("h1").inner_text()
    a.follow(a.find("main a", "列入培育库").first)
    a.fill(target_rung="listed", target_year="2023", entered_on="2020-09-30", measures=MEASURES)
    a.follow(a.find("main form .btn-primary"))
    expect(a.find("main")).to_contain_text(MEASURES)
    a.open(f"/cultivation?q={name}")
    expect(a.find("tbody tr", name)).to_contain_text("2023")
    a.follow(a.find("tbody th a", name))
    expect(a.find("main")).to_contain_text("2023年达到上市企业")
    a.follow(a.find("main a", "出库"))
