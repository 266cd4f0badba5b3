"""Taking a snapshot: the board as it is computed now, with the rows behind each figure. Reads only: it may take seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from crm.core import clock
from crm.core.db import session
from crm.people.models import Unit
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.snapshots import promised, rules
from crm.snapshots.paper import Line, Part, Said, with_said
from crm.snapshots.promised import MilestoneLine
from crm.snapshots.rows import (
    as_text,
    binding_of,
    digest,
    packed,
    parts,
    rows_now,
    seen,
    total,
)
from crm.targets.board import board
from crm.targets.models import AnnualPlan
from crm.targets.pace import Comparator, Kind, Light, Limits
from crm.targets.standing import Row


@dataclass(frozen=True)
class Figure:
    """One target's line and its rows, packed."""

    line: Line
    rows: bytes


@dataclass(frozen=True)
class Taken:
    """The figures of a plan as of a day, as they were at `taken_at`."""

    plan_id: int
    as_of: date
    taken_at: datetime
    figures: tuple[Figure, ...]
    milestones: tuple[MilestoneLine, ...]


def take(plan: AnnualPlan, as_of: date) -> Taken:
    """Every target and milestone of the plan as of a day, seen from the whole park."""
    taken_at = clock.now()  # what is written down while this reads comes later
    found = board(plan, as_of, WHOLE_PARK_SCOPE)
    paths = {row.id: row.path for row in session.execute(select(Unit.id, Unit.path))}
    figures = tuple(_figure(row, as_of, found.limits, paths) for row in found.rows)
    return Taken(plan.id, as_of, taken_at, figures, tuple(map(promised.taken, found.milestones)))


def _figure(row: Row, as_of: date, limits: Limits, paths: Mapping[int, str]) -> Figure:
    """The figure is the sum of the very rows that are kept with it."""
    one, binding = row.indicator, binding_of(row.indicator)
    rows = rows_now(one, binding, as_of)
    counted = seen(rows, None, is_once=binding.is_once)
    is_known = bool(binding.metric) or bool(rows)
    system: Decimal | None = total(counted) if is_known else None
    by_unit = parts(rows, paths, is_once=binding.is_once) if binding.metric else {}
    text = as_text(rows)
    line = Line(
        indicator_id=one.id,
        code=one.code,
        name=one.name,
        name_en=one.name_en,
        unit_word=one.unit_word,
        unit_word_en=one.unit_word_en,
        modal=one.modal,
        kind=Kind(one.kind),
        comparator=Comparator(one.comparator),
        target=one.target,
        target_to=one.target_to,
        opening=row.opening,
        baseline=one.baseline,
        starts_on=one.starts_on,
        due_on=one.due_on,
        curve=tuple(map(str, one.curve)) if one.curve else None,
        limits=limits,
        under_way=row.light is not Light.YELLOW,
        unit_id=one.unit_id,
        unit=one.unit.name,
        binding=binding,
        rule=rules.in_force(binding.metric, as_of),
        system=system,
        parts=tuple(Part(unit_id, value) for unit_id, value in sorted(by_unit.items())),
        row_count=len(counted),
        rows_sha256=digest(text),
        said=Said(system),
        standing=row.standing,
    )
    # On PostgreSQL somebody may have written between the board's statement and that of the rows.
    return Figure(line if system == row.actual else with_said(line, line.said, as_of), packed(text))
