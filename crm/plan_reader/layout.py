"""Cuts a plan up without moving a letter: every part is a span of the text as it was given.

A plan is chapters (一、…), tasks (1. … or （一）…) in them, sentences, and clauses between commas. What cannot be a promise
(titles of documents, quoted names, dates of issue) is blanked out in a copy of the same length.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from crm.plan_reader.tables import Columns, Row, columns_of

BLANK = "\u2591"
LONGEST_SENTENCE = (
    1500  # letters; what is longer is cut, so that reading time grows with length only
)
LONGEST_CLAUSE = 400
_WIDE = {
    ord(wide): ord(narrow)
    for wide, narrow in zip(
        "０１２３４５６７８９．％（），；：－～＋／", "0123456789.%(),;:-~+/", strict=True
    )
}
_WIDE |= {
    ord("—"): ord("-"),
    ord("–"): ord("-"),
    ord("−"): ord("-"),
    ord("〜"): ord("~"),
    ord("∼"): ord("~"),
    ord("％"): ord("%"),
    ord("　"): ord(" "),
    ord("\xa0"): ord(" "),
}
_WIDE |= dict.fromkeys(range(ord("①"), ord("⑳") + 1), ord(" "))  # signs of a list

_DIGITS = "一二三四五六七八九十百零〇"
_CHAPTER = re.compile(
    rf"[ \t]*(?:第[{_DIGITS}\d]+[章部分篇节]+[ \t、.:]*|([{_DIGITS}]+)[ \t]*、)(?=\S)"
)
_TASK = re.compile(
    rf"[ \t]*(?:(\d{{1,3}})[ \t]*[.、)](?:(?!\d)|(?=20\d\d年))[ \t]*|\((\d{{1,3}}|[{_DIGITS}]+)\)[ \t、.]*)(?=\S)"
)
_INNER_TASK = re.compile(r"(?<=[。;])[ \t]*(?:\((\d{1,3})\)|(\d{1,2})[.、](?!\d))")

_MASKED = (
    re.compile(r"(?:附[件表]|(?<=\n)\s*附)\s*[\d一二三四五]?\s*:[^\n]*"),
    re.compile(r"《[^》\n]{1,80}》"),
    re.compile(r"“[^”\n]{1,24}”"),
    re.compile(r"‘[^’\n]{1,24}’"),
    re.compile(r"「[^」\n]{1,24}」"),
    re.compile(r"\"[^\"\n]{1,24}\""),
    re.compile(r"[〔\[]\d{4}[〕\]]\s*\d+\s*号"),
    re.compile(r"\d+\s*号(?=[^线机])"),
    re.compile(r"第\s*[\d一二三四五六七八九十百]+(?!方阵)"),
    re.compile(
        r"[A-Za-z][A-Za-z]*[-+.]?\d+(?:\.\d+)*|\d+(?:\.\d+)?\s*[+×*xX]\s*[A-Za-z\d]+|(?<![\d.])\d+[GDKV](?![A-Za-z²])|[1-3]\s*类(?=新药|创新药|医疗器械)"
    ),
    re.compile(r"\d+\s*(?:千伏|kV)|\d{1,2}:\d{2}|\d+-\d{6,}|\d{7,}(?![万亿元])|https?://\S+"),
    re.compile(r"工业\s*\d\.\d|(?<![前\d])\d+\s*强(?![化健弱])|\d+\s*分钟生活圈"),
)
_TITLED = re.compile(
    r"(20\d\d)年?度?(?:(?!总结|回顾|20\d\d)[^。\n]){0,20}?"
    r"(?:工作要点|工作计划|工作安排|重点工作|目标任务|工作思路|工作打算|工作目标|主要目标|任务书|责任书)"
)
_SPANNING = re.compile(r"(?m)^[^。《\n]{2,40}\n?[ \t]*\((20\d\d)年?-20\d\d年?\)\s*$")
_FIVE_YEARS = re.compile("“?十([一二三四五])五”?(?:期间|时期|末)")
_DECADE = re.compile(
    r"[十]?[一二三四五]五(?=规划|时期|期间|末|开局|收官)|双(?:百|千|万)|两学一做|一带一路|三公|三农|一网通办|一件事"
)


@dataclass(frozen=True)
class Span:
    """A part of the text, from `start` up to `end`."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]


@dataclass(frozen=True)
class Sentence(Span):
    """A sentence with where it stands: the chapter's and the task's sign and heading, its row if it is a cell of a table."""

    chapter: str
    chapter_title: str
    task: str
    task_title: str
    row: Row | None = None
    year: int | None = None  # of the cell's column
    deadline: str = ""  # of the row


def narrow(text: str) -> str:
    """The same letters in half width, one for one."""
    return text.translate(_WIDE)


def masked(text: str) -> str:
    """The narrow text with everything blanked out that only looks like a promise, one for one.

    Of “十三五”期间 its last year stands there, by which past and future are told apart.
    """
    text = _FIVE_YEARS.sub(_last_year, text)
    for pattern in (*_MASKED, _DECADE):
        text = pattern.sub(lambda found: BLANK * len(found[0]), text)
    return text


def _last_year(period: re.Match[str]) -> str:
    length = len(period[0])
    return f"{2005 + 5 * '零一二三四五'.index(period[1])}年".ljust(length, BLANK)[:length]


def sentences(text: str, year: int) -> Iterator[Sentence]:
    """The sentences of a narrow text in order; a heading is one of them, and so is what a row promises for the year."""
    here = Sentence(0, 0, "", "", "", "")
    columns: Columns | None = None
    for start, end in _lines(text):
        line = text[start:end]
        is_row = "\t" in line
        if is_row and (head := columns_of(line, year)):
            columns = head
            continue
        columns = columns if is_row or "。" not in line else None
        figures = [*columns.figures(line, start)] if is_row and columns else []
        here = replace(here, deadline=columns.deadline(line) if is_row and columns else "")
        for begin, until, by, row in figures:
            yield replace(here, start=begin, end=until, row=row, year=by)
        if figures:
            continue
        if found := _CHAPTER.match(line):
            sign, title = found[1] or found[0].strip(" 、.:"), _title(line[found.end() :])
            here = replace(here, chapter=sign, chapter_title=title, task="", task_title="")
            start += found.end()
        elif found := _TASK.match(line):
            here = replace(here, task=found[1] or found[2], task_title=_title(line[found.end() :]))
            start += found.end()
        stops = "。;!?\t" if line.count("\t") >= _FEW_CELLS else "。;!?"
        for one in re.finditer(rf"[^{stops}]{{1,{LONGEST_SENTENCE}}}[{stops}]?", text[start:end]):
            if one[0].strip():
                yield replace(here, start=start + one.start(), end=start + one.end())


_FEW_CELLS = 2  # 营业收入, 300亿元: they are read together


def _lines(text: str) -> Iterator[tuple[int, int]]:
    for line in re.finditer(r"[^\r\n]+", text):
        at = line.start()
        for inner in () if "\t" in line[0] else _INNER_TASK.finditer(line[0]):
            if line.start() + inner.start() > at:
                yield at, line.start() + inner.start()
                at = line.start() + inner.start()
        yield at, line.end()


def without_sign(line: str) -> str:
    """A line without the sign of its chapter or task."""
    found = _CHAPTER.match(line) or _TASK.match(line)
    return line[found.end() :] if found else line


def _title(rest: str) -> str:
    return re.split(r"[。:;]", rest.strip(), maxsplit=1)[0][:60]


def clauses(text: str, sentence: Span) -> Iterator[Span]:
    """The parts of a sentence between commas; a comma inside of brackets or within a number is none."""
    depth, start = 0, sentence.start
    for at in range(sentence.start, sentence.end):
        letter = text[at]
        if letter == "(":
            depth += 1
        elif letter == ")":
            depth = max(0, depth - 1)
        elif letter in ",:。;!?" and not depth and not _within(text, at):
            if text[start:at].strip():
                yield Span(start, at)
            start = at + 1
        elif at - start >= LONGEST_CLAUSE:
            yield Span(start, at)
            start = at
    if text[start : sentence.end].strip():
        yield Span(start, sentence.end)


def _within(text: str, at: int) -> bool:
    """Whether the sign belongs to a number (1,200) or stands before one that it tells (营业收入(亿元):300)."""
    if text[at] == ":":
        return bool(re.match(r"\s*[≥≤><]?\s*\d+(?![\d年月日])", text[at + 1 : at + 8]))
    return bool(
        text[at] == ","
        and re.fullmatch(r"\d{3}(?!\d).*", text[at + 1 : at + 5] + " ", re.S)
        and text[at - 1 : at].isdigit()
    )


def plan_year(text: str) -> int | None:
    """The year that the plan is for: that of its title, the first of several, else the one it speaks of most."""
    titled = _SPANNING.findall(text) or _TITLED.findall(text)
    years = titled or re.findall(r"(20\d\d)年", text)
    return int(max(years, key=lambda year: (years.count(year), year))) if years else None
