"""Size of a firm by 统计上大中小微型企业划分办法(2017).

A firm belongs to the highest class all of whose lower bounds it meets, so its class is the
lowest that any one listed measure gives it.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

from crm.core.words import N_, LabelledEnum

_DATA = Path(__file__).with_name("data") / "size-classes-2017.json"
_TEN_THOUSAND = 10_000


class SizeClass(LabelledEnum):
    LARGE = "large", N_("大型")
    MEDIUM = "medium", N_("中型")
    SMALL = "small", N_("小型")
    MICRO = "micro", N_("微型")


_DESCENDING = tuple(SizeClass)


class Bounds(NamedTuple):
    """The least a measure must reach for each class; money in yuan."""

    large: int
    medium: int
    small: int


def size_class(
    industry_code: str,
    employees: int | None,
    revenue_yuan: Decimal | None,
    assets_yuan: Decimal | None,
) -> SizeClass | None:
    """The firm's class, or None when the industry or a figure that would decide is missing."""
    if not industry_code:
        return None
    figures = {"employees": employees, "revenue": revenue_yuan, "assets": assets_yuan}
    bounds = _bounds_for(industry_code)
    known = [
        _class_by(figure, bounds[measure])
        for measure in bounds
        if (figure := figures[measure]) is not None
    ]
    if SizeClass.MICRO in known:
        return SizeClass.MICRO  # one figure below the small line settles it
    return max(known, key=_DESCENDING.index) if len(known) == len(bounds) else None


def _class_by(figure: Decimal | int, bounds: Bounds) -> SizeClass:
    reached = (size for size, least in zip(_DESCENDING, bounds, strict=False) if figure >= least)
    return next(reached, SizeClass.MICRO)


def _bounds_for(industry_code: str) -> Mapping[str, Bounds]:
    """The row with the longest matching prefix: K7010 is development, a plain K70 其他未列明."""
    table = _table()
    return table[max((p for p in table if industry_code.startswith(p)), key=len)]


@cache
def _table() -> dict[str, dict[str, Bounds]]:
    rows = json.loads(_DATA.read_text(encoding="utf-8"))["rows"]
    return {
        prefix: {name: _in_yuan(name, triple) for name, triple in row["bounds"].items()}
        for row in rows
        for prefix in row["prefixes"]
    }


def _in_yuan(measure: str, triple: list[int]) -> Bounds:
    factor = 1 if measure == "employees" else _TEN_THOUSAND
    return Bounds(*(bound * factor for bound in triple))
