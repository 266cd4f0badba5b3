"""The machine says who is ready; a person takes it up, and it waits in the queue of who is to do it."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.browsing import Visitor


def test_a_suggestion_that_is_taken_up_becomes_a_todo(visitor: Callable[..., Visitor]) -> None:
    a = visitor("A")
    a.open("/readiness/high_tech")
    row = a.find("tbody tr").first
    name = row.locator("th a").first.inner_text()
    a.follow(row.locator("a", has_text="采纳"))
    what = a.find("#what").input_value()
    assert name in what
    a.fill(due_on="2020-10-15")
    a.follow(a.find("main form .btn-primary"))
    expect(a.find("tbody tr", name)).to_have_count(0)
    a.follow(a.find("main a", "已处理"))
    a.follow(a.find("tbody tr", name).locator("a", has_text="待办"))
    expect(a.find("h1")).to_contain_text(what)
    a.open("/todo")
    expect(a.find("[data-todo]", what)).to_be_visible()
