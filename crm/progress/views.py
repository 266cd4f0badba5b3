"""Pages of progress notes: who has reported, one sitting over all of one's projects, and the panel on a project's page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Row
from werkzeug.routing import BaseConverter, ValidationError

from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people.models import Unit, User
from crm.people.queries import units
from crm.people.roles import Action
from crm.people.scope import scope_of
from crm.progress import queries, services
from crm.progress.forms import NoteForm
from crm.progress.log_words import LOG_WORDS
from crm.progress.models import Cadence, ProgressNote
from crm.progress.periods import Period, period_named, period_of
from crm.progress.wording import period_words, reminder
from crm.projects.models import Project
from crm.projects.pages import project_in_scope
from crm.reference import settings
from crm.web.addresses import record_number
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment
from crm.web.paging import count, page

SHOWN_ON_PAGE = 4

bp = Blueprint("progress", __name__, url_prefix="/projects")


class PeriodConverter(BaseConverter):
    """`<period:…>` in an address: 2020-09 or 2020-W39."""

    regex = r"\d{4}-(?:W\d\d|\d\d)"

    def to_python(self, value: str) -> Period:
        try:
            return period_named(value)
        except ValueError:
            raise ValidationError from None

    def to_url(self, value: Period) -> str:
        return value.name


@dataclass(frozen=True)
class Place:
    """Where one stands in a sitting: this is project `number` of `total`, of which `noted` have been reported."""

    number: int
    total: int
    noted: int
    previous_id: int | None
    next_id: int | None


@bp.get("/notes")
@needs(Action.PROJECTS_READ)
def index() -> Any:
    """Which projects of the scope were reported for a period, and who owes the others."""
    period, unit = _asked_period(), _asked_unit()
    scope = my_scope().within(unit) if unit else my_scope()
    query = queries.owing(scope, period)
    if request.args.get("mine"):
        query = query.where(Project.owner_id == me().id)
    shown = page(query, Project.id)
    missing = session.execute(queries.missing(scope, period)).all()
    return render_template(
        "progress/index.html",
        period=period,
        is_future=period.starts_on > clock.today(),
        others=[period_of(cadence, min(period.ends_on, clock.today())) for cadence in Cadence],
        unit=unit,
        units=session.scalars(units(my_scope())).all(),
        page=shown,
        notes=queries.notes_in([row.id for row in shown.rows], period),
        count=count(query),
        missing=[(owner, list(rows)) for owner, rows in groupby(missing, key=_owner_of)],
        reminder=reminder(period, missing),
        missing_count=len(missing),
    )


def _owner_of(row: Row[Any]) -> str | None:
    return row.owner  # type: ignore[no-any-return]


@bp.get("/notes/<period:period>/mine")
@needs(Action.PROJECTS_WRITE)
def begin(period: Period) -> Any:
    """To the first of my projects that is not reported yet, or to all of them when none is left."""
    rows = session.execute(queries.sitting(my_scope(), period, me().id)).all()
    first = next((row.id for row in rows if not row.is_noted), None)
    if first is None:
        return redirect(url_for("progress.index", period=period.name, mine=1))
    return redirect(url_for("progress.edit", period=period, project_id=first))


@bp.get("/notes/<period:period>/<int:project_id>")
@needs(Action.PROJECTS_WRITE)
def edit(period: Period, project_id: int) -> Any:
    """One project of the sitting; what was said last is there already."""
    project = project_in_scope(project_id)
    note = queries.notes_in([project_id], period).get(project_id)
    said = note or queries.note_before(project_id, period)
    form = NoteForm(formdata=None, obj=said)
    form.version.data = note.version if note else 0
    return _page(project, period, note, form, taken_from=said)


@bp.post("/notes/<period:period>/<int:project_id>")
@needs(Action.PROJECTS_WRITE)
def save(period: Period, project_id: int) -> Any:
    """Save and go on to the next one that is not reported yet."""
    project = project_in_scope(project_id)
    form, status = NoteForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                project = project_in_scope(project_id)
                services.write(
                    project, period, form.to_texts(), version=form.version.data or 0, by=me()
                )
        except DomainError as refused:
            project = project_in_scope(project_id)
            note = queries.notes_in([project_id], period).get(project_id)
            status = blame(form, refused, note)
        else:
            flash(_("已保存“%(name)s”的进展。", name=project.name), "success")
            return _go_on(project, period)
    note = queries.notes_in([project_id], period).get(project_id)
    return _page(project, period, note, form, taken_from=note), status


def _go_on(project: Project, period: Period) -> Any:
    rows = session.execute(queries.sitting(my_scope(), period, project.owner_id)).all()
    left = [row.id for row in rows if not row.is_noted]
    following = next((id_ for id_ in left if id_ > project.id), left[0] if left else None)
    if following is None:
        return go_to("progress.index", period=period.name, mine=1)
    return go_to("progress.edit", period=period, project_id=following)


def _page(
    project: Project,
    period: Period,
    note: ProgressNote | None,
    form: NoteForm,
    taken_from: ProgressNote | None,
) -> str:
    rows = session.execute(queries.sitting(my_scope(), period, project.owner_id)).all()
    return render_template(
        "progress/edit.html",
        project=project,
        period=period,
        note=note,
        form=form,
        place=_place(rows, project.id),
        taken_from=period_of(period.cadence, taken_from.starts_on)
        if taken_from is not None and taken_from is not note
        else None,
    )


def _place(rows: Sequence[Row[Any]], project_id: int) -> Place | None:
    """None for a project that owes no note and so stands in no sitting."""
    ids = [row.id for row in rows]
    if project_id not in ids:
        return None
    at = ids.index(project_id)
    return Place(
        number=at + 1,
        total=len(ids),
        noted=sum(row.is_noted for row in rows),
        previous_id=ids[at - 1] if at else None,
        next_id=ids[at + 1] if at + 1 < len(ids) else None,
    )


@bp.get("/<int:record_id>/notes")
@needs(Action.PROJECTS_READ)
def of_project(record_id: int) -> Any:
    """The panel on a project's page: what was said last."""
    project = project_in_scope(record_id)
    shown = SHOWN_ON_PAGE if wants_fragment() else 200
    notes = session.scalars(queries.notes_of(record_id, shown)).all()
    return render_template(
        "progress/_of_project.html" if wants_fragment() else "progress/of_project.html",
        project=project,
        notes=[(period_of(note.cadence, note.starts_on), note) for note in notes],
        now=_present_period(),
        has_all=not wants_fragment(),
    )


def _present_period() -> Period:
    """The week or month of today, as the park reports."""
    return period_of(Cadence(settings.get("progress.cadence")), clock.today())


def _asked_period() -> Period:
    try:
        return period_named(request.args.get("period", ""))
    except ValueError:
        return _present_period()


def _asked_unit() -> Unit | None:
    number = request.args.get("unit", type=record_number)
    return session.scalar(units(my_scope()).where(Unit.id == number)) if number else None


def _todos(user: User) -> Iterable[registry.Todo]:
    """One line for the sitting that the period asks of me."""
    if not user.may(Action.PROJECTS_WRITE):
        return []
    period = _present_period()
    total, left = queries.standing(scope_of(user), period, user.id)
    if not left:
        return []
    return [
        registry.Todo(
            period.ends_on,
            "notes",
            N_("填报%(period)s项目进展：还有 %(left)s 个，共 %(all)s 个"),
            "",
            f"/projects/notes/{period.name}/mine",
            (("period", period_words(period)), ("left", left), ("all", total)),
        )
    ]


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    app.url_map.converters["period"] = PeriodConverter
    app.jinja_env.filters["period"] = period_words
    app.register_blueprint(bp)
    registry.panels.append(
        registry.Panel("project", N_("进展"), "progress.of_project", Action.PROJECTS_READ.value, 15)
    )
    registry.todo_sources.append(_todos)
