"""An indicator's year as a chart: what was done month by month against what was planned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from crm.core.db import session
from crm.core.pace import planned_share
from crm.documents.options import Option, line_against_plan
from crm.metrics.figures import CurvePoint, curve
from crm.targets.models import Indicator
from crm.targets.pace import Comparator, Kind
from crm.targets.queries import verified_reports
from crm.targets.standing import Board, Row, question_of, terms_of


@dataclass(frozen=True)
class Month:
    """One month of the chart; None where nothing is known or planned."""

    name: str
    actual: Decimal | None
    planned: Fraction | None


def months(board: Board, row: Row) -> list[Month]:
    """The twelve months of the plan's year."""
    year = board.plan.year
    actual = {point.on.month: point.value for point in _points(board, row)}
    ends = [date(year, month + 1, 1) - timedelta(days=1) for month in range(1, 12)]
    return [
        Month(_("%(n)s月", n=end.month), actual.get(end.month), _planned(row, end))
        for end in [*ends, date(year, 12, 31)]
    ]


def option(row: Row, found: Sequence[Month]) -> Option:
    planned = _("目标") if _is_flat(row.indicator) else _("序时计划")
    return line_against_plan(
        [month.name for month in found],
        [_plain(month.actual) for month in found],
        [_plain(month.planned) for month in found],
        names=(_("完成"), planned),
    )


def _points(board: Board, row: Row) -> list[CurvePoint]:
    indicator, year = row.indicator, board.plan.year
    if indicator.is_computed:
        return curve(question_of(indicator, year, board.as_of, board.scope))
    reports = session.scalars(verified_reports(indicator, board.as_of))
    return [CurvePoint(report.as_of_on, report.value) for report in reports]


def _planned(row: Row, month_end: date) -> Fraction | None:
    indicator = row.indicator
    if row.is_part:
        return None  # the plan is the park's, not a unit's
    target = Fraction(row.standing.floor or indicator.target)
    if _is_flat(indicator):
        return target if month_end >= indicator.starts_on else None
    terms = terms_of(indicator, row.opening)
    share = planned_share(month_end, indicator.due_on.year, terms.curve)
    if indicator.kind != Kind.STOCK:
        return target * share
    if row.opening is None:
        return target
    opening = Fraction(row.opening)
    return opening + max(target - opening, Fraction(0)) * share


def _is_flat(indicator: Indicator) -> bool:
    """Neither a ceiling nor a window is due by instalments."""
    return indicator.comparator == Comparator.AT_MOST or indicator.kind == Kind.MILESTONE


def _plain(value: Decimal | Fraction | None) -> Any:
    """A number that JSON knows."""
    if value is None:
        return None
    return int(value) if value == int(value) else round(float(value), 4)
