"""Where the pages of what is paid in and built are put together, and what they hand to the rooms below."""

from flask import Flask

from crm.core import registry
from crm.core.words import N_
from crm.investments import evidence, timeline
from crm.investments import grid_pages as grid_pages  # these are the blueprint's pages
from crm.investments import payment_pages as payment_pages
from crm.investments import progress_pages as progress_pages
from crm.investments import project_pages as project_pages
from crm.investments import rate_pages as rate_pages
from crm.investments.pages import bp
from crm.people.roles import Action


def init_app(app: Flask) -> None:
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
    for kind, label, find in evidence.OWNERS:
        registry.file_owners[kind] = registry.FileOwner(
            label, Action.PROJECTS_READ, (Action.PROJECTS_WRITE,), find
        )
