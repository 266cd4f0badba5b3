"""The page of the gantt: the projects of the list's filter, a page of them, with their milestones."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request
from sqlalchemy import Row

from crm.core import clock
from crm.lists import pages
from crm.lists.asking import Asked
from crm.milestones.queries import marks_of
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
    tracks: dict[int, Track]
    earlier: date
    later: date

    def track(self, row: Row[Any]) -> Track | None:
        return self.tracks.get(row.id)


@bp.get("/gantt")
@needs(Action.PROJECTS_READ)
def gantt() -> Any:
    window, today = window_from(_first_month()), clock.today()

    def drawn(asked: Asked, tools: dict[str, Any]) -> GanttPage:
        query = asked.query.outerjoin(User, User.id == Project.owner_id).with_only_columns(
            Project.id, Project.name, Project.stage, User.name.label("owner")
        )
        page = paging.page(query, Project.id, size=PER_PAGE)
        return GanttPage(
            **tools,
            window=window,
            page=page,
            count=paging.count(asked.query.with_only_columns(Project.id)),
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
