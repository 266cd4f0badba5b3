"""How a target stands: 完成率, 序时进度, 高于/低于 points and the light.

Pure rules, exact arithmetic: figures come in as Decimal, shares go out as Fraction.
An `as_of` means the end of that day.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from crm.core.pace import planned_share
from crm.core.words import N_, LabelledEnum


class Light(LabelledEnum):
    GREEN = "green", N_("正常")
    YELLOW = "yellow", N_("预警")
    RED = "red", N_("滞后")
    DONE = "done", N_("完成")
    NONE = "none", N_("不亮灯")


class Timing(LabelledEnum):
    """When a milestone was done, against its window."""

    OPEN = "open", N_("未完成")
    EARLY = "early", N_("早于窗口期")
    IN_TIME = "in_time", N_("按期完成")
    LATE = "late", N_("晚于时限")


class Kind(LabelledEnum):
    """What sort of figure is promised."""

    FLOW = "flow", N_("年内累计")
    STOCK = "stock", N_("时点存量")
    GROWTH = "growth", N_("比上年增长")  # per cent above the baseline
    SUM = "sum", N_("金额累计")
    MILESTONE = "milestone", N_("窗口期节点")  # a size to start within a window
    REPORTED = "reported", N_("人工填报")  # only a report proves it; judged like a flow


class Comparator(StrEnum):
    """The plan's own word; a bare number (`=`) is judged as a floor."""

    AT_LEAST = ">="
    MORE_THAN = ">"
    EQUAL = "="
    RANGE = "range"
    AT_MOST = "<="


@dataclass(frozen=True)
class Limits:
    """Percentage points behind: yellow from the first, red above the second."""

    yellow_points: int = 10
    red_points: int = 30


@dataclass(frozen=True)
class Terms:
    """What was promised. `curve` is twelve cumulative monthly shares; None is a straight line."""

    kind: Kind
    comparator: Comparator
    target: Decimal | None
    target_to: Decimal | None
    opening: Decimal | None
    baseline: Decimal | None
    starts_on: date
    due: date
    curve: tuple[Fraction | Decimal, ...] | None = None


@dataclass(frozen=True)
class Standing:
    """Where a target stands. Shares are fractions of 1; None prints as "–" and is never 0.

    `floor` is the figure a growth target asks for, None for the other kinds; `gap_points` is
    negative when behind; `growth` is the figure against the whole baseline year.
    """

    actual: Decimal | None
    floor: Decimal | None = None
    completion: Fraction | None = None
    pace: Fraction | None = None
    gap_points: Fraction | None = None
    light: Light = Light.NONE
    is_done: bool = False
    exceeds_upper: bool = False
    growth: Fraction | None = None


def assess(
    terms: Terms,
    actual: Decimal | None,
    as_of: date,
    limits: Limits | None = None,
    *,
    under_way: bool = False,
) -> Standing:
    """Where `actual` stands against `terms`; `under_way` matters to a milestone only."""
    goal = _goal(terms)
    if goal is None:
        return Standing(actual)
    floor = goal.least if terms.kind == Kind.GROWTH else None
    pace = _pace(terms, as_of)
    if actual is None:
        return Standing(None, floor=floor, pace=pace)
    is_done = goal.is_met_by(actual)
    gap = None if pace is None else _gap_points(terms, goal, actual, pace)
    return Standing(
        actual,
        floor=floor,
        completion=Fraction(actual) / Fraction(goal.least),
        pace=pace,
        gap_points=gap,
        light=_light(terms, goal, actual, gap, as_of, limits or Limits(), under_way),
        is_done=is_done,
        exceeds_upper=goal.is_exceeded_by(actual),
        growth=_growth(terms, actual),
    )


def assess_milestone(
    not_before: date, due: date, done_on: date | None, as_of: date, under_way: bool
) -> Light:
    """A milestone is not red before its window ends; yellow from the window's middle unless
    its project is `under_way` (has reached 报批)."""
    if done_on is not None and done_on <= as_of:
        return Light.DONE
    return _light_in_window(not_before, due, as_of, under_way)


def light_of_gap(gap: Fraction | None, limits: Limits) -> Light:
    """The light of so many percentage points ahead (+) or behind (−) the pace."""
    if gap is None:
        return Light.NONE
    if gap < -limits.red_points:
        return Light.RED
    return Light.YELLOW if gap <= -limits.yellow_points else Light.GREEN


def timing(not_before: date, due: date, done_on: date | None) -> Timing:
    """How the day on which a milestone was done lies to its window: 下半年 is neither June nor the next January."""
    if done_on is None:
        return Timing.OPEN
    if done_on < not_before:
        return Timing.EARLY
    return Timing.LATE if done_on > due else Timing.IN_TIME


def last_month_end(as_of: date, year: int) -> date | None:
    """The end of the last month of the year that was over by the end of `as_of`; None in its January."""
    last = min(as_of, date(year, 12, 31))
    first_of_next = last + timedelta(days=1)
    end = first_of_next.replace(day=1) - timedelta(days=1)
    return end if end.year == year else None


@dataclass(frozen=True)
class _Goal:
    """A target as a figure to compare with, growth converted."""

    comparator: Comparator
    least: Decimal
    exact: Fraction
    upper: Fraction | None

    def is_met_by(self, actual: Decimal) -> bool:
        if self.comparator == Comparator.AT_MOST:
            return False  # a ceiling can be broken until the last day
        if self.comparator == Comparator.MORE_THAN:
            return Fraction(actual) > self.exact
        return actual >= self.least

    def is_exceeded_by(self, actual: Decimal) -> bool:
        return self.upper is not None and Fraction(actual) > self.upper


def _goal(terms: Terms) -> _Goal | None:
    if not terms.target:
        return None
    exact = _converted(terms, terms.target)
    if not exact:
        return None
    least = terms.target if terms.kind != Kind.GROWTH else _rounded_up(exact, terms.baseline)
    return _Goal(terms.comparator, least, exact, _upper(terms, exact))


def _upper(terms: Terms, exact: Fraction) -> Fraction | None:
    if terms.comparator == Comparator.AT_MOST:
        return exact
    if terms.comparator == Comparator.RANGE and terms.target_to is not None:
        return _converted(terms, terms.target_to)
    return None


def _converted(terms: Terms, value: Decimal) -> Fraction | None:
    """The figure itself; for growth, per cent turned into the figure they lead to."""
    if terms.kind != Kind.GROWTH:
        return Fraction(value)
    return Fraction(terms.baseline) * (1 + Fraction(value) / 100) if terms.baseline else None


def _rounded_up(exact: Fraction, baseline: Decimal | None) -> Decimal:
    """Up to the baseline's own precision: 2078 patents + 30 % are 2702, not 2701.4."""
    assert baseline is not None
    exponent = baseline.normalize().as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    scaled = -(-exact.numerator * 10**places // exact.denominator)
    return Decimal(scaled).scaleb(-places)


def _growth(terms: Terms, actual: Decimal) -> Fraction | None:
    if terms.kind != Kind.GROWTH or not terms.baseline:
        return None
    return Fraction(actual) / Fraction(terms.baseline) - 1


def _pace(terms: Terms, as_of: date) -> Fraction | None:
    """None for a ceiling and for a window: neither is due by instalments."""
    if terms.comparator == Comparator.AT_MOST or terms.kind == Kind.MILESTONE:
        return None
    return planned_share(as_of, terms.due.year, terms.curve)


def _gap_points(terms: Terms, goal: _Goal, actual: Decimal, pace: Fraction) -> Fraction | None:
    """Percentage points ahead (+) or behind (−). A stock runs from its opening; one that opened
    at its target only has to hold it."""
    if terms.kind != Kind.STOCK:
        return (Fraction(actual) / Fraction(goal.least) - pace) * 100
    if terms.opening is None:
        return None
    opening, target = Fraction(terms.opening), goal.exact
    if opening >= target:
        return (Fraction(actual) / target - 1) * 100
    return ((Fraction(actual) - opening) / (target - opening) - pace) * 100


def _light(
    terms: Terms,
    goal: _Goal,
    actual: Decimal,
    gap: Fraction | None,
    as_of: date,
    limits: Limits,
    under_way: bool,
) -> Light:
    if terms.comparator == Comparator.AT_MOST:
        return Light.RED if goal.is_exceeded_by(actual) else Light.GREEN
    if goal.is_met_by(actual):
        return Light.DONE
    if terms.kind == Kind.MILESTONE:
        return _light_in_window(terms.starts_on, terms.due, as_of, under_way)
    if as_of > terms.due:
        return Light.RED
    return light_of_gap(gap, limits)


def _light_in_window(not_before: date, due: date, as_of: date, under_way: bool) -> Light:
    if as_of < not_before:
        return Light.NONE
    if as_of > due:
        return Light.RED
    days_passed = (as_of - not_before).days + 1
    days = (due - not_before).days + 1
    return Light.YELLOW if not under_way and 2 * days_passed >= days else Light.GREEN
