"""Pages of letting: a firm gets a room, gives it back, stays longer; and a firm's rooms on its own page."""

from typing import Any

from flask import Blueprint, abort, flash, render_template
from flask_babel import gettext as _
from sqlalchemy import or_

from crm.carriers import letting, queries
from crm.carriers.forms import DayForm, ExtensionForm, LetForm
from crm.carriers.models import Let, Room
from crm.carriers.space_views import visible_room
from crm.companies.models import Company
from crm.companies.pages import company_in_scope
from crm.companies.queries import visible_to
from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people.roles import Action
from crm.web.dates import as_of
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment

bp = Blueprint("letting", __name__, url_prefix="/carriers")

FIRMS_NAMED = 5


@bp.get("/companies/<int:record_id>")
@needs(Action.COMPANIES_READ)
def of_company(record_id: int) -> Any:
    """A firm's rooms: the panel on its page, or a page of its own."""
    firm = company_in_scope(record_id)
    return render_template(
        "carriers/_company.html" if wants_fragment() else "carriers/company.html",
        firm=firm,
        as_of=as_of(),
        lets=session.scalars(queries.lets_of(firm.id)).all(),
        mine=set(
            session.scalars(
                queries.visible_lets(my_scope())
                .where(Let.company_id == firm.id)
                .with_only_columns(Let.id)
            )
        ),
    )


@bp.get("/rooms/<int:room_id>/lets/new")
@needs(Action.SPACE_WRITE)
def new_let(room_id: int) -> Any:
    room = visible_room(room_id)
    return _let_page(LetForm(area=room.area, from_on=clock.today()), room)


@bp.post("/rooms/<int:room_id>/lets")
@needs(Action.SPACE_WRITE)
def create_let(room_id: int) -> Any:
    room, form = visible_room(room_id), LetForm()
    if not form.validate_on_submit():
        return _let_page(form, room), 422
    try:
        with writing():
            details = form.to_details(_firm_named(form.firm.data))
            letting.let_room(visible_room(room_id), details, by=me())
    except DomainError as refused:
        blame(form, refused)
        return _let_page(form, visible_room(room_id)), refused.status
    flash(_("已登记用房。"), "success")
    return go_to("space.room", room_id=room_id)


@bp.get("/lets/<int:let_id>/endings/new")
@needs(Action.SPACE_WRITE)
def new_ending(let_id: int) -> Any:
    let = _let(let_id)
    return _ending_page(DayForm(on=clock.today(), version=let.version), let)


@bp.post("/lets/<int:let_id>/endings")
@needs(Action.SPACE_WRITE)
def end(let_id: int) -> Any:
    let, form = _let(let_id), DayForm()
    if not form.validate_on_submit():
        return _ending_page(form, let), 422
    try:
        with writing():
            version = form.version.data or 0
            letting.end_let(_let(let_id), on=form.on.data, version=version, by=me())
    except DomainError as refused:
        let = _let(let_id)
        blame(form, refused, let)
        return _ending_page(form, let), refused.status
    flash(_("已登记退房。"), "success")
    return go_to("space.room", room_id=let.room_id)


@bp.get("/lets/<int:let_id>/extensions/new")
@needs(Action.SPACE_WRITE)
def new_extension(let_id: int) -> Any:
    let = _let(let_id)
    return _extension_page(ExtensionForm(version=let.version), let)


@bp.post("/lets/<int:let_id>/extensions")
@needs(Action.SPACE_WRITE)
def extend(let_id: int) -> Any:
    let, form = _let(let_id), ExtensionForm()
    if not form.validate_on_submit():
        return _extension_page(form, let), 422
    try:
        with writing():
            letting.extend_let(
                _let(let_id),
                agreed_to_on=form.agreed_to_on.data,
                version=form.version.data or 0,
                by=me(),
            )
    except DomainError as refused:
        let = _let(let_id)
        blame(form, refused, let)
        return _extension_page(form, let), refused.status
    flash(_("已登记续租。"), "success")
    return go_to("space.room", room_id=let.room_id)


def _let(let_id: int) -> Let:
    return session.scalar(queries.visible_lets(my_scope()).where(Let.id == let_id)) or abort(404)


def _firm_named(typed: str) -> int:
    """The one firm in the reader's scope with this name or code. Raises DomainError."""
    is_it = or_(Company.name == typed, Company.uscc == typed.upper())
    firms = visible_to(my_scope()).with_only_columns(Company.id, Company.name)
    found = session.execute(firms.where(is_it).limit(FIRMS_NAMED)).all()
    if not found:
        is_part = Company.name.contains(typed, autoescape=True)
        found = session.execute(firms.where(is_part).limit(FIRMS_NAMED)).all()
    if not found:
        message = N_("您的数据范围内没有这家企业，请填写全称或统一社会信用代码。")
        raise DomainError(message, field="firm")
    if len(found) > 1:
        message = N_("有多家企业符合：%(names)s；请填写全称或统一社会信用代码。")
        names = "、".join(row.name for row in found)
        raise DomainError(message, field="firm", names=names)
    return int(found[0].id)


def _let_page(form: LetForm, room: Room) -> str:
    there = queries.occupants([room.id], my_scope(), clock.today()).get(room.id, [])
    return render_template("carriers/let.html", form=form, room=room, there=there)


def _ending_page(form: DayForm, let: Let) -> str:
    return render_template("carriers/ending.html", form=form, let=let)


def _extension_page(form: ExtensionForm, let: Let) -> str:
    return render_template("carriers/extension.html", form=form, let=let)
