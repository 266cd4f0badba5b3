"""A supervisor finds a firm that was written down twice, chooses what holds by the keyboard, merges, and takes it back."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.browsing import Visitor


def test_two_records_become_one_and_two_again(visitor: Callable[..., Visitor]) -> None:
    s = visitor("supervisor")
    s.open("/companies")
    s.follow(s.find("main .page-head__actions a", "可能重复"))
    row = s.find("main tbody tr", "名称仅地区不同")
    kept, gone = row.locator("a strong").all_text_contents()
    lost = row.locator("a:has(strong)").nth(1).get_attribute("href") or ""
    s.follow(row.get_by_text("比对合并"))
    take = s.find("#take-right-name")
    take.focus()
    take.press("Enter")
    expect(s.find("#name")).to_have_value(gone)
    expect(s.find("#take-right-name")).to_be_focused()
    s.find("#take-left-name").press("Enter")
    expect(s.find("#name")).to_have_value(kept)
    s.look()
    s.follow(s.find("main form .button-row .btn-primary"))
    expect(s.find("main")).to_contain_text(gone)
    merge = s.page.url
    s.open(lost)
    expect(s.find("h1")).to_have_text(kept)
    expect(s.find("main")).to_contain_text("已并入本企业")
    s.open(f"/companies?q={gone}")
    expect(s.find("#list tbody th")).to_have_text(kept)
    s.open(merge)
    s.follow(s.find("main form .button-row .btn"))
    expect(s.find("h1")).to_have_text(gone)
