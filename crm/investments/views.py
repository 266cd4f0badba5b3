"""Where the pages of what is paid in and built are put together, and what they hand to the rooms below."""

from collections.abc import Iterable

from flask import Flask

from crm.core import clock, registry
from crm.core.words import N_
from crm.investments import evidence, queries, timeline
from crm.investments import grid_pages as grid_pages  # these are the blueprint's pages
from crm.investments import payment_pages as payment_pages
from crm.investments import progress_pages as progress_pages
from crm.investments import project_pages as project_pages
from crm.investments import rate_pages as rate_pages
from crm.investments.importing import PAYMENTS
from crm.investments.log_words import LOG_WORDS
from crm.investments.pages import bp
from crm.investments.progress import last_day_of, last_month
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of
from crm.projects.models import Project
from crm.web.paging import count


def _todos(user: User) -> Iterable[registry.Todo]:
    """One line for the projects of mine whose investment of the last month nobody reported."""
    if not user.may(Action.PROJECTS_WRITE):
        return []
    month = last_month(clock.today())
    own = queries.missing(scope_of(user), month).where(Project.owner_id == user.id)
    left = count(own)
    if not left:
        return []
    return [
        registry.Todo(
            last_day_of(month),
            "chart-bar",
            N_("填报%(month)s投资进度：还有 %(left)s 个项目"),
            "",
            f"/investments/grid?mine=1&month={month:%Y-%m}",
            (("month", f"{month:%Y-%m}"), ("left", left)),
        )
    ]


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    app.register_blueprint(bp)
    registry.within["investments"] = "pipeline.board"
    registry.navigation.append(
        registry.NavigationEntry(
            N_("汇率"), "investments.rate_list", "report", 84, Action.RULES_MANAGE
        )
    )
    registry.panels.append(
        registry.Panel("project", N_("投资"), "investments.of_project", Action.PROJECTS_READ, 5)
    )
    registry.timeline_sources.setdefault("project", []).append(timeline.of_project)
    registry.todo_sources.append(_todos)
    registry.import_kinds[PAYMENTS.key] = PAYMENTS
    for kind, label, find in evidence.OWNERS:
        registry.file_owners[kind] = registry.FileOwner(
            label, Action.PROJECTS_READ, (Action.PROJECTS_WRITE,), find
        )
