"""The list of projects, and what the pipeline shows on other pages: a firm's, the first one, 待办."""

from typing import Any

from flask import Flask, render_template, request

from crm.core import clock, registry
from crm.core.db import session
from crm.core.words import N_
from crm.people import queries as people
from crm.people.models import User
from crm.people.roles import Action, Role
from crm.people.scope import scope_of
from crm.pipeline import board as boards
from crm.pipeline import move_pages as move_pages  # its pages are the blueprint's
from crm.pipeline.board_pages import bp, chosen_filters
from crm.projects import queries
from crm.projects.models import Project, Stage
from crm.reference import settings
from crm.web import paging
from crm.web.guards import my_scope, needs

SHOWN_AT_HOME = 6


@bp.get("")
@needs(Action.PROJECTS_READ)
def index() -> Any:
    stage = request.args.get("stage", type=Stage)
    query = boards.listing(my_scope(), filters=chosen_filters(), stage=stage)
    page = paging.page(query, Project.id)
    return render_template(
        "pipeline/index.html",
        page=page,
        cards=boards.as_cards(page.rows, clock.today()),
        count=paging.count(query),
        stage=stage,
        stages=Stage,
        units=session.scalars(people.units(my_scope())).all(),
    )


def _my_projects(user: User) -> dict[str, Any]:
    """The home widget: my projects that are stalled. Next steps that are due wait in 待办."""
    today = clock.today()
    mine = boards.listing(scope_of(user)).where(Project.owner_id == user.id)
    late = mine.where(queries.stalled(today, settings.get("projects.stalled_days"))).order_by(None)
    rows = session.execute(late.order_by(Project.stage_entered_on).limit(SHOWN_AT_HOME)).all()
    return {"stalled": boards.as_cards(rows, today), "stalled_count": paging.count(late)}


def _todos(user: User) -> list[registry.Todo]:
    """My projects' next steps, soonest first."""
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
    registry.widgets.append(
        registry.Widget("pipeline/_my_projects.html", _my_projects, 30, keeping)
    )
    registry.todo_sources.append(_todos)
