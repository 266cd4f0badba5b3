"""汇总: what the firms of a scope have reported of a year as of a day, carrier by carrier, with how many did."""

from collections import defaultdict
from datetime import date
from typing import Any

from flask import Blueprint, render_template
from sqlalchemy import select

from crm.core import clock
from crm.core.db import session
from crm.operating import queries
from crm.operating.asking import may_see_figures
from crm.operating.figures import FIGURES
from crm.people.models import Unit
from crm.people.roles import Action
from crm.people.scope import Scope
from crm.web.dates import as_of
from crm.web.guards import my_scope, needs

bp = Blueprint("operating_sums", __name__, url_prefix="/operating")

COUNTS = ("reported", "present", "through", "owing")


@bp.get("")
@needs(Action.COMPANIES_READ)
def index() -> Any:
    day = as_of(clock.today())
    lines, total = _by_carrier(my_scope(), day)
    return render_template(
        "operating/sums.html",
        as_of=day,
        lines=lines,
        total=total,
        figures=FIGURES,
        shows_figures=may_see_figures(),
    )


def _by_carrier(scope: Scope, day: date) -> tuple[list[tuple[str, dict[str, Any]]], dict[str, Any]]:
    """A line for each carrier that has something to say, and all of them together: a firm counts in one carrier only."""
    found: dict[int, dict[str, Any]] = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
    for row in session.execute(queries.sums(scope, day.year, day)):
        found[row.carrier_id] |= row._mapping
    for row in session.execute(queries.owing_by_carrier(scope, day)):
        found[row.carrier_id]["owing"] = row.owing
    names = session.execute(
        select(Unit.id, Unit.name).where(Unit.id.in_(found)).order_by(Unit.position, Unit.id)
    )
    lines = [(name, found[id_]) for id_, name in names]
    return lines, _total([line for _name, line in lines])


def _total(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """None where nobody reported a figure: that is not 0."""
    total: dict[str, Any] = {key: sum(line[key] for line in lines) for key in COUNTS}
    for figure in FIGURES:
        values = [line[figure.name] for line in lines if line.get(figure.name) is not None]
        total[figure.name] = sum(values) if values else None
        total[f"{figure.name}_firms"] = sum(line.get(f"{figure.name}_firms", 0) for line in lines)
    return total
