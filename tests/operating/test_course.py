"""One firm's year: 本月 and 本季 are differences of what was reported, and nothing where that is not known."""

from decimal import Decimal

from crm.audit.verification import VerificationState
from crm.operating.course import Course
from crm.operating.models import OperatingReport
from crm.operating.periods import Period


def report(year, month, revenue, **values):
    values = {"state": VerificationState.PENDING, "staff": month, **values}
    return OperatingReport(year=year, through_month=month, revenue=Decimal(revenue), **values)


REPORTS = [
    report(2020, 1, 10), report(2020, 2, 25), report(2020, 3, 45), report(2020, 6, 100),
    report(2019, 3, 30), report(2019, 12, 160),
]  # fmt: skip


def revenue(lines):
    return [
        (line.period.through_month, cell.through, cell.own, cell.last_year)
        for line in lines
        for cell in line.cells[:1]
    ]


def test_a_month_is_the_difference_to_the_month_before_and_never_guessed():
    assert revenue(Course(REPORTS).months(2020)) == [
        (1, 10, 10, None),
        (2, 25, 15, None),
        (3, 45, 20, 30),
        (4, None, None, None),
        (5, None, None, None),
        (6, 100, None, None),
    ]


def test_a_quarter_is_the_difference_to_the_quarter_before():
    assert revenue(Course(REPORTS).quarters(2020)) == [(3, 45, 45, 30), (6, 100, 55, None)]
    without_march = [r for r in REPORTS if (r.year, r.through_month) != (2020, 3)]
    assert revenue(Course(without_march).quarters(2020)) == [
        (3, None, None, 30),
        (6, 100, None, None),
    ]


def test_a_year_goes_as_far_as_it_was_reported_beside_the_same_months():
    assert revenue(Course([*REPORTS, report(2019, 6, 70)]).whole_years()) == [
        (6, 100, 100, 70),
        (12, 160, 160, None),
    ]


def test_people_and_assets_are_no_flow():
    line = Course(REPORTS).months(2020)[1]
    staff = next(cell for cell in line.cells if cell.figure.name == "staff")
    assert (staff.through, staff.own) == (2, None)


def test_what_was_sent_back_is_not_there():
    returned = report(2020, 2, 25, state=VerificationState.RETURNED)
    course = Course([REPORTS[0], returned, REPORTS[2]])
    assert revenue(course.months(2020))[1:] == [(2, None, None, None), (3, 45, None, None)]


def test_the_chart_has_the_months_of_both_years_and_gaps_between():
    points = Course([report(2020, 3, 450_000), report(2019, 3, 300_000), report(2019, 6, 10_000)])
    assert points.beside_last_year(2020, "revenue") == [(3, 45, 30), (6, None, 1)]


def test_the_last_day_of_a_period_is_that_of_its_month():
    assert [Period(2020, m).end_on.day for m in (2, 4, 12)] == [29, 30, 31]
