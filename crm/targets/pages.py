"""What the pages of targets share: the plan and the day that the address asks for, and the board of it."""

from flask import Blueprint, abort, request

from crm.core import clock
from crm.targets import queries, widgets
from crm.targets.board import Board, board
from crm.targets.models import AnnualPlan
from crm.web.dates import as_of
from crm.web.guards import my_scope

bp = Blueprint("targets", __name__, url_prefix="/targets")


def board_asked() -> Board:
    plan = plan_asked()
    return board(plan, as_of(clock.opening_date(plan.year)), my_scope())


def plan_asked() -> AnnualPlan:
    """The plan of the year in the address, else this year's, else the newest."""
    year = request.args.get("year", type=int)
    if year and not 1900 <= year < 2200:
        abort(404)
    plan = queries.plan_of(year) if year else widgets.current_plan()
    return plan or queries.plan_of(clock.today().year)
