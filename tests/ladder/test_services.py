"""Recording proofs: what is refused, what is set, what the log keeps."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from crm.audit.models import AuditEntry
from crm.audit.queries import details_of
from crm.companies.models import Company
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.ladder import services
from crm.ladder.models import Qualification, QualificationKind
from crm.ladder.services import AlreadyRecorded, QualificationDetails
from tests import factories

Kind = QualificationKind
HIGH_TECH = QualificationDetails(Kind.HIGH_TECH, "GR202032000123", date(2020, 9, 30))
LISTING = QualificationDetails(Kind.LISTED, "688169", date(2019, 7, 22), authority="科创板")


@pytest.fixture
def firm(cast):
    return factories.make_company(cast.carrier_a, industry_code="I65")


def award(firm, details, by):
    with writing():
        return services.award(session.get_one(Company, firm.id), details, by=by)


def refused(firm, details, by):
    """The field and sentence with which the proof is refused; nothing is written."""
    with pytest.raises(DomainError) as caught:
        award(firm, details, by)
    assert session.scalar(select(func.count(Qualification.id))) == 0
    return caught.value.field


def last_entry():
    return session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))


def test_an_award_sets_the_days_on_which_it_counts_and_is_logged(cast, firm):
    proof = award(firm, HIGH_TECH, cast.a)
    assert (proof.counts_from, proof.counts_to) == (date(2020, 9, 30), date(2023, 9, 30))
    entry = last_entry()
    assert (entry.action, entry.subject, entry.actor) == (
        "qualification.awarded",
        firm.name,
        "安一",
    )
    assert details_of(entry)["changes"]["number"] == [None, "GR202032000123"]


def test_the_same_number_of_the_same_kind_is_refused_and_of_another_kind_or_firm_is_not(cast, firm):
    award(firm, HIGH_TECH, cast.a)
    with pytest.raises(AlreadyRecorded) as caught:
        award(firm, replace(HIGH_TECH, issued_on=date(2019, 1, 2)), cast.a)
    assert (caught.value.field, caught.value.status) == ("number", 409)
    award(firm, replace(HIGH_TECH, kind=Kind.ABOVE_SCALE), cast.a)
    award(factories.make_company(cast.carrier_b), HIGH_TECH, cast.b)
    assert session.scalar(select(func.count(Qualification.id))) == 3


def test_a_proof_cannot_be_of_tomorrow(cast, firm):
    assert refused(firm, replace(HIGH_TECH, issued_on=date(2020, 10, 1)), cast.a) == "issued_on"
    assert refused(firm, replace(HIGH_TECH, issued_on=date(1989, 12, 31)), cast.a) == "issued_on"


def test_a_certificate_cannot_end_before_it_begins(cast, firm):
    early = replace(HIGH_TECH, valid_to=date(2020, 9, 29))
    assert refused(firm, early, cast.a) == "valid_to"
    assert award(firm, replace(HIGH_TECH, valid_to=date(2020, 9, 30)), cast.a).counts_to


def test_nobody_is_listed_on_a_board_that_is_not_open_yet(cast, firm):
    assert refused(firm, replace(LISTING, issued_on=date(2019, 7, 21)), cast.a) == "issued_on"
    assert refused(firm, replace(LISTING, authority="北交所"), cast.a) == "issued_on"
    assert refused(firm, replace(LISTING, authority="新三板"), cast.a) == "authority"
    assert refused(firm, replace(LISTING, authority=""), cast.a) == "authority"
    assert award(firm, LISTING, cast.a).counts_to is None


def test_a_register_without_numbers_uses_the_date_and_a_certificate_needs_its_number(cast, firm):
    assert refused(firm, replace(HIGH_TECH, number=""), cast.a) == "number"
    entered = QualificationDetails(Kind.ABOVE_SCALE, "", date(2020, 3, 1))
    assert award(firm, entered, cast.a).number == "2020-03-01"


def test_many_awards_are_one_entry_in_the_log_and_keep_their_own_dates(cast, firm):
    other = factories.make_company(cast.carrier_b)
    recorded = datetime(2019, 12, 3, 2, tzinfo=UTC)
    rows = [
        (firm.id, replace(HIGH_TECH, recorded_at=recorded, revoked_on=date(2020, 9, 30))),
        (other.id, LISTING),
        (other.id, HIGH_TECH),
    ]
    with writing():
        assert len(services.award_many(rows, by=cast.supervisor)) == 3
    stored = session.scalars(select(Qualification).order_by(Qualification.id)).all()
    assert stored[0].recorded_at == recorded
    assert stored[0].counts_to == date(2020, 9, 30)
    entry = last_entry()
    assert (entry.action, details_of(entry)["count"]) == ("qualification.awarded_many", 3)
    assert len(details_of(entry)["sha256"]) == 64


def test_of_many_awards_with_one_twice_none_is_written(cast, firm):
    rows = [(firm.id, LISTING), (firm.id, HIGH_TECH), (firm.id, HIGH_TECH)]
    with pytest.raises(AlreadyRecorded), writing():
        services.award_many(rows, by=cast.supervisor)
    assert session.scalar(select(func.count(Qualification.id))) == 0
