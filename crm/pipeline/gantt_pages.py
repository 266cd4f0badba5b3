"""The page of the gantt: the projects of the list's filter that have milestones, a page of them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request
from sqlalchemy import Row

from crm.core import clock
from crm.lists import pages
from crm.lists.asking import Asked
from crm.milestones.queries import has_marks, marks_of
from crm.people.models import User
from crm.people.roles import Action
from crm.pipeline.board_pages import bp
from crm.pipeline.gantt import (
    BEFORE_TODAY,
    MONTHS,
    Track,
    Window,
    month_after,
    sign_of,
    tracks,
    window_from,
)
from crm.pipeline.listing import face
from crm.projects.models import Project
from crm.web import paging
from crm.web.guards import needs

PER_PAGE = 25
GANTT = face("/projects/gantt", "month")


@dataclass(frozen=True, kw_only=True)
class GanttPage(pages.Tools):
    """The gantt with the tools of the list over it."""

    window: Window
    page: paging.Page
    count: paging.Count
    without: paging.Count
    tracks: dict[int, Track]
    earlier: date
    later: date

    def track(self, row: Row[Any]) -> Track:
        return self.tracks[row.id]

    @property
    def without_address(self) -> str:
        """The list of those that the same filter finds and that have no milestones, where one condition more says so."""
        state = self.state
        if state.filter.is_any and len(state.filter.groups) > 1:
            return ""
        return "/projects?" + "&".join(filter(None, (state.text, "where=milestones:is:0")))


@bp.get("/gantt")
@needs(Action.PROJECTS_READ)
def gantt() -> Any:
    window, today = window_from(_first_month()), clock.today()

    def drawn(asked: Asked, tools: dict[str, Any]) -> GanttPage:
        query = asked.query.outerjoin(User, User.id == Project.owner_id).with_only_columns(
            Project.id, Project.name, Project.stage, User.name.label("owner")
        )
        page = paging.page(query.where(has_marks()), Project.id, size=PER_PAGE)
        found = asked.query.with_only_columns(Project.id)
        return GanttPage(
            **tools,
            window=window,
            page=page,
            count=paging.count(found.where(has_marks())),
            without=paging.count(found.where(~has_marks())),
            tracks=tracks(marks_of([row.id for row in page.rows]), window, today),
            earlier=month_after(window.starts_on, -MONTHS // 2),
            later=month_after(window.starts_on, MONTHS // 2),
        )

    template = "pipeline/gantt.html"
    return pages.answer(
        GANTT,
        template,
        template,
        drawn,
        sign_of=sign_of,
        today_place=window.place(today) if window.shows(today) else None,
    )


def _first_month() -> date:
    """The month that the address asks for; otherwise some before the present one."""
    usual = month_after(clock.today(), -BEFORE_TODAY)
    try:
        month = date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        return usual
    return month if 1900 <= month.year < 2200 else usual
