"""How a target is split over units: what may be split, what the parts make together, what to begin from.

Pure rules. A share of a unit that lies below another unit with a share is 其中, a part of that one: it is never added.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

from crm.core.words import N_
from crm.targets.models import Indicator
from crm.targets.pace import Comparator, Kind

RATIOS = frozenset({"%", "比例", "倍", "名", "位"})
QUARTERS, MONTHS_OF_A_QUARTER = 4, 3


@dataclass(frozen=True)
class Whole:
    """What the shares are shares of; `refusal` (a msgid) says why there can be none, `note` how the parts are counted."""

    value: Decimal | None
    refusal: str = ""
    note: str = ""


def whole_of(indicator: Indicator, floor: Decimal | None) -> Whole:
    """What of a target may be split is decided by its kind; `floor` is what a growth target comes to in pieces."""
    kind, comparator = Kind(indicator.kind), Comparator(indicator.comparator)
    if kind == Kind.MILESTONE:
        return Whole(None, N_("窗口期节点是一件事，不分解，由责任单位整体负责。"))
    if comparator == Comparator.AT_MOST:
        return Whole(None, N_("控制上限和位次不能相加，不分解。"))
    if kind == Kind.GROWTH:
        if floor is None:
            return Whole(None, N_("增长率不能相加；补充上年实绩后按折算的绝对数分解。"))
        return Whole(floor, note=N_("增长率不能相加，按折算的绝对数分解。"))
    if indicator.unit_word in RATIOS:
        return Whole(None, N_("比率不能相加，不分解。"))
    if kind == Kind.STOCK:
        return Whole(
            indicator.target, note=N_("按年末存量分解；各单位的序时从各自的年初存量算起。")
        )
    if comparator == Comparator.RANGE:
        return Whole(indicator.target, note=N_("区间目标按下限分解。"))
    return Whole(indicator.target)


def to_share_out(indicator: Indicator, whole: Decimal, places: int) -> Decimal:
    """What a suggestion makes together: of a target that must be exceeded one piece more."""
    is_strict = Comparator(indicator.comparator) == Comparator.MORE_THAN
    return whole + Decimal(1).scaleb(-places) if is_strict else whole


def nested(paths: Mapping[int, str]) -> frozenset[int]:
    """Those of some units, given with their paths, that lie below another of them."""
    return frozenset(
        number
        for number, path in paths.items()
        if any(path != other and path.startswith(other) for other in paths.values())
    )


def total(values: Mapping[int, Decimal], paths: Mapping[int, str]) -> Decimal:
    """The shares together, each unit once."""
    inner = nested({number: paths[number] for number in values})
    return sum((v for number, v in values.items() if number not in inner), Decimal(0))


def evenly(whole: Decimal, units: Sequence[int], places: int) -> dict[int, Decimal]:
    """The same for each; what does not divide goes to the first ones, piece by piece."""
    return by_weight(whole, dict.fromkeys(units, Fraction(1)), places)


def by_weight(whole: Decimal, weights: Mapping[int, Fraction], places: int) -> dict[int, Decimal]:
    """In proportion, exactly the whole: the largest remainders are rounded up. Nothing where nothing weighs."""
    heavy = {number: weight for number, weight in weights.items() if weight > 0}
    if not heavy:
        return {}
    piece = Decimal(1).scaleb(-places)
    sum_of = sum(heavy.values())
    exact = {number: Fraction(whole) * weight / sum_of for number, weight in heavy.items()}
    found = {number: _rounded_down(value, piece) for number, value in exact.items()}
    left = int((whole - sum(found.values())) / piece)
    by_remainder = sorted(exact, key=lambda n: (-(exact[n] - Fraction(found[n])), n))
    for number in by_remainder[:left]:
        found[number] += piece
    return found


def months_of(quarters: Sequence[Decimal]) -> list[str]:
    """Twelve cumulative monthly shares out of four quarterly percentages, straight within each quarter."""
    ends = [Fraction(0), *(Fraction(value) / 100 for value in quarters)]
    return [
        str(ends[q] + (ends[q + 1] - ends[q]) * month / MONTHS_OF_A_QUARTER)
        for q in range(QUARTERS)
        for month in range(1, MONTHS_OF_A_QUARTER + 1)
    ]


def quarters_of(curve: Sequence[str]) -> list[Fraction]:
    """The same back, in per cent."""
    return [
        Fraction(share) * 100 for share in curve[MONTHS_OF_A_QUARTER - 1 :: MONTHS_OF_A_QUARTER]
    ]


def _rounded_down(value: Fraction, piece: Decimal) -> Decimal:
    pieces = value / Fraction(piece)
    return (Decimal(int(pieces)) * piece).quantize(piece, ROUND_DOWN)
