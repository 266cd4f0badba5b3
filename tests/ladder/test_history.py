"""What a firm gains and loses on the ladder, on both sides of each date; pure, no database."""

from datetime import date, timedelta

import pytest

from crm.ladder.history import Change, Life, Stay, movements, steps
from crm.ladder.models import QualificationKind as Kind
from crm.ladder.rungs import Certificate, Rung, SizeReport
from crm.reference.size_classes import SizeClass

A, B = 1, 2
IN = date(2018, 3, 1)
DAY = timedelta(1)
ISSUED, ENDS = date(2018, 11, 30), date(2021, 11, 30)
HIGH = Certificate(Kind.HIGH_TECH, "GR1", ISSUED, ENDS)
THERE = (Stay(A, IN, None),)
SMALL = SizeReport(date(2018, 6, 30), SizeClass.SMALL, has_revenue=True)


def life(*certificates, stays=THERE, reports=(), **values):
    usual = {"is_enterprise": True, "has_code": True, "established_on": None}
    return Life(
        **usual | values, was_ever_resident=True, stays=stays, certificates=certificates, reports=reports
    )  # fmt: skip


def told(one):
    return [(m.rung, m.change, m.on, m.carrier_id, m.is_jump) for m in movements(one)]


def rungs(one, until=date(2022, 1, 1)):
    return [(step.from_on, step.to_on, step.standing.rung) for step in steps(one, until)]


def test_a_life_is_a_stair_whose_steps_begin_and_end_with_its_proofs():
    assert rungs(life(HIGH, reports=[SMALL])) == [
        (IN, date(2018, 6, 30), Rung.STARTUP),
        (date(2018, 6, 30), ISSUED, Rung.MICRO_SMALL),
        (ISSUED, ENDS, Rung.HIGH_TECH),
        (ENDS, None, Rung.MICRO_SMALL),
    ]


def test_the_stair_goes_no_further_than_is_known():
    assert rungs(life(HIGH), until=ENDS - DAY)[-1] == (ISSUED, None, Rung.HIGH_TECH)
    assert rungs(life(HIGH), until=ENDS)[-1] == (ENDS, None, Rung.STARTUP)
    assert rungs(life(HIGH), until=IN - DAY) == []


def test_a_day_out_of_the_park_is_a_step_of_its_own():
    stays = (Stay(A, IN, date(2019, 1, 1)), Stay(B, date(2019, 1, 2), None))
    found = steps(life(HIGH, stays=stays), date(2019, 6, 1))
    assert [step.standing.rung for step in found] == [
        Rung.STARTUP, Rung.HIGH_TECH, None, Rung.HIGH_TECH,
    ]  # fmt: skip
    assert found[2].standing.reason.text == "当日不在园"


def test_a_move_between_carriers_changes_no_step_and_is_no_movement():
    moved = date(2019, 1, 1)
    stays = (Stay(A, IN, moved), Stay(B, moved, None))
    assert [step[2] for step in rungs(life(HIGH, stays=stays), date(2019, 6, 1))] == [
        Rung.STARTUP, Rung.HIGH_TECH,
    ]  # fmt: skip
    lost = (Rung.HIGH_TECH, Change.LOST, ENDS, B, False)
    assert told(life(HIGH, stays=stays)) == [
        (Rung.HIGH_TECH, Change.ARRIVED, ISSUED, A, True), lost,
    ]  # fmt: skip


def test_a_step_up_is_no_jump_and_a_skipped_step_is_never_filled_in():
    climbed = told(life(HIGH, reports=[SMALL]))
    assert climbed[:2] == [
        (Rung.MICRO_SMALL, Change.ARRIVED, date(2018, 6, 30), A, False),
        (Rung.HIGH_TECH, Change.ARRIVED, ISSUED, A, False),
    ]
    late = SizeReport(date(2018, 12, 31), SizeClass.MICRO, has_revenue=True)
    jumped = told(life(HIGH, reports=[late]))
    assert jumped[:2] == [
        (Rung.HIGH_TECH, Change.ARRIVED, ISSUED, A, True),
        (Rung.MICRO_SMALL, Change.LATER, date(2018, 12, 31), A, False),
    ]


@pytest.mark.parametrize(
    ("moved_in_on", "change", "on"),
    [
        (ISSUED - DAY, Change.ARRIVED, ISSUED),
        (ISSUED, Change.ARRIVED, ISSUED),
        (ISSUED + DAY, Change.BROUGHT, ISSUED + DAY),
    ],
)
def test_who_arrived_before_moving_in_brought_it_along(moved_in_on, change, on):
    found = told(life(HIGH, stays=(Stay(A, moved_in_on, None),)))
    assert found[0][1:3] == (change, on)


def test_a_certificate_moved_in_as_a_whole_is_never_an_arrival():
    brought = Certificate(Kind.HIGH_TECH, "GR1", ISSUED, ENDS, is_moved_in=True)
    assert told(life(brought))[0][1] is Change.BROUGHT
    own = Certificate(Kind.HIGH_TECH, "GR2", ISSUED, ENDS)
    assert told(life(brought, own))[0][1] is Change.ARRIVED


@pytest.mark.parametrize(
    ("renewed_on", "changes"),
    [
        (ENDS - DAY, [Change.ARRIVED, Change.LOST]),
        (ENDS, [Change.ARRIVED, Change.LOST]),
        (ENDS + DAY, [Change.ARRIVED, Change.LOST, Change.REGAINED, Change.LOST]),
    ],
)
def test_a_renewal_without_a_gap_changes_nothing_and_after_one_is_regained(renewed_on, changes):
    renewed = Certificate(Kind.HIGH_TECH, "GR2", renewed_on, renewed_on.replace(year=2024))
    assert [move[1] for move in told(life(HIGH, renewed))] == changes


def test_what_was_revoked_is_lost_that_day_and_what_never_counted_is_nothing():
    revoked = Certificate(Kind.HIGH_TECH, "GR1", ISSUED, date(2019, 5, 6))
    assert [move[1:3] for move in told(life(revoked))] == [
        (Change.ARRIVED, ISSUED), (Change.LOST, date(2019, 5, 6)),
    ]  # fmt: skip
    assert told(life(Certificate(Kind.HIGH_TECH, "GR1", ISSUED, ISSUED))) == []


def test_who_leaves_loses_it_the_day_it_is_gone_and_regains_it_on_coming_back():
    left, back = date(2019, 4, 1), date(2020, 4, 1)
    found = told(life(HIGH, stays=(Stay(A, IN, left), Stay(B, back, None))))
    assert [move[1:4] for move in found] == [
        (Change.ARRIVED, ISSUED, A), (Change.LOST, left, A), (Change.REGAINED, back, B),
        (Change.LOST, ENDS, B),
    ]  # fmt: skip


def test_an_earlier_certificate_from_elsewhere_makes_the_next_one_no_first_arrival():
    elsewhere = Certificate(Kind.HIGH_TECH, "GR0", date(2012, 5, 1), date(2015, 5, 1))
    assert told(life(elsewhere, HIGH))[0][1] is Change.REGAINED


def test_falling_onto_a_rung_is_no_arrival():
    scale = Certificate(Kind.ABOVE_SCALE, "B1", date(2018, 5, 1), ISSUED)
    found = told(life(scale, HIGH))
    assert (Rung.HIGH_TECH, Change.LATER, ISSUED, A, False) in found


def test_a_large_report_ends_small_and_one_that_says_neither_does_not():
    large = SizeReport(date(2019, 12, 31), SizeClass.MEDIUM, has_revenue=True)
    silent = SizeReport(date(2019, 3, 31), None, has_revenue=True)
    again = SizeReport(date(2020, 12, 31), SizeClass.SMALL, has_revenue=True)
    found = told(life(reports=[SMALL, silent, large, again]))
    assert [move[1:3] for move in found] == [
        (Change.ARRIVED, SMALL.period_end_on), (Change.LOST, large.period_end_on),
        (Change.REGAINED, again.period_end_on),
    ]  # fmt: skip
    assert told(life(reports=[SMALL], is_enterprise=False)) == []
