"""Dates, money and percentages as people read them. A missing figure prints “–” here and nowhere else."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from flask import Flask

from crm.core.clock import PARK_ZONE
from crm.core.money import WAN, YI
from crm.web.locale import label, sentence

NONE = "–"
UNITS = {"元": Decimal(1), "万元": WAN, "亿元": YI}


def as_decimal(value: Decimal | Fraction | int, places: int) -> Decimal:
    """Rounded half up, as statistics offices do; exact for fractions."""
    exact = (
        Decimal(value.numerator) / value.denominator
        if isinstance(value, Fraction)
        else Decimal(value)
    )
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def day(value: date | None) -> str:
    return NONE if value is None else value.isoformat()


def month(value: date | None) -> str:
    return NONE if value is None else f"{value.year}-{value.month:02d}"


def moment(value: datetime | None) -> str:
    """An instant as the park's wall clock shows it."""
    return NONE if value is None else value.astimezone(PARK_ZONE).strftime("%Y-%m-%d %H:%M")


def number(value: Decimal | Fraction | int | None, places: int | None = None) -> str:
    """Grouped digits; decimals only where there are any, unless `places` says how many."""
    if value is None:
        return NONE
    if places is None:
        rounded = as_decimal(value, 2).normalize()
        rounded = rounded.quantize(Decimal(1)) if rounded == rounded.to_integral() else rounded
    else:
        rounded = as_decimal(value, places)
    return f"{rounded:,f}"


def money(value: Decimal | None, unit: str = "万元") -> str:
    """An amount in yuan, shown in `unit` without the unit's name."""
    return NONE if value is None else number(value / UNITS[unit])


def percent(value: Decimal | Fraction | None, places: int = 1) -> str:
    return NONE if value is None else f"{as_decimal(value * 100, places)}%"


def points(value: Decimal | Fraction | None, places: int = 1) -> str:
    """Signed percentage points."""
    if value is None:
        return NONE
    rounded = as_decimal(value, places)
    return f"{rounded:+f}".replace("-", "−") if rounded else f"{abs(rounded)}"


def along(share: Decimal | Fraction, length: int = 100) -> str:
    """Where a share ends on a bar of that length: never outside it."""
    return f"{min(max(float(share), 0), 1) * length:.1f}"


FILTERS: dict[str, Callable[..., Any]] = {
    "day": day, "month": month, "moment": moment, "number": number,
    "money": money, "percent": percent, "points": points, "along": along, "label": label,
    "sentence": sentence,
}  # fmt: skip


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(FILTERS)
