"""Pages of the funnel: of the projects first reported in a period, and those behind each of its numbers."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, request

from crm.core import clock
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.lists import pages, state
from crm.lists.asking import Asked
from crm.people.roles import Action
from crm.pipeline.behind import standing
from crm.pipeline.board_pages import bp
from crm.pipeline.chart_pages import answer_rows, asked_of, meant_by, with_status
from crm.pipeline.funnel import (
    Cohort,
    Funnel,
    Level,
    Loss,
    What,
    check,
    funnel,
    is_counted,
    is_lost_for,
)
from crm.pipeline.listing import face
from crm.projects.models import PIPELINE, LossReason, Stage
from crm.web.dates import as_of, day_of
from crm.web.guards import needs
from crm.web.locale import label, sentence

ROWS = "/projects/funnel/projects"
FUNNEL = face("/projects/funnel", "from", "to", "as_of")


@dataclass(frozen=True, kw_only=True)
class FunnelPage(pages.Tools):
    """The funnel with the tools of the list over it; none where the days make no period, and `error` says why."""

    cohort: Cohort
    funnel: Funnel | None
    query: str
    error: str

    def href(self, level: Level, what: What) -> str:
        return f"{ROWS}?{self.query}&{state.query_string([('at', level.stage), ('what', what)])}"

    def loss_href(self, loss: Loss) -> str:
        number = [("at", loss.stage), ("what", What.LOST), ("reason", loss.reason or "")]
        return f"{ROWS}?{self.query}&{state.query_string(number)}"


@bp.get("/funnel")
@needs(Action.PROJECTS_READ)
def show_funnel() -> Any:
    cohort, error = _cohort()

    def drawn(asked: Asked, tools: dict[str, Any]) -> FunnelPage:
        return FunnelPage(
            **tools,
            cohort=cohort,
            funnel=None if error else funnel(meant_by(asked), cohort),
            query=_address(asked, cohort),
            error=sentence(error) if error else "",
        )

    page = "pipeline/funnel.html"
    return with_status(pages.answer(FUNNEL, page, page, drawn, what=What), error)


@bp.get("/funnel/projects")
@needs(Action.PROJECTS_READ)
def funnel_projects() -> Any:
    """The projects that one number of the funnel counts."""
    cohort, error = _cohort()
    if error:
        raise error
    args = request.args
    try:
        stage, what = Stage(args.get("at", Stage.LEAD)), What(args.get("what", What.REACHED))
        reason = LossReason(args["reason"]) if args.get("reason") else None
    except ValueError:
        abort(404)
    if stage not in PIPELINE:
        abort(404)
    asked = asked_of(FUNNEL)
    found = standing(meant_by(asked), cohort.on)
    found = found.narrowed(is_counted(found.stage, cohort, stage, what))
    words = [label(stage), label(what)]
    if "reason" in args:
        found = found.narrowed(is_lost_for(reason, cohort.on))
        words.append(label(reason or N_("未填写")))
    return answer_rows(
        found,
        cohort.on,
        title=" · ".join(words),
        back=f"/projects/funnel?{_address(asked, cohort)}",
        back_title=label(N_("漏斗")),
    )


def _cohort() -> tuple[Cohort, DomainError | None]:
    """The days of the address, the usual ones where it names none; and why they make no cohort."""
    cohort = _usual_cohort(clock.today())
    try:
        cohort = _usual_cohort(as_of(), day_of("to"), day_of("from"))
        check(cohort, clock.today())
    except DomainError as error:
        return cohort, error
    return cohort, None


def _usual_cohort(on: date, until: date | None = None, since: date | None = None) -> Cohort:
    """The projects of last year and this one."""
    until = until or on
    return Cohort(since or date(max(until.year - 1, 1900), 1, 1), until, on)


def _address(asked: Asked, cohort: Cohort) -> str:
    days = [("from", cohort.since), ("to", cohort.until), ("as_of", cohort.on)]
    return state.query_string([*asked.state.pairs(), *((n, d.isoformat()) for n, d in days)])
