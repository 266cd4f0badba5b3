"""Pages of buildings and rooms: the grid of a building, a room, adding, changing and closing them, a pasted list."""

from collections.abc import Collection
from typing import Any

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _

from crm.carriers import pasted, queries, services
from crm.carriers.forms import BuildingForm, DayForm, RoomForm, RoomListForm
from crm.carriers.models import Building, Let, Room, RoomKind
from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.people.models import Unit
from crm.people.roles import Action
from crm.web.addresses import record_number
from crm.web.carriers import carrier_in_scope
from crm.web.dates import as_of
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.locale import label

bp = Blueprint("space", __name__, url_prefix="/carriers")

ROOMS_SHOWN = 600
LETS_SHOWN = 100


# Buildings


@bp.get("/buildings/<int:building_id>")
@needs(Action.COMPANIES_READ)
def building(building_id: int) -> Any:
    """Its rooms as a grid by floor, with who has them and until when."""
    found, on = visible_building(building_id), as_of()
    floor = request.args.get("floor", type=record_number)
    here = queries.visible_rooms(my_scope()).where(Room.building_id == found.id)
    rooms = session.scalars(
        (here.where(Room.floor == floor) if floor else here)
        .order_by(Room.floor.desc().nulls_last(), Room.number)
        .limit(ROOMS_SHOWN)
    ).all()
    ids = [room.id for room in rooms]
    floors = here.with_only_columns(Room.floor).where(Room.floor.is_not(None)).distinct()
    spaces = queries.space_by_building(my_scope(), on)
    return render_template(
        "carriers/building.html",
        building=found,
        as_of=on,
        rooms=rooms,
        is_cut=len(rooms) == ROOMS_SHOWN,
        floor=floor,
        floors=session.scalars(floors.order_by(Room.floor)).all(),
        occupants=queries.occupants(ids, my_scope(), on),
        seekers=_seekers(ids),
        space=spaces.get(found.id, (found.carrier_id, queries.Space()))[1],
    )


@bp.get("/<int:carrier_id>/buildings/new")
@needs(Action.SPACE_WRITE)
def new_building(carrier_id: int) -> Any:
    return _building_page(BuildingForm(), carrier_in_scope(carrier_id))


@bp.post("/<int:carrier_id>/buildings")
@needs(Action.SPACE_WRITE)
def create_building(carrier_id: int) -> Any:
    carrier, form = carrier_in_scope(carrier_id), BuildingForm()
    if not form.validate_on_submit():
        return _building_page(form, carrier), 422
    try:
        with writing():
            new = services.add_building(form.to_details(carrier_id), by=me())
    except DomainError as refused:
        blame(form, refused)
        return _building_page(form, carrier_in_scope(carrier_id)), refused.status
    flash(_("已登记“%(name)s”。", name=form.name.data), "success")
    return go_to("space.building", building_id=new.id)


@bp.get("/buildings/<int:building_id>/edit")
@needs(Action.SPACE_WRITE)
def edit_building(building_id: int) -> Any:
    found = visible_building(building_id)
    return _building_page(BuildingForm(obj=found), found.carrier, found)


@bp.post("/buildings/<int:building_id>")
@needs(Action.SPACE_WRITE)
def update_building(building_id: int) -> Any:
    found, form = visible_building(building_id), BuildingForm()
    if not form.validate_on_submit():
        return _building_page(form, found.carrier, found), 422
    try:
        with writing():
            fresh = visible_building(building_id)
            details = form.to_details(fresh.carrier_id)
            services.change_building(fresh, details, version=form.version.data or 0, by=me())
    except DomainError as refused:
        found = visible_building(building_id)
        blame(form, refused, found)
        return _building_page(form, found.carrier, found), refused.status
    flash(_("已保存。"), "success")
    return go_to("space.building", building_id=building_id)


# Rooms


@bp.get("/rooms/<int:room_id>")
@needs(Action.COMPANIES_READ)
def room(room_id: int) -> Any:
    """A room and all who had, have or will have it."""
    found = visible_room(room_id)
    lets = queries.lets_shown(my_scope()).where(Let.room_id == found.id)
    rows = session.execute(lets.order_by(Let.from_on.desc(), Let.id.desc()).limit(LETS_SHOWN)).all()
    seekers = _seekers([found.id]).get(found.id, [])
    return render_template("carriers/room.html", room=found, lets=rows, seekers=seekers)


@bp.get("/buildings/<int:building_id>/rooms/new")
@needs(Action.SPACE_WRITE)
def new_room(building_id: int) -> Any:
    return _room_page(RoomForm(), visible_building(building_id))


@bp.post("/buildings/<int:building_id>/rooms")
@needs(Action.SPACE_WRITE)
def create_room(building_id: int) -> Any:
    form = RoomForm()
    if not form.validate_on_submit():
        return _room_page(form, visible_building(building_id)), 422
    try:
        with writing():
            services.add_room(visible_building(building_id), form.to_details(), by=me())
    except DomainError as refused:
        blame(form, refused)
        return _room_page(form, visible_building(building_id)), refused.status
    flash(_("已登记“%(name)s”。", name=form.number.data), "success")
    return go_to("space.building", building_id=building_id)


@bp.get("/rooms/<int:room_id>/edit")
@needs(Action.SPACE_WRITE)
def edit_room(room_id: int) -> Any:
    found = visible_room(room_id)
    return _room_page(RoomForm(obj=found), found.building, found)


@bp.post("/rooms/<int:room_id>")
@needs(Action.SPACE_WRITE)
def update_room(room_id: int) -> Any:
    found, form = visible_room(room_id), RoomForm()
    if not form.validate_on_submit():
        return _room_page(form, found.building, found), 422
    try:
        with writing():
            version = form.version.data or 0
            services.change_room(visible_room(room_id), form.to_details(), version=version, by=me())
    except DomainError as refused:
        found = visible_room(room_id)
        blame(form, refused, found)
        return _room_page(form, found.building, found), refused.status
    flash(_("已保存。"), "success")
    return go_to("space.room", room_id=room_id)


@bp.get("/rooms/<int:room_id>/closures/new")
@needs(Action.SPACE_WRITE)
def new_closure(room_id: int) -> Any:
    found = visible_room(room_id)
    return _closure_page(DayForm(on=clock.today(), version=found.version), found)


@bp.post("/rooms/<int:room_id>/closures")
@needs(Action.SPACE_WRITE)
def close_room(room_id: int) -> Any:
    found, form = visible_room(room_id), DayForm()
    if not form.validate_on_submit():
        return _closure_page(form, found), 422
    try:
        with writing():
            version = form.version.data or 0
            services.close_room(visible_room(room_id), on=form.on.data, version=version, by=me())
    except DomainError as refused:
        found = visible_room(room_id)
        blame(form, refused, found)
        return _closure_page(form, found), refused.status
    flash(_("房间已停用。"), "success")
    return go_to("space.room", room_id=room_id)


@bp.post("/rooms/<int:room_id>/reopenings")
@needs(Action.SPACE_WRITE)
def reopen_room(room_id: int) -> Any:
    with writing():
        version = request.form.get("version", type=record_number)
        services.reopen_room(visible_room(room_id), version=version or 0, by=me())
    flash(_("房间已恢复使用。"), "success")
    return go_to("space.room", room_id=room_id)


# A pasted list


@bp.get("/<int:carrier_id>/rooms/new")
@needs(Action.SPACE_WRITE)
def new_rooms(carrier_id: int) -> Any:
    return _list_page(RoomListForm(), carrier_in_scope(carrier_id))


@bp.post("/<int:carrier_id>/room-checks")
@needs(Action.SPACE_WRITE)
def check_rooms(carrier_id: int) -> Any:
    """What the pasted lines would give; nothing is saved."""
    carrier, form = carrier_in_scope(carrier_id), RoomListForm()
    if not form.validate_on_submit():
        return _list_page(form, carrier), 422
    try:
        lines = _read(form, carrier)
    except DomainError as refused:
        blame(form, refused)
        return _list_page(form, carrier), refused.status
    return _list_page(form, carrier, lines)


@bp.post("/<int:carrier_id>/rooms")
@needs(Action.SPACE_WRITE)
def create_rooms(carrier_id: int) -> Any:
    """All the lines or none."""
    carrier, form = carrier_in_scope(carrier_id), RoomListForm()
    if not form.validate_on_submit():
        return _list_page(form, carrier), 422
    try:
        lines = _read(form, carrier)
        if any(line.problem for line in lines):
            return _list_page(form, carrier, lines), 422
        with writing():
            services.rooms_many(_details(lines, carrier_id), by=me())
    except DomainError as refused:
        blame(form, refused)
        return _list_page(form, carrier_in_scope(carrier_id)), refused.status
    flash(_("已登记 %(n)s 个房间。", n=len(lines)), "success")
    return go_to("carriers.show", carrier_id=carrier_id)


def _seekers(room_ids: Collection[int]) -> dict[int, list[registry.SubjectRef]]:
    """Room → what means to move in, by all that higher rooms know."""
    found: dict[int, list[registry.SubjectRef]] = {}
    for source in registry.room_seekers:
        for room_id, refs in source(room_ids).items():
            found.setdefault(room_id, []).extend(refs)
    return found


def visible_building(building_id: int) -> Building:
    """The building, if it lies in the reader's scope; 404 otherwise. So are rooms."""
    query = queries.visible_buildings(my_scope()).where(Building.id == building_id)
    return session.scalar(query) or abort(404)


def visible_room(room_id: int) -> Room:
    return session.scalar(queries.visible_rooms(my_scope()).where(Room.id == room_id)) or abort(404)


def _read(form: RoomListForm, carrier: Unit) -> list[pasted.Line]:
    words = {str(label(kind)).lower(): kind for kind in RoomKind}
    words |= {kind.label: kind for kind in RoomKind}
    there = session.execute(
        queries.visible_rooms(my_scope())
        .where(Building.carrier_id == carrier.id)
        .with_only_columns(Building.name, Room.number)
    )
    return pasted.read(form.lines.data or "", words, {(name, number) for name, number in there})


def _details(
    lines: list[pasted.Line], carrier_id: int
) -> list[tuple[services.BuildingDetails, services.RoomDetails]]:
    return [
        (
            services.BuildingDetails(carrier_id, line.building),
            services.RoomDetails(line.room, line.area, line.kind, line.floor),
        )
        for line in lines
        if line.area is not None
    ]


def _building_page(form: BuildingForm, carrier: Unit, found: Building | None = None) -> str:
    return render_template(
        "carriers/building_form.html", form=form, carrier=carrier, building=found
    )


def _room_page(form: RoomForm, in_building: Building, found: Room | None = None) -> str:
    return render_template("carriers/room_form.html", form=form, building=in_building, room=found)


def _closure_page(form: DayForm, found: Room) -> str:
    return render_template("carriers/closure.html", form=form, room=found)


def _list_page(form: RoomListForm, carrier: Unit, lines: list[pasted.Line] | None = None) -> str:
    problems = sum(1 for line in lines or () if line.problem)
    return render_template(
        "carriers/room_list.html", form=form, carrier=carrier, lines=lines, problems=problems
    )
