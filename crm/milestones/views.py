"""What milestones and problems show on other pages: the project's, a leader's first one, 待办."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from crm.core import clock, registry
from crm.core.db import session
from crm.core.words import N_
from crm.milestones import milestone_pages, queries, timeline
from crm.milestones import problem_pages as problem_pages  # its pages are the blueprint's
from crm.milestones.importing import MILESTONES
from crm.milestones.log_words import LOG_WORDS
from crm.milestones.models import Milestone, Problem
from crm.people.models import User
from crm.people.roles import Action, Role
from crm.people.scope import Scope, scope_of
from crm.projects.models import Project
from crm.web.paging import count

AT_HOME = 6
AHEAD = timedelta(days=60)  # what a project has to reach later is no work of today


def _escalated(user: User) -> dict[str, Any] | None:
    """On the first page of who gives instructions: what was put before the leaders, the longest waiting first."""
    waiting = queries.escalated(scope_of(user))
    rows = session.scalars(waiting.limit(AT_HOME)).all()
    if not rows:
        return None
    return {"rows": rows, "count": count(waiting.with_only_columns(Problem.id))}


def _milestones_due(user: User) -> list[registry.Todo]:
    """What my projects have to reach, soonest first, for who may say when."""
    if not user.may(Action.PROJECTS_WRITE):
        return []
    until = clock.today() + AHEAD
    marks = queries.due_marks(user, scope_of(user), until, registry.TODOS_OF_A_SOURCE)
    names = _names([mark.project_id for mark in marks]) if marks else {}
    return [
        registry.Todo(
            mark.due_on,
            "flag",
            N_("项目节点：%(milestone)s"),
            names[mark.project_id],
            f"/projects/milestones/{mark.id}",
            (("milestone", mark.name or mark.kind),),
        )
        for mark in marks
    ]


def _names(project_ids: list[int]) -> dict[int, str]:
    query = select(Project.id, Project.name).where(Project.id.in_(project_ids))
    return {row.id: row.name for row in session.execute(query)}


def _marks(ids: Collection[int], today: date) -> dict[int, str]:
    """What the board's cards say of projects that did not reach a milestone by its day."""
    return dict.fromkeys(queries.late_projects(ids, today), N_("节点逾期"))


def _problems_to_solve(user: User) -> list[registry.Todo]:
    """What I or my unit must solve. What is put before a leader has a card of its own on his first page."""
    if Role.LEADER in user.roles:
        return []
    rows = session.scalars(queries.to_solve(user).limit(registry.TODOS_OF_A_SOURCE))
    return [
        registry.Todo(
            problem.due_on,
            "alert-triangle",
            N_("解决难点：%(what)s"),
            problem.project.name,
            f"/projects/problems/{problem.id}",
            (("what", problem.what[:40]),),
        )
        for problem in rows
    ]


def _find(milestone_id: int, scope: Scope) -> registry.SubjectRef | None:
    """A milestone as something that files are attached to."""
    query = queries.visible_milestones(scope).where(Milestone.id == milestone_id)
    if (found := session.scalar(query)) is None:
        return None
    name = f"{found.project.name} {found.name or found.kind.label}"
    address = f"/projects/milestones/{found.id}"
    return registry.SubjectRef(found.id, name, found.project.unit_id, address)


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    app.register_blueprint(milestone_pages.bp)
    registry.file_owners["milestone"] = registry.FileOwner(
        N_("节点"), Action.PROJECTS_READ.value, (Action.PROJECTS_WRITE.value,), _find
    )
    registry.panels.append(
        registry.Panel(
            "project", N_("节点和难点"), "milestones.of_project", Action.PROJECTS_READ.value, 10
        )
    )
    registry.widgets.append(
        registry.Widget("milestones/_escalated.html", _escalated, 3, Action.INSTRUCTIONS_GIVE.value)
    )
    registry.import_kinds[MILESTONES.key] = MILESTONES
    registry.project_marks.append(_marks)
    registry.todo_sources.extend((_milestones_due, _problems_to_solve))
    registry.timeline_sources.setdefault("project", []).append(timeline.of_project)
