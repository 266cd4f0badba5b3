"""Where a target stands, in the park's own sentence: 截至9月底，…完成…，占年度目标…%，高于序时进度…个百分点。"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from crm.targets.indicator.forecast import Forecast
from crm.targets.models import Indicator
from crm.targets.pace import Comparator, Kind
from crm.targets.services import counts_in_parts
from crm.targets.standing import Row
from crm.web.filters import number, percent, points


def plan_word(thing: Any, name: str = "name") -> str:
    """A word of the plan (`name`, `unit_word`, `definition`) in the reader's language, Chinese where it has no other."""
    chinese = str(getattr(thing, name))
    locale = get_locale()
    if locale is None or locale.language != "en":
        return chinese
    return str(getattr(thing, f"{name}_en", "")) or chinese


def sentence(row: Row, as_of: date) -> str:
    """One row of the board as a sentence."""
    indicator, standing = row.indicator, row.standing
    words = {
        "until": until(as_of, indicator.due_on.year),
        "name": plan_word(indicator),
        "actual": number(standing.actual),
        "unit": _unit(indicator),
        "completion": percent(standing.completion),
        "floor": number(standing.floor),
    }
    if standing.actual is None:
        return str(_("%(until)s，%(name)s尚无已核验的数据。", **words))
    if row.is_part:
        return str(_("%(until)s，%(name)s本单位%(actual)s%(unit)s。", **words))
    said = [_main_clause(indicator, words), _gap_clause(row)]
    return str(_("，")).join(part for part in said if part) + str(_("。")) + _verdict(row)


def forecast_text(row: Row, found: Forecast) -> str:
    """Where the year will probably end, and how that was reckoned."""
    places = None if counts_in_parts(row.indicator) else 0
    words = {
        "low": number(found.low, places),
        "middle": number(found.middle, places),
        "high": number(found.high, places),
        "unit": _unit(row.indicator),
    }
    said = _("预计全年%(middle)s%(unit)s（%(low)s–%(high)s）。", **words)
    if found.years:
        years = _("、").join(str(year) for year in found.years)
        how = _(
            "方法：%(years)s年同口径同日占全年的比重，平均值推算中值，最高和最低推算区间。",
            years=years,
        )
    else:
        how = _(
            "方法：没有两个以上可比年份，按今年前%(n)s个月的月均数推算，较慢和较快的一半月份推算区间。",
            n=found.months,
        )
    caution = _("仅供参考，不列入正式报表。")
    return f"{said}{how}{caution}"


def until(as_of: date, year: int) -> str:
    """截至9月底 at a month's end, else 截至9月29日."""
    values = {"year": as_of.year, "month": as_of.month, "day": as_of.day}
    if as_of.year != year:
        return str(_("截至%(year)s年%(month)s月%(day)s日", **values))
    if (as_of + timedelta(days=1)).month != as_of.month:
        return str(_("截至%(month)s月底", **values))
    return str(_("截至%(month)s月%(day)s日", **values))


def _unit(indicator: Indicator) -> str:
    """A growth target is promised in per cent but counted in pieces."""
    if indicator.kind == Kind.GROWTH:
        return ""
    unit = plan_word(indicator, "unit_word")
    return unit if unit == indicator.unit_word else f" {unit}"


def _main_clause(indicator: Indicator, words: dict[str, str]) -> str:
    if indicator.kind == Kind.GROWTH:
        return str(
            _(
                "%(until)s，%(name)s：累计%(actual)s，占折算目标%(floor)s的%(completion)s",
                **words,
            )
        )
    if indicator.kind == Kind.STOCK:
        return str(
            _("%(until)s，%(name)s达%(actual)s%(unit)s，完成年度目标的%(completion)s", **words)
        )
    return str(_("%(until)s，%(name)s完成%(actual)s%(unit)s，占年度目标的%(completion)s", **words))


def _gap_clause(row: Row) -> str:
    gap = row.standing.gap_points
    if gap is None:
        return ""
    value = points(abs(gap)).lstrip("+")
    if row.indicator.kind == Kind.STOCK:
        if gap >= 0:
            return str(_("增量高于序时进度%(points)s个百分点", points=value))
        return str(_("增量低于序时进度%(points)s个百分点", points=value))
    if gap > 0:
        return str(_("高于序时进度%(points)s个百分点", points=value))
    if gap < 0:
        return str(_("低于序时进度%(points)s个百分点", points=value))
    return str(_("与序时进度持平"))


def _verdict(row: Row) -> str:
    indicator, standing = row.indicator, row.standing
    if standing.exceeds_upper:
        return str(_("已超过上限。"))
    if standing.is_done:
        return str(_("年度目标已完成。"))
    is_strict = indicator.comparator == Comparator.MORE_THAN
    if is_strict and standing.actual == (standing.floor or indicator.target):
        return str(_("目标为“超过”，持平尚不算完成。"))
    is_stock = indicator.kind == Kind.STOCK
    if is_stock and standing.gap_points is None:
        return str(_("缺少上年末存量，不作序时比较。"))
    return ""


def target_text(indicator: Indicator) -> str:
    """The target as the plan writes it: ≥ 360, > 40, 1–2."""
    signs = {Comparator.AT_LEAST: "≥ ", Comparator.MORE_THAN: "> ", Comparator.AT_MOST: "≤ "}
    lower = number(indicator.target)
    if indicator.comparator == Comparator.RANGE:
        return f"{lower}–{number(indicator.target_to)}"
    growth = "+" if indicator.kind == Kind.GROWTH else ""
    return signs.get(Comparator(indicator.comparator), "") + growth + lower


def change_text(value: Decimal | None) -> str:
    """A difference with its sign: +3, −1, 0."""
    text = number(value)
    return f"+{text}" if value is not None and value > 0 else text.replace("-", "−")
