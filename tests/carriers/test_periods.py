"""The days over which figures are asked."""

from datetime import date

import pytest

from crm.carriers.periods import Period, Span, period_of


@pytest.mark.parametrize(
    ("span", "as_of", "start"),
    [
        (Span.YEAR, date(2020, 9, 30), date(2020, 1, 1)),
        (Span.YEAR, date(2020, 1, 1), date(2020, 1, 1)),
        (Span.QUARTER, date(2020, 9, 30), date(2020, 7, 1)),
        (Span.QUARTER, date(2020, 10, 1), date(2020, 10, 1)),
        (Span.MONTH, date(2020, 2, 29), date(2020, 2, 1)),
        (Span.CUSTOM, date(2020, 9, 30), date(2018, 5, 6)),
    ],
)
def test_a_period_ends_on_the_day_asked(span: Span, as_of: date, start: date) -> None:
    assert period_of(span, as_of, date(2018, 5, 6)) == Period(start, as_of)


def test_a_period_never_begins_after_it_ends() -> None:
    day = date(2020, 9, 30)
    assert period_of(Span.CUSTOM, day, date(2020, 10, 1)) == Period(day, day)


@pytest.mark.parametrize(
    ("start", "until", "before"),
    [
        (date(2020, 1, 1), date(2020, 9, 30), (date(2019, 1, 1), date(2019, 9, 30))),
        (date(2020, 2, 1), date(2020, 2, 29), (date(2019, 2, 1), date(2019, 2, 28))),
        (date(2021, 2, 1), date(2021, 2, 28), (date(2020, 2, 1), date(2020, 2, 29))),
        (date(2020, 2, 29), date(2020, 3, 15), (date(2019, 2, 28), date(2019, 3, 15))),
    ],
)
def test_the_same_months_of_the_year_before_end_with_the_month(
    start: date, until: date, before: tuple[date, date]
) -> None:
    assert Period(start, until).year_before == Period(*before)
