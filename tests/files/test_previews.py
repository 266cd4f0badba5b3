"""What a file looks like: drawn in a process that may be lost, seen by who sees the record, without what the camera adds."""

import io
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from weasyprint import HTML

from crm.core.db import writing
from crm.files import previews, services
from crm.files.content import MediaType
from crm.files.previews import NotShown
from crm.files.store import Store
from crm.ladder.models import QualificationKind
from tests import factories
from tests.files.hostile import pdf, png, xlsx

PAGES = '<p>first</p><div style="break-before: page; background: red; height: 5cm"></div>'


def a_letter() -> bytes:
    made = io.BytesIO()
    HTML(string=PAGES).write_pdf(made)
    return made.getvalue()


def a_photo() -> bytes:
    """Wider than high, held upright, and it knows where it was taken."""
    made = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter to the right
    exif[0x010E] = "31.77 N, 119.95 E"
    Image.new("RGB", (60, 40), "green").save(made, "JPEG", exif=exif)
    return made.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.at(str(tmp_path / "files"))


def drawn(store: Store, content: bytes, number: int = 1, zoom: int = 1) -> tuple[int, Any]:
    kept = store.keep(io.BytesIO(content))
    page = previews.page(store, kept.sha256, kept.media_type, number, zoom)
    return page.pages, Image.open(io.BytesIO(page.png))


def test_pages_of_a_pdf_are_drawn_one_by_one(store: Store) -> None:
    pages, first = drawn(store, a_letter())
    assert (pages, first.format, first.width) == (2, "PNG", 1000)
    _, second = drawn(store, a_letter(), 2, zoom=2)
    assert (second.width, second.getpixel((1000, 400))) == (2000, (255, 0, 0))
    for number in (0, 3):
        with pytest.raises(NotShown):
            drawn(store, a_letter(), number)


def test_a_photo_is_shown_upright_and_tells_nothing_of_where_it_was_taken(store: Store) -> None:
    content = a_photo()
    assert b"119.95" in content
    _, picture = drawn(store, content)
    assert picture.size == (40, 60)
    kept = store.keep(io.BytesIO(content))
    drawn_png = previews.page(store, kept.sha256, kept.media_type, 1, 1).png
    assert (b"119.95" in drawn_png, picture.info) == (False, {})
    _, commented = drawn(store, png(text=b"secret"))
    assert commented.info == {}


def endless(depth: int = 40) -> bytes:
    """A PDF whose one page draws a form that draws a form …, each twice: 2⁴⁰ times in all."""
    forms = b"".join(
        b"%d 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F %d 0 R>>>>/Length 11>>"
        b"stream\n/F Do /F Do\nendstream endobj\n" % (n, n + 1)
        for n in range(4, 4 + depth)
    )
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>>>endobj\n"
        + forms
        + b"%d 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 9>>stream\n0 0 9 9 re f\nendstream endobj\n"
        b"trailer<</Root 1 0 R>>" % (4 + depth)
    )


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("a picture too large", MediaType.PNG),
        ("half a picture", MediaType.PNG),
        ("a broken PDF", MediaType.PDF),
        ("an endless PDF", MediaType.PDF),
        ("a workbook", MediaType.XLSX),
    ],
)
def test_what_cannot_be_drawn_is_said_so_and_harms_nobody(
    store: Store, what: str, kind: MediaType
) -> None:
    content = {
        "a picture too large": lambda: png(9_000, 9_000),
        "half a picture": lambda: png()[:50],
        "a broken PDF": lambda: pdf(b"<<"),
        "an endless PDF": endless,
        "a workbook": xlsx,
    }[what]()
    kept = store.keep_own(io.BytesIO(content), kind)
    began = time.monotonic()
    with pytest.raises(NotShown):
        previews.page(store, kept.sha256, kind, 1, 1)
    assert time.monotonic() - began < 20


def test_a_preview_is_seen_by_who_sees_the_record(browser_of: Any, cast: factories.Cast) -> None:
    firm = factories.make_company(cast.carrier_a)
    proof = factories.make_qualification(firm, QualificationKind.HIGH_TECH, date(2018, 1, 2))
    other = factories.make_company(cast.carrier_b, "常州乙科技有限公司")
    browser = browser_of("a")
    for kind, record in (("qualification", proof.id), ("company", firm.id)):
        sent = {"file": (io.BytesIO(a_letter()), "证书.pdf")}
        browser.post(f"/files/{kind}/{record}", data=sent, content_type="multipart/form-data")
    kept = _store(browser).keep(io.BytesIO(a_letter()))
    with writing():
        services.attach("company", other.id, kept, name="c.pdf", by=cast.b)
    page = browser.get("/files/1?page=2")
    assert "第 2 页，共 2 页" in page.text
    assert kept.sha256 in page.text
    assert (firm.name in page.text, other.name in page.text) == (True, False)
    picture = browser.get("/files/1/pages/2")
    assert (picture.mimetype, picture.data[:4]) == ("image/png", b"\x89PNG")
    assert picture.headers["Cache-Control"] == "no-store"
    assert browser.get("/files/1/pages/3").status_code == 404
    assert "无法预览" in browser.get("/files/1?page=99").text
    for address in ("/files/1", "/files/1/pages/1"):
        assert browser_of("b").get(address).status_code == 404
        assert browser_of("admin").get(address).status_code == 403
        assert browser_of("leader").get(address).status_code == 200


def _store(browser: Any) -> Store:
    found: Store = browser.application.config["FILE_STORE"]
    return found
