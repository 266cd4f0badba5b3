"""The rooms that a project means to move into: named in its 用房, linked where the ledger has them, shown on both sides."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.core.db import session, writing
from crm.projects.details import ProjectDetails, ProjectRow, StageStep
from crm.projects.models import Origin, Project, ProjectKind, ProjectRoom, Stage
from crm.projects.rooms import link_daily
from crm.projects.services import change, register, register_many
from tests import factories

TODAY = date(2020, 9, 30)


def details(cast, **values):
    usual = {"name": "深蓝中心", "investor": "深蓝控股", "unit_id": cast.carrier_a.id}
    kind = {"kind": ProjectKind.MOVE_IN, "origin": Origin.LOCAL, "carrier_id": cast.carrier_a.id}
    return ProjectDetails(**{**usual, **kind, **values})


def rooms_of(project_id):
    session.rollback()
    query = select(ProjectRoom.room_id).where(ProjectRoom.project_id == project_id)
    return set(session.scalars(query))


def test_rooms_are_known_by_the_names_people_write_and_what_the_ledger_lacks_stays_text(cast):
    first, second = (factories.make_room(cast.carrier_a, number) for number in ("1203", "1204室"))
    elsewhere = factories.make_room(cast.carrier_b, "1203")
    said = details(cast, rooms="A座 1203室，A座1204、二号楼整层、A座1203")
    with writing():
        project = register(said, by=cast.investment, on=TODAY)
    assert rooms_of(project.id) == {first.id, second.id}
    for values, expected in (
        ({"summary": "研发"}, {first.id, second.id}),
        ({"rooms": "A座1204"}, {second.id}),
        ({"rooms": "A座1203", "carrier_id": cast.carrier_b.id}, {elsewhere.id}),
        ({"rooms": "A座1203", "carrier_id": None}, set()),
    ):
        with writing():
            project = session.get_one(Project, project.id)
            told = replace(said, **values)
            change(project, told, version=project.version, by=cast.investment)
        assert rooms_of(project.id) == expected
    assert session.get_one(Project, project.id).rooms == "A座1203"
    row = ProjectRow(said, (StageStep(Stage.LEAD, TODAY),))
    with writing():
        many = register_many([row, replace(row, details=details(cast))], by=cast.investment)
    assert [rooms_of(id_) for id_ in many] == [{first.id, second.id}, set()]


def test_rooms_that_come_later_are_linked_to_who_named_them_by_the_day_after(cast):
    values = {"carrier_id": cast.carrier_a.id, "rooms": "A座1203、二号楼整层"}
    ids = [
        factories.make_project(cast.carrier_a, name, (stage, TODAY), **values).id
        for name, stage in (("在谈", Stage.INTENT), ("竣工", Stage.COMPLETED))
    ]
    link_daily()
    assert rooms_of(ids[0]) == set()
    room = factories.make_room(cast.carrier_a, "1203")
    for _again in range(2):
        link_daily()
    assert [rooms_of(id_) for id_ in ids] == [{room.id}, set()]
    linked = select(AuditEntry).where(AuditEntry.action == "project.rooms_linked")
    assert [entry.subject_id for entry in session.scalars(linked)] == [ids[0]]


@pytest.mark.parametrize("where", ["room", "building"])
def test_a_room_names_the_projects_that_mean_to_move_in_to_who_may_know_of_them(
    cast, browser_of, where
):
    room = factories.make_room(cast.carrier_a, "1203")
    stands = {
        "在谈的项目": {},
        "保密的项目": {"is_sealed": True, "owner": cast.investment},
        "流失的项目": {"to": Stage.LOST},
        "竣工的项目": {"to": Stage.COMPLETED},
    }
    for name, values in stands.items():
        steps = ((Stage.LEAD, date(2020, 3, 5)), (values.pop("to", Stage.INTENT), TODAY))
        project = factories.make_project(cast.carrier_a, name, *steps, **values)
        factories._add(ProjectRoom(project_id=project.id, room_id=room.id))
    address = f"/carriers/{where}s/{room.id if where == 'room' else room.building_id}"
    page = browser_of("a").get(address).text
    assert [name for name in stands if name in page] == ["在谈的项目"]
    assert "拟入驻" in page
    assert "保密的项目" in browser_of("investment").get(address).text
    assert browser_of("b").get(address).status_code == 404


def test_a_carriers_page_lists_the_projects_that_name_rooms_it_lacks_to_who_may_know_of_them(
    cast, browser_of
):
    factories.make_room(cast.carrier_a, "1203")
    stands = {
        "在谈的项目": {},
        "保密的项目": {"is_sealed": True, "owner": cast.investment},
        "竣工的项目": {"to": Stage.COMPLETED},
        "别处的项目": {"carrier_id": cast.carrier_b.id},
        "对上的项目": {"rooms": "A座 1203室"},
    }
    for name, values in stands.items():
        steps = ((Stage.LEAD, date(2020, 3, 5)), (values.pop("to", Stage.INTENT), TODAY))
        named = {"carrier_id": cast.carrier_a.id, "rooms": "A座1203、A座1207", **values}
        factories.make_project(cast.carrier_a, name, *steps, **named)
    address = f"/carriers/{cast.carrier_a.id}"
    page = browser_of("a").get(address).text
    assert [name for name in stands if name in page] == ["在谈的项目"]
    assert "A座1207" in page
    assert "A座1203" not in page
    assert "保密的项目" in browser_of("investment").get(address).text


def test_the_projects_page_leads_to_the_rooms_that_the_reader_may_open(cast, browser_of):
    room = factories.make_room(cast.carrier_a, "1203")
    project = factories.make_project(
        cast.office, carrier_id=cast.carrier_a.id, rooms="A座1203、二号楼整层"
    )
    factories._add(ProjectRoom(project_id=project.id, room_id=room.id))
    page = browser_of("investment").get(f"/projects/{project.id}").text
    assert f'<a href="/carriers/rooms/{room.id}">A座1203</a>、二号楼整层' in page


def test_rooms_are_proposed_behind_the_names_that_are_complete(cast, browser_of):
    factories.make_room(cast.carrier_a, "1203")
    factories.make_room(cast.carrier_a, "1204", closed_on=date(2020, 9, 1))
    factories.make_room(cast.carrier_b, "1205")
    browser = browser_of("investment")
    address = "/projects/rooms?rooms=二号楼，A座 12&carrier_id="
    assert 'value="二号楼、A座 1203"' in browser.get(f"{address}{cast.carrier_a.id}").text
    assert "1204" not in browser.get(f"{address}{cast.carrier_a.id}").text
    for nothing in ("", "x", "9" * 40):
        assert "<option" not in browser.get(f"{address}{nothing}").text
    assert browser_of("leader").get(address).status_code == 403
