"""Two dates side by side: every target's figure at both, and for one target the rows that made the difference."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask, abort, render_template, request

from crm.core import clock
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.metrics.figures import figures
from crm.people.roles import Action
from crm.targets import queries
from crm.targets.board import Board, board
from crm.targets.compare import differences
from crm.targets.indicator import panels
from crm.targets.models import AnnualPlan
from crm.targets.pages import bp, plan_asked
from crm.targets.reported import Reports
from crm.targets.standing import Row, question_of
from crm.targets.wording import change_text
from crm.web.dates import day_of
from crm.web.guards import my_scope, needs
from crm.web.htmx import go_to


@bp.get("/compare")
@needs(Action.TARGETS_READ)
def compare() -> Any:
    """What each target was on one day and on another."""
    if not queries.years():
        return go_to(".index")
    found, earlier = _asked()
    before = _before(found, earlier)
    return render_template(
        "targets/compare.html",
        board=found,
        earlier=earlier,
        lines=[
            (row, before[row.indicator.id], _difference(before[row.indicator.id], row.actual))
            for row in found.rows
            if row.is_visible
        ],
    )


@bp.get("/<code>/compare")
@needs(Action.TARGETS_READ)
def compare_one(code: str) -> Any:
    """What came in, went out and counts otherwise: before + in − out ± changed is after."""
    found, earlier = _asked()
    row = _row(found, code)
    before = _before(found, earlier)[row.indicator.id]
    context: dict[str, Any] = {"sums": {}, "rows": [], "number": 1, "last": 1, "count": 0}
    if row.metric is not None:
        context = _changes(found, row, earlier)
    return render_template(
        "targets/compare_one.html",
        board=found,
        earlier=earlier,
        row=row,
        before=before,
        difference=_difference(before, row.actual),
        changes=differences.Change,
        **context,
    )


def _changes(found: Board, row: Row, earlier: date) -> dict[str, Any]:
    scope, year = found.scope, found.plan.year
    before = question_of(row.indicator, year, earlier, scope)
    after = question_of(row.indicator, year, found.as_of, scope)
    sums = differences.sums(before, after)
    count, size = sum(one.count for one in sums.values()), panels.PAGE_SIZE
    last = max(1, -(-count // size))
    number = min(max(request.args.get("page", 1, type=int), 1), last)
    rows = differences.moved(before, after, offset=(number - 1) * size, limit=size)
    return {"sums": sums, "rows": rows, "number": number, "last": last, "count": count}


def _asked() -> tuple[Board, date]:
    """The board of the later day, and the earlier one: by default the end of the month before."""
    plan = plan_asked()
    to = day_of("to") or clock.opening_date(plan.year)
    earlier = day_of("from") or to.replace(day=1) - timedelta(days=1)
    if earlier > to:
        raise DomainError(N_("起始日期不能晚于截止日期。"))
    return board(plan, to, my_scope()), earlier


def _before(found: Board, earlier: date) -> Mapping[int, Decimal | None]:
    """The figures of the earlier day, those of the records in one statement."""
    plan: AnnualPlan = found.plan
    rows = [row for row in found.rows if row.is_visible]
    computed = [row.indicator for row in rows if row.indicator.is_computed]
    questions = [question_of(one, plan.year, earlier, found.scope) for one in computed]
    answers = dict(zip((one.id for one in computed), figures(questions), strict=True))
    reports = Reports(plan, earlier)
    verified = {
        row.indicator.id: reports.verified(row.indicator)
        for row in rows
        if not row.indicator.is_computed
    }
    return answers | {number: one.value if one else None for number, one in verified.items()}


def _difference(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    return None if before is None or after is None else after - before


def _row(found: Board, code: str) -> Row:
    return next(
        (row for row in found.rows if row.indicator.code == code and row.is_visible), None
    ) or abort(404)


def init_app(app: Flask) -> None:
    app.jinja_env.filters["change"] = change_text
