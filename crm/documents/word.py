"""DOCX files that people go on editing: headings, paragraphs, tables. The same blocks give the same bytes."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

from crm.documents.cells import plain_text

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
A4, A3_WIDE = (11906, 16838), (23811, 16838)  # width and height in twips
MARGIN = 1134  # 2 cm
_WHEN = (1980, 1, 1, 0, 0, 0)  # zip needs a time; a real one would make each file another

Style = Literal["Title", "Heading1", "Normal", "Note"]


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


def write_word(blocks: Iterable[Paragraph | Table], page: tuple[int, int] = A4) -> bytes:
    """The document as a file."""
    width, height = page
    body = "".join(
        _paragraph(block.text, block.style)
        if isinstance(block, Paragraph)
        else _table(block, width)
        for block in blocks
    )
    turned = ' w:orient="landscape"' if width > height else ""
    margins = " ".join(f'w:{side}="{MARGIN}"' for side in ("top", "right", "bottom", "left"))
    section = (
        f'<w:sectPr><w:pgSz w:w="{width}" w:h="{height}"{turned}/>'
        f'<w:pgMar {margins} w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>'
    )
    document = f"{_HEAD}<w:document {_NAMES}><w:body>{body}{section}</w:body></w:document>"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in (*_PARTS, ("word/document.xml", document)):
            packed.writestr(zipfile.ZipInfo(name, _WHEN), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _paragraph(text: str, style: str, *, is_right: bool = False) -> str:
    side = '<w:jc w:val="right"/>' if is_right else ""
    lines = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in plain_text(text).split("\n")
    )
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{side}</w:pPr><w:r>{lines}</w:r></w:p>'


def _table(table: Table, page_width: int) -> str:
    room = page_width - 2 * MARGIN
    whole = sum(table.widths)
    widths = [int(room * width / whole) for width in table.widths]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    rows = [_row(table.head, widths, "CellHead", frozenset(), "<w:trPr><w:tblHeader/></w:trPr>")]
    rows += [_row(row, widths, "Cell", table.numbers) for row in table.rows]
    layout = '<w:tblStyle w:val="Grid"/><w:tblLayout w:type="fixed"/>'
    return (
        f"<w:tbl><w:tblPr>{layout}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
        + _paragraph("", "Normal")
    )


def _row(
    cells: Sequence[str],
    widths: Sequence[int],
    style: str,
    numbers: frozenset[int],
    about: str = "<w:trPr><w:cantSplit/></w:trPr>",
) -> str:
    filled = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
        f"{_paragraph(text, style, is_right=i in numbers)}</w:tc>"
        for i, (text, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"<w:tr>{about}{filled}</w:tr>"


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org"
_NAMES = f'xmlns:w="{_OFFICE}/wordprocessingml/2006/main"'
_RELATIONS = f"{_OFFICE}/officeDocument/2006/relationships"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def _style(
    name: str,
    font: str,
    half_points: int,
    *,
    is_bold: bool = False,
    spacing: str = "",
    more: str = "",
) -> str:
    bold = "<w:b/>" if is_bold else ""
    fonts = f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}"/>'
    return (
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{name}"/>'
        f"<w:pPr>{spacing}{more}</w:pPr><w:rPr>{fonts}{bold}"
        f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/></w:rPr></w:style>'
    )


def _edges() -> str:
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    return "".join(f'<w:{side} w:val="single" w:sz="4" w:color="8492A1"/>' for side in sides)


_APART = '<w:spacing w:before="0" w:after="120" w:line="360" w:lineRule="auto"/>'
_CLOSE = '<w:spacing w:before="20" w:after="20"/>'
_STYLES = "".join(
    (
        f"{_HEAD}<w:styles {_NAMES}>",
        _style("Normal", "仿宋", 28, spacing=_APART),
        _style(
            "Title", "小标宋体", 40, is_bold=True, spacing=_APART, more='<w:jc w:val="center"/>'
        ),
        _style("Heading1", "黑体", 30, spacing=_APART, more='<w:outlineLvl w:val="0"/>'),
        _style("Note", "仿宋", 21, spacing=_CLOSE),
        _style("Cell", "仿宋", 17, spacing=_CLOSE),
        _style("CellHead", "黑体", 17, spacing=_CLOSE, more='<w:jc w:val="center"/>'),
        f'<w:style w:type="table" w:styleId="Grid"><w:name w:val="Grid"/><w:tblPr><w:tblBorders>{_edges()}',
        '</w:tblBorders><w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/>',
        "</w:tblCellMar></w:tblPr></w:style></w:styles>",
    )
)
_PARTS = (
    (
        "[Content_Types].xml",
        f'{_HEAD}<Types xmlns="{_OFFICE}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_WORD}.document.main+xml"/>'
        f'<Override PartName="/word/styles.xml" ContentType="{_WORD}.styles+xml"/></Types>',
    ),
    (
        "_rels/.rels",
        f'{_HEAD}<Relationships xmlns="{_OFFICE}/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="word/document.xml"/>'
        "</Relationships>",
    ),
    (
        "word/_rels/document.xml.rels",
        f'{_HEAD}<Relationships xmlns="{_OFFICE}/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>',
    ),
    ("word/styles.xml", _STYLES),
)
