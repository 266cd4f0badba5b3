"""Pages of the breakdowns: the projects of the seven stages by one fact, and those behind each number."""

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
from crm.pipeline.breakdowns import DIMENSIONS, INDUSTRY, Breakdown, Dimension, Part, breakdown
from crm.pipeline.chart_pages import answer_rows, asked_of, meant_by, with_status
from crm.pipeline.listing import face
from crm.projects.models import PIPELINE, Stage
from crm.web.dates import as_of
from crm.web.guards import needs
from crm.web.locale import label, sentence

ROWS = "/projects/breakdowns/projects"
BREAKDOWNS = face("/projects/breakdowns", "by", "as_of")


@dataclass(frozen=True, kw_only=True)
class BreakdownPage(pages.Tools):
    """A breakdown with the tools of the list over it; none where the day is not one to look back to, and `error` says why."""

    by: Dimension
    on: date
    breakdown: Breakdown | None
    error: str

    def turned_to(self, other: Dimension) -> str:
        """The same projects by another fact."""
        return f"{self.listing.address}?{_address(self.state, other, self.on)}"

    def href(self, part: Part | None, stage: Stage | None = None) -> str:
        """The projects of a part (of all of them), in one stage or all."""
        number = [] if part is None else [("key", part.key)]
        number += [] if stage is None else [("at", stage)]
        return f"{ROWS}?{_address(self.state, self.by, self.on)}&{state.query_string(number)}"


@bp.get("/breakdowns")
@needs(Action.PROJECTS_READ)
def breakdowns() -> Any:
    by, (on, error) = _by(), _day()

    def drawn(asked: Asked, tools: dict[str, Any]) -> BreakdownPage:
        found = None if error else breakdown(meant_by(asked), by.name, on)
        said = sentence(error) if error else ""
        return BreakdownPage(**tools, by=by, on=on, breakdown=found, error=said)

    page = "pipeline/breakdowns.html"
    answer = pages.answer(
        BREAKDOWNS, page, page, drawn, dimensions=DIMENSIONS.values(), pipeline=PIPELINE
    )
    return with_status(answer, error)


@bp.get("/breakdowns/projects")
@needs(Action.PROJECTS_READ)
def breakdown_projects() -> Any:
    """The projects that one number of a breakdown counts."""
    by, (on, error), asked = _by(), _day(), asked_of(BREAKDOWNS)
    if error:
        raise error
    key, at = request.args.get("key"), request.args.get("at")
    meant = meant_by(asked)
    found, words = standing(meant, on), []
    if key is not None:
        parts = {part.key: part for part in breakdown(meant, by.name, on).parts}
        if key not in parts:
            abort(404)
        found = found.narrowed(by.is_part(key))
        words.append(label(parts[key].label))
    stages = [stage for stage in PIPELINE if at in (None, stage)]
    if not stages:
        abort(404)
    words += [label(stage) for stage in stages if at is not None]
    return answer_rows(
        found.narrowed(found.stage.in_(stages)),
        on,
        title=" · ".join([label(by.label), *words]),
        back=f"/projects/breakdowns?{_address(asked.state, by, on)}",
        back_title=label(N_("分布")),
    )


def _by() -> Dimension:
    return DIMENSIONS.get(request.args.get("by", ""), INDUSTRY)


def _day() -> tuple[date, DomainError | None]:
    """The day of the address, today where it names none; and why it is none to look back to."""
    try:
        day = as_of()
    except DomainError as error:
        return clock.today(), error
    if day > clock.today():
        return day, DomainError(N_("统计截止日期不能晚于今天。"))
    return day, None


def _address(shown: state.State, by: Dimension, on: date) -> str:
    return state.query_string([*shown.pairs(), ("by", by.name), ("as_of", on.isoformat())])
