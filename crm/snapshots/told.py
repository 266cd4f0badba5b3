"""Snapshots and their differences as JSON has them; figures become floats only here."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from crm.core.db import session
from crm.people.scope import Scope
from crm.snapshots import queries
from crm.snapshots.differences import Comparison, Difference, compare
from crm.snapshots.models import Snapshot
from crm.snapshots.paper import Line, Paper
from crm.snapshots.promised import MilestoneLine
from crm.snapshots.rows import REPORTS

JSON_PLACES = 6


def as_dict(found: Snapshot) -> dict[str, Any]:
    """One line of the list."""
    return {
        "id": found.id,
        "title": found.title,
        "as_of": found.as_of.isoformat(),
        "taken_at": found.recorded_at.isoformat(),
        "state": found.state.value,
        "approved_by": found.approved_by.name if found.approved_by else None,
        "approved_at": found.approved_at.isoformat() if found.approved_at else None,
        "replaces": found.replaces_id,
        "sha256": found.sha256 or None,
    }


def with_figures(found: Snapshot, paper: Paper) -> dict[str, Any]:
    return as_dict(found) | {
        "is_demo": paper.is_demo,
        "indicators": [_line(line) for line in paper.lines],
        "milestones": [_milestone(line) for line in paper.milestones],
    }


def comparisons(found: Snapshot, paper: Paper, scope: Scope) -> Iterator[Comparison]:
    """Every figure against what the same day gives now; the rows of one at a time are in memory."""
    lines = {line.code: line for line in paper.lines}
    for figure in session.scalars(queries.figures_of(found)):
        if figure.code in lines:
            yield compare(figure, lines[figure.code], scope)
            session.expire(figure, ["rows"])


def with_differences(
    found: Snapshot,
    compared: Iterable[Comparison],
    moved: Iterable[tuple[MilestoneLine, date | None]],
) -> dict[str, Any]:
    """Those targets that differ, row by row, and those milestones that are done on another day."""
    return as_dict(found) | {
        "indicators": [_compared(one) for one in compared if one.differences or one.hidden],
        "milestones": [
            {
                "id": line.code,
                "subject": line.name,
                "before_on": _day(line.system_on),
                "now_on": _day(now),
            }
            for line, now in moved
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "id": line.code,
        "subject": line.name,
        "unit": line.unit_word,
        "target": _number(line.target),
        "system": _number(line.system),
        "reported": _number(line.said.reported),
        "authority": _number(line.said.authority),
        "authority_source": line.said.authority_source or None,
        "authority_on": _day(line.said.authority_on),
        "reason": line.said.reason or None,
        "completion": _number(line.standing.completion),
        "gap_points": _number(line.standing.gap_points),
        "light": line.standing.light.value,
        "rows": line.row_count,
        "rows_sha256": line.rows_sha256,
    }


def _milestone(line: MilestoneLine) -> dict[str, Any]:
    return {
        "id": line.code,
        "subject": line.name,
        "event": line.event,
        "not_before": line.not_before.isoformat(),
        "due": line.due_on.isoformat(),
        "system_on": _day(line.system_on),
        "reported_on": _day(line.told.on),
        "reason": line.told.reason or None,
        "light": line.light.value,
    }


def _compared(found: Comparison) -> dict[str, Any]:
    return {
        "id": found.line.code,
        "frozen": _number(found.frozen),
        "came": _number(found.came),
        "went": _number(found.went),
        "changed": _number(found.changed),
        "now": _number(found.now),
        "hidden": found.hidden,
        "is_intact": found.is_intact,
        "rows": [_difference(one, found.line) for one in found.differences],
    }


def _difference(one: Difference, line: Line) -> dict[str, Any]:
    is_report = one.page == REPORTS
    return {
        "record": f"{REPORTS}{line.code}#report-{one.record_id}"
        if is_report
        else f"{one.page}{one.record_id}",
        "label": one.label,
        "cause": one.cause.value,
        "before_on": _day(one.before.on if one.before else None),
        "now_on": _day(one.now.on if one.now else None),
        "before": _number(one.before.contribution if one.before else None),
        "now": _number(one.now.contribution if one.now else None),
    }


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _number(value: Decimal | Fraction | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == int(value) else round(float(value), JSON_PLACES)
