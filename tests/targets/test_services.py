from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.services import SYSTEM
from crm.core.db import session, writing
from crm.core.errors import DomainError, NotAllowed, StaleRecord
from crm.people.roles import Role
from crm.people.scope import scope_of
from crm.targets import queries, services
from crm.targets.models import ProgressReport, ReviewState
from crm.targets.services import NotReportable, ReportDetails, ReportRow, ReviewRefused
from tests import factories
from tests.targets.test_standing import bind, indicator, milestone

TODAY = date(2020, 9, 30)
DETAILS = ReportDetails(date(2020, 8, 31), Decimal(198), "统计快报")


def enter(plan, by, code="T08", details=DETAILS):
    find = milestone if code.startswith("M") else indicator
    with writing():
        return services.report(find(plan, code), details, by=by, on=TODAY)


def step(service, report, *args, by, version=None):
    with writing():
        service(session.get(ProgressReport, report.id), *args, by=by, version=version)
    return session.get(ProgressReport, report.id).state


def test_a_figure_goes_from_the_unit_through_its_head_to_supervision(plan, cast):
    report = enter(plan, cast.unit_staff)
    assert report.state is ReviewState.SUBMITTED
    assert step(services.sign, report, by=cast.unit_head) is ReviewState.SIGNED
    assert step(services.verify, report, by=cast.supervisor) is ReviewState.VERIFIED
    people = (report.reported_by, report.signed_by, report.verified_by)
    assert people == (cast.unit_staff, cast.unit_head, cast.supervisor)
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))
    assert list(actions)[-3:] == ["target.reported", "target.signed", "target.verified"]


def test_a_heads_own_report_is_signed_at_once_and_still_needs_verifying(plan, cast):
    report = enter(plan, cast.unit_head)
    assert (report.state, report.signed_by_id) == (ReviewState.SIGNED, cast.unit_head.id)
    assert step(services.verify, report, by=cast.supervisor) is ReviewState.VERIFIED


def test_nobody_signs_what_they_entered_or_verifies_what_they_entered_or_signed(plan, cast):
    both = factories.make_user(Role.UNIT_STAFF, Role.UNIT_HEAD, Role.SUPERVISOR, unit=cast.office)
    own = enter(plan, both)
    with pytest.raises(ReviewRefused):
        step(services.verify, own, by=both)
    other = enter(plan, cast.unit_staff)
    step(services.sign, other, by=both)
    with pytest.raises(ReviewRefused):
        step(services.verify, other, by=both)
    was_staff = enter(plan, cast.unit_staff)
    with writing():
        person = session.merge(cast.unit_staff)
        person.roles = frozenset({Role.UNIT_STAFF, Role.UNIT_HEAD})
    with pytest.raises(ReviewRefused):
        step(services.sign, was_staff, by=cast.unit_staff)


def test_what_is_not_signed_cannot_be_verified_and_nothing_is_reviewed_twice(plan, cast):
    report = enter(plan, cast.unit_staff)
    with pytest.raises(ReviewRefused):
        step(services.verify, report, by=cast.supervisor)
    step(services.sign, report, by=cast.unit_head)
    with pytest.raises(ReviewRefused):
        step(services.sign, report, by=cast.unit_head)
    step(services.verify, report, by=cast.supervisor)
    with pytest.raises(DomainError):
        step(services.send_back, report, "算错了", by=cast.supervisor)


def test_a_review_of_an_older_version_is_refused(plan, cast):
    report = enter(plan, cast.unit_head)
    with pytest.raises(StaleRecord):
        step(services.verify, report, by=cast.supervisor, version=2)
    assert step(services.verify, report, by=cast.supervisor, version=1) is ReviewState.VERIFIED


def test_sending_back_needs_a_reason_and_the_right_person(plan, cast):
    report = enter(plan, cast.unit_staff)
    with pytest.raises(DomainError) as refusal:
        step(services.send_back, report, "  ", by=cast.unit_head)
    assert refusal.value.field == "reason"
    with pytest.raises(NotAllowed):
        step(services.send_back, report, "算错了", by=cast.supervisor)
    step(services.send_back, report, "算错了", by=cast.unit_head)
    assert (report.state, report.review_note) == (ReviewState.RETURNED, "算错了")
    signed = enter(plan, cast.unit_head)
    with pytest.raises(NotAllowed):
        step(services.send_back, signed, "算错了", by=cast.unit_head)
    assert step(services.send_back, signed, "算错了", by=cast.supervisor) is ReviewState.RETURNED


@pytest.mark.parametrize("name", ["a", "investment", "supervisor", "leader", "auditor", "admin"])
def test_only_unit_staff_and_heads_report(plan, cast, name):
    with pytest.raises(NotAllowed):
        enter(plan, getattr(cast, name))


def test_a_unit_reports_only_what_it_answers_for(plan, cast):
    with pytest.raises(NotAllowed):
        enter(plan, cast.unit_staff, "T42")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"as_of_on": date(2020, 10, 1)}, "as_of_on"),
        ({"as_of_on": date(2019, 12, 31)}, "as_of_on"),
        ({"value": Decimal("-0.1")}, "value"),
        ({"value": Decimal("1.23456")}, "value"),
        ({"value": Decimal(10) ** 9}, "value"),
        ({"value": Decimal("NaN")}, "value"),
        ({"value": Decimal("Infinity")}, "value"),
        ({"note": " \n"}, "note"),
    ],
)
def test_implausible_reports_are_refused_at_their_field(plan, cast, changes, field):
    with pytest.raises(DomainError) as refusal:
        enter(plan, cast.unit_staff, details=replace(DETAILS, **changes))
    assert refusal.value.field == field
    assert session.scalars(select(ProgressReport)).all() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"as_of_on": TODAY},
        {"as_of_on": date(2020, 1, 1)},
        {"value": Decimal(0)},
        {"value": Decimal("1.2345")},
    ],
)
def test_the_edges_of_plausible_are_accepted(plan, cast, changes):
    details = replace(DETAILS, **changes)
    assert enter(plan, cast.unit_staff, details=details).value == details.value


def test_firms_are_counted_in_whole_numbers(plan, cast):
    clerk = factories.make_user(Role.UNIT_STAFF, unit=indicator(plan, "T41").unit)
    with pytest.raises(DomainError) as refusal:
        enter(plan, clerk, "T41", replace(DETAILS, value=Decimal("1.5")))
    assert refusal.value.field == "value"
    assert enter(plan, clerk, "T41", replace(DETAILS, value=Decimal("2.0"))).value == 2


def test_what_the_records_prove_is_not_reported(plan, cast):
    with pytest.raises(NotReportable):
        enter(plan, cast.unit_head, "T35")
    builder = factories.make_user(Role.UNIT_STAFF, unit=indicator(plan, "T44").unit)
    done = ReportDetails(date(2020, 8, 31), Decimal(1), "验收单")
    with pytest.raises(NotReportable) as refusal:
        enter(plan, builder, "M5", done)
    assert refusal.value.values["code"] == "T44"
    assert enter(plan, builder, "M1", done).milestone_id
    bind(plan, "M1", factories.make_project(cast.office))
    with pytest.raises(NotReportable):
        enter(plan, builder, "M1", done)


def test_many_reports_are_loaded_with_their_states_and_one_line_in_the_log(plan, cast):
    one = indicator(plan, "T42")
    rows = [
        ReportRow(
            one.id, None, date(2020, month, 28), Decimal(month * 200), "月报", cast.a.id, state
        )
        for month, state in ((3, ReviewState.VERIFIED), (4, ReviewState.SUBMITTED))
    ]
    with writing():
        services.report_many(rows, by=SYSTEM)
        services.report_many([], by=SYSTEM)
    found = session.scalars(queries.reports_about(one)).all()
    assert [(r.value, r.state) for r in found] == [
        (800, ReviewState.SUBMITTED),
        (600, ReviewState.VERIFIED),
    ]
    entries = select(AuditEntry).where(AuditEntry.action == "target.reports_loaded")
    assert [entry.details.count("sha256") for entry in session.scalars(entries)] == [1]


def test_what_waits_for_me_is_never_my_own_work(plan, cast):
    submitted, signed = enter(plan, cast.unit_staff), enter(plan, cast.unit_head)

    def waiting(user, **may):
        found = session.scalars(queries.awaiting(user, scope_of(user), **may))
        return [report.id for report in found]

    assert waiting(cast.unit_head, signs=True, verifies=False) == [submitted.id]
    assert waiting(cast.supervisor, signs=False, verifies=True) == [signed.id]
    assert waiting(cast.unit_head, signs=True, verifies=True) == [submitted.id]
    assert waiting(cast.unit_staff, signs=False, verifies=False) == []
    other = factories.make_user(Role.UNIT_HEAD, unit=cast.carrier_a)
    assert waiting(other, signs=True, verifies=False) == []
