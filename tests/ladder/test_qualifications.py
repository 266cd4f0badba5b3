"""How long each kind of proof counts, on both sides of each edge."""

from datetime import date, timedelta

import pytest

from crm.ladder.models import Qualification, QualificationKind
from crm.ladder.qualifications import RULES, Board, State, period, state_on

Kind = QualificationKind
DAY = timedelta(days=1)


def counts(kind: Kind, issued_on: date, on: date, **dates: date) -> bool:
    counts_from, counts_to = period(kind, issued_on, dates.get("valid_to"), dates.get("revoked_on"))
    return counts_from <= on and (counts_to is None or on < counts_to)


def test_a_high_tech_certificate_counts_from_its_issue_for_three_years():
    issued = date(2017, 11, 17)
    assert not counts(Kind.HIGH_TECH, issued, date(2017, 11, 16))
    assert counts(Kind.HIGH_TECH, issued, issued)
    assert counts(Kind.HIGH_TECH, issued, date(2020, 11, 16))
    assert not counts(Kind.HIGH_TECH, issued, date(2020, 11, 17))


def test_one_issued_on_a_leap_day_counts_through_the_last_day_of_february():
    issued = date(2016, 2, 29)
    assert counts(Kind.HIGH_TECH, issued, date(2019, 2, 28))
    assert not counts(Kind.HIGH_TECH, issued, date(2019, 3, 1))


def test_the_last_day_printed_on_the_certificate_goes_before_the_three_years():
    dates = {"valid_to": date(2020, 12, 1)}
    assert counts(Kind.HIGH_TECH, date(2017, 12, 7), date(2020, 12, 1), **dates)
    assert not counts(Kind.HIGH_TECH, date(2017, 12, 7), date(2020, 12, 2), **dates)


def test_a_revocation_ends_it_on_its_day():
    dates = {"revoked_on": date(2019, 5, 6)}
    assert counts(Kind.HIGH_TECH, date(2018, 1, 2), date(2019, 5, 5), **dates)
    assert not counts(Kind.HIGH_TECH, date(2018, 1, 2), date(2019, 5, 6), **dates)


def test_a_revocation_after_the_end_changes_nothing():
    assert period(Kind.HIGH_TECH, date(2015, 1, 2), None, date(2020, 5, 6))[1] == date(2018, 1, 2)


def test_a_tech_sme_number_counts_until_the_end_of_its_year():
    issued = date(2020, 4, 3)
    assert not counts(Kind.TECH_SME, issued, date(2020, 4, 2))
    assert counts(Kind.TECH_SME, issued, date(2020, 12, 31))
    assert not counts(Kind.TECH_SME, issued, date(2021, 1, 1))


@pytest.mark.parametrize("kind", [Kind.ABOVE_SCALE, Kind.SHARE_REFORM, Kind.QUOTED, Kind.LISTED])
def test_registers_and_events_stay_until_they_are_ended(kind):
    issued, ended = date(2012, 2, 29), date(2020, 6, 30)
    assert not counts(kind, issued, issued - DAY)
    assert counts(kind, issued, date(2099, 12, 31))
    assert counts(kind, issued, ended - DAY, revoked_on=ended)
    assert not counts(kind, issued, ended, revoked_on=ended)


def test_every_kind_has_its_rule_in_words():
    assert set(RULES) == set(Kind)
    assert all(rule.text and rule.number_label for rule in RULES.values())


def test_the_young_boards_know_their_first_day():
    assert Board.STAR.opened_on == date(2019, 7, 22)
    assert Board.BEIJING.opened_on == date(2021, 11, 15)


def test_what_a_proof_is_worth_on_a_day():
    def proof(**dates):
        return Qualification(kind=Kind.HIGH_TECH, counts_from=date(2017, 11, 17), **dates)

    lapsing = proof(counts_to=date(2020, 11, 17))
    assert state_on(lapsing, date(2017, 11, 16)) == State.FUTURE
    assert state_on(lapsing, date(2017, 11, 17)) == State.VALID
    assert state_on(lapsing, date(2020, 11, 16)) == State.VALID
    assert state_on(lapsing, date(2020, 11, 17)) == State.LAPSED
    revoked = proof(counts_to=date(2019, 3, 4), revoked_on=date(2019, 3, 4))
    assert state_on(revoked, date(2019, 3, 3)) == State.VALID
    assert state_on(revoked, date(2019, 3, 4)) == State.REVOKED
