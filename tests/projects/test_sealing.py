"""保密: who sees a sealed project, who seals one. That it shows nowhere else is swept in tests/web."""

import pytest

from crm.core.db import session
from crm.followup import queries as followup
from crm.investments import evidence
from crm.people.roles import Role
from crm.people.scope import WHOLE_PARK_SCOPE, scope_of
from crm.projects import subject
from crm.projects.models import Project
from crm.projects.queries import visible_to
from tests import factories

READERS = {
    "owner": True, "leader": True, "unit_head": True, "investment": False, "supervisor": False, "auditor": False,
    "unit_staff": False, "b": False,
}  # fmt: skip


@pytest.fixture
def owner(cast):
    return factories.make_user(Role.INVESTMENT, unit=cast.office, name="沈保密")


@pytest.fixture
def sealed(cast, owner):
    return factories.make_project(cast.office, "玄武计划", owner=owner, is_sealed=True)


def sees(reader):
    session.rollback()
    return session.scalar(visible_to(scope_of(reader)).with_only_columns(Project.id)) is not None


def test_owner_unit_head_and_leader_see_it_and_nobody_else(cast, owner, sealed):
    readers = {name: owner if name == "owner" else getattr(cast, name) for name in READERS}
    assert {name: sees(reader) for name, reader in readers.items()} == READERS
    assert session.scalar(visible_to(WHOLE_PARK_SCOPE)) is None


def test_what_hangs_on_it_goes_with_it(cast, owner, sealed):
    payment = factories.make_payment(sealed, sealed.first_reported_on, 3)
    factories.make_activity(sealed, sealed.first_reported_on)
    factories.make_task(
        owner, sealed.first_reported_on, subject_type="project", subject_id=sealed.id
    )
    find_payment = {kind: find for kind, _, find in evidence.OWNERS}["paid_in_fund"]
    for reader, is_there in ((owner, True), (cast.leader, True), (cast.investment, False)):
        scope = scope_of(reader)
        assert bool(subject.PROJECT.find(sealed.id, scope)) is is_there
        assert bool(find_payment(payment.id, scope)) is is_there
        assert bool(session.scalars(followup.visible_to(scope)).all()) is is_there
        assert bool(session.scalars(followup.visible_tasks(reader)).all()) is is_there
        assert bool(session.scalars(followup.queue_of_units(scope)).all()) is is_there


def test_nobody_seals_a_project_away_from_himself(cast, browser_of):
    data = {
        "name": "玄武计划", "kind": "construction", "origin": "local", "purpose": "research", "nature": "new",
        "currency": "cny", "unit_id": cast.office.id, "first_reported_on": "2020-09-01", "is_sealed": "y",
    }  # fmt: skip
    browser = browser_of("investment")
    refused = browser.post("/projects", data=data)
    assert refused.status_code == 422
    assert "保密后您将看不到这个项目" in refused.text
    mine = browser.post("/projects", data={**data, "owner_id": cast.investment.id})
    assert mine.status_code == 303
    other = factories.make_user(Role.INVESTMENT, unit=cast.office)
    handed_on = {**data, "owner_id": other.id, "version": 1}
    assert browser.post(f"{mine.location}/edit", data=handed_on).location == "/projects/board"
    assert browser.get(mine.location).status_code == 404


def test_the_head_of_the_unit_opens_what_its_owner_sealed(cast, browser_of, owner, sealed):
    address = f"/projects/{sealed.id}/seals"
    assert browser_of("investment").post(address, data={"open": "1"}).status_code == 404
    head = browser_of("unit_head")
    assert "解除保密" in head.get(f"/projects/{sealed.id}").text
    head.post(address, data={"open": "1", "version": "1"})
    assert sees(cast.investment)
    browser_of("investment").post(address, data={"version": "2"})  # sees it, but would not any more
    assert sees(cast.investment)
