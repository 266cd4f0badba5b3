"""An indicator's year as a chart: what was done month by month against the plan, last year, and where it may end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from crm.documents.options import Option, line_against_plan
from crm.metrics.figures import Question, curve
from crm.targets.beside import is_counted_alike, same_day_last_year
from crm.targets.board import Board
from crm.targets.indicator.forecast import Forecast
from crm.targets.indicator.months import Month, is_flat
from crm.targets.standing import Row, question_of
from crm.web.filters import number


@dataclass(frozen=True)
class LastYear:
    """Last year's figures by month; none where they are not comparable, and then `reason` says why."""

    values: tuple[Decimal | None, ...] = ()
    reason: str = ""


def last_year(board: Board, row: Row) -> LastYear:
    """The same metric with the same filters through last year, where that is the figure which was published for it."""
    if not row.indicator.is_computed:
        return LastYear(reason=_("人工填报的指标没有上年的逐月数据。"))
    question = question_of(row.indicator, board.plan.year, board.as_of, board.scope)
    if same_day_last_year(question) is None:
        return LastYear(reason=_("口径限定了今年的起止日期，与上年不可比。"))
    year = board.plan.year - 1
    whole = Question(question.metric, date(year, 12, 31), year, question.scope, question.filters)
    values = tuple(point.value for point in curve(whole))
    if not values[-1]:
        return LastYear(reason=_("系统里没有上年的记录。"))
    if not is_counted_alike(row, values[-1]):
        words = {
            "baseline": number(row.indicator.baseline),
            "records": number(values[-1]),
        }
        text = _(
            "上年公布数为%(baseline)s，记录按现口径为%(records)s，口径不同，不作比较。", **words
        )
        return LastYear(reason=text)
    return LastYear(values)


def option(row: Row, found: Sequence[Month], before: LastYear, expected: Forecast | None) -> Option:
    planned = _("目标") if is_flat(row.indicator) else _("序时计划")
    return line_against_plan(
        [month_name(month) for month in found],
        [_plain(month.actual) for month in found],
        [_plain(month.planned) for month in found],
        names=(_("完成"), planned),
        last_year=(_("上年"), [_plain(value) for value in before.values])
        if before.values
        else None,
        band=_band(row, found, expected),
    )


def month_name(month: Month) -> str:
    return str(_("%(n)s月", n=month.number))


def _band(
    row: Row, found: Sequence[Month], expected: Forecast | None
) -> tuple[str, list[Any], list[Any]] | None:
    """From today's figure, which is certain, to December, which is not."""
    known = [n for n, month in enumerate(found) if month.actual is not None]
    if expected is None or not known or row.actual is None:
        return None
    last, end, actual = known[-1], len(found) - 1, Fraction(row.actual)

    def way_to(goal: Fraction) -> list[Any]:
        steps = max(end - last, 1)
        return [
            None if n < last else _plain(actual + (goal - actual) * (n - last) / steps)
            for n in range(end + 1)
        ]

    return _("预测区间"), way_to(expected.low), way_to(expected.high)


def _plain(value: Decimal | Fraction | None) -> Any:
    """A number that JSON knows."""
    if value is None:
        return None
    return int(value) if value == int(value) else round(float(value), 4)
