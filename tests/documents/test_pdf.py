"""A PDF is looked at, not only read: wrong glyphs can hide behind a right text layer."""

import subprocess
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps
from pypdf import PdfReader

from crm.documents.pdf import AddressRefused, to_pdf

STATIC = Path(__file__).parents[2] / "static"
DPI = 300
SIZE = 92  # pixels of a character of 22 points at that resolution
TITLE = "重点项目推进情况报告"


def test_the_report_carries_its_title_author_and_language(report: Path) -> None:
    about = poppler("pdfinfo", report)
    assert TITLE in about
    assert "科教城企业孵化" in about
    assert "Tagged:          yes" in about
    assert PdfReader(report).trailer["/Root"]["/Lang"] == "zh-Hans-CN"


def test_the_report_is_a4_with_numbered_pages(report: Path) -> None:
    assert "(A4)" in poppler("pdfinfo", report)
    for page in (1, 2, 3):
        text = poppler("pdftotext", "-f", page, "-l", page, report, "-").replace(" ", "")
        assert f"—{page}/3—" in text


def test_every_page_says_that_the_data_are_made_up(report: Path) -> None:
    for page in (1, 2, 3):
        assert "演示数据" in poppler("pdftotext", "-f", page, "-l", page, report, "-")


def test_the_head_of_a_table_is_repeated_on_each_page(report: Path) -> None:
    for page, heads in ((1, 0), (2, 1), (3, 1)):
        assert poppler("pdftotext", "-f", page, "-l", page, report, "-").count("责任单位") == heads


def test_the_words_and_rare_characters_can_be_read_out(report: Path) -> None:
    text = poppler("pdftotext", "-layout", report, "-")
    for words in ("截至9月底", "智能制造研究院喆镕17号㎡项目", "1863.50", "序时计划", "竣工"):
        assert words in text


def test_only_whole_noto_fonts_are_embedded(report: Path) -> None:
    fonts = poppler("pdffonts", report).splitlines()[2:]
    assert fonts
    assert all("Noto-S" in font and "-CJK-SC" in font for font in fonts)
    assert all(
        font.split()[-5:-2] == ["yes", "yes", "yes"] for font in fonts
    )  # embedded, subset, unicode


def test_charts_stay_vector(report: Path) -> None:
    assert (
        len(poppler("pdfimages", "-list", report).splitlines()) == 2
    )  # the two lines of the heading


def test_the_title_is_drawn_with_the_glyphs_of_its_font(report: Path, tmp_path: Path) -> None:
    drawn = _title_as_drawn(report, tmp_path)
    assert _likeness(drawn, _from_font(TITLE)) > 0.9
    assert _likeness(drawn, _from_font("重点项目推进清况报告")) < 0.8
    assert _likeness(drawn, _from_font("代业园区工作简报全文")) < 0.5


def test_charts_and_tables_leave_ink_on_every_page(report: Path, tmp_path: Path) -> None:
    for page in (1, 2, 3):
        pixels = np.asarray(_page(report, page, tmp_path))
        assert 0.01 < (pixels < 128).mean() < 0.3
    first = Image.open(tmp_path / "1.png").convert("RGB").getcolors(1 << 24) or []
    assert (
        sum(count for count, colour in first if colour == (0x2F, 0x6F, 0xB5)) > 40_000
    )  # the bars


def test_the_same_page_gives_the_same_file() -> None:
    html = "<html lang=zh><title>甲</title><h1>产业园区</h1>"
    assert to_pdf(html, static_root=STATIC) == to_pdf(html, static_root=STATIC)


def test_links_into_the_product_are_not_printed(report: Path) -> None:
    assert _links(report.read_bytes()) == []  # each project of its table is a link on screen
    page = "<a href='/projects/7'>甲</a><a href='https://example.org/gb'>乙</a>"
    assert _links(to_pdf(page, static_root=STATIC)) == ["https://example.org/gb"]


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/a.css",
        "https://example.org/a.css",
        "//example.org/static/a.css",
        "ftp://example.org/a.css",
        "file:///etc/passwd",
        "file://example.org/static/css/report.css",
        "/etc/passwd",
        "/static/../config.py",
        "/static/css/../../crm/__init__.py",
        "/static/..%2f..%2f..%2fetc%2fpasswd",
        "/static/%2e%2e/LICENSE",
        "/static//etc/passwd",
        "/static/vendor/echarts.min.js",
        "/static/css",
        "/static/css/none.css",
        "data:text/css,p{color:red}",
        "chart:none",
    ],
)
@pytest.mark.parametrize(
    "page",
    [
        '<link rel="stylesheet" href="{}">',
        '<style>@import url("{}");</style>',
        '<style>p {{ background: url("{}") }}</style><p>甲</p>',
        '<style>@font-face {{ font-family: f; src: url("{}") }}</style><p>甲</p>',
        '<img src="{}">',
        '<object data="{}"></object>',
        '<link rel="attachment" href="{}">',
        '<a rel="attachment" href="{}">甲</a>',
    ],
    ids=["style sheet", "import", "background", "font", "image", "object", "attachment", "link"],
)
def test_a_page_that_asks_for_anything_else_is_not_printed(page: str, address: str) -> None:
    with pytest.raises(AddressRefused):
        to_pdf(page.format(address), static_root=STATIC)


def test_a_link_in_the_static_folder_does_not_lead_out_of_it(tmp_path: Path) -> None:
    static = tmp_path / "static"
    static.mkdir()
    (tmp_path / "secret.css").write_text("p { color: red }")
    (static / "way-out.css").symlink_to(tmp_path / "secret.css")
    with pytest.raises(AddressRefused):
        to_pdf('<link rel="stylesheet" href="/static/way-out.css">', static_root=static)


def test_an_image_inside_a_chart_is_refused_too() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image width="9" height="9" href="file:///etc/hostname"/></svg>'
    with pytest.raises(AddressRefused):
        to_pdf('<img src="chart:a">', static_root=STATIC, charts={"a": svg})


def poppler(tool: str, *arguments: object) -> str:
    words = [tool, *map(str, arguments)]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def _links(pdf: bytes) -> list[str]:
    pages = PdfReader(BytesIO(pdf)).pages
    notes = [note.get_object() for page in pages for note in page.get("/Annots", [])]
    return [note["/A"]["/URI"] for note in notes if "/A" in note]


def _page(pdf: Path, page: int, folder: Path) -> Image.Image:
    target = folder / str(page)
    subprocess.run(
        [
            "pdftoppm",
            "-r",
            str(DPI),
            "-png",
            "-singlefile",
            "-f",
            str(page),
            "-l",
            str(page),
            pdf,
            target,
        ],
        check=True,
    )
    return Image.open(target.with_suffix(".png")).convert("L")


def _title_as_drawn(pdf: Path, folder: Path) -> Image.Image:
    """The band of the first page between its top edge and the red rule, cut to the ink."""
    page = _page(pdf, 1, folder)
    boxes = poppler("pdftotext", "-bbox", "-f", 1, "-l", 1, pdf, "-").splitlines()
    box = next(line for line in boxes if "<word" in line and TITLE in line).split('"')
    left, top, right, bottom = (float(box[i]) * DPI / 72 for i in (1, 3, 5, 7))
    return _cut_to_ink(page.crop((int(left) - 2, int(top), int(right) + 2, int(bottom))))


def _from_font(words: str) -> Image.Image:
    """The same words drawn straight from the font file: no PDF, no subset, no web font between."""
    pattern = "Noto Serif CJK SC:bold"
    file, index = subprocess.run(
        ["fc-match", "-f", "%{file}\n%{index}", pattern], check=True, capture_output=True, text=True
    ).stdout.split("\n")
    font = ImageFont.truetype(file, SIZE, index=int(index))
    image = Image.new("L", (SIZE * len(words) + 40, 2 * SIZE), 255)
    ImageDraw.Draw(image).text((20, 20), words, font=font, fill=0)
    return _cut_to_ink(image)


def _cut_to_ink(image: Image.Image) -> Image.Image:
    return image.crop(ImageOps.invert(image).point(lambda ink: 255 * (ink > 100)).getbbox())


def _likeness(one: Image.Image, other: Image.Image) -> float:
    """How like the two least alike characters are: correlation of their ink, 1 for the same."""
    size = SIZE * len(TITLE)
    lines = [
        np.asarray(image.resize((size, SIZE)).filter(ImageFilter.GaussianBlur(1.5))).astype(float)
        for image in (one, other)
    ]
    pairs = zip(*(np.split(line, len(TITLE), axis=1) for line in lines), strict=True)
    return min(float(np.corrcoef(a.ravel(), b.ravel())[0, 1]) for a, b in pairs)
