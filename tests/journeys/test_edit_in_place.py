"""Incubator staff edits a fact where it stands; Esc leaves it as it was; two people at once lose nothing."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.browsing import Visitor


def test_a_fact_is_edited_in_place_and_an_overtaken_form_is_merged(
    visitor: Callable[..., Visitor],
) -> None:
    a = visitor("A")
    a.open("/companies")
    a.follow(a.find("#list tbody th a").first)
    value = a.find("#fact-legal_representative .fact__value")

    value.click()
    expect(a.find("#legal_representative")).to_be_focused()
    a.fill(legal_representative="不作数")
    a.find("#legal_representative").press("Escape")
    expect(value).not_to_contain_text("不作数")
    a.look()

    value.click()
    a.fill(legal_representative="沈亦凡")
    a.look()
    a.find("#legal_representative").press("Enter")
    expect(value).to_contain_text("沈亦凡")
    a.look()

    colleague = visitor("A")
    firm = a.page.url
    colleague.open(f"{firm}/edit")
    a.open(f"{firm}/edit")
    a.fill(legal_representative="陆知远", registered_address="常武中路18号")
    a.follow(a.find("main form .btn-primary"))
    colleague.fill(legal_representative="顾明夷")
    with colleague.refused(409):
        colleague.follow(colleague.find("main form .btn-primary"))
    clash = colleague.find(".clash")
    expect(clash).to_contain_text("陆知远")
    expect(clash).to_contain_text("沈亦凡")
    clash.get_by_text("我填写的").click()
    colleague.follow(colleague.find("main form .btn-primary"))
    expect(colleague.find("#fact-legal_representative")).to_contain_text("顾明夷")
    expect(colleague.find("#fact-registered_address")).to_contain_text("常武中路18号")
