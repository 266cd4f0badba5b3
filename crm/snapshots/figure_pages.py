"""One figure of a snapshot: its rows as they were kept and what is otherwise now; and what was reported of a target when."""

from typing import Any

from flask import abort, render_template, request

from crm.core.db import session
from crm.people.roles import Action
from crm.snapshots import queries
from crm.snapshots.differences import compare, units_in
from crm.snapshots.models import SnapshotFigure, SnapshotState
from crm.snapshots.pages import bp, paper_for_me, snapshot_of_mine
from crm.snapshots.paper import line_of, seen_from
from crm.snapshots.wording import source_of
from crm.targets.models import Indicator
from crm.web.guards import my_scope, needs
from crm.web.htmx import wants_fragment

PAGE_SIZE = 100
MOST_LISTED = 500  # differences on one page; the command line prints all


@bp.get("/<int:snapshot_id>/figures/<code>")
@needs(Action.TARGETS_READ)
def show_figure(snapshot_id: int, code: str) -> Any:
    found = snapshot_of_mine(snapshot_id)
    line = next((one for one in paper_for_me(found).lines if one.code == code), None)
    if line is None:
        abort(404)
    query = queries.figures_of(found).where(SnapshotFigure.code == code)
    comparison = compare(session.scalars(query).one(), line, my_scope())
    last = max(1, -(-len(comparison.rows) // PAGE_SIZE))
    number = min(max(request.args.get("page", 1, type=int), 1), last)
    return render_template(
        "snapshots/figure.html",
        snapshot=found,
        line=line,
        comparison=comparison,
        differences=comparison.differences[:MOST_LISTED],
        rows=comparison.rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE],
        number=number,
        last=last,
        source_of=source_of,
        is_frozen=found.state == SnapshotState.APPROVED,
    )


@bp.get("/targets/<int:record_id>")
@needs(Action.TARGETS_READ)
def of_target(record_id: int) -> Any:
    """What was reported of a target when: a panel of its page."""
    indicator = session.get(Indicator, record_id)
    scope = my_scope()
    if indicator is None or not scope.covers(indicator.unit):
        abort(404)
    units = units_in(scope)
    figures = session.scalars(queries.reported_of(record_id)).all()
    lines = [(one, seen_from(line_of(one, one.snapshot.as_of), scope, units)) for one in figures]
    return render_template(
        "snapshots/_of_target.html" if wants_fragment() else "snapshots/of_target.html",
        indicator=indicator,
        lines=[(one.snapshot, line) for one, line in lines if line is not None],
        source_of=source_of,
    )
