"""Evidence on a firm's page: two files at once, a look at one page by page, a removal and its undo."""

import io
from collections.abc import Callable

from playwright.sync_api import FilePayload, expect
from weasyprint import HTML

from tests.files.hostile import PDF, png
from tests.journeys.browsing import PHONE, Visitor


def a_letter() -> bytes:
    """Two pages, the second of another colour."""
    made = io.BytesIO()
    pages = '<body><p>first</p><div style="break-before: page; background: red; height: 5cm"></div>'
    HTML(string=pages).write_pdf(made)
    return made.getvalue()


def sent(name: str, kind: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


def test_files_are_uploaded_looked_at_removed_and_put_back(visitor: Callable[..., Visitor]) -> None:
    a = visitor("A")
    a.open("/companies?where=kind:is:enterprise")
    a.follow(a.find("tbody th a").first)
    panel = a.find("#files")
    files = [
        sent("租赁合同.pdf", "application/pdf", a_letter()),
        sent("现场照片.png", "image/png", png(900, 600)),
        sent("假证书.pdf", "application/pdf", b"MZ\x90\x00" + bytes(90)),
    ]
    panel.locator("input[type=file]").set_input_files(files)
    panel.locator("#note").fill("2020年入驻")
    with a.refused(422):
        panel.locator("button", has_text="上传").click()
    expect(panel.locator("li[id]")).to_have_count(2)
    expect(panel.locator(".is-refused")).to_contain_text("不接受这种文件")
    expect(panel.locator("li[id]").first).to_contain_text("2020年入驻")
    a.look()

    panel.locator("li[id]", has_text="现场照片").get_by_text("修改").click()
    expect(panel.locator("#name")).to_be_focused()
    panel.locator("#name").fill("厂房照片")
    panel.locator("#name").press("Enter")
    expect(panel.locator("li[id]", has_text="厂房照片.png")).to_be_visible()
    a.look()

    a.follow(panel.get_by_role("link", name="租赁合同.pdf", exact=True))
    picture = a.find("#preview img")
    expect(a.find("#preview")).to_contain_text("第 1 页，共 2 页")
    assert picture.evaluate("async img => { await img.decode(); return img.naturalWidth }") == 1000
    with a.page.expect_navigation():
        a.page.keyboard.press("ArrowRight")
    expect(a.find("#preview")).to_contain_text("第 2 页，共 2 页")
    a.follow(a.find("#preview a", "放大"))
    assert picture.evaluate("async img => { await img.decode(); return img.naturalWidth }") == 2000

    phone = visitor("A", viewport=PHONE)
    phone.open(a.page.url.removeprefix(a.address))

    a.follow(a.find("main button, header button", "移除"))
    expect(panel.locator("li[id]")).to_have_count(1)
    a.follow(a.find("#messages button", "撤销"))
    expect(panel.locator("li[id]")).to_have_count(2)


def test_a_screenshot_is_pasted_and_a_file_dropped(visitor: Callable[..., Visitor]) -> None:
    a = visitor("A")
    a.open("/companies?where=kind:is:enterprise")
    a.follow(a.find("tbody th a").nth(1))
    zone = a.find("#files form[data-uploads]")
    give = """(zone, [event, name, type, bytes]) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], name, { type }));
      const init = { bubbles: true, cancelable: true };
      zone.querySelector("#note").dispatchEvent(event === "paste"
        ? new ClipboardEvent(event, { ...init, clipboardData: data })
        : new DragEvent(event, { ...init, dataTransfer: data }));
    }"""
    zone.evaluate(give, ["paste", "image.png", "image/png", list(png(30, 20))])
    expect(a.find("#files li[id]")).to_contain_text("截图-")
    zone.evaluate(give, ["drop", "说明.pdf", "application/pdf", list(PDF)])
    expect(a.find("#files li[id]")).to_have_count(2)
    with a.refused(409):
        zone.evaluate(give, ["drop", "又一份.pdf", "application/pdf", list(PDF)])
    expect(a.find("#files .is-refused")).to_contain_text("内容相同的附件已经在了：说明.pdf")
    a.look()
