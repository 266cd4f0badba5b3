from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.pace import planned_share
from crm.targets.pace import (
    Comparator,
    Kind,
    Light,
    Limits,
    Terms,
    assess,
    assess_milestone,
)

GREEN, YELLOW, RED, DONE, NONE = Light
WORST_TO_BEST = [RED, YELLOW, GREEN, DONE]
SEP_29, SEP_30, YEAR_END, NEW_YEAR = (
    date(2020, 9, 29),
    date(2020, 9, 30),
    date(2020, 12, 31),
    date(2021, 1, 1),
)


def terms(kind="flow", comparator="=", target="100", **other) -> Terms:
    figures = {
        name: None if other.get(name) is None else Decimal(other[name])
        for name in ("target_to", "opening", "baseline")
    }
    return Terms(
        kind=Kind(kind),
        comparator=Comparator(comparator),
        target=None if target is None else Decimal(target),
        starts_on=other.get("starts_on", date(2020, 1, 1)),
        due=other.get("due", YEAR_END),
        curve=other.get("curve"),
        **figures,
    )


def standing(promise: Terms, actual: str | None, as_of: date = SEP_30, **other):
    return assess(promise, None if actual is None else Decimal(actual), as_of, **other)


def rounded(value: Fraction | None) -> float | None:
    return None if value is None else round(float(value), 1)


# 序时进度


@pytest.mark.parametrize(
    ("as_of", "months"),
    [
        (date(2019, 12, 31), 0),
        (date(2020, 1, 1), 0),
        (date(2020, 1, 30), 0),
        (date(2020, 1, 31), 1),
        (date(2020, 2, 28), 1),
        (date(2020, 2, 29), 2),
        (date(2020, 3, 1), 2),
        (SEP_29, 8),
        (SEP_30, 9),
        (date(2020, 10, 1), 9),
        (date(2020, 12, 30), 11),
        (YEAR_END, 12),
        (NEW_YEAR, 12),
        (date(2023, 5, 5), 12),
    ],
)
def test_the_planned_share_counts_whole_months_ended(as_of, months):
    assert planned_share(as_of, 2020) == Fraction(months, 12)


def test_february_ends_on_the_28th_in_a_common_year():
    assert planned_share(date(2019, 2, 28), 2019) == Fraction(2, 12)


CURVE = tuple(Decimal(n) / 100 for n in (0, 0, 5, 5, 5, 10, 10, 10, 20, 20, 60, 100))


@pytest.mark.parametrize(
    ("as_of", "share"),
    [(date(2020, 1, 1), "0"), (SEP_29, "0.1"), (SEP_30, "0.2"), (YEAR_END, "1"), (NEW_YEAR, "1")],
)
def test_a_curve_of_its_own_replaces_the_straight_line(as_of, share):
    assert planned_share(as_of, 2020, CURVE) == Fraction(share)


def test_a_certificate_that_comes_late_in_the_year_is_judged_by_its_curve():
    assert standing(terms(curve=CURVE), "21").light is GREEN
    assert standing(terms(), "21").light is RED


# flows and sums


@pytest.mark.parametrize("kind", ["flow", "sum", "reported"])
@pytest.mark.parametrize(
    ("actual", "gap", "light"),
    [
        ("100", "25", DONE),
        ("99.99", "24.99", GREEN),
        ("75", "0", GREEN),
        ("65.01", "-9.99", GREEN),
        ("65", "-10", YELLOW),
        ("45", "-30", YELLOW),
        ("44.99", "-30.01", RED),
        ("0", "-75", RED),
    ],
)
def test_yellow_begins_at_ten_points_behind_and_red_above_thirty(kind, actual, gap, light):
    result = standing(terms(kind), actual)
    assert result.completion == Fraction(actual) / 100
    assert result.pace == Fraction(9, 12)
    assert (result.gap_points, result.light) == (Fraction(gap), light)


def test_limits_are_settings():
    limits = Limits(yellow_points=5, red_points=20)
    assert standing(terms(), "70", limits=limits).light is YELLOW
    assert standing(terms(), "55", limits=limits).light is YELLOW
    assert standing(terms(), "54", limits=limits).light is RED
    assert standing(terms(), "71", limits=limits).light is GREEN


def test_the_day_a_month_ends_raises_what_is_expected():
    promise = terms(target="360")
    assert rounded(standing(promise, "239", SEP_29).gap_points) == -0.3
    assert rounded(standing(promise, "239", SEP_30).gap_points) == -8.6


def test_an_unmet_target_is_overdue_the_day_after_it_was_due():
    assert standing(terms(), "99", YEAR_END).light is GREEN
    assert standing(terms(), "99", NEW_YEAR).light is RED
    assert standing(terms(), "100", NEW_YEAR).light is DONE


def test_before_the_year_nothing_is_expected():
    result = standing(terms(), "0", date(2019, 12, 31))
    assert (result.pace, result.gap_points, result.light) == (0, 0, GREEN)


# no data, no target


@pytest.mark.parametrize("as_of", [SEP_30, NEW_YEAR])
@pytest.mark.parametrize("kind", list(Kind))
def test_no_data_is_never_nought(kind, as_of):
    result = standing(terms(kind, baseline="2078", opening="50"), None, as_of)
    assert (result.completion, result.gap_points, result.light) == (None, None, NONE)
    assert not result.is_done


@pytest.mark.parametrize("target", [None, "0"])
def test_no_target_means_no_share_and_no_light(target):
    result = standing(terms(target=target), "7", NEW_YEAR)
    assert result.actual == 7
    assert (result.completion, result.pace, result.gap_points) == (None, None, None)
    assert result.light is NONE


# strict, range, at most


@pytest.mark.parametrize(
    ("comparator", "actual", "is_done"),
    [
        (">", "100", False),
        (">", "100.01", True),
        (">=", "100", True),
        (">=", "99.99", False),
        ("=", "100", True),
        ("=", "101", True),
        ("=", "99", False),
    ],
)
def test_only_a_strict_target_must_be_exceeded(comparator, actual, is_done):
    result = standing(terms(comparator=comparator), actual, YEAR_END)
    assert result.is_done is is_done
    assert (result.light is DONE) is is_done
    assert not result.exceeds_upper


def test_a_strict_target_met_exactly_is_complete_yet_not_done_and_then_overdue():
    result = standing(terms("stock", ">", "40", opening="33"), "40", YEAR_END)
    assert (result.completion, result.is_done, result.light) == (1, False, GREEN)
    assert standing(terms(comparator=">"), "100", NEW_YEAR).light is RED


@pytest.mark.parametrize(
    ("actual", "completion", "light", "exceeds"),
    [
        ("0", "0", RED, False),
        ("1", "1", DONE, False),
        ("2", "2", DONE, False),
        ("3", "3", DONE, True),
    ],
)
def test_a_range_is_judged_on_its_lower_value(actual, completion, light, exceeds):
    result = standing(terms(comparator="range", target="1", target_to="2"), actual)
    assert result.completion == Fraction(completion)
    assert (result.light, result.exceeds_upper) == (light, exceeds)


@pytest.mark.parametrize("as_of", [date(2020, 1, 15), SEP_30, NEW_YEAR])
@pytest.mark.parametrize(("actual", "light"), [("0", GREEN), ("100", GREEN), ("100.01", RED)])
def test_a_ceiling_is_green_until_it_is_exceeded_and_has_no_pace(actual, light, as_of):
    result = standing(terms(comparator="<="), actual, as_of)
    assert (result.light, result.is_done) == (light, False)
    assert (result.pace, result.gap_points) == (None, None)
    assert result.exceeds_upper is (light is RED)


# stock


def test_a_stock_is_paced_from_its_opening():
    result = standing(terms("stock", ">=", "130", opening="110"), "118")
    assert rounded(result.completion * 100) == 90.8
    assert result.gap_points == -35
    assert result.light is RED


@pytest.mark.parametrize(
    ("actual", "gap", "light"),
    [("119", -30, YELLOW), ("123", -10, YELLOW), ("124", -5, GREEN), ("130", 25, DONE)],
)
def test_a_stock_changes_its_light_at_the_limits(actual, gap, light):
    result = standing(terms("stock", ">=", "130", opening="110"), actual)
    assert (result.gap_points, result.light) == (gap, light)


def test_a_stock_below_its_opening_is_further_behind_than_nothing_done():
    assert standing(terms("stock", target="130", opening="110"), "108").gap_points == -85


def test_a_stock_without_an_opening_has_no_light_until_it_is_met():
    promise = terms("stock", ">", "40")
    result = standing(promise, "38")
    assert (result.completion, result.gap_points, result.light) == (Fraction(38, 40), None, NONE)
    assert standing(promise, "40").light is NONE
    assert standing(promise, "41").light is DONE


def test_a_stock_without_an_opening_is_still_overdue_after_its_day():
    promise = terms("stock", ">", "40")
    assert standing(promise, "40", YEAR_END).light is NONE
    assert standing(promise, "40", NEW_YEAR).light is RED


@pytest.mark.parametrize("opening", ["130", "141"])
@pytest.mark.parametrize(
    ("actual", "gap", "light"),
    [
        ("131", None, DONE),
        ("130", 0, DONE),
        ("129", None, GREEN),
        ("117", -10, YELLOW),
        ("91", -30, YELLOW),
        ("90", None, RED),
    ],
)
def test_a_stock_that_opened_at_its_target_has_to_hold_it(opening, actual, gap, light):
    result = standing(terms("stock", ">=", "130", opening=opening), actual)
    assert result.gap_points == (Fraction(actual) / 130 - 1) * 100
    assert gap is None or result.gap_points == gap
    assert result.light is light


# growth


def test_growth_is_converted_to_the_figure_it_asks_for():
    result = standing(terms("growth", ">=", "30", baseline="2078"), "1900")
    assert result.floor == 2702
    assert rounded(result.completion * 100) == 70.3
    assert rounded(result.gap_points) == -4.7
    assert result.growth == Fraction(1900, 2078) - 1
    assert result.light is GREEN


@pytest.mark.parametrize(("actual", "is_done"), [("2701", False), ("2702", True)])
def test_growth_is_done_at_its_floor(actual, is_done):
    assert standing(terms("growth", ">=", "30", baseline="2078"), actual).is_done is is_done


@pytest.mark.parametrize(
    ("baseline", "actual", "is_done"),
    [
        ("1000", "1300", False),
        ("1000", "1301", True),
        ("2078", "2701", False),
        ("2078", "2702", True),
    ],
)
def test_strict_growth_must_exceed_the_rate_itself_not_the_rounded_floor(baseline, actual, is_done):
    assert standing(terms("growth", ">", "30", baseline=baseline), actual).is_done is is_done


@pytest.mark.parametrize(
    ("baseline", "target", "floor"),
    [
        ("240.3", "18", "283.6"),
        ("2078.0000", "30", "2702"),
        ("2080", "25", "2600"),
        ("1000", "30", "1300"),
    ],
)
def test_a_floor_is_rounded_up_at_the_precision_of_its_baseline(baseline, target, floor):
    result = standing(terms("growth", target=target, baseline=baseline), "1")
    assert result.floor == Decimal(floor)


@pytest.mark.parametrize("baseline", [None, "0"])
def test_growth_without_a_baseline_cannot_be_judged(baseline):
    result = standing(terms("growth", ">=", "30", baseline=baseline), "1900", NEW_YEAR)
    assert (result.floor, result.completion, result.growth) == (None, None, None)
    assert result.light is NONE


def test_only_growth_has_a_floor_of_its_own():
    result = standing(terms(baseline="90"), "50")
    assert (result.floor, result.growth) == (None, None)


# milestones: the second half of 2020 has 184 days, the 92nd is 30 September

WINDOW = (date(2020, 7, 1), YEAR_END)


@pytest.mark.parametrize(
    ("as_of", "idle", "under_way"),
    [
        (date(2020, 6, 30), NONE, NONE),
        (date(2020, 7, 1), GREEN, GREEN),
        (SEP_29, GREEN, GREEN),
        (SEP_30, YELLOW, GREEN),
        (YEAR_END, YELLOW, GREEN),
        (NEW_YEAR, RED, RED),
    ],
)
def test_a_milestone_is_not_red_before_its_window_ends(as_of, idle, under_way):
    assert assess_milestone(*WINDOW, None, as_of, under_way=False) is idle
    assert assess_milestone(*WINDOW, None, as_of, under_way=True) is under_way
    size = terms("milestone", target="15", starts_on=WINDOW[0])
    assert standing(size, "14.9", as_of).light is idle
    assert standing(size, "14.9", as_of, under_way=True).light is under_way


@pytest.mark.parametrize(
    ("as_of", "light"),
    [(date(2020, 10, 15), GREEN), (date(2020, 10, 16), YELLOW), (date(2020, 11, 1), RED)],
)
def test_the_middle_of_an_odd_window_is_its_middle_day(as_of, light):
    window = (date(2020, 10, 1), date(2020, 10, 31))
    assert assess_milestone(*window, None, as_of, under_way=False) is light


@pytest.mark.parametrize(
    ("done_on", "as_of", "light"),
    [
        (date(2020, 8, 14), date(2020, 8, 13), GREEN),
        (date(2020, 8, 14), date(2020, 8, 14), DONE),
        (date(2020, 6, 1), date(2020, 6, 2), DONE),
        (date(2021, 1, 9), date(2021, 1, 8), RED),
        (date(2021, 1, 9), date(2021, 1, 9), DONE),
    ],
)
def test_a_milestone_is_done_from_the_day_it_was_done(done_on, as_of, light):
    assert assess_milestone(*WINDOW, done_on, as_of, under_way=False) is light


def test_a_size_in_a_window_is_done_when_reached_and_has_no_pace():
    size = terms("milestone", target="15", starts_on=WINDOW[0])
    result = standing(size, "15")
    assert (result.light, result.completion) == (DONE, 1)
    assert (result.pace, result.gap_points) == (None, None)


# what always holds

figures = st.decimals(min_value=0, max_value=400, places=2)
days = st.dates(min_value=date(2019, 12, 1), max_value=date(2021, 2, 28))
promises = st.builds(
    terms,
    kind=st.sampled_from(list(Kind)),
    comparator=st.sampled_from([c for c in Comparator if c is not Comparator.AT_MOST]),
    target=st.integers(min_value=1, max_value=200),
    target_to=st.just(201),
    opening=st.integers(min_value=0, max_value=250),
    baseline=st.integers(min_value=1, max_value=150),
)


@given(promises, figures, figures, days, st.booleans())
def test_more_done_never_gives_a_worse_light(promise, one, other, as_of, under_way):
    less, more = sorted([one, other])
    lights = [assess(promise, n, as_of, under_way=under_way).light for n in (less, more)]
    if NONE in lights:  # a window that has not opened: only being done shows
        assert lights in ([NONE, NONE], [NONE, DONE])
    else:
        assert WORST_TO_BEST.index(lights[0]) <= WORST_TO_BEST.index(lights[1])


@given(promises, figures, figures, days)
def test_more_done_is_never_further_behind(promise, one, other, as_of):
    less, more = (assess(promise, n, as_of) for n in sorted([one, other]))
    assert less.completion <= more.completion
    assert less.gap_points is None or less.gap_points <= more.gap_points


@given(figures, figures, days)
def test_more_spent_never_betters_a_ceiling(one, other, as_of):
    less, more = (assess(terms(comparator="<="), n, as_of).light for n in sorted([one, other]))
    assert WORST_TO_BEST.index(less) >= WORST_TO_BEST.index(more)


@given(days, days)
def test_the_planned_share_never_falls_and_stays_between_nought_and_one(one, other):
    earlier, later = (planned_share(day, 2020) for day in sorted([one, other]))
    assert 0 <= earlier <= later <= 1


@given(promises, figures, days)
def test_the_light_is_done_exactly_when_the_target_is_done(promise, actual, as_of):
    result = assess(promise, actual, as_of)
    assert result.is_done == (result.light is DONE)
