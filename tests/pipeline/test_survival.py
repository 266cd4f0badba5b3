"""Medians and chances against examples that were worked out by hand."""

import numpy as np
import pytest

from crm.pipeline.survival import Rates, Stays, arrivals, median_days, rates_of, stays_of


def stays(*seen: tuple[int, str]) -> Stays:
    """(days, how it ended): "on", "lost" or "open"."""
    days, ends = zip(*seen, strict=True) if seen else ((), ())
    found, _of_its_kind = stays_of(
        np.array(days, np.int64),
        np.array([end == "on" for end in ends], np.bool_),
        np.array([end == "lost" for end in ends], np.bool_),
        np.zeros(len(days), np.int64),
        1,
    )
    return found


@pytest.mark.parametrize(
    ("seen", "median"),
    [
        ([(5, "on")], 5),
        ([(1, "on"), (4, "on")], 2.5),  # exactly half between the two days
        ([(1, "on"), (2, "on"), (9, "on")], 2),
        # five there: 4/5 are left after day 1; the one open at 3 drops out; of three 2/3 of 4/5 go on, 1/3 of 4/5 at day 6
        ([(1, "on"), (3, "open"), (4, "on"), (6, "on"), (8, "open")], 6),
        ([(2, "lost"), (3, "on"), (7, "on"), (7, "on")], 7),  # lost: seen for two days, no more
        ([(1, "on"), (5, "open"), (5, "open")], None),  # only a third is known to have gone on
        ([(4, "open")], None),
        ([], None),
    ],
)
def test_half_have_gone_on_after_so_many_days(seen, median):
    assert median_days(stays(*seen)) == median


def test_a_stage_that_was_skipped_is_no_stay_that_lasted():
    found = stays((0, "on"), (0, "open"), (3, "on"), (0, "lost"))
    assert (found.lasting.count, found.count, found.moves, found.losses) == (3, 4, 2, 1)


def rates(moving: float, losing: float = 0.0) -> Rates:
    """The same every day."""
    return Rates(np.array([0]), np.array([[moving]]), np.array([[losing]]))


def test_the_chance_to_be_through_one_stage_is_that_of_a_die_thrown_every_day():
    (table,) = arrivals([rates(0.2)], 3)
    assert table == pytest.approx(np.array([[1 - 0.8**3]]))


def test_who_may_be_lost_on_the_way_comes_less_often():
    (table,) = arrivals(
        [rates(0.2, 0.5)], 2
    )  # on the second day only who neither went on nor was lost
    assert table == pytest.approx(np.array([[0.2 + 0.8 * 0.5 * 0.2]]))


def test_two_stages_take_two_steps_which_may_fall_on_one_day():
    first, second = arrivals([rates(0.5), rates(0.25)], 2)
    assert second == pytest.approx(np.array([[1 - 0.75**2]]))
    # on day 1 (1/2): through at once 1/4, else tomorrow 3/4 · 1/4; on day 2 (1/4): through at once 1/4
    assert first == pytest.approx(np.array([[0.5 * (0.25 + 0.75 * 0.25) + 0.25 * 0.25]]))


def test_the_days_already_spent_count():
    """Nobody goes on before day 3, then half do every day."""
    waits = Rates(np.array([0, 3]), np.array([[0.0, 0.5]]), np.zeros((1, 2)))
    (table,) = arrivals([waits], 2)
    assert table == pytest.approx(
        np.array([[0, 0.5, 0.75, 0.75]])
    )  # after 0, 1, 2, and 3 days or more


def test_a_kind_of_which_little_was_seen_leans_on_all_and_one_of_which_much_was_seen_does_not():
    rng = np.random.default_rng(1)
    many = [(10, "on")] * 400
    few = [(10, "open")] * 3
    lone = stays(*[(40, "open")] * 400)
    everything = stays(*many, *few)
    small, large = rates_of(everything, [stays(*few), stays(*many)], rng)
    assert small.starts.tolist() == large.starts.tolist()
    day_ten = np.searchsorted(small.starts, 10, side="right") - 1
    assert large.moving[0, day_ten] > 0.9
    assert small.moving[0, day_ten] > 0.5  # three alone would say: never
    (apart,) = rates_of(everything, [lone], rng)
    assert apart.moving[0, day_ten] < 0.05


def test_of_a_stage_of_which_nothing_was_seen_something_is_assumed_and_little_is_certain():
    (unknown,) = rates_of(stays(), [stays()], np.random.default_rng(1))
    assert 0 < unknown.moving[0, 0] < 0.02
    assert np.ptp(unknown.moving[1:, 0]) > unknown.moving[0, 0]
