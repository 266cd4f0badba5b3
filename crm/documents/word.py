"""DOCX files that people go on editing: headings, paragraphs, tables. The same blocks give the same bytes."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENTATION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt
from docx.styles.style import ParagraphStyle

from crm.documents.cells import plain_text

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
A4, A3_WIDE = (Mm(210), Mm(297)), (Mm(420), Mm(297))  # width and height
MARGIN = Mm(20)
_WHEN = (1980, 1, 1, 0, 0, 0)  # zip needs a time; a real one would make each file another

Style = Literal["Title", "Heading 1", "Normal", "Note"]


@dataclass(frozen=True)
class Paragraph:
    """Some text; line ends in it stay."""

    text: str
    style: Style = "Normal"


@dataclass(frozen=True)
class Table:
    """A head that repeats on each page, and rows; `widths` are shares of the page, `numbers` the columns set to the right."""

    head: Sequence[str]
    rows: Iterable[Sequence[str]]
    widths: Sequence[float]
    numbers: frozenset[int] = frozenset()


def write_word(blocks: Iterable[Paragraph | Table], page: tuple[Length, Length] = A4) -> bytes:
    """The document as a file."""
    document = docx.Document()
    _lay_out(document, page)
    _set_styles(document)
    for block in blocks:
        if isinstance(block, Paragraph):
            document.add_paragraph(plain_text(block.text), block.style)
        else:
            _add_table(document, block, page[0] - 2 * MARGIN)
    about = document.core_properties
    about.author = about.comments = ""  # the library's own name
    file = io.BytesIO()
    document.save(file)
    return _undated(file)


def _lay_out(document: Document, page: tuple[Length, Length]) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = page
    is_wide = page[0] > page[1]
    section.orientation = WD_ORIENTATION.LANDSCAPE if is_wide else WD_ORIENTATION.PORTRAIT
    section.left_margin = section.right_margin = MARGIN
    section.top_margin = section.bottom_margin = MARGIN


def _set_styles(document: Document) -> None:
    """The typefaces of official papers, smaller in tables."""
    _set_style(document, "Normal", "仿宋", 14, after=6, line=1.5)
    title = _set_style(document, "Title", "小标宋体", 20, after=6, line=1.5)
    title.font.bold = True
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _set_style(document, "Heading 1", "黑体", 15, after=6, line=1.5)
    _set_style(document, "Note", "仿宋", 10.5)
    _set_style(document, "Cell", "仿宋", 7.5)
    number = _set_style(document, "Number", "仿宋", 7.5)
    number.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    head = _set_style(document, "Head", "黑体", 7.5)
    head.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for padding in document.styles["Table Grid"].element.xpath(
        "w:tblPr/w:tblCellMar/*[self::w:left or self::w:right]"
    ):
        padding.set(qn("w:w"), "40")


def _set_style(
    document: Document, name: str, font: str, points: float, *, after: float = 1, line: float = 1
) -> ParagraphStyle:
    """Ours in place of the library's own, whose theme would win over the font."""
    styles = document.styles
    if name not in styles:
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style = styles[name]
    assert isinstance(style, ParagraphStyle)
    for old in style.element.xpath("w:rPr | w:pPr/w:pBdr"):
        old.getparent().remove(old)
    style.font.name, style.font.size = font, Pt(points)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), font)  # Word takes Chinese letters from here
    style.paragraph_format.space_before = Pt(0)
    style.paragraph_format.space_after = Pt(after)
    style.paragraph_format.line_spacing = line
    return style


def _add_table(document: Document, table: Table, room: int) -> None:
    rows = [table.head, *table.rows]
    whole = sum(table.widths)
    widths = [Length(int(room * width / whole)) for width in table.widths]
    drawn = document.add_table(len(rows), len(widths), "Table Grid")
    drawn.autofit = False
    for column, width in zip(drawn.columns, widths, strict=True):
        column.width = width
    styles = ["Number" if i in table.numbers else "Cell" for i in range(len(widths))]
    for place, (row, texts) in enumerate(zip(drawn.rows, rows, strict=True)):
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit" if place else "w:tblHeader"))
        for cell, text, width, style in zip(row.cells, texts, widths, styles, strict=True):
            cell.width = width
            paragraph = cell.paragraphs[0]
            paragraph.add_run(plain_text(text))
            # By its id: the library looks a name up in 5 ms, for each of some thousand cells.
            paragraph._p.style = style if place else "Head"
    document.add_paragraph()


def _undated(file: io.BytesIO) -> bytes:
    """The same package without the hour of its making."""
    made = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _WHEN), old.read(name), zipfile.ZIP_DEFLATED)
    return made.getvalue()
