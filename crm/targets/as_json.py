"""The board as JSON wants it; the only place where exact figures become floats."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from crm.reference import settings
from crm.targets.board import Board
from crm.targets.milestones import MilestoneRow
from crm.targets.standing import Row

JSON_PLACES = 6


def as_dict(board: Board) -> dict[str, Any]:
    """The board as JSON wants it; the only place where exact figures become floats."""
    return {
        "year": board.plan.year,
        "as_of": board.as_of.isoformat(),
        "scope": board.scope.label,
        "is_demo": settings.is_demo_data(),
        "indicators": [_indicator_as_dict(row) for row in board.rows],
        "milestones": [_milestone_as_dict(row) for row in board.milestones],
    }


def _indicator_as_dict(row: Row) -> dict[str, Any]:
    indicator, standing = row.indicator, row.standing
    return {
        "id": indicator.code,
        "subject": indicator.name,
        "kind": indicator.kind,
        "modal": indicator.modal or None,
        "comparator": indicator.comparator,
        "target": plain_number(indicator.target),
        "target_to": plain_number(indicator.target_to),
        "floor": plain_number(standing.floor),
        "unit": indicator.unit_word,
        "opening": plain_number(row.opening),
        "baseline": plain_number(indicator.baseline),
        "actual": plain_number(standing.actual),
        "unverified": plain_number(row.beside),
        "completion": plain_number(standing.completion),
        "pace": plain_number(standing.pace),
        "gap_points": plain_number(standing.gap_points),
        "light": standing.light.value,
        "exceeds_upper": standing.exceeds_upper,
        "source": "computed" if indicator.is_computed else "reported",
        "metric": indicator.metric or None,
        "parent": indicator.parent.code if indicator.parent else None,
        "mentions": [m.code for m in indicator.mentions if m.code != indicator.code],
        "due": indicator.due_on.isoformat(),
        "responsible": indicator.unit.name,
    }


def _milestone_as_dict(row: MilestoneRow) -> dict[str, Any]:
    milestone = row.milestone
    return {
        "id": milestone.code,
        "subject": milestone.name,
        "event": milestone.event,
        "not_before": milestone.not_before.isoformat(),
        "due": milestone.due_on.isoformat(),
        "done_on": row.done_on.isoformat() if row.done_on else None,
        "light": row.light.value,
        "timing": row.timing.value,
        "project": milestone.named_project.name if milestone.named_project else None,
        "same_as": milestone.same_as.code if milestone.same_as else None,
        "responsible": milestone.unit.name,
    }


def plain_number(value: Decimal | Fraction | None) -> int | float | None:
    """As JSON knows numbers."""
    if value is None:
        return None
    return int(value) if value == int(value) else round(float(value), JSON_PLACES)
