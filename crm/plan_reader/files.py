"""The text of a plan that came as a file: .txt, .html, .docx, .pdf or .doc, told apart by content, read within bounds."""

import io
import re
import subprocess
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import docx
import pypdf
from docx.oxml.ns import qn

from crm.core.errors import DomainError
from crm.core.words import N_

LARGEST = 20_000_000  # bytes, packed and unpacked alike
LONGEST = 300_000  # letters: long plans have 60 000
MOST_PAGES = 500
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SECONDS = 20


class Unreadable(DomainError):
    """The file gives no text."""


def text_of(data: bytes) -> str:
    """The text of a file, a paragraph on a line. Raises Unreadable with a sentence."""
    if len(data) > LARGEST:
        raise Unreadable(N_("文件超过 20 MB，请只上传工作要点的正文。"))
    if data.startswith(b"%PDF"):
        text = _of_pdf(data)
    elif data.startswith(b"PK"):
        text = _of_docx(data)
    elif data.startswith(_OLE):
        text = _of_doc(data)
    else:
        text = _decoded(data)
        if re.match(r"\s*(?:<!doctype|<html|<\?xml|<(?:head|body|div|p)\b)", text, re.I):
            text = _of_html(text)
    if len(text) > LONGEST:
        raise Unreadable(N_("文字过长，请只上传工作要点的正文。"))
    if not text.strip():
        raise Unreadable(N_("文件里没有文字。扫描件请先转换为文字，或把正文粘贴进来。"))
    return text


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable(N_("这不是文本、网页、Word 或 PDF 文件。"))


def _of_docx(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > LARGEST:
                raise Unreadable(N_("文件解压后过大，不予读取。"))
        body = docx.Document(io.BytesIO(data)).element.body
    except Unreadable:
        raise
    except Exception as error:  # a broken package raises whatever its reader stumbles on
        raise Unreadable(N_("这个 Word 文件打不开，请用 Word 另存一份再试。")) from error
    return "\n".join(_lines_of(body))


def _lines_of(part: Any) -> Iterator[str]:
    """The paragraphs and the rows of the tables in a part of a Word file, in order."""
    for element in part:
        if element.tag == qn("w:p"):
            yield "".join(piece.text or "" for piece in element.iter(qn("w:t")))
        elif element.tag == qn("w:tr"):
            yield _as_row(["\n".join(_lines_of(cell)) for cell in element.iter(qn("w:tc"))])
        else:
            yield from _lines_of(element)


def _as_row(cells: list[str]) -> str:
    """The cells of a row on a line, tabs between them; of a table that only lays out a page, one after another."""
    cells = [cell.strip() for cell in cells]
    if len(cells) < 2 or max(map(len, cells)) > _LONGEST_CELL:
        return "\n".join(cells)
    return "\t".join(" ".join(cell.split()) for cell in cells)


_LONGEST_CELL = 300


def _of_pdf(data: bytes) -> str:
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        pages = [page.extract_text() for page in reader.pages[:MOST_PAGES]]
    except Exception as error:  # as above
        raise Unreadable(N_("这个 PDF 文件打不开，或设有密码。")) from error
    return flowing("\n".join(pages))


def _of_doc(data: bytes) -> str:
    """An old Word file, through antiword, which reads nothing but this file."""
    try:
        done = subprocess.run(
            ["antiword", "-m", "UTF-8.txt", "-w", "0", "-"],
            input=data, capture_output=True, timeout=_SECONDS, check=True,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise Unreadable(
            N_("这台服务器没有安装 antiword，读不了旧版 .doc，请另存为 .docx 再试。")
        ) from error
    except (subprocess.SubprocessError, OSError) as error:
        raise Unreadable(N_("这个 Word 文件打不开，请用 Word 另存一份再试。")) from error
    return done.stdout.decode("utf-8", "replace")


_BLOCKS = frozenset(
    ("p", "div", "br", "li", "h1", "h2", "h3", "h4", "h5", "h6")
    + ("section", "article", "table", "ul", "ol", "dd", "dt")
)
_CELLS = frozenset(("td", "th"))
_UNSEEN = frozenset(("script", "style", "head", "template", "noscript"))


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen = 0
        self._rows: list[list[int]] = []  # where the cells of each open row begin

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _BLOCKS:
            self.pieces.append("\n")
        elif tag == "tr":
            self._rows.append([])
        elif tag in _CELLS and self._rows:
            self._rows[-1].append(len(self.pieces))

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))
        if tag in _BLOCKS:
            self.pieces.append("\n")
        elif tag == "tr" and self._rows and (begins := self._rows.pop()):
            ends = [*begins[1:], len(self.pieces)]
            cells = ["".join(self.pieces[a:b]) for a, b in zip(begins, ends, strict=True)]
            self.pieces[begins[0] :] = ["\n", _as_row(cells), "\n"]

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(re.sub(r"[\r\n\t]", "", data))


def _of_html(text: str) -> str:
    reader = _Text()
    reader.feed(text)
    reader.close()
    lines = (line.strip(" ") for line in "".join(reader.pieces).split("\n"))
    return "\n".join(line for line in lines if line.strip())


_NEW_PARAGRAPH = re.compile(
    r"\s*(?:第?[一二三四五六七八九十]+[、章部]|[(（][一二三四五六七八九十\d]+[)）]|\d{1,3}[.．、](?!\d)|——|•|□)"
)
_PAGE_NUMBER = re.compile(r"\s*[-—－]?\s*(?:第\s*)?\d{1,3}\s*(?:页)?\s*[-—－]?\s*")


def flowing(text: str) -> str:
    """Printed lines put together again into paragraphs: a page breaks sentences where its lines end."""
    paragraphs: list[str] = []
    for line in text.splitlines():
        if not line.strip() or _PAGE_NUMBER.fullmatch(line):
            continue
        goes_on = paragraphs and not re.search(r"[。;；:：!！?？]\s*$", paragraphs[-1])
        if goes_on and not _NEW_PARAGRAPH.match(line) and not _is_heading(paragraphs[-1]):
            paragraphs[-1] += line.strip()
        else:
            paragraphs.append(line.strip())
    return "\n".join(paragraphs)


def _is_heading(line: str) -> bool:
    """A short line with a sign before it and no stop: the next line is not its continuation."""
    return bool(_NEW_PARAGRAPH.match(line)) and len(line) < 25 and not re.search("[,，。]", line)
