"""投资进度: all projects of a scope at the end of a month, against their plans and 序时; and who has not reported."""

from typing import Any

from flask import render_template, request
from sqlalchemy import Select

from crm.core import clock
from crm.core.db import session
from crm.investments import queries
from crm.investments.asking import asked_month, asked_unit
from crm.investments.pages import bp
from crm.investments.progress import last_day_of, progress_of
from crm.investments.rates import converted
from crm.people import queries as people
from crm.people.roles import Action
from crm.projects.amounts import sums_of
from crm.projects.models import Project
from crm.reference import settings
from crm.web.guards import my_scope, needs
from crm.web.paging import count, page

SHOWN_MISSING = 500


@bp.get("")
@needs(Action.PROJECTS_READ)
def index() -> Any:
    month, (unit, scope) = asked_month(), asked_unit()
    is_missing = "missing" in request.args.getlist("only")
    ids = queries.followed(scope, month)
    shown = queries.missing(scope, month) if is_missing else ids
    rows = page(queries.named(shown), Project.id)
    totals = queries.totals(ids, month)
    return render_template(
        "investments/index.html",
        month=month,
        unit=unit,
        units=session.scalars(people.units(my_scope())).all(),
        only="missing" if is_missing else "",
        page=rows,
        count=count(queries.named(shown)),
        progress=progress_of([row.id for row in rows.rows], month),
        totals=totals,
        converted=converted(
            sums_of((total.currency, total.cumulative) for total in totals), last_day_of(month)
        ),
        owing=_number(queries.owing(scope, month)),
        missing=_number(queries.missing(scope, month)),
        waiting=count(queries.waiting_payments(scope)),
        yellow=-settings.get("pace.yellow_points"),
        red=-settings.get("pace.red_points"),
    )


@bp.get("/missing")
@needs(Action.PROJECTS_READ)
def missing() -> Any:
    """未报, by who carries the projects, with the sentence to send them."""
    month, (unit, scope) = asked_month(), asked_unit()
    query = queries.named(queries.missing(scope, month)).limit(SHOWN_MISSING)
    owed: dict[tuple[str, str], list[Any]] = {}
    for row in session.execute(query):
        owed.setdefault((row.unit, row.owner or ""), []).append(row)
    return render_template(
        "investments/missing.html",
        month=month,
        unit=unit,
        units=session.scalars(people.units(my_scope())).all(),
        owed=sorted(owed.items()),
        count=sum(map(len, owed.values())),
        today=clock.today(),
    )


def _number(query: Select[int]) -> str:
    return str(count(query))
