"""Who counts, where, and on which side of each date; the SQL of the pyramid against the rule in Python."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.core import clock
from crm.core.db import session, writing
from crm.ladder.models import QualificationKind
from crm.ladder.pyramid import firms_on, pyramid
from crm.ladder.qualifications import period
from crm.ladder.queries import awarded, ending_within, holders, reformed_quoted_listed, standings_of
from crm.ladder.rungs import Rung
from crm.people.scope import WHOLE_PARK_SCOPE, scope_of
from crm.reference.size_classes import SizeClass
from tests import factories

Kind = QualificationKind
TODAY = date(2020, 9, 30)
YEAR = (date(2020, 1, 1), date(2020, 12, 31))


@pytest.fixture
def firm(cast):
    """A firm that moved into carrier A on 2018-03-01 and is there still."""
    company = factories.make_company(cast.carrier_a)
    factories.make_residence(company, cast.carrier_a, date(2018, 3, 1))
    return company


def certify(company, kind=Kind.HIGH_TECH, issued_on=date(2018, 11, 30), **values):
    _, counts_to = period(kind, issued_on, None, values.get("revoked_on"))
    return factories.make_qualification(company, kind, issued_on, counts_to, **values)


def rows(query):
    return session.execute(query).all()


def units(query):
    return [row.unit_id for row in rows(query)]


def test_a_holder_counts_from_its_issue_until_its_end(firm):
    certify(firm)
    assert not rows(holders(Kind.HIGH_TECH, date(2018, 11, 29)))
    assert len(rows(holders(Kind.HIGH_TECH, date(2018, 11, 30)))) == 1
    assert len(rows(holders(Kind.HIGH_TECH, date(2021, 11, 29)))) == 1
    assert not rows(holders(Kind.HIGH_TECH, date(2021, 11, 30)))


def test_a_holder_counts_only_while_it_resides(cast):
    company = factories.make_company(cast.carrier_b)
    factories.make_residence(company, cast.carrier_b, date(2019, 5, 1), date(2020, 5, 1))
    certify(company)
    assert not rows(holders(Kind.HIGH_TECH, date(2019, 4, 30)))
    assert units(holders(Kind.HIGH_TECH, date(2019, 5, 1))) == [cast.carrier_b.id]
    assert len(rows(holders(Kind.HIGH_TECH, date(2020, 4, 30)))) == 1
    assert not rows(holders(Kind.HIGH_TECH, date(2020, 5, 1)))


def test_a_residence_that_is_not_counted_makes_no_holder(cast):
    company = factories.make_company(cast.carrier_a)
    factories.make_residence(company, cast.carrier_a, date(2018, 1, 1), is_counted=False)
    certify(company)
    assert not rows(holders(Kind.HIGH_TECH, TODAY))
    assert standings_of([company.id], TODAY)[company.id].rung is None


def test_a_holder_belongs_to_its_carrier_of_the_day(cast):
    company = factories.make_company(cast.carrier_b)
    factories.make_residence(company, cast.carrier_a, date(2018, 1, 1), date(2020, 7, 1))
    factories.make_residence(company, cast.carrier_b, date(2020, 7, 1))
    certify(company)
    assert units(holders(Kind.HIGH_TECH, date(2020, 6, 30))) == [cast.carrier_a.id]
    assert units(holders(Kind.HIGH_TECH, date(2020, 7, 1))) == [cast.carrier_b.id]


def test_a_firm_with_two_valid_certificates_is_one_holder(firm):
    certify(firm, issued_on=date(2018, 11, 30))
    renewed = certify(firm, issued_on=date(2020, 8, 3), is_renewal=True)
    assert [row.record_id for row in rows(holders(Kind.HIGH_TECH, TODAY))] == [renewed.id]


def test_an_archived_firm_is_no_holder(firm):
    certify(firm)
    with writing():
        session.get_one(Company, firm.id).archived_at = clock.now()
    assert not rows(holders(Kind.HIGH_TECH, TODAY))


def test_awards_count_on_both_days_of_the_period_and_not_outside(cast):
    for issued_on in (*YEAR, YEAR[0] - timedelta(1), YEAR[1] + timedelta(1)):
        company = factories.make_company(cast.carrier_a)
        factories.make_residence(company, cast.carrier_a, date(2018, 1, 1))
        certify(company, issued_on=issued_on)
    found = rows(awarded(Kind.HIGH_TECH, *YEAR))
    assert sorted(row.happened_on for row in found) == list(YEAR)
    assert not rows(awarded(Kind.ABOVE_SCALE, *YEAR))


def test_an_award_belongs_to_the_carrier_of_its_own_day(cast):
    company = factories.make_company(cast.carrier_b)
    factories.make_residence(company, cast.carrier_a, date(2018, 1, 1), date(2020, 7, 1))
    factories.make_residence(company, cast.carrier_b, date(2020, 7, 1))
    certify(company, issued_on=date(2020, 6, 30))
    certify(company, Kind.ABOVE_SCALE, date(2020, 7, 1))
    assert units(awarded(Kind.HIGH_TECH, *YEAR)) == [cast.carrier_a.id]
    assert units(awarded(Kind.ABOVE_SCALE, *YEAR)) == [cast.carrier_b.id]


def test_an_award_before_moving_in_or_brought_along_is_not_new(cast, firm):
    late = factories.make_company(cast.carrier_a)
    factories.make_residence(late, cast.carrier_a, date(2020, 6, 2))
    certify(late, issued_on=date(2020, 6, 1))
    certify(firm, issued_on=date(2020, 6, 1), is_moved_in=True)
    assert not rows(awarded(Kind.HIGH_TECH, *YEAR))
    assert len(rows(holders(Kind.HIGH_TECH, TODAY))) == 2


def test_a_firm_is_awarded_once_at_its_first_award_in_the_park(cast):
    company = factories.make_company(cast.carrier_a)
    factories.make_residence(company, cast.carrier_a, date(2020, 4, 1))
    for day in (date(2020, 9, 3), date(2020, 5, 2), date(2020, 3, 31)):
        certify(company, issued_on=day)
    assert [row.happened_on for row in rows(awarded(Kind.HIGH_TECH, *YEAR))] == [date(2020, 5, 2)]


def test_a_firm_reformed_and_quoted_in_one_year_counts_once(cast, firm):
    certify(firm, Kind.QUOTED, date(2020, 8, 9))
    certify(firm, Kind.SHARE_REFORM, date(2020, 2, 3))
    other = factories.make_company(cast.carrier_b)
    factories.make_residence(other, cast.carrier_b, date(2018, 1, 1))
    certify(other, Kind.LISTED, date(2020, 7, 7))
    certify(other, Kind.HIGH_TECH, date(2020, 7, 7))
    found = {(row.company_id, row.happened_on) for row in rows(reformed_quoted_listed(*YEAR))}
    assert found == {(firm.id, date(2020, 2, 3)), (other.id, date(2020, 7, 7))}
    half = rows(reformed_quoted_listed(date(2020, 7, 8), YEAR[1]))
    assert [row.company_id for row in half] == [firm.id]


def test_the_firm_page_and_the_metric_speak_of_the_same_firm(firm):
    certify(firm)
    found = standings_of([firm.id], TODAY)[firm.id]
    assert (found.rung, found.lapses_on) == (Rung.HIGH_TECH, date(2021, 11, 30))
    assert found.reason.values["since"] == "2018-11-30"


def test_a_firm_is_licensed_from_its_foundation(cast):
    company = factories.make_company(cast.carrier_a, established_on=date(2020, 6, 1))
    factories.make_residence(company, cast.carrier_a, date(2020, 5, 1))
    assert standings_of([company.id], date(2020, 5, 31))[company.id].rung is None
    assert standings_of([company.id], date(2020, 6, 1))[company.id].rung == Rung.STARTUP


def test_an_unverified_report_proves_nothing(firm):
    values = {"revenue": Decimal(5_000_000), "size_class": SizeClass.MICRO}
    for month, state in ((3, VerificationState.PENDING), (6, VerificationState.RETURNED)):
        end = date(2020, month + 1, 1) - timedelta(1)
        factories.make_operating_report(firm, 2020, month, end, state=state, **values)
    assert standings_of([firm.id], TODAY)[firm.id].rung == Rung.STARTUP
    factories.make_operating_report(firm, 2020, 8, date(2020, 8, 31), **values)
    assert standings_of([firm.id], TODAY)[firm.id].rung == Rung.MICRO_SMALL


def test_standings_cost_the_same_for_many_firms(cast, query_count):
    firms = [factories.make_company(cast.carrier_a) for _ in range(7)]
    for company in firms:
        factories.make_residence(company, cast.carrier_a, date(2018, 1, 1))
        certify(company)
    ids = [company.id for company in firms]
    with query_count() as few:
        standings_of(ids[:1], TODAY)
    with query_count() as many:
        found = standings_of(ids, TODAY)
    assert len(few) == len(many) == 3
    assert {standing.rung for standing in found.values()} == {Rung.HIGH_TECH}
    assert standings_of([], TODAY) == {}


def test_endings_are_listed_soonest_first_and_without_those_renewed(cast, firm):
    certify(firm, issued_on=date(2017, 12, 29))  # ends 90 days after the business date
    soon = factories.make_company(cast.carrier_a)
    factories.make_residence(soon, cast.carrier_a, date(2018, 1, 1))
    certify(soon, issued_on=date(2017, 10, 1))
    later, renewed, away = (factories.make_company(cast.carrier_a) for _ in range(3))
    for company in (later, renewed):
        factories.make_residence(company, cast.carrier_a, date(2018, 1, 1))
    certify(later, issued_on=date(2017, 12, 30))
    certify(renewed, issued_on=date(2017, 10, 20))
    certify(renewed, issued_on=date(2020, 9, 1))
    certify(away, issued_on=date(2017, 10, 20))
    found = rows(ending_within(90, scope_of(cast.a), TODAY))
    assert [row.company_id for row in found] == [soon.id, firm.id]
    assert not rows(ending_within(90, scope_of(cast.b), TODAY))


def levels(scope, on):
    """Rung order → (holding, highest), only where there is any firm."""
    steps = pyramid(scope, on)
    assert [step.rung for step in steps] == list(reversed(Rung))
    return {step.rung.order: (step.holding, step.highest) for step in steps if step.holding}


def test_the_pyramid_counts_holders_and_highest_rungs(cast, firm):
    certify(firm)
    certify(firm, Kind.ABOVE_SCALE, date(2020, 1, 1))
    certify(firm, Kind.TECH_SME, date(2020, 4, 1))
    other = factories.make_company(cast.carrier_b)
    factories.make_residence(other, cast.carrier_b, date(2019, 1, 1))
    certify(other)
    plain = factories.make_company(cast.carrier_b)
    factories.make_residence(plain, cast.carrier_b, date(2019, 1, 1))
    assert levels(WHOLE_PARK_SCOPE, TODAY) == {1: (1, 1), 2: (1, 0), 3: (2, 1), 4: (1, 1)}
    assert levels(scope_of(cast.a), TODAY) == {2: (1, 0), 3: (1, 0), 4: (1, 1)}
    high = rows(firms_on(Rung.HIGH_TECH, WHOLE_PARK_SCOPE, TODAY))
    assert {row.id for row in high} == {other.id, firm.id}
    assert len(rows(holders(Kind.HIGH_TECH, TODAY))) == 2
    top = rows(firms_on(Rung.HIGH_TECH, WHOLE_PARK_SCOPE, TODAY, is_highest=True))
    assert [row.id for row in top] == [other.id]
