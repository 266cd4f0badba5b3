"""Finds numbers with their units in a clause: digits, Chinese numerals, fractions, ranges, 翻番, ranks, 千亿大关, 零."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from crm.plan_reader.lexicon import (
    ABOVE,
    AT_LEAST,
    COUNTED,
    MONEY,
    PER,
    SCALES,
    UNITS,
    alternatives,
)

_ONES = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_PLACES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}

_NUMBER = r"(?:\d{1,3}(?:[, ]\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_CHINESE = r"[一二两三四五六七八九][一二两三四五六七八九十百千零〇]{0,11}|十[一二三四五六七八九]?"
_SCALE = alternatives(SCALES)
_UNIT = alternatives(UNITS) + f"(?:/{alternatives(PER)}){{0,2}}"
UNIT = f"{_SCALE}?{_UNIT}"
_COUNTED = alternatives((*COUNTED, *MONEY))
_DASH = r"(?:-{1,2}|~|至|到)"
_MANY = "[余多来几]?"
_END = r"[^\w(]|$"

_FOUND = re.compile(
    rf"(?P<fraction>\d+/\d+)(?!\d)"
    rf"|(?P<parts>[一二三四五六七八九十百]{{1,8}})分之(?P<share>[一二三四五六七八九十百点]+(?!十)[一二三四五六七八九十零]*)"
    rf"|(?P<tenths>\d|[一二两三四五六七八九])成(?=多?(?:{_END}|以上|以下|以内|左右|的))"
    rf"|(?:{ABOVE}|{AT_LEAST})(?P<mark>[十百千]?[万亿]|万亿|[百千](?!元))(?P<mark_unit>{_COUNTED})?"
    rf"(?={_END}|大关|关口|新?台阶)"
    rf"|(?<=[为至到])(?P<zero>零)(?={_END})"
    r"|(?P<digits>两位数|双位数)"
    rf"|(?<!个)翻(?P<doublings>[一两二三四\d]?)番"
    rf"|(?:(?<![提底月日之以末午目])前|TOP|top)(?P<rank>\d+|{_CHINESE})(?P<rank_unit>位|名|强|列)?"
    rf"|(?P<low>{_NUMBER})\s*(?P<low_unit>{_SCALE}?{_UNIT})?\s*{_DASH}\s*(?P<high>{_NUMBER})\s*(?P<range_unit>{_SCALE}?{_UNIT}|{_SCALE})?"
    rf"|(?P<number>{_NUMBER})\s*(?P<many>{_MANY})(?P<unit>{_SCALE}?{_MANY}{_UNIT}|{_SCALE})?"
    rf"|(?P<chinese>{_CHINESE})(?P<chinese_unit>{_SCALE}?{_UNIT})"
)
_DATE = re.compile(
    r"\d{4}\s*年|\d{1,2}\s*月(?:\d{1,2}\s*[日号])?|(?<![\d个])\d{1,2}\s*日(?=前|之前|起|至|,|，)|\d{2}\s*年代|\d{4}\s*[届级]|\d+\s*(?:年|月|周年|世纪|岁|时)"
)


@dataclass(frozen=True)
class Quantity:
    """A number as it is written: where it stands, how much, of what. `value_to`: the upper end of a range."""

    start: int
    end: int
    value: Decimal
    unit: str
    value_to: Decimal | None = None
    is_chinese: bool = False
    is_rank: bool = False
    is_doubling: bool = False
    is_floor: bool = False  # 两位数, 余: at least


def chinese_number(text: str) -> int:
    """一百二十 → 120, 两 → 2. Raises KeyError for anything else."""
    total = section = digit = 0
    for letter in text:
        if letter in _PLACES:
            place = _PLACES[letter]
            if place >= 10_000:
                below = total if total < place else 0  # 万亿 is ten thousand times 亿
                total, section, digit = total - below + (below + section + digit) * place, 0, 0
            else:
                section, digit = section + (digit or 1) * place, 0
        else:
            digit = _ONES[letter]
    return total + section + digit


def quantities(clause: str, offset: int = 0) -> Iterator[Quantity]:
    """All numbers of a clause in order, dates left out."""
    bare = _DATE.sub(lambda found: "\u2591" * len(found[0]), clause)
    for found in _FOUND.finditer(bare):
        quantity = _quantity(found, offset)
        if quantity:
            yield quantity


def _quantity(found: re.Match[str], offset: int) -> Quantity | None:
    start, end = found.start() + offset, found.end() + offset
    if found["fraction"]:
        above, below = found["fraction"].split("/")
        if int(below) < 2 or int(above) >= int(below):
            return None
        return Quantity(start, end, Decimal(above) / Decimal(below), "比例")
    if found["parts"]:
        below = chinese_number(found["parts"])
        above = _spoken(found["share"])
        if below == 100:
            return Quantity(start, end, above, "%")
        return Quantity(start, end, above / below, "比例")
    if found["tenths"]:
        return Quantity(start, end, 10 * _whole(found["tenths"]), "%")
    if found["mark"]:  # 突破千亿: a thousand of 亿元
        power, scale, __ = re.split("([万亿]?)$", found["mark"], maxsplit=1)
        unit = found["mark_unit"] or ("元" if scale == "亿" else "")
        start = found.start("mark") + offset
        return Quantity(start, end, _whole("一" + power), scale + unit)
    if found["zero"]:
        return Quantity(start, end, Decimal(0), "")
    if found["doublings"] is not None:
        times = int(_whole(found["doublings"] or "一"))
        return Quantity(start, end, Decimal(2**times), "倍", is_doubling=True)
    if found["rank"]:
        value = _whole(found["rank"])
        return Quantity(start, end, value, found["rank_unit"] or "位", is_rank=True)
    if found["low"]:
        low, high = _decimal(found["low"]), _decimal(found["high"])
        above = found["range_unit"] or ""
        unit = found["low_unit"] or above
        high = high * _scale(above) / _scale(unit)  # 8000万元至1亿元
        return Quantity(start, end, low, unit, value_to=high)
    if found["digits"]:
        return Quantity(start, end, Decimal(10), "%", is_floor=True)
    if found["chinese"]:
        value = Decimal(chinese_number(found["chinese"]))
        return Quantity(start, end, value, found["chinese_unit"], is_chinese=True)
    unit = found["unit"] or ""
    is_floor = bool(found["many"]) or bool(re.search("[余多来几]", unit))
    unit = re.sub(r"[余多来几()]", "", unit).replace("个亿", "亿元")  # 家(次) is 家次
    return Quantity(start, end, _decimal(found["number"]), unit, is_floor=is_floor)


def _decimal(text: str) -> Decimal:
    return Decimal(re.sub("[, ]", "", text))


def _whole(text: str) -> Decimal:
    return Decimal(text if text.isdigit() else chinese_number(text))


def _scale(unit: str) -> int:
    scale = re.match("[十百千万亿]*", unit)
    return chinese_number("一" + scale[0]) if scale else 1


def _spoken(text: str) -> Decimal:
    """三十 → 30, 三点五 → 3.5."""
    whole, __, part = text.partition("点")
    value = Decimal(chinese_number(whole))
    for place, letter in enumerate(part, 1):
        value += Decimal(_ONES[letter]).scaleb(-place)
    return value
