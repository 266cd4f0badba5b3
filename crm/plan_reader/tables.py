"""A table of indicators within a text: lines whose cells stand apart by tabs, under one that says what its columns hold."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crm.plan_reader import lexicon as words
from crm.plan_reader.numerals import UNIT

_NAME = re.compile("指标|项目|名称|内容|任务|事项|工作")
_UNIT = re.compile(r"\s*(?:计量)?单位\s*")
_GOAL = re.compile(r"目标|计划|任务|指标值|预期|20\d\d\s*年?")
_BY = re.compile("时限|时间|节点|期限|进度要求")
_OTHER = re.compile(
    "完成|实际|上年|去年|基数|基期|同期|现状|时限|时间|单位|部门|责任|措施|备注|依据"
)
_YEAR = re.compile(r"20\d\d")
_FIGURE = re.compile(
    rf"\s*(?:{words.ABOVE}|{words.AT_LEAST}|{words.AT_MOST}|{words.GROWTH}|力争|确保|约|[><])*\s*(?:\d|前|两位数|翻)[^。;]{{0,30}}"
)


@dataclass(frozen=True)
class Row:
    """What a row of a table is about, and where it stands in the text."""

    start: int
    end: int
    name: str
    unit: str


@dataclass(frozen=True)
class Columns:
    """Which columns of a table say the indicator, its unit, what shall be reached (and in which year), and by when."""

    name: int
    unit: int | None
    goals: tuple[tuple[int, int], ...]
    by: int | None
    count: int

    def deadline(self, line: str) -> str:
        """What a row says of when it is to be done."""
        cells = line.split("\t")
        at = -1 if self.by is None else self.by + len(cells) - self.count
        return cells[at] if at >= 0 else ""

    def figures(self, line: str, start: int) -> Iterator[tuple[int, int, int, Row]]:
        """The cells of a row that say what shall be reached: from, up to, by which year, of what."""
        cells = list(cells_of(line))
        shift = len(cells) - self.count  # a cell over several rows is missing in the later ones
        if shift > 0 or self.name + shift < 0:
            return
        name = line[slice(*cells[self.name + shift])].strip()
        unit = line[slice(*cells[self.unit + shift])].strip() if self.unit is not None else ""
        if bracketed := re.search(rf"\(({UNIT})\)", name):
            unit = unit or bracketed[1]
            name = name.replace(bracketed[0], "")
        row = Row(start, start + len(line), name, unit if re.fullmatch(r"\D{1,8}", unit) else "")
        for column, year in self.goals:
            begin, end = cells[column + shift]
            if name and _FIGURE.fullmatch(line[begin:end]):
                yield start + begin, start + end, year, row


def cells_of(line: str) -> Iterator[tuple[int, int]]:
    """The cells of a line, from and up to; one where it is no row."""
    start = 0
    for cell in line.split("\t"):
        yield start, start + len(cell)
        start += len(cell) + 1


def columns_of(line: str, year: int) -> Columns | None:
    """What the columns hold, if this line is the head of a table of indicators for this year."""
    heads = [line[slice(*cell)].strip() for cell in cells_of(line)]
    if len(heads) < 2 or max(map(len, heads)) > _LONGEST_HEAD:
        return None
    named = (at for at, head in enumerate(heads) if _NAME.search(head) and not _YEAR.search(head))
    name = next(named, int(heads[0] == "序号"))
    goals = [
        (at, int(said[0]) if (said := _YEAR.search(head)) else year)
        for at, head in enumerate(heads)
        if at != name and _GOAL.search(head) and not _OTHER.search(head)
    ]
    goals = [(at, until) for at, until in goals if until >= year]
    by = next((at for at, head in enumerate(heads) if _BY.search(head)), None)
    if not goals and (by is None or not any(map(_NAME.search, heads))):
        return None
    unit = next((at for at, head in enumerate(heads) if _UNIT.fullmatch(head)), None)
    return Columns(name, unit, tuple(goals), by, len(heads))


_LONGEST_HEAD = 20
