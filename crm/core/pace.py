"""序时进度: the share of a year's promise that is due by the months that have ended. Exact: fractions, no floats."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

MONTHS = 12


def planned_share(
    as_of: date, year: int, curve: Sequence[Fraction | Decimal] | None = None
) -> Fraction:
    """The share planned by the months of `year` that have ended by the end of `as_of`.

    `curve` is twelve cumulative monthly shares; None is a straight line.
    """
    months = _months_ended(as_of, year)
    if curve is None:
        return Fraction(months, MONTHS)
    return Fraction(curve[months - 1]) if months else Fraction(0)


def _months_ended(as_of: date, year: int) -> int:
    tomorrow = as_of + timedelta(days=1)
    return min(max((tomorrow.year - year) * MONTHS + tomorrow.month - 1, 0), MONTHS)
