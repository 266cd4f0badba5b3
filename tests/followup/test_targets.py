"""A target is spoken of like a firm or a project: by who sees its unit."""

from datetime import date

from sqlalchemy import select

from crm.audit.services import SYSTEM
from crm.core.db import session, writing
from crm.people import park
from crm.people.queries import unit_by_code
from crm.people.roles import Role
from crm.plans import planning
from crm.targets.models import Indicator
from tests import factories


def test_a_leaders_word_on_a_target_reaches_the_unit_that_reports_it(app):
    with writing():
        park.found(by=SYSTEM)
        planning.adopt_plan(2020, by=SYSTEM)
    target = session.scalars(select(Indicator).where(Indicator.code == "T36")).one()
    liaison = factories.make_user(Role.UNIT_STAFF, unit=target.unit)
    leader = factories.make_user(Role.LEADER, unit=unit_by_code("park"))
    stranger = factories.make_user(Role.UNIT_STAFF, unit=unit_by_code("talent"))
    browser = factories.signed_in_client(app, leader)
    number = target.id
    assert f"/followup/targets/{number}" in browser.get("/targets/T36?year=2020").text
    new = {
        "leader": leader.id, "given_on": "2020-09-29", "text": "请说明落后原因", "due_on": "2020-10-09",
    }  # fmt: skip
    address = f"/followup/targets/{number}/instructions"
    answer = browser.post(address, data={**new, "owner": stranger.id})
    assert answer.status_code == 422
    answer = browser.post(address, data={**new, "owner": liaison.id})
    assert answer.status_code == 303
    assert "T36" in factories.signed_in_client(app, liaison).get("/todo").text
    assert factories.signed_in_client(app, stranger).get(answer.location).status_code == 404
    panel = f"/followup/targets/{number}"
    assert factories.signed_in_client(app, stranger).get(panel).status_code == 404
    assert date(2020, 10, 9).isoformat() in browser.get(answer.location).text
