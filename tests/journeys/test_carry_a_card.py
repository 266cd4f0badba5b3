"""Investment carries a card over the board by keys; what happens is said to those who cannot see it."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.browsing import Visitor


def test_a_card_is_carried_by_keys_and_what_happens_is_said(
    visitor: Callable[..., Visitor],
) -> None:
    investor = visitor("investment")
    investor.open("/projects/board?where=stage:is:lead,negotiating")
    said, keys = investor.find("#board-says"), investor.page.keyboard
    card = investor.find("#cards-lead .board__card", "关口 5/5").first
    name = card.locator(".board__title").inner_text()
    title = investor.find(".board__title", name)

    title.press(" ")
    expect(said).to_contain_text(f"已拿起“{name}”，在“信息项目”")
    keys.press("ArrowRight")
    expect(said).to_have_text("“在谈项目”，第 2 列，共 7 列")
    investor.look()
    keys.press("Escape")
    expect(said).to_have_text(f"已取消，“{name}”仍在“信息项目”")
    expect(title).to_be_focused()

    with investor.refused(422):
        title.press(" ")
        keys.press("ArrowRight")
        keys.press("ArrowRight")
        keys.press("Enter")
        expect(investor.find("#gate form")).to_be_visible()
    expect(said).to_contain_text(f"没有移动，“{name}”仍在“信息项目”")
    keys.press("Escape")

    title.press(" ")
    keys.press("ArrowRight")
    keys.press(" ")
    expect(investor.find("#toasts")).to_contain_text(f"“{name}”已移到“在谈项目”")
    expect(investor.find("#cards-negotiating .board__card", name)).to_have_count(1)
    expect(title).to_be_focused()

    investor.open("/projects/flow")
    investor.look()
    investor.follow(investor.find("table a[href*='of=came']").first)
    investor.look()
    investor.open("/projects?where=stage:is:lead")
    investor.look()
