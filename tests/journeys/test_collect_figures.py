"""Figures are collected without a portal: workbooks out and in, the rest typed into the grid, all verified by another."""

import io
import zipfile
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.journeys.browsing import Visitor
from tests.operating.filling import fill, zipped

SENT_BACK = 3
PASTE = """(cell, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


def test_a_round_goes_out_comes_back_and_is_verified(visitor: Callable[..., Visitor]) -> None:
    a = visitor("A")
    a.open("/ladder")
    a.follow(a.find("main a", "经营数据"))
    a.follow(a.find(".tabs-line a", "收集"))
    a.follow(a.find("tbody a", "2020年1—9月"))
    with zipfile.ZipFile(io.BytesIO(a.download(a.find("main button", "未报企业")))) as archive:
        blanks = {name: archive.read(name) for name in archive.namelist()[: SENT_BACK + 1]}
    names = list(blanks)
    returned = {
        name: fill(blanks[name], revenue=4000 + n, assets=900, staff=23)
        for n, name in enumerate(names[:SENT_BACK])
    }
    returned[names[SENT_BACK]] = fill(blanks[names[SENT_BACK]], revenue="很多", staff=3)
    a.page.set_input_files(
        "#files",
        {"name": "收回.zip", "mimeType": "application/zip", "buffer": zipped(returned)},
    )
    a.follow(a.find("main button", "上传并核对"))
    expect(a.find("main tbody tr", "C9 营业收入")).to_contain_text("不是数字")
    for box in a.find("[name=confirmed]").all():
        box.check()
    a.follow(a.find("main form .btn-primary", "保存"))
    expect(a.find("#messages")).to_contain_text(f"已收 {SENT_BACK} 家")

    _type_into_the_grid(a)

    supervisor = visitor("supervisor")
    supervisor.open("/operating/reports?year=2020&month=9&state=pending")
    supervisor.find("[data-tick-all]").check()
    supervisor.follow(supervisor.find("main .btn-primary", "核验所选"))
    expect(supervisor.find("#messages")).to_contain_text(f"已核验 {SENT_BACK + 4} 份")
    expect(supervisor.find("main .empty-state")).to_be_visible()


def _type_into_the_grid(a: Visitor) -> None:
    """By keys alone: Enter goes down, arrows go across; a block is pasted; one row by itself, then all."""
    a.open("/operating/grid?year=2020&month=9")
    first, second = _cells(a, 0), _cells(a, 1)
    first.nth(0).focus()
    a.page.keyboard.type("100")
    a.page.keyboard.press("Enter")
    expect(second.nth(0)).to_be_focused()
    a.page.keyboard.type("200")
    a.page.keyboard.press("ArrowRight")
    expect(second.nth(1)).to_be_focused()
    a.page.keyboard.press("ArrowUp")
    expect(first.nth(1)).to_be_focused()
    a.page.keyboard.type("很多")
    with a.refused(422):
        _save_row(a, 0)
    expect(_row(a, 0).locator(".field-error")).to_contain_text("不是数字")
    expect(_cells(a, 0).nth(1)).to_have_value("很多")
    _cells(a, 0).nth(1).fill("50")
    _save_row(a, 0)
    expect(_row(a, 0)).to_contain_text("待核")
    _cells(a, 2).nth(0).evaluate(PASTE, "310\t40\t5\n1,320.5\t41\t6\n")
    expect(_cells(a, 3).nth(2)).to_have_value("6")
    a.look()
    a.follow(a.find("main .btn-primary", "全部保存"))
    expect(a.find("#messages")).to_contain_text("已保存 3 家")
    expect(_cells(a, 3).nth(0)).to_have_value("1320.5")


def _row(a: Visitor, at: int) -> Locator:
    return a.find("#grid tbody").nth(at)


def _cells(a: Visitor, at: int) -> Locator:
    return _row(a, at).locator("[data-cell]")


def _save_row(a: Visitor, at: int) -> None:
    _row(a, at).locator("[data-save-row]").click()
