"""Generated firms: nobody's numbers, dates that make sense, nothing from after today."""

from datetime import date
from random import Random

import pytest

from crm.companies.models import CompanyKind, EconomyType, PartyOrganisation, ResidenceKind
from crm.companies.residence import counted_once
from crm.core.clock import park_date
from crm.core.identifiers import clean_uscc
from crm.demo import codes
from crm.demo.kin import links
from crm.ladder.models import QualificationKind
from tests.demo.made import CARRIERS, TODAY, made_firms

DAYS = [
    date(2020, 1, 1),
    date(2020, 2, 29),
    date(2020, 9, 30),
    date(2020, 12, 31),
    date(2021, 3, 1),
]


def test_the_same_seed_gives_the_same_firms():
    assert made_firms(150) == made_firms(150)


def test_another_seed_gives_other_firms():
    ours, others = ({f.registration.company.name for f in made_firms(150, seed)} for seed in (7, 8))
    assert len(ours & others) < 3


def test_there_are_as_many_as_asked_for_in_the_order_in_which_they_came():
    made = made_firms(523)
    days = [firm.registration.residences[0].from_on for firm in made]
    assert len(made) == 523
    assert days == sorted(days)


def test_every_code_checks_out_and_no_two_are_the_same():
    companies = [firm.registration.company for firm in made_firms(2500)]
    found = [company.uscc for company in companies if company.uscc]
    assert [clean_uscc(code) for code in found] == found
    assert len(set(found)) == len(found)
    assert all(
        (company.uscc is None) == (company.kind is CompanyKind.TEAM) for company in companies
    )


def test_the_organisation_code_inside_has_its_own_check_character():
    assert codes.organisation_check("M000100Y") == "4"  # the example of GB 32100-2015
    code = codes.uscc(CompanyKind.ENTERPRISE, 31)
    assert code[8:16] == "MAY00010"
    assert code[16] == codes.organisation_check("MAY00010")


def test_no_two_names_are_the_same():
    names = [firm.registration.company.name for firm in made_firms(9000)]
    assert len(set(names)) == 9000


def test_nobody_can_be_called_or_written_to():
    for firm in made_firms(60):
        contact = firm.registration.contact
        assert contact is not None
        assert contact.phone.startswith("1990000")
        assert contact.email.endswith("@example.com")


@pytest.mark.parametrize("today", DAYS)
def test_nothing_happens_or_is_written_down_after_today(today: date):
    for firm in made_firms(700, today=today):
        registration = firm.registration
        days = [registration.company.established_on, park_date(registration.recorded_at)]
        for residence in registration.residences:
            days += [residence.from_on, residence.to_on, residence.agreement_on]
        for proof in firm.proofs:
            days += [proof.issued_on, proof.revoked_on, park_date(proof.recorded_at)]
        for report in firm.reports:
            days += [report.period_end_on, park_date(report.recorded_at)]
        assert all(day <= today for day in days if day)


def test_a_firm_has_its_licence_before_it_comes_and_one_home_at_a_time():
    for firm in made_firms(1500):
        company, residences = firm.registration.company, firm.registration.residences
        counted_once(residences)
        first = residences[0]
        assert company.established_on is None or company.established_on <= first.from_on
        assert first.agreement_on is None or first.agreement_on <= first.from_on
        assert all(proof.issued_on > company.established_on for proof in firm.proofs)


def test_some_move_some_leave_some_return_some_graduate():
    reasons = [
        r.reason for firm in made_firms(1500) for r in firm.registration.residences if r.reason
    ]
    assert {str(reason) for reason in reasons} >= {
        "transferred",
        "moved_out",
        "dissolved",
        "graduated",
    }
    homes = [[r for r in f.registration.residences if r.is_counted] for f in made_firms(1500)]
    gaps = [home for home in homes if len(home) == 2 and home[0].to_on < home[1].from_on]
    assert gaps  # left, and came back


def test_certificates_of_the_plan_year_lie_where_the_plan_counts_them():
    national = {carrier.id for carrier in CARRIERS if carrier.is_national}
    won = [
        firm.registration.residences[0].carrier_id in national
        for firm in made_firms(1200)
        for proof in firm.proofs
        if proof.kind is QualificationKind.HIGH_TECH
        and date(2020, 1, 1) <= proof.issued_on <= TODAY
        and not proof.is_moved_in
    ]
    assert sorted(won) == [False] * 10 + [True] * 10


def test_a_firm_whose_agreement_is_not_signed_yet_has_no_number_of_one():
    unsigned = [f for f in made_firms(1200) if f.registration.residences[0].agreement_on is None]
    assert unsigned
    assert all(f.registration.residences[0].agreement_number == "" for f in unsigned)


def test_a_team_is_incubated_and_not_registered():
    teams = [f for f in made_firms(1200) if f.registration.company.kind is CompanyKind.TEAM]
    assert teams
    assert all(f.registration.residences[0].kind is ResidenceKind.INCUBATED for f in teams)


def test_one_firm_in_twenty_had_another_name_between_its_licence_and_today():
    firms_ = [firm.registration for firm in made_firms(3000)]
    renamed = [r for r in firms_ if r.former_names]
    assert 100 < len(renamed) < 200
    for registration in renamed:
        former = registration.former_names[0]
        assert registration.company.established_on < former.until_on <= TODAY
        assert former.name != registration.company.name


def test_what_else_is_known_is_there_for_most_and_fits_the_kind():
    companies = [firm.registration.company for firm in made_firms(1500)]
    with_address = [company for company in companies if company.registered_address]
    assert len(companies) * 0.7 < len(with_address) < len(companies)
    assert {tag for company in companies for tag in company.economy_types} == set(EconomyType)
    found = {company.party_organisation for company in companies}
    assert found == {None, *PartyOrganisation} - {PartyOrganisation.COMMITTEE}
    for company in companies:
        if company.kind is CompanyKind.TEAM:
            assert (company.registered_address, company.business_scope) == ("", "")
        if company.focus_note:
            assert company.is_safety_focus
        assert company.staff_contact_id in (None, 5)  # the only carrier with a clerk


def test_parents_came_before_their_children_and_hold_from_a_day_when_both_were_there():
    pairs = list(enumerate(made_firms(1500), start=1))
    found = list(links(pairs, Random("links"), TODAY))
    since = {id_: firm.registration.company.established_on for id_, firm in pairs}
    assert 20 < len(found) < 80
    for link in found:
        assert link.parent_id < link.child_id
        assert max(since[link.parent_id], since[link.child_id]) <= link.from_on <= TODAY
        assert link.to_on is None or link.from_on < link.to_on <= TODAY
