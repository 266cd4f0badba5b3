"""Chart options, shared by page and paper.

Words come in already translated; a datum may carry the `href` it opens.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

Number = int | Decimal | Fraction
Option = dict[str, Any]

# At least 3:1 against white and against the dark page. Never the only sign: labels and dashes too.
ACTUAL = "#2f6fb5"
PLAN = "#8a6d3b"
BEFORE = "#7a7f87"
DASHES = "path://M0 4h7v2H0z M11 4h7v2h-7z"
# A phone has no room for the names of seven stages side by side.
NARROW = 480
SLANTED = {"rotate": 40}
FONT = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"


def stage_bars(
    labels: Sequence[str], values: Sequence[Number], hrefs: Sequence[str] | None = None
) -> Option:
    """One upright bar per stage, in the order given, its figure on top."""
    return {
        **_frame(),
        "grid": {"left": 8, "right": 8, "top": 24, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "category", "data": list(labels), "axisTick": {"show": False}}
        | {"axisLabel": {"interval": 0}},
        "yAxis": {"type": "value", "show": False},
        "series": [_bars(values, hrefs, label_at="top")],
        "media": [{"query": {"maxWidth": NARROW}, "option": {"xAxis": {"axisLabel": SLANTED}}}],
    }


def breakdown_bars(
    labels: Sequence[str], values: Sequence[Number], hrefs: Sequence[str] | None = None
) -> Option:
    """One lying bar per part, first part on top: for names too long to stand side by side."""
    return {
        **_frame(),
        "grid": {"left": 8, "right": 48, "top": 4, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "value", "show": False},
        "yAxis": {"type": "category", "data": list(labels), "inverse": True}
        | {"axisTick": {"show": False}, "axisLabel": {"interval": 0}},
        "series": [_bars(values, hrefs, label_at="right")],
    }


def funnel(
    labels: Sequence[str], values: Sequence[Number], hrefs: Sequence[str] | None = None
) -> Option:
    """How many reached each stage; the stages keep their order whatever their size."""
    data = [
        datum | {"name": label} for label, datum in zip(labels, _data(values, hrefs), strict=True)
    ]
    series = {
        "type": "funnel",
        "sort": "none",
        "left": "4%",
        "width": "66%",
        "top": 8,
        "bottom": 8,
        "gap": 2,
        "minSize": "4%",
        "itemStyle": {"color": ACTUAL},
        "label": {"position": "right", "formatter": "{b}  {c}"},
        "labelLine": {"length": 12},
        "data": data,
    }
    return {**_frame(), "series": [series]}


def line_against_plan(
    months: Sequence[str],
    actual: Sequence[Number | None],
    plan: Sequence[Number | None],
    *,
    names: tuple[str, str],
    last_year: tuple[str, Sequence[Number | None]] | None = None,
    band: tuple[str, Sequence[Number | None], Sequence[Number | None]] | None = None,
) -> Option:
    """What was done by month against what was planned. None leaves a gap. `names`: actual, plan.

    `band` is a name with the lowest and the highest that may come.
    """
    done, planned = names
    series = [
        {"type": "line", "name": done, "data": _points(actual), "symbol": "circle"}
        | {"symbolSize": 7, "lineStyle": {"width": 3}, "itemStyle": {"color": ACTUAL}},
        {"type": "line", "name": planned, "data": _points(plan), "symbol": "none"}
        | {"lineStyle": {"width": 2, "type": "dashed"}, "itemStyle": {"color": PLAN}},
    ]
    legend: list[Any] = [{"name": done}, {"name": planned, "icon": DASHES}]
    if last_year:
        name, values = last_year
        series.append(
            {"type": "line", "name": name, "data": _points(values), "symbol": "emptyCircle"}
            | {"lineStyle": {"width": 1.5, "type": "dotted"}, "itemStyle": {"color": BEFORE}}
        )
        legend.append({"name": name})
    if band:
        series += _band(*band)
        legend.append({"name": band[0], "icon": "rect"})
    return {
        **_frame(),
        "legend": {"top": 0, "right": 8, "data": legend},
        "grid": {"left": 8, "right": 16, "top": 36, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "category", "data": list(months), "boundaryGap": False},
        "yAxis": {"type": "value", "minInterval": 1, "splitNumber": 4},
        "series": series,
    }


def _band(
    name: str, low: Sequence[Number | None], high: Sequence[Number | None]
) -> list[dict[str, Any]]:
    """An area between two lines: the lower one unseen, what lies between stacked upon it."""
    between = [
        None if a is None or b is None else Fraction(b) - Fraction(a)
        for a, b in zip(low, high, strict=True)
    ]
    common = {"type": "line", "stack": "band", "symbol": "none", "silent": True}
    unseen = {"lineStyle": {"opacity": 0}, "itemStyle": {"color": ACTUAL}}
    area = {"areaStyle": {"color": ACTUAL, "opacity": 0.2}}
    return [
        {**common, **unseen, "data": _points(low)},
        {**common, **unseen, **area, "name": name, "data": _points(between)},
    ]


def _frame() -> Option:
    # HTML tooltips need inline styles, which the page's content security policy refuses.
    return {
        "textStyle": {"fontFamily": FONT},
        "tooltip": {"renderMode": "richText", "confine": True},
        "aria": {"enabled": True},
    }


def _bars(values: Sequence[Number], hrefs: Sequence[str] | None, *, label_at: str) -> Option:
    return {
        "type": "bar",
        "data": _data(values, hrefs),
        "barMaxWidth": 36,
        "itemStyle": {"color": ACTUAL},
        "label": {"show": True, "position": label_at},
    }


def _data(values: Sequence[Number], hrefs: Sequence[str] | None) -> list[Option]:
    points = _points(values)
    if hrefs is None:
        return [{"value": point} for point in points]
    return [{"value": point, "href": href} for point, href in zip(points, hrefs, strict=True)]


def _points(values: Sequence[Number | None]) -> list[int | float | None]:
    """A drawing needs no more than a float, and JSON knows nothing better."""
    return [value if value is None or isinstance(value, int) else float(value) for value in values]
