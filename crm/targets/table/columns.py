"""The columns of the 指标完成情况表: what stands in each, on the page, on paper and in a file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from crm.core.words import N_
from crm.documents.workbook import Kind
from crm.targets.beside import Beside
from crm.targets.standing import Row
from crm.targets.wording import plan_word, target_text
from crm.web.filters import number, percent, points
from crm.web.locale import label


@dataclass(frozen=True)
class Line:
    """A target as a line of the table; `code` is the place of the plan that states it, `number` none for a repeat."""

    code: str
    number: int | None
    row: Row
    beside: Beside

    @property
    def is_repeat(self) -> bool:
        return self.code != self.row.indicator.code

    @property
    def is_nested(self) -> bool:
        return self.row.indicator.parent_id is not None


@dataclass(frozen=True)
class Column:
    """`value` is typed for a workbook (a share as a fraction of 1), `text` what people read; "–" where nothing is known."""

    key: str
    label: str
    value: Callable[[Line], Any]
    text: Callable[[Line], str] = lambda line: ""
    kind: Kind = "text"
    width: float = 12
    is_usual: bool = True

    @property
    def is_figure(self) -> bool:
        return self.kind != "text"


def source(line: Line) -> str:
    return str(_("系统计算") if line.row.indicator.is_computed else _("人工填报"))


def name(line: Line) -> str:
    """Nested ones say what they are part of: nobody adds them up."""
    words = plan_word(line.row.indicator)
    return str(_("其中：%(name)s", name=words)) if line.is_nested else words


def _source_and_definition(line: Line) -> str:
    words = {"source": source(line), "definition": _definition(line)}
    return str(_("%(source)s：%(definition)s", **words))


def _definition(line: Line) -> str:
    return plan_word(line.row.indicator, "definition")


def _unit_word(line: Line) -> str:
    return plan_word(line.row.indicator, "unit_word")


def _figure(key: str, words: str, value: Callable[[Line], Any], **more: Any) -> Column:
    return Column(key, words, value, lambda line: number(value(line)), "decimal", **more)


def _share(key: str, words: str, value: Callable[[Line], Any], **more: Any) -> Column:
    return Column(key, words, value, lambda line: percent(value(line)), "percent", **more)


COLUMNS = (
    Column("unit_word", N_("单位"), _unit_word, _unit_word, width=8, is_usual=False),
    Column(
        "target",
        N_("年度目标"),
        lambda line: line.row.indicator.target,
        lambda line: target_text(line.row.indicator),
        "decimal",
    ),
    _figure("last_year", N_("上年实绩"), lambda line: line.beside.last_year, is_usual=False),
    _figure("in_month", N_("本月"), lambda line: line.beside.in_month),
    _figure("actual", N_("累计完成"), lambda line: line.row.actual),
    _share("completion", N_("完成年度目标%"), lambda line: line.row.standing.completion),
    _share("pace", N_("序时进度%"), lambda line: line.row.standing.pace),
    Column(
        "points",
        N_("超（欠）序时（百分点）"),
        lambda line: line.row.standing.gap_points,
        lambda line: points(line.row.standing.gap_points),
        "decimal",
    ),
    Column(
        "growth",
        N_("同比"),
        lambda line: line.beside.growth,
        lambda line: _signed(line.beside.growth),
        "percent",
    ),
    _figure("expected", N_("预计全年"), lambda line: line.beside.expected, is_usual=False),
    Column("light", N_("亮灯"), lambda line: label(line.row.light.label), width=8),
    Column("unit", N_("责任单位"), lambda line: line.row.indicator.unit.name, width=18),
    Column("source", N_("数据来源/口径"), _source_and_definition, source, width=60),
)
"""Beside the number and the name, which always stand first."""


def usual() -> tuple[Column, ...]:
    return tuple(column for column in COLUMNS if column.is_usual)


def chosen(keys: list[str]) -> tuple[Column, ...]:
    """The columns of these names in the table's order; the usual ones where none is known."""
    return tuple(column for column in COLUMNS if column.key in keys) or usual()


def _signed(share: Any) -> str:
    text = percent(share)
    return f"+{text}" if share is not None and share > 0 else text.replace("-", "−")
