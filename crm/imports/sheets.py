"""A sheet as an import takes it: where its head is, what stands over each column, its rows, and what was left out.

Real lists have titles above the head, heads of two lines, a line of totals and remarks below. What is left out is told.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import IO, Any, NamedTuple

from crm.core.attributes import MoneyUnit
from crm.core.errors import DomainError
from crm.core.texts import trimmed
from crm.core.words import N_
from crm.files.content import MediaType
from crm.files.grids import Grid, read_grid
from crm.imports.headings import key_of, keys_of, unit_of

SEARCHED_FOR_HEAD = 20
LONGEST_HEADING = 120
_TOTALS = {"合计", "总计", "小计", "共计", "total"}
_BELOW = ("注", "备注", "说明", "填表人", "制表人", "审核人", "单位负责人", "填报人")
_NAMED = 5  # rows that a remark names one by one


class Line(NamedTuple):
    """A row of the sheet: its number as people count, the head included, and its cells, one for each heading."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Remark:
    """Something to know of how the sheet was read: a msgid and its values."""

    text: str
    values: tuple[tuple[str, Any], ...] = ()


_NOT_TOLD = Remark(N_("XLS 文件读不出哪些行是隐藏的：隐藏的行也会导入，请核对行数。"))


@dataclass(frozen=True)
class Sheet:
    """What is to be imported. `head_row` is the last line of the head, as people count; `unit` what a line above says of
    all amounts; `sheets` the other sheets that could be read instead.
    """

    name: str
    head_row: int
    headings: tuple[str, ...]
    rows: Sequence[Line]
    unit: MoneyUnit | None = None
    remarks: tuple[Remark, ...] = ()
    sheets: tuple[str, ...] = ()


def read(
    file: IO[bytes],
    kind: MediaType,
    known: Collection[str],
    *,
    sheet: str = "",
    head_row: int | None = None,
) -> Sheet:
    """Read one sheet. `known` are the keys of headings (mapping.known_keys) by which its head is found; `head_row` says it.

    Raises DomainError with a sentence for what cannot be read.
    """
    found = as_sheet(read_grid(file, kind, sheet), known, head_row)
    if kind is MediaType.XLS:
        found = replace(found, remarks=(*found.remarks, _NOT_TOLD))
    return found


def as_sheet(grid: Grid, known: Collection[str], head_row: int | None = None) -> Sheet:
    rows = [tuple(trimmed(cell) for cell in row) for row in grid.rows]
    if not any(any(row) for row in rows):
        raise DomainError(N_("没有读到任何内容。"), field="file")
    if head_row is not None and not (0 < head_row <= len(rows) and any(rows[head_row - 1])):
        raise DomainError(N_("第%(n)s行不是表头。"), field="head_row", n=head_row)
    at = _find_head(rows, known) if head_row is None else head_row - 1
    headings, at, above = _head(rows, at, known)
    width = _width(headings, rows[at + 1 :])
    headings = (*headings, *("",) * width)[:width]
    lines, remarks = _lines(rows, at, width)
    if not lines:
        raise DomainError(N_("表头（第%(n)s行）下面没有数据。"), field="file", n=at + 1)
    hidden = [line.number for line in lines if line.number in grid.hidden]
    remarks += _remark(N_("有%(n)s行在表中是隐藏的（%(rows)s），也会导入。"), hidden)
    unit = next((u for row in rows[:above] for cell in row if (u := unit_of(cell))), None)
    return Sheet(grid.name, at + 1, headings, lines, unit, tuple(remarks), grid.sheets)


def _find_head(rows: Sequence[Sequence[str]], known: Collection[str]) -> int:
    """The row with most of the words that stand over columns of this kind; without any, the first that is no title."""
    searched = rows[:SEARCHED_FOR_HEAD]
    scores = [_known(row, known) for row in searched]
    if max(scores) > 0:
        return scores.index(max(scores))
    widest = max(len({cell for cell in row if cell}) for row in searched)
    return next(i for i, row in enumerate(searched) if len({c for c in row if c}) * 2 > widest)


def _known(row: Sequence[str], known: Collection[str]) -> int:
    return sum(any(key in known for key in keys_of(cell[:LONGEST_HEADING])) for cell in row)


def _head(
    rows: Sequence[Sequence[str]], at: int, known: Collection[str]
) -> tuple[tuple[str, ...], int, int]:
    """The headings, the last row of the head, and the first: a head may have two lines, its columns merged in groups."""
    row = rows[at]
    below = rows[at + 1] if at + 1 < len(rows) else ()
    above = rows[at - 1] if at else ()
    if _is_second_line(row, below, known):
        return _joined(row, below), at + 1, at
    if len({cell for cell in above if cell}) > 1 and _is_second_line(above, row, known):
        return _joined(above, row), at, at - 1
    return tuple(cell[:LONGEST_HEADING] for cell in row), at, at


def _is_second_line(first: Sequence[str], second: Sequence[str], known: Collection[str]) -> bool:
    """Whether `second` only says what is under the groups of `first`: it has words under gaps, and repeats or leaves empty
    what stands for itself. A row of data under an empty heading is none.
    """
    gaps = [
        i
        for i, word in enumerate(second)
        if word and (i >= len(first) or not first[i]) and any(first[:i])
    ]
    if not gaps or any(_is_figure(word) for word in second if word):
        return False
    groups = {i - 1 for i in gaps} | set(gaps)
    alone = [i for i, word in enumerate(first) if word and i not in groups]
    if any(i < len(second) and second[i] not in ("", first[i]) for i in alone):
        return False
    return bool(alone) or _known(second, known) > 0


def _is_figure(text: str) -> bool:
    return text.replace(",", "").replace(".", "").replace("-", "").replace("/", "").isdigit()


def _joined(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    """One heading for each column; the group's word goes before it where another group has the same word."""
    width = max(len(first), len(second))
    upper, group = [], ""
    for i in range(width):
        own = first[i] if i < len(first) else ""
        lower = second[i] if i < len(second) else ""
        group = own or (group if lower else "")
        upper.append(group)
    lowers = [second[i] if i < len(second) else "" for i in range(width)]
    headings = []
    for group, lower in zip(upper, lowers, strict=True):
        is_alone = not lower or lower == group or not group
        heading = (lower or group) if is_alone else lower
        if not is_alone and lowers.count(lower) > 1:
            heading = f"{group} {lower}"
        headings.append(heading[:LONGEST_HEADING])
    return tuple(headings)


def _width(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Up to the last column that has a heading or a value."""
    last = max((i for i, word in enumerate(headings, 1) if word), default=0)
    longest = {len(row) for row in rows}
    if max(longest, default=0) <= last:
        return last
    return max(last, *(i for row in rows for i, cell in enumerate(row, 1) if cell), 0)


def _lines(rows: Sequence[Sequence[str]], at: int, width: int) -> tuple[list[Line], list[Remark]]:
    head = [cell for cell in rows[at] if cell]
    lines: list[Line] = []
    totals: list[int] = []
    below: list[int] = []
    heads: list[int] = []
    for number, row in enumerate(rows[at + 1 :], at + 2):
        words = [cell for cell in row if cell]
        if not words:
            continue
        if key_of(words[0]) in _TOTALS:
            totals.append(number)
        elif words == head:  # printed again on each page
            heads.append(number)
        elif len(words) <= 2 < width and words[0].startswith(_BELOW):
            below.append(number)
        else:
            lines.append(Line(number, (*row, *("",) * (width - len(row)))[:width]))
    remarks = [
        *_remark(N_("合计行不导入：第%(rows)s行。"), totals),
        *_remark(N_("重复的表头不导入：第%(rows)s行。"), heads),
        *_remark(N_("表下说明不导入：第%(rows)s行。"), below),
    ]
    return lines, remarks


def _remark(text: str, numbers: Sequence[int]) -> list[Remark]:
    if not numbers:
        return []
    named = "、".join(str(n) for n in numbers[:_NAMED]) + ("…" if len(numbers) > _NAMED else "")
    return [Remark(text, (("n", len(numbers)), ("rows", named)))]
