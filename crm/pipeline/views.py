"""The list of projects, and what the pipeline shows on other pages: a firm's, the first one, 待办."""

from typing import Any

from flask import Flask

from crm.core import clock, registry
from crm.core.db import session
from crm.core.words import N_
from crm.lists import pages
from crm.people.models import User
from crm.people.roles import Action, Role
from crm.people.scope import scope_of
from crm.pipeline import board as boards
from crm.pipeline import breakdown_pages as breakdown_pages  # their pages are the blueprint's
from crm.pipeline import bulk_pages as bulk_pages
from crm.pipeline import flow_pages as flow_pages
from crm.pipeline import forecast_pages as forecast_pages
from crm.pipeline import funnel_pages as funnel_pages
from crm.pipeline import gantt_pages as gantt_pages
from crm.pipeline import gate_pages
from crm.pipeline import step_pages as step_pages  # and those of moves
from crm.pipeline.board_pages import bp
from crm.pipeline.listing import PROJECTS
from crm.pipeline.queries import cards, rows_of
from crm.projects import queries
from crm.projects.models import Project
from crm.reference import settings
from crm.web import paging
from crm.web.guards import needs

SHOWN_AT_HOME = 6


@bp.get("")
@needs(Action.PROJECTS_READ)
def index() -> Any:
    return pages.answer(PROJECTS, "pipeline/index.html", "pipeline/_list.html")


@bp.post("/files")
@needs(Action.REPORTS_EXPORT)
def create_file() -> Any:
    """What the list shows, or what is selected of it, as a file. Posted, because taking it out is written to the log."""
    return pages.answer_file(PROJECTS)


def _my_projects(user: User) -> dict[str, Any]:
    """The home widget: my projects that are stalled. Next steps that are due wait in 待办."""
    today = clock.today()
    is_late = queries.stalled(today, settings.get("projects.stalled_days"))
    late = queries.visible_to(scope_of(user)).where(Project.owner_id == user.id, is_late)
    longest_first = cards(late).order_by(None).order_by(Project.stage_entered_on)
    rows = rows_of(longest_first.limit(SHOWN_AT_HOME))
    return {"stalled": boards.as_cards(rows, today), "stalled_count": paging.count(late)}


def _todos(user: User) -> list[registry.Todo]:
    """My projects' next steps, soonest first."""
    if not user.may(Action.PROJECTS_WRITE):
        return []
    found = queries.next_actions_of(user, scope_of(user))
    rows = session.execute(found.limit(registry.TODOS_OF_A_SOURCE))
    return [
        registry.Todo(
            due_on=row.next_action_on,
            icon="layout-kanban",
            text=row.next_action or N_("项目下一步"),
            subject=row.name,
            href=f"/projects/{row.id}",
        )
        for row in rows
    ]


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    registry.lists[PROJECTS.key] = PROJECTS
    reading, keeping = Action.PROJECTS_READ, Action.PROJECTS_WRITE
    registry.navigation.append(
        registry.NavigationEntry(
            N_("项目"),
            "pipeline.board",
            "layout-kanban",
            30,
            reading,
            roles=(Role.INVESTMENT, Role.LEADER),
        )
    )
    app.register_blueprint(gate_pages.bp)
    registry.navigation.append(
        registry.NavigationEntry(
            N_("项目关口"), "gates.index", "checklist", 83, Action.RULES_MANAGE
        )
    )
    registry.list_actions.setdefault(PROJECTS.key, []).append(
        registry.ListAction(N_("移动"), "pipeline.preview_moves", "arrows-move", keeping)
    )
    registry.widgets.append(
        registry.Widget("pipeline/_my_projects.html", _my_projects, 30, keeping)
    )
    registry.todo_sources.append(_todos)
