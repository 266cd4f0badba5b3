"""Pages of activities: the panel on a record's page, the list, corrections. What this room hands to the others is at the end."""

from datetime import date
from functools import partial
from typing import Any

from flask import Flask, flash, render_template, request
from flask_babel import gettext as _

from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.followup import (
    importing,
    instruction_pages,
    queries,
    request_pages,
    services,
    subjects,
    tasks,
    timeline,
    todo,
    todo_pages,
)
from crm.followup.forms import ActivityForm, VersionForm
from crm.followup.handlers import able
from crm.followup.log_words import LOG_WORDS
from crm.followup.models import Activity, ActivityKind
from crm.followup.pages import Place, activity_in_scope, bp, place, place_at
from crm.people.models import Unit
from crm.people.queries import units
from crm.people.roles import Action
from crm.web.addresses import record_number
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_back, go_to, wants_fragment
from crm.web.paging import count, page

PANEL_SHOWN = 5


@bp.get("/followup/companies/<int:record_id>", defaults={"kind": "company"}, endpoint="of_company")
@bp.get("/followup/projects/<int:record_id>", defaults={"kind": "project"}, endpoint="of_project")
@bp.get("/followup/targets/<int:record_id>", defaults={"kind": "target"}, endpoint="of_target")
@needs(Action.FOLLOWUP_READ)
def panel(record_id: int, kind: str) -> Any:
    """What was done and is to be done about one record: the panel on its page, or a page of its own."""
    return _panel(place(kind, record_id), _new_form())


@bp.post("/followup/<word>/<int:record_id>/activities")
@needs(Action.FOLLOWUP_WRITE)
def create_activity(word: str, record_id: int) -> Any:
    """Write down an activity and, where one is given, the next step."""
    here, form, status = place_at(word, record_id), ActivityForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                here = place_at(word, record_id)
                services.record_activity(here.kind, here.ref, form.to_details(), by=me())
                if form.next_what.data:
                    step = tasks.TaskDetails(
                        form.next_what.data, form.next_on.data, me().id, (here.kind, record_id)
                    )
                    tasks.add_task(step, by=me())
        except DomainError as refused:
            if refused.field == "due_on":
                refused.field = "next_on"
            status = blame(form, refused)
        else:
            if wants_fragment() and not request.args.get("next"):
                return _panel(place_at(word, record_id), _new_form(), is_saved=True)
            flash(_("已记录。"), "success")
            return go_back(f"followup.of_{here.kind}", record_id=record_id)
    return _panel(here, form), status


@bp.get("/followup/activities")
@needs(Action.FOLLOWUP_READ)
def activities() -> Any:
    """All activities of the scope: by kind, person, period, unit or record."""
    filters, unit = _filters(), _unit()
    scope = my_scope().within(unit) if unit else my_scope()
    query = queries.visible_to(scope).where(*filters.conditions())
    found = page(queries.listed(query), Activity.id)
    return render_template(
        "followup/activities.html",
        page=found,
        known=subjects.find_all((subjects.key_of(row) for row in found.rows), my_scope()),
        count=count(query.with_only_columns(Activity.id)),
        filters=filters,
        unit=unit,
        units=session.scalars(units(my_scope())).all(),
        people=[person for person in able() if my_scope().covers(person.unit)],
        kinds=ActivityKind,
        subject=place(*filters.subject) if filters.subject else None,
    )


def _filters() -> queries.Filters:
    asked = request.args
    kind = asked.get("subject", "")
    number = asked.get("record", type=record_number)
    return queries.Filters(
        kind=asked.get("kind", type=ActivityKind),
        by_id=asked.get("by", type=record_number),
        from_on=asked.get("from", type=date.fromisoformat),
        to_on=asked.get("to", type=date.fromisoformat),
        subject=(kind, number) if kind and number else None,
    )


def _unit() -> Unit | None:
    number = request.args.get("unit", type=record_number)
    return session.scalar(units(my_scope()).where(Unit.id == number)) if number else None


@bp.get("/followup/activities/<int:activity_id>")
@needs(Action.FOLLOWUP_READ)
def show_activity(activity_id: int) -> Any:
    """An activity is read among those of its record."""
    _activity, here = activity_in_scope(activity_id)
    return go_to(f"followup.of_{here.kind}", record_id=here.ref.id)


@bp.get("/followup/activities/<int:activity_id>/edit")
@needs(Action.FOLLOWUP_WRITE)
def edit_activity(activity_id: int) -> Any:
    activity, here = activity_in_scope(activity_id)
    return _edit_page(activity, here, ActivityForm(obj=activity))


@bp.post("/followup/activities/<int:activity_id>/edit")
@needs(Action.FOLLOWUP_WRITE)
def update_activity(activity_id: int) -> Any:
    activity, here = activity_in_scope(activity_id)
    form, status = ActivityForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                activity, here = activity_in_scope(activity_id)
                services.correct(
                    activity,
                    form.to_details(),
                    version=form.version.data or 0,
                    by=me(),
                    name=here.ref.name,
                )
        except DomainError as refused:
            status = blame(form, refused)
            activity, here = activity_in_scope(activity_id)
            form.version.data = activity.version
        else:
            flash(_("已保存。"), "success")
            return go_to(f"followup.of_{here.kind}", record_id=here.ref.id)
    return _edit_page(activity, here, form), status


@bp.post("/followup/activities/<int:activity_id>/archivings")
@needs(Action.FOLLOWUP_WRITE)
def archive_activity(activity_id: int) -> Any:
    version = VersionForm().version.data
    with writing():
        activity, here = activity_in_scope(activity_id)
        services.archive(activity, version=version or 0, by=me(), name=here.ref.name)
    flash(_("已归档，不再显示；记录仍保留。"), "success")
    return go_to(f"followup.of_{here.kind}", record_id=here.ref.id)


def _new_form() -> ActivityForm:
    return ActivityForm(formdata=None, happened_on=clock.today())


def _panel(here: Place, form: ActivityForm, *, is_saved: bool = False) -> str:
    kind, number = here.kind, here.ref.id
    rows = session.scalars(queries.activities_about(kind, number).limit(PANEL_SHOWN + 1)).all()
    mine = visible_ids([row.id for row in rows])
    return render_template(
        "followup/_panel.html" if wants_fragment() else "followup/panel.html",
        place=here,
        form=form,
        is_saved=is_saved,
        is_open=not wants_fragment() or bool(form.errors),
        activities=rows[:PANEL_SHOWN],
        has_more=len(rows) > PANEL_SHOWN,
        mine=mine,
        tasks=session.scalars(queries.tasks_about(kind, number)).all(),
        requests=request_pages.newest_of(here),
        instructions=session.scalars(
            queries.instructions_about(kind, number).limit(PANEL_SHOWN)
        ).all(),
        address_of=todo.address_of,
    )


def visible_ids(ids: list[int]) -> set[int]:
    """Those of a record's activities that the reader may correct: of the units in scope."""
    query = queries.visible_to(my_scope()).where(Activity.id.in_(ids))
    return set(session.scalars(query.with_only_columns(Activity.id)))


def _edit_page(activity: Activity, here: Place, form: ActivityForm) -> str:
    return render_template("followup/edit.html", activity=activity, place=here, form=form)


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    registry.children |= {
        "activities": registry.ChildKind(N_("跟进记录")),
        "last_contacts": registry.ChildKind(N_("最近联系日")),
        "tasks": registry.ChildKind(N_("待办")),
        "requests": registry.ChildKind(N_("企业诉求")),
        "instructions": registry.ChildKind(N_("批示")),
    }
    app.register_blueprint(bp)
    app.jinja_env.filters["todo_words"] = todo_pages.words_of
    registry.import_kinds[importing.ACTIVITIES.key] = importing.ACTIVITIES
    reading, writing_ = Action.FOLLOWUP_READ.value, Action.FOLLOWUP_WRITE.value
    registry.navigation.append(
        registry.NavigationEntry(
            N_("待办"), "followup.todo_index", "list-check", 1, reading, "followup.due_count"
        )
    )
    for kind in ("company", "project", "target"):
        registry.panels.append(registry.Panel(kind, N_("跟进"), f"followup.of_{kind}", reading, 25))
        registry.timeline_sources.setdefault(kind, []).append(partial(timeline.of_subject, kind))
    registry.widgets.append(
        registry.Widget("followup/_todo_widget.html", todo_pages.at_home, 1, writing_)
    )
    registry.widgets.append(
        registry.Widget(
            "followup/_instructions_widget.html",
            instruction_pages.at_home,
            2,
            Action.INSTRUCTIONS_GIVE.value,
        )
    )
