"""The projects of the seven stages by one fact about them, each part by its stages and with its sums, as of a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import InstrumentedAttribute

from crm.audit.remembered import remembered
from crm.core.db import session
from crm.core.words import N_, LabelledEnum
from crm.people.models import Unit, User
from crm.pipeline.amounts import figure_of
from crm.pipeline.paths import Meant, day_before_today
from crm.pipeline.queries import amount_in, standing_on
from crm.projects.amounts import Sums, sums_of
from crm.projects.models import PIPELINE, Figure, Project, Stage


@dataclass(frozen=True)
class Dimension:
    """A fact by which projects are told apart: a column, and the model whose names say what its numbers mean."""

    name: str
    label: str
    column: InstrumentedAttribute[Any]
    names: type[Unit] | type[User] | None = None

    def part_of(self, value: Any, names: Mapping[int, str]) -> tuple[str, str]:
        """Key and label of a part; the key is empty where the fact is not filled in."""
        if value is None:
            return "", N_("未填写")
        if isinstance(value, LabelledEnum):
            return value.value, value.label
        return str(value), names[value]

    def is_part(self, key: str) -> ColumnElement[bool]:
        """The condition that a project is in the part with this key."""
        column: ColumnElement[Any] = self.column.expression
        if not key:
            return column.is_(None)
        return column == (int(key) if self.names else key)


INDUSTRY = Dimension("industry", N_("未来产业"), Project.future_industry)
ORIGIN = Dimension("origin", N_("投资来源"), Project.origin)
UNIT = Dimension("unit", N_("责任单位"), Project.unit_id, Unit)
ECONOMY = Dimension("economy", N_("四类经济"), Project.economy_type)
OWNER = Dimension("owner", N_("责任人"), Project.owner_id, User)
KIND = Dimension("kind", N_("项目类别"), Project.kind)
DIMENSIONS = {each.name: each for each in (INDUSTRY, ORIGIN, UNIT, OWNER, ECONOMY, KIND)}


@dataclass(frozen=True)
class Segment:
    """The projects of a part in one stage; where the bar of the longest part is 1, this begins at `at` and is `share` long."""

    stage: Stage
    count: int
    at: Fraction
    share: Fraction


@dataclass(frozen=True)
class Part:
    """One part, with the sums of both figures: 预计 of those until 意向, 协议 of those from 签约 on."""

    key: str
    label: str
    count: int
    segments: tuple[Segment, ...]
    sums: Mapping[Figure, Sums]


@dataclass(frozen=True)
class Breakdown:
    """All parts, the largest first and what is not filled in last; `total` is all of them."""

    parts: tuple[Part, ...]
    total: Part


@remembered
def breakdown(meant: Meant, name: str, on: date) -> Breakdown:
    dimension = DIMENSIONS[name]
    rows = _rows(meant, dimension, on)
    names = _names(dimension, rows)
    found: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(dimension.part_of(row.value, names), []).append(row)
    most = max((sum(row.number for row in of) for of in found.values()), default=1)
    parts = [_part(key, label, of, most) for (key, label), of in found.items()]
    parts.sort(key=lambda part: (not part.key, -part.count, part.key))
    everything = _part("", N_("合计"), rows, max(sum(row.number for row in rows), 1))
    return Breakdown(tuple(parts), everything)


def _rows(meant: Meant, dimension: Dimension, on: date) -> list[Row[Any]]:
    past = day_before_today(on)
    source, stage, _ = standing_on(past)
    query = (
        select(
            dimension.column.label("value"),
            stage.label("stage"),
            Project.currency,
            func.count().label("number"),
            func.sum(amount_in(past, stage)).label("amount"),
        )
        .select_from(source)
        .where(meant.condition, stage.in_(PIPELINE))
        .group_by(dimension.column, stage, Project.currency)
    )
    return list(session.execute(query))


def _names(dimension: Dimension, rows: Iterable[Row[Any]]) -> dict[int, str]:
    model = dimension.names
    if model is None:
        return {}
    numbers = {row.value for row in rows if row.value is not None}
    named = session.execute(select(model.id, model.name).where(model.id.in_(numbers)))
    return {row.id: row.name for row in named}


def _part(key: str, label: str, rows: list[Row[Any]], longest: int) -> Part:
    counts = {stage: sum(row.number for row in rows if row.stage == stage) for stage in PIPELINE}
    segments, before = [], 0
    for stage, count in counts.items():
        segments.append(Segment(stage, count, Fraction(before, longest), Fraction(count, longest)))
        before += count
    sums = {
        figure: sums_of(
            (row.currency, row.amount) for row in rows if figure_of(row.stage) == figure
        )
        for figure in Figure
    }
    return Part(key, label, before, tuple(segments), sums)
