"""Operating reports: what is refused, what is set, who verifies, what the log keeps."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from crm.audit.models import AuditEntry
from crm.audit.queries import details_of
from crm.audit.verification import SamePerson, VerificationState
from crm.companies.models import Company
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError, StaleRecord
from crm.operating import services
from crm.operating.entering import report_operation
from crm.operating.models import OperatingReport
from crm.operating.services import AlreadyReported, OperatingDetails
from crm.reference.size_classes import SizeClass
from tests import factories

HALF_YEAR = OperatingDetails(2020, 6, Decimal(4_990_000), Decimal(9_000_000), 23)


@pytest.fixture
def firm(cast):
    return factories.make_company(cast.carrier_a, industry_code="I65")


def enter(firm, details, by, version=None):
    with writing():
        company = session.get_one(Company, firm.id)
        return report_operation(company, details, by=by, version=version)


def last_entry():
    return session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))


def test_a_report_gets_its_size_and_the_end_of_its_period(cast, firm):
    report = enter(firm, HALF_YEAR, cast.a)
    assert (report.period_end_on, report.size_class) == (date(2020, 6, 30), SizeClass.SMALL)
    assert (report.state, report.reported_by_id) == (VerificationState.PENDING, cast.a.id)
    leap = enter(firm, replace(HALF_YEAR, through_month=2, staff=9), cast.a)
    assert (leap.period_end_on, leap.size_class) == (date(2020, 2, 29), SizeClass.MICRO)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"through_month": 10}, "through_month"),
        ({"through_month": 13}, "through_month"),
        ({"year": 2021}, "year"),
        ({"staff": -1}, "staff"),
        ({"staff": 10_000_001}, "staff"),
        ({"revenue": Decimal("-0.01")}, "revenue"),
        ({"revenue": None, "assets": None, "staff": None}, "revenue"),
    ],
)
def test_figures_that_cannot_be_are_refused(cast, firm, changed, field):
    with pytest.raises(DomainError) as caught:
        enter(firm, replace(HALF_YEAR, **changed), cast.a)
    assert caught.value.field == field


def test_the_month_that_ended_today_may_be_reported(cast, firm):
    assert enter(firm, replace(HALF_YEAR, through_month=9), cast.a).period_end_on == date(
        2020, 9, 30
    )


def test_a_second_report_of_a_period_is_refused_but_a_correction_of_what_was_seen_is_not(
    cast, firm
):
    first = enter(firm, HALF_YEAR, cast.a)
    fewer = replace(HALF_YEAR, staff=9)
    with pytest.raises(AlreadyReported):
        enter(firm, fewer, cast.a)
    number = enter(firm, fewer, cast.b, version=first.version).id
    report = session.get_one(OperatingReport, number)
    assert (number, report.size_class, report.reported_by_id) == (
        first.id,
        SizeClass.MICRO,
        cast.b.id,
    )
    assert details_of(last_entry())["changes"]["staff"] == [23, 9]
    with pytest.raises(StaleRecord):
        enter(firm, HALF_YEAR, cast.a, version=1)


def test_figures_are_verified_by_another_person_and_then_stand(cast, firm):
    number = enter(firm, HALF_YEAR, cast.supervisor).id
    with pytest.raises(SamePerson), writing():
        services.verify(session.get_one(OperatingReport, number), by=cast.supervisor)
    with writing():
        services.verify(session.get_one(OperatingReport, number), by=cast.leader, version=1)
    report = session.get_one(OperatingReport, number)
    assert (report.state, report.verified_by_id) == (VerificationState.VERIFIED, cast.leader.id)
    with pytest.raises(Conflict), writing():
        services.verify(session.get_one(OperatingReport, number), by=cast.leader)
    with pytest.raises(AlreadyReported):
        enter(firm, replace(HALF_YEAR, staff=1), cast.a, version=report.version)


def test_figures_that_changed_since_they_were_seen_are_not_verified(cast, firm):
    report = enter(firm, HALF_YEAR, cast.a)
    enter(firm, replace(HALF_YEAR, staff=99), cast.a, version=1)
    with pytest.raises(StaleRecord), writing():
        services.verify(session.get_one(OperatingReport, report.id), by=cast.supervisor, version=1)
    assert session.get_one(OperatingReport, report.id).state == VerificationState.PENDING


def test_figures_sent_back_can_be_entered_again(cast, firm):
    number = enter(firm, HALF_YEAR, cast.a).id
    with writing():
        report = session.get_one(OperatingReport, number)
        services.send_back(report, reason="营收含税", by=cast.supervisor, version=1)
    assert details_of(last_entry())["reason"] == "营收含税"
    report = session.get_one(OperatingReport, number)
    assert report.state == VerificationState.RETURNED
    enter(firm, replace(HALF_YEAR, revenue=Decimal(4_410_000)), cast.a, version=report.version)
    assert session.get_one(OperatingReport, number).state == VerificationState.PENDING


def test_many_reports_are_one_entry_in_the_log(cast, firm):
    other = factories.make_company(cast.carrier_b, industry_code="C34")
    rows = [
        (firm.id, replace(HALF_YEAR, state=VerificationState.VERIFIED, reported_by_id=cast.b.id)),
        (other.id, HALF_YEAR),
    ]
    with writing():
        assert len(services.report_many(rows, by=cast.supervisor)) == 2
    first, second = session.scalars(select(OperatingReport).order_by(OperatingReport.id)).all()
    assert (first.state, first.reported_by_id) == (VerificationState.VERIFIED, cast.b.id)
    assert (second.size_class, second.reported_by_id) == (SizeClass.SMALL, cast.supervisor.id)
    with pytest.raises(AlreadyReported), writing():
        services.report_many([(other.id, replace(HALF_YEAR, through_month=3)), rows[0]], by=cast.a)
    assert session.scalar(select(func.count(OperatingReport.id))) == 2
