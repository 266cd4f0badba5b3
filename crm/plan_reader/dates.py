"""Dates as plans say them: 下半年, 10月底前, 三季度, 到2025年: the first and the last day on which something may be done."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from crm.plan_reader.numerals import chinese_number

_PATTERN = re.compile(
    r"(?P<year>20\d\d)?年?(?:今年|(?P<next>明年)|当年)?"
    r"(?:(?P<half>[上下]半年)(?P<half_end>底|末)?"
    r"|第?(?P<quarter>[一二三四1-4])季度(?P<quarter_end>末|底)?"
    r"|(?P<month>1[0-2]|0?[1-9])月份?(?:(?P<day>[12]\d|3[01]|0?[1-9])[日号]|(?P<third>[上中下])旬|(?P<month_end>底|末|中))?"
    r"|(?P<within>(?<![\d一二两三四五六七八九十])年内|本年度内|本年内|全年)|(?P<year_end>年底|年末|年终))"
    r"(?:(?P<before>之?前|以前)|起)?"
    r"|(?:到|至)(?P<until>20\d\d)年(?:底|末)?"
)


@dataclass(frozen=True)
class Window:
    """When something is to be done, and where in the text that is said."""

    start: int
    end: int
    not_before: date
    due: date
    is_whole_year: bool


def windows(text: str, year: int) -> Iterator[Window]:
    """Every date in the text, of the plan's year where none is named."""
    for found in _PATTERN.finditer(text):
        said = int(found["year"] or found["until"] or year + bool(found["next"]))
        try:
            first, last = _days(found, said)
        except ValueError:
            continue
        if found["before"]:
            is_end = found["month_end"] or found["day"]
            is_part = found["month"]
            last = last if is_end or not is_part else first - timedelta(days=1)
            first = date(said, 1, 1)
        whole = bool(found["within"] or found["year_end"] or found["until"])
        if first <= last:
            yield Window(found.start(), found.end(), first, last, whole)


def _days(found: re.Match[str], year: int) -> tuple[date, date]:
    if half := found["half"]:
        return (date(year, 1, 1), date(year, 6, 30)) if half[0] == "上" else _span(year, 7, 12)
    if quarter := found["quarter"]:
        number = int(quarter) if quarter.isdigit() else chinese_number(quarter)
        return _span(year, number * 3 - 2, number * 3)
    if found["month"]:
        return _month(found, year, int(found["month"]))
    return date(year, 1, 1), date(year, 12, 31)


def _month(found: re.Match[str], year: int, month: int) -> tuple[date, date]:
    first, last = _span(year, month, month)
    if found["day"]:
        day = date(year, month, int(found["day"]))
        return day, day
    if third := found["third"]:
        begins = {"上": 1, "中": 11, "下": 21}[third]
        return date(year, month, begins), last if third == "下" else date(year, month, begins + 9)
    return first, last


def _span(year: int, first: int, last: int) -> tuple[date, date]:
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])
