"""What the pages of responsibility are asked for: a plan, a unit, a target, a round of the reader's scope."""

from flask import abort, request

from crm.core import clock
from crm.core.db import session
from crm.people.models import Unit
from crm.people.queries import units
from crm.responsibility import queries
from crm.responsibility.models import ReportRound
from crm.targets.board import Board, board
from crm.targets.models import AnnualPlan, Indicator
from crm.targets.queries import find_plan
from crm.targets.widgets import current_plan
from crm.web.addresses import record_number
from crm.web.guards import my_scope


def asked_plan() -> AnnualPlan | None:
    """The plan of the year in the address, else the present one; None where there is none at all."""
    year = request.args.get("year", type=record_number)
    if year and not 1900 <= year < 2200:
        abort(404)
    return (find_plan(year) or abort(404)) if year else current_plan()


def board_of(plan: AnnualPlan) -> Board:
    """The plan's board as of the day on which its year is shown."""
    return board(plan, clock.opening_date(plan.year), my_scope())


def unit_in_scope(unit_id: int) -> Unit:
    return session.scalar(units(my_scope()).where(Unit.id == unit_id)) or abort(404)


def indicator_in_scope(record_id: int) -> Indicator:
    """A target for which somebody of my scope answers, or of which they have a share."""
    found = queries.indicators_for(my_scope()).where(Indicator.id == record_id)
    return session.scalar(found) or abort(404)


def round_at(reporting_id: int) -> ReportRound:
    """A round is the park's; what is owed in it is seen by scope."""
    return session.get(ReportRound, reporting_id) or abort(404)
