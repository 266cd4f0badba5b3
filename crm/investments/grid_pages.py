"""The keyboard grid: plans and completed amounts of many projects typed in or pasted, saved all at once or not at all."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.investments import queries
from crm.investments.asking import asked_month, asked_unit
from crm.investments.grid import Row, rows_of, save
from crm.investments.pages import bp
from crm.people import queries as people
from crm.people.roles import Action
from crm.people.scope import Scope
from crm.projects.models import Project
from crm.projects.queries import visible_to
from crm.web.addresses import record_number
from crm.web.guards import me, my_scope, needs
from crm.web.paging import PAGE_SIZE, count, page


class NotSaved(DomainError):
    """Some rows were refused, so none was written."""


@bp.get("/grid")
@needs(Action.PROJECTS_WRITE)
def grid() -> Any:
    """The projects that owe the month's report, a page of them; with `?mine` only one's own."""
    month, (_unit, scope) = asked_month(), asked_unit()
    query = queries.named(_chosen(scope, month))
    shown = page(query, Project.id)
    return _sheet(month, rows_of(shown.rows, month), page=shown, count=count(query))


def _chosen(scope: Scope, month: date) -> Any:
    owing = queries.owing(scope, month)
    return owing.where(Project.owner_id == me().id) if "mine" in request.values else owing


@bp.post("/grid")
@needs(Action.PROJECTS_WRITE)
def save_grid() -> Any:
    month, ids = asked_month(), _posted_ids()
    there = visible_to(my_scope()).where(Project.id.in_(ids))
    shown = queries.named(there.with_only_columns(Project.id))
    rows: list[Row] = []
    try:
        with writing():
            rows = rows_of(session.execute(shown).all(), month)
            projects = {project.id: project for project in session.scalars(there)}
            saved = save(rows, projects, month, request.form, by=me())
            if any(row.is_refused for row in rows):
                raise NotSaved(N_("有的项目需要更正，全部尚未保存。"))
    except NotSaved as refused:
        return _sheet(month, rows, is_refused=True), refused.status
    flash(_("已保存 %(n)s 个项目的投资进度。", n=saved), "success")
    kept = {k: request.form[k] for k in ("unit", "mine", "before", "after") if request.form.get(k)}
    address = url_for("investments.grid", month=f"{month:%Y-%m}", **kept)  # type: ignore[arg-type]
    return redirect(address, 303)


def _posted_ids() -> list[int]:
    """The projects whose rows were sent. Raises DomainError for more than a page has."""
    found = []
    for text in request.form.getlist("project")[: PAGE_SIZE + 1]:
        try:
            found.append(record_number(text))
        except ValueError:
            continue
    if len(found) > PAGE_SIZE:
        raise DomainError(N_("一次最多保存%(most)s个项目。"), most=PAGE_SIZE)
    return found


def _sheet(month: date, rows: Sequence[Row], **more: Any) -> str:
    return render_template(
        "investments/grid.html",
        month=month,
        rows=rows,
        unit=asked_unit()[0],
        units=session.scalars(people.units(my_scope())).all(),
        is_mine="mine" in request.values,
        refused=sum(row.is_refused for row in rows),
        **{"page": None, "count": len(rows), "is_refused": False, **more},
    )
