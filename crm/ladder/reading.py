"""A published list of names, pasted or in a file, read into rows. What cannot be read is refused with the line it is in."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO

from crm.core.errors import DomainError
from crm.core.identifiers import clean_uscc
from crm.core.texts import is_refused, trimmed
from crm.core.words import N_
from crm.files.content import MediaType, expect_bounded
from crm.files.grids import read_grid
from crm.files.unpacking import MEGABYTE, Limits

MOST_ROWS = 5000
LARGEST_TEXT = 2 * MEGABYTE
LONGEST_NAME, LONGEST_NUMBER = 120, 60
_COLUMNS_READ = 30
_HEADS = {
    "name": ("企业名称", "单位名称", "公司名称", "名称", "企业", "申报单位", "company", "name"),
    "uscc": ("统一社会信用代码", "社会信用代码", "信用代码", "uscc"),
    "number": ("证书编号", "入库登记编号", "登记编号", "证书号", "编号", "文号", "number"),
}
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_CODE = re.compile(r"[0-9A-Z]{18}")
_NUMBER = re.compile(r"(?=.*\d)[0-9A-Za-z〔〕（）()\-]{8,}")
_SHORTEST_NAME = 4
_TITLES = 5  # lines above the head


@dataclass(frozen=True)
class Line:
    """One name as it stands in the list."""

    name: str
    uscc: str = ""
    number: str = ""


def read_file(file: IO[bytes], kind: MediaType) -> list[Line]:
    """The first sheet of a workbook, or a text. Raises DomainError."""
    if kind == MediaType.TEXT:
        expect_bounded(file, Limits(size=LARGEST_TEXT))
    return _lines(read_grid(file, kind).rows)


def _lines(rows: Iterable[Sequence[str]]) -> list[Line]:
    found: list[Line] = []
    places: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        cells = [_cell(value, number) for value in row[:_COLUMNS_READ]]
        if not any(cells):
            continue
        if not places and len(found) < _TITLES and (heads := _heads(cells)):
            places, found = heads, []  # what stood above was a title
            continue
        line = _line(cells, places)
        if line is not None:
            found.append(line)
        if len(found) > MOST_ROWS:
            raise DomainError(
                N_("一份名单最多 %(most)s 家，请分批。"), field="file", most=MOST_ROWS
            )
    if not found:
        raise DomainError(N_("没有读到企业名称。每行一家；有表头时请含“企业名称”。"), field="file")
    return list(dict.fromkeys(found))


def _cell(value: str, row: int) -> str:
    text = " ".join(trimmed(value).split())
    if any(is_refused(sign) for sign in text):
        raise DomainError(N_("第%(n)s行含有不能保存的字符，请核对。"), field="file", n=row)
    return text


def _heads(cells: Sequence[str]) -> dict[str, int]:
    """Which column is which, where the row is a head that names the firms' column."""
    places: dict[str, int] = {}
    for name, words in _HEADS.items():
        wanted = [cell.lower() for cell in cells]
        place = next((wanted.index(word) for word in words if word in wanted), None)
        if place is not None:
            places[name] = place
    return places if "name" in places else {}


def _line(cells: Sequence[str], places: dict[str, int]) -> Line | None:
    """A row by its heads, or by what its cells look like; None for what is no firm (a title, a page number)."""
    if places:
        texts = {name: cells[at] for name, at in places.items() if at < len(cells)}
    else:
        texts = {
            "name": next((c for c in cells if len(_CHINESE.findall(c)) >= _SHORTEST_NAME), ""),
            "uscc": next((c for c in cells if _CODE.fullmatch(c.upper())), ""),
        }
        others = (c for c in cells if c not in texts.values())
        texts["number"] = next((c for c in others if _NUMBER.fullmatch(c)), "")
    name = texts.get("name", "")[:LONGEST_NAME]
    number = texts.get("number", "")[:LONGEST_NUMBER]
    return Line(name, code_in(texts.get("uscc", "")), number) if name else None


def code_in(text: str) -> str:
    """A code that is none is left out: the name decides then."""
    try:
        return clean_uscc(text)
    except DomainError:
        return ""
