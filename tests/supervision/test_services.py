"""Who may take which step, what follows from it, and what nobody else sees."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from crm.audit.models import AuditEntry
from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError, NotAllowed, StaleRecord
from crm.people.models import User
from crm.people.roles import Role
from crm.people.scope import WHOLE_PARK_SCOPE, scope_of
from crm.projects.models import Stage
from crm.supervision import (
    bulletins,
    docketing,
    escalation,
    queries,
    services,
    standing,
    widgets,
)
from crm.supervision.docketing import OrderDetails
from crm.supervision.loop import Act
from crm.supervision.models import (
    Bulletin,
    Source,
    State,
    StepKind,
    SupervisionEvent,
    SupervisionOrder,
)
from tests import factories
from tests.supervision.conftest import DUE, TODAY

K = StepKind


def seen_by(user: User) -> set[int]:
    query = queries.visible_to(scope_of(session.get_one(User, user.id)))
    return {order.id for order in session.scalars(query)}


def test_an_order_gets_the_next_number_of_its_year_and_its_sources_limit(docket):
    first, second = docket(), docket(source=Source.INSTRUCTION, due_on=None)
    assert (first.name, second.name) == ("督〔2020〕1号", "督〔2020〕2号")
    assert second.due_on == TODAY + timedelta(15)
    clock.set_business_date(date(2021, 1, 4))
    assert docket(due_on=None).name == "督〔2021〕1号"


def test_two_at_once_get_two_numbers(cast, at_once):
    person, unit = cast.supervisor.id, cast.office.id

    def act():
        with writing():
            details = OrderDetails(Source.CITY, "事项", unit)
            return docketing.docket(details, by=session.get_one(User, person)).number

    assert sorted(at_once(act, act, act)) == [1, 2, 3]


def test_a_meeting_is_docketed_whole_or_not_at_all(cast):
    good = OrderDetails(Source.MEETING, "甲", cast.office.id)
    bad = OrderDetails(Source.MEETING, "乙", cast.office.id, due_on=TODAY - timedelta(1))
    with pytest.raises(DomainError, match="不能早于今天"), writing():
        docketing.docket_meeting([good, bad], by=cast.supervisor)
    assert session.scalar(select(func.count()).select_from(SupervisionEvent)) == 0


def test_units_that_lead_or_join_see_it_others_do_not(cast, docket):
    order = docket()
    for user in (
        cast.unit_staff, cast.unit_head, cast.a, cast.supervisor, cast.leader, cast.auditor, cast.investment
    ):  # fmt: skip
        assert seen_by(user) == {order.id}
    assert seen_by(cast.b) == set()
    elsewhere = docket(unit_id=cast.carrier_b.id, joint_unit_ids=())
    assert elsewhere.id not in seen_by(
        cast.investment
    )  # sees the whole park's projects, not its orders


def test_what_is_about_a_sealed_project_is_sealed_with_it(cast, docket):
    project = factories.make_project(
        cast.office,
        "保密项目",
        (Stage.LEAD, date(2020, 9, 1)),
        owner=cast.investment,
        is_sealed=True,
    )
    order = docket(project_id=project.id)
    assert seen_by(cast.supervisor) == set() == seen_by(cast.unit_staff)
    assert seen_by(cast.leader) == {order.id} == seen_by(cast.unit_head)
    assert standing.lines(WHOLE_PARK_SCOPE, TODAY, TODAY) == []


@pytest.mark.parametrize(
    ("kind", "who"),
    [(K.ISSUED, "unit_staff"), (K.ISSUED, "leader"), (K.RECEIVED, "a"), (K.RECEIVED, "supervisor")],
)
def test_a_step_is_its_own_peoples_to_take(docket, take, kind, who):
    order = docket()
    if kind is K.RECEIVED:
        take(order, K.ISSUED, "supervisor")
    with pytest.raises(NotAllowed):
        take(order, kind, who)


def test_the_head_signs_what_somebody_else_wrote(docket, take):
    order = docket()
    take(order, K.ISSUED, "supervisor")
    take(order, K.RECEIVED, "unit_staff")
    take(order, K.ANSWERED, "unit_head")
    with pytest.raises(NotAllowed, match="另一位"):
        take(order, K.SIGNED, "unit_head")
    with pytest.raises(NotAllowed, match="负责人签发"):
        take(order, K.SIGNED, "unit_staff")


def test_joint_units_give_their_part_and_the_lead_answers(cast, docket, take):
    helper = factories.make_user(Role.UNIT_STAFF, unit=cast.carrier_a)
    order = docket()
    take(order, K.ISSUED, "supervisor")
    assert services.open_steps(order, helper) == [K.CONTRIBUTED]
    with writing():
        fresh = session.merge(order, load=True)
        services.take(fresh, Act(K.CONTRIBUTED, TODAY, "数据已给"), version=None, by=helper)
    with pytest.raises(NotAllowed):
        take(order, K.RECEIVED, "a")


def test_who_answered_does_not_close_it_even_as_supervisor(cast, answered, take):
    with writing():
        session.get_one(User, cast.unit_staff.id).roles |= {Role.SUPERVISOR}
    for kind in (K.CLOSED, K.RETURNED):
        with pytest.raises(NotAllowed, match="不能审核自己"):
            take(answered, kind, "unit_staff")
    take(answered, K.CLOSED, "supervisor")
    assert answered.state is State.CLOSED


def test_the_second_of_two_writers_is_told(cast, answered):
    with pytest.raises(StaleRecord), writing():
        services.take(answered, Act(K.CLOSED, TODAY), version=1, by=cast.supervisor)


def test_a_correction_stands_beside_what_was_said(cast, answered, take):
    said = session.scalars(
        select(SupervisionEvent).where(SupervisionEvent.kind == K.ANSWERED)
    ).one()
    act = Act(K.CORRECTED, TODAY, "应为三项")
    with pytest.raises(NotAllowed), writing():
        services.take(answered, act, version=None, by=cast.unit_head, corrects=said)
    with writing():
        services.take(answered, act, version=None, by=cast.unit_staff, corrects=said)
    assert (said.text, answered.state) == ("已落实", State.SIGNED)


def test_an_overdue_order_goes_up_step_by_step(cast, docket, take):
    order = docket()
    take(order, K.ISSUED, "supervisor")
    for days, level, is_before_the_leader in (
        (0, 0, False),
        (1, 1, False),
        (4, 2, False),
        (7, 2, False),
        (8, 3, True),
    ):
        day = DUE + timedelta(days)
        clock.set_business_date(day)
        with writing():
            escalation.note(day)
            escalation.note(day)  # a second time on the day notes nothing
        assert order.escalation == level
        assert bool(widgets.escalated(cast.leader)) is is_before_the_leader
    assert widgets.escalated(cast.supervisor) is None


def test_each_is_told_of_what_waits_for_them(cast, docket, take):
    def waiting(user: User) -> list[str]:
        return [todo.text for todo in widgets.todos(session.get_one(User, user.id))]

    order = docket()
    assert (waiting(cast.supervisor), waiting(cast.unit_staff)) == (["交办%(number)s"], [])
    take(order, K.ISSUED, "supervisor")
    assert (waiting(cast.supervisor), waiting(cast.unit_staff)) == ([], ["签收%(number)s"])
    take(order, K.RECEIVED, "unit_staff")
    take(order, K.EXTENSION_ASKED, "unit_staff", new_on=DUE + timedelta(5))
    assert waiting(cast.supervisor) == ["审批%(number)s的延期"]
    take(order, K.EXTENSION_GRANTED, "supervisor")
    take(order, K.ANSWERED, "unit_staff")
    assert (waiting(cast.unit_staff), waiting(cast.unit_head)) == ([], ["签发%(number)s的反馈"])
    take(order, K.SIGNED, "unit_head")
    assert waiting(cast.supervisor) == ["审核%(number)s的反馈"]
    assert waiting(cast.a) == waiting(cast.leader) == []


def test_a_bulletin_is_frozen_and_noted_in_its_orders(cast, answered, docket, take):
    before = TODAY - timedelta(1)
    with pytest.raises(DomainError, match="没有督办单"), writing():
        bulletins.issue(date(2020, 1, 1), before, by=cast.supervisor)
    docket()  # not issued: in no bulletin
    with writing():
        made = bulletins.issue(date(2020, 9, 1), TODAY, by=cast.supervisor)
    take(answered, K.CLOSED, "supervisor", on=TODAY + timedelta(1))
    with writing():
        again = bulletins.issue(date(2020, 9, 1), TODAY + timedelta(1), by=cast.supervisor)
    scope = scope_of(cast.unit_staff)
    first, then = bulletins.read(made, scope), bulletins.read(again, scope)
    assert (first.number, then.number) == (1, 2)
    assert (first.total.running, first.total.in_time) == (1, 0)
    assert (then.total.running, then.total.in_time) == (0, 1)
    assert first.lines[0].state is State.SIGNED
    assert bulletins.is_intact(made)
    told = queries.events_of([answered.id]).where(SupervisionEvent.kind == K.REPORTED)
    assert len(session.scalars(told).all()) == 2
    with writing():
        session.get_one(Bulletin, made.id).content += " "
    assert not bulletins.is_intact(made)


def test_a_past_day_is_reckoned_from_the_events_of_then(docket, take):
    order = docket()
    take(order, K.ISSUED, "supervisor", on=date(2020, 9, 30))
    take(order, K.RECEIVED, "unit_staff", on=date(2020, 10, 1))
    take(order, K.EXTENSION_ASKED, "unit_staff", on=date(2020, 10, 14), new_on=date(2020, 11, 1))
    take(order, K.EXTENSION_GRANTED, "supervisor", on=date(2020, 10, 20))

    def overdue(day: date) -> list[bool]:
        found = standing.lines(WHOLE_PARK_SCOPE, day, day)
        return [line.outcome is standing.Outcome.OVERDUE for line in found]

    assert overdue(date(2020, 9, 29)) == []
    assert overdue(date(2020, 10, 19)) == [True]  # asked for, but not granted yet
    assert overdue(date(2020, 10, 20)) == [False]
    assert overdue(date(2020, 11, 2)) == [True]


def test_an_order_is_amended_until_it_is_issued_and_the_log_says_what_changed(cast, docket):
    found = docket()
    before, version = found.due_on, found.version
    details = OrderDetails(
        Source.CITY,
        "另一件事",
        cast.carrier_b.id,
        "请尽快",
        (cast.carrier_a.id,),
        basis="市政府文件",
    )
    with writing():
        docketing.amend(fresh_of(found), details, version=version, by=cast.supervisor)
    again = fresh_of(found)
    assert (again.title, again.unit_id, again.basis, again.due_on) == (
        "另一件事",
        cast.carrier_b.id,
        "市政府文件",
        before,
    )
    assert [joint.unit_id for joint in again.joint_units] == [cast.carrier_a.id]
    assert session.scalars(queries.search(select(SupervisionOrder), "另一件")).one() == again
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert entry.action == "supervision.amended"
    with pytest.raises(StaleRecord), writing():
        docketing.amend(fresh_of(found), details, version=version, by=cast.supervisor)
    wrong = replace(details, joint_unit_ids=(cast.carrier_b.id,))
    with pytest.raises(DomainError) as refused, writing():
        docketing.amend(fresh_of(found), wrong, version=None, by=cast.supervisor)
    assert refused.value.field == "joint_units"
    with writing():
        services.take(fresh_of(found), Act(K.ISSUED, TODAY), version=None, by=cast.supervisor)
    with pytest.raises(Conflict), writing():
        docketing.amend(fresh_of(found), details, version=None, by=cast.supervisor)


def fresh_of(order):
    return session.get_one(SupervisionOrder, order.id)
