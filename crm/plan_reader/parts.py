"""The numbers of a clause, each with the words that belong to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from crm.plan_reader import lexicon as words
from crm.plan_reader.layout import Span
from crm.plan_reader.numerals import UNIT, Quantity, quantities


@dataclass(frozen=True)
class Part:
    """A number with the words on both sides, up to its neighbours or the ends of the clause."""

    quantity: Quantity
    lead: str
    bound: str
    rest: str
    before: str  # the clause from its beginning
    after: str  # the clause to its end
    until: int  # where the number ends, its bound included
    is_followed: bool = False  # by the next number at once, or 确保 and the next number

    @property
    def is_bracketed(self) -> bool:
        return self.before.count("(") > self.before.count(")")

    @property
    def stands_last(self) -> bool:
        """新增企业5家: nothing follows that it could count."""
        rest = self.rest.lstrip(" )")
        return not rest or rest.startswith(("(", *_JOINS, *words.FIRM))


_BOUND = re.compile(
    f"[ )]*(?:({words.OR_MORE}|{words.OR_LESS}|{words.ABOUT})(?:大关|的?目标)?|大关|关口|新?台阶|的目标)"
)
BOUNDED = re.compile(f"(?:{words.ABOVE}|{words.AT_LEAST}|{words.AT_MOST})$")
_UNIT_BEFORE = re.compile(
    rf"\((?P<unit>{UNIT})\)[\s:]*(?:{words.ABOVE}|{words.AT_LEAST}|{words.AT_MOST})?$"
)


SIZE = (
    r"(?:[^,、;\d]{0,4}?(?:投资|注册资本|估值|市值|营收|营业收入|销售收入|产值|税收|规模|面积)(?:总?额)?)"
    rf"(?:在|达到?|{words.ABOVE}|{words.AT_LEAST})?"
)


def parts_of(masked: str, clause: Span) -> Iterator[Part]:
    """The numbers of a clause in order, each with its words."""
    found = [
        _with_unit(one, masked, clause)
        for one in quantities(clause.of(masked), clause.start)
        if not _is_size(masked[clause.start : one.start], masked[one.end : clause.end])
    ]
    begins = clause.start
    for at, quantity in enumerate(found):
        is_last = at + 1 == len(found)
        tail = masked[quantity.end : clause.end if is_last else found[at + 1].start]
        bound = _BOUND.match(tail)
        until = quantity.end + (bound.end() if bound else 0)
        rest = masked[until : quantity.end + len(tail)]
        rest = rest.rstrip("。;!? ") if is_last else _first_of_list(rest)
        yield Part(
            quantity,
            lead=masked[begins : quantity.start],
            bound=(bound[1] or "") if bound else "",
            rest=rest,
            before=masked[clause.start : quantity.start],
            after=masked[until : clause.end],
            until=until,
            is_followed=not is_last and rest in ("", *words.FIRM),
        )
        is_split = not is_last and len(rest) < quantity.end + len(tail) - until
        begins = until + len(rest) if is_split else until


_COUNTED = re.compile(rf"\d+[个家项支只宗块](?:以上)?{SIZE}$")
_OF_THEM = re.compile(rf"(?:及?以上|以下)?的?[^,、;\d]{{0,6}}?{words.BEARERS}")


def _is_size(before: str, after: str) -> bool:
    """引进3个总投资10亿元以上的项目: what stands between a number and what it counts says how large that is."""
    return bool(_COUNTED.search(before) and _OF_THEM.match(after))


AND = re.compile(r"^(?:[、和及与或]|以及|并|,|\s)+")
_JOINS = ("、", "和", "及", "与", "或", "并", "以及")


def _first_of_list(between: str) -> str:
    """Of 2个停车场、3座公厕 the 停车场: what is between two numbers belongs to the first up to the last 、."""
    if between.lstrip(" )").startswith(_JOINS):
        return between
    found = list(re.finditer(r"(?<=.)(?:、|以及|和|及|与)", between))
    return between[: found[-1].start()] if found else between


def _with_unit(quantity: Quantity, masked: str, clause: Span) -> Quantity:
    """营业收入(亿元)达到300: the unit stands before."""
    before = _UNIT_BEFORE.search(masked[clause.start : quantity.start])
    return replace(quantity, unit=before["unit"]) if before and not quantity.unit else quantity
