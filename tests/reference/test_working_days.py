"""The working calendar: the exchanged days of 2020, years without data, changes that are logged."""

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.services import SYSTEM
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.reference.models import CalendarDay
from crm.reference.working_days import calendar, calendar_around, missing_years, seed, set_day


@pytest.fixture
def seeded(app: Any) -> None:
    with writing():
        seed(by=SYSTEM)


def test_the_exchanged_days_of_2020_are_right(seeded: None) -> None:
    of_2020 = calendar(2020, 2020)
    assert not any(of_2020.is_working(date(2020, 10, day)) for day in range(1, 9))
    for worked in (date(2020, 9, 27), date(2020, 10, 10), date(2020, 9, 30), date(2020, 10, 9)):
        assert of_2020.is_working(worked)
    assert not of_2020.is_working(date(2020, 10, 11))
    # the extended Spring Festival: through Sunday 2 February, the exchange of 1 February fell away
    assert [of_2020.is_working(date(2020, 1, day)) for day in (19, 23, 24, 31)] == [
        True, True, False, False,
    ]  # fmt: skip
    assert [of_2020.is_working(date(2020, 2, day)) for day in (1, 2, 3)] == [False, False, True]


@pytest.mark.parametrize(
    ("day", "days", "due"),
    [
        (date(2020, 9, 25), 1, date(2020, 9, 27)),  # Friday → the worked Sunday
        (date(2020, 9, 30), 1, date(2020, 10, 9)),  # over the National Day week
        (date(2020, 9, 30), 2, date(2020, 10, 10)),  # the worked Saturday
        (date(2020, 9, 30), 3, date(2020, 10, 12)),
        (date(2020, 9, 30), 0, date(2020, 9, 30)),
        (date(2020, 10, 1), 0, date(2020, 10, 9)),
        (date(2020, 12, 31), 1, date(2021, 1, 4)),
        (date(2020, 2, 28), 1, date(2020, 3, 2)),  # a leap day that is a Saturday
    ],
)
def test_a_limit_is_counted_in_working_days(seeded: None, day: date, days: int, due: date) -> None:
    known = calendar_around([day])
    assert known.after(day, days) == due
    assert known.count(day, due) == days or days == 0


def test_days_over_are_negative(seeded: None) -> None:
    known = calendar(2020, 2020)
    assert known.count(date(2020, 9, 30), date(2020, 9, 25)) == -4  # 27, 28, 29, 30
    assert known.count(date(2020, 9, 30), date(2020, 9, 30)) == 0


def test_a_year_without_data_goes_by_weekdays_and_says_so(seeded: None) -> None:
    of_2031 = calendar(2031, 2031)
    assert not of_2031.knows(date(2031, 10, 1))
    assert of_2031.is_working(date(2031, 10, 1))  # a Wednesday
    assert not of_2031.is_working(date(2031, 10, 4))
    assert calendar(2020, 2020).knows(date(2020, 10, 1))


def test_only_what_differs_from_the_weekday_is_stored(seeded: None) -> None:
    days = session.scalars(select(CalendarDay)).all()
    assert all(found.is_working != (found.day.weekday() < 5) for found in days)
    assert all(found.name for found in days)
    assert missing_years() == []


def test_seeding_twice_keeps_what_an_administrator_entered(seeded: None) -> None:
    with writing():
        set_day(date(2020, 10, 9), is_working=False, name="临时放假", by=SYSTEM)
    with writing():
        assert seed(by=SYSTEM) == 0
    assert not calendar(2020, 2020).is_working(date(2020, 10, 9))


def test_a_day_put_back_to_its_weekday_is_no_exception(seeded: None) -> None:
    day = date(2020, 10, 10)
    with writing():
        set_day(day, is_working=False, name="", by=SYSTEM)
    assert session.get(CalendarDay, day) is None
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.subject) == ("calendar.changed", "2020-10-10")
    assert json.loads(entry.details)["changes"] == {"is_working": [True, False]}


@pytest.mark.parametrize("day", [date(1999, 1, 1), date(2014, 12, 31), date(2100, 1, 1)])
def test_a_day_out_of_range_is_refused(app: Any, day: date) -> None:
    with pytest.raises(DomainError), writing():
        set_day(day, is_working=False, name="", by=SYSTEM)


def test_an_administrator_changes_a_day_and_the_year_shows_it(browser_of: Any) -> None:
    browser = browser_of("admin")
    assert "尚无放假安排" in browser.get("/calendar?year=2031").text
    page = browser.get("/calendar?day=2031-10-01").text
    assert 'value="2031-10-01"' in page
    form = {"day": "2031-10-01", "is_working": "no", "name": "国庆节"}
    answer = browser.post("/calendar/days", data=form)
    assert (answer.status_code, answer.location) == (303, "/calendar?year=2031")
    page = browser.get(answer.location).text
    assert "尚无放假安排" not in page
    assert "国庆节" in page


@pytest.mark.parametrize(
    "wrong", [{"day": "2020-02-30"}, {"day": ""}, {"day": "1900-01-01"}, {"is_working": "maybe"}, {"name": "节" * 41}]
)  # fmt: skip
def test_a_bad_day_is_refused_with_what_was_typed(browser_of: Any, wrong: dict[str, str]) -> None:
    form = {"day": "2031-10-01", "is_working": "no", "name": "国庆节", **wrong}
    answer = browser_of("admin").post("/calendar/days", data=form)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text or "is-invalid" in answer.text
    assert session.scalar(select(CalendarDay)) is None


def test_only_who_keeps_the_rules_sees_the_calendar(browser_of: Any) -> None:
    for name in ("a", "investment", "leader", "auditor"):
        assert browser_of(name).get("/calendar").status_code == 403
        assert browser_of(name).post("/calendar/days", data={}).status_code == 403
