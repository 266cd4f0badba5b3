"""The clock: limits in working days, stopped while materials are corrected, going on where it stood."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from crm.audit.services import SYSTEM
from crm.core.db import session, writing
from crm.entry import moves
from crm.entry.limits import NO_CLOCK, Clock, after_step, standing
from crm.entry.models import EntryApplication, EntryState
from crm.reference import settings
from crm.reference.working_days import calendar, set_day
from tests.entry.conftest import MONDAY, hand_in_all

LIMITS = {"acceptance": 1, "review": 5, "signing": 5}
S = EntryState


def due(application_id: int) -> date | None:
    return session.get_one(EntryApplication, application_id).due_on


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (S.DRAFT, None),
        (S.ACCEPTANCE, date(2020, 9, 22)),
        (S.REVIEW, date(2020, 9, 28)),  # 23, 24, 25, the worked Sunday 27, 28
        (S.SIGNING, date(2020, 9, 29)),
        (S.ERRANDS, None),
    ],
)
def test_each_state_has_its_own_limit(led_to: Any, state: S, expected: date | None) -> None:
    assert due(led_to(state)) == expected


def test_the_clock_stops_at_a_return_and_goes_on_with_what_was_left(app: Any) -> None:
    known = calendar(2020, 2021)

    def step(clock: Clock, before: S, to_state: S, on: date) -> Clock:
        return after_step(clock, before, to_state, on, limits=LIMITS, calendar=known)

    running = step(NO_CLOCK, S.ACCEPTANCE, S.REVIEW, date(2020, 9, 21))
    assert running.due_on(known) == date(2020, 9, 27)  # 22 … 25 and the worked Sunday
    stopped = step(running, S.REVIEW, S.CORRECTION, date(2020, 9, 23))
    assert (stopped.due_on(known), stopped.days) == (None, 3)
    goes_on = step(stopped, S.CORRECTION, S.REVIEW, date(2020, 9, 30))
    assert goes_on.due_on(known) == date(2020, 10, 12)  # 9, 10 (worked), 12
    late = step(running, S.REVIEW, S.CORRECTION, date(2020, 9, 29))
    assert late.days == 0
    assert step(late, S.CORRECTION, S.REVIEW, date(2020, 9, 30)).due_on(known) == date(2020, 9, 30)
    assert step(stopped, S.CORRECTION, S.WITHDRAWN, date(2020, 9, 30)) == NO_CLOCK


def test_a_returned_application_comes_back_to_where_it_was(led_to: Any, cast: Any) -> None:
    id_ = led_to(S.ACCEPTANCE)
    with writing():
        application = session.get_one(EntryApplication, id_)
        moves.send_back(application, by=cast.a, on=MONDAY, version=None)
        assert (application.due_on, application.days_allowed) == (None, 1)
        hand_in_all(application, cast.a)
        moves.resubmit(application, by=cast.a, on=date(2020, 9, 30), version=None)
        assert (application.state, application.due_on) == (S.ACCEPTANCE, date(2020, 10, 9))


@pytest.mark.parametrize(
    ("today", "left"),
    [
        (date(2020, 9, 25), 2),
        (date(2020, 9, 27), 1),
        (date(2020, 9, 28), 0),
        (date(2020, 9, 29), -1),
        (date(2020, 10, 4), -2),  # 29 and 30; the holidays are no working days
    ],
)
def test_days_left_and_days_over(app: Any, today: date, left: int) -> None:
    row = SimpleNamespace(state=S.REVIEW, due_on=date(2020, 9, 28), days_allowed=5)
    found = standing(row, today, calendar(2020, 2020))
    assert found.days_left == left
    assert (found.is_overdue, found.is_due_soon) == (left < 0, 0 <= left <= 1)


def test_over_since_the_holiday_began_is_overdue_all_the_same(app: Any) -> None:
    row = SimpleNamespace(state=S.REVIEW, due_on=date(2020, 9, 30), days_allowed=5)
    assert standing(row, date(2020, 9, 30), calendar(2020, 2020)).days_left == 0
    assert standing(row, date(2020, 10, 1), calendar(2020, 2020)).days_left == -1


def test_a_limit_in_a_year_without_holidays_says_so(app: Any) -> None:
    row = SimpleNamespace(state=S.REVIEW, due_on=date(2031, 10, 6), days_allowed=5)
    today = date(2031, 9, 30)
    assert standing(row, today, calendar(2031, 2031)).is_reckoned_by_weekdays
    row.due_on = date(2020, 9, 30)
    assert not standing(
        row, row.due_on - timedelta(1), calendar(2020, 2020)
    ).is_reckoned_by_weekdays


def test_a_changed_calendar_moves_the_due_dates_of_running_clocks(led_to: Any) -> None:
    id_ = led_to(S.REVIEW)
    with writing():
        set_day(date(2020, 9, 28), is_working=False, name="临时放假", by=SYSTEM)
    session.expire_all()
    assert due(id_) == date(2020, 9, 29)


def test_a_changed_limit_holds_for_what_enters_the_state_later(led_to: Any) -> None:
    before = led_to(S.REVIEW)
    with writing():
        settings.put("entry.limits", {**LIMITS, "review": 3}, by=SYSTEM)
    after = led_to(S.REVIEW, name="常州另一家科技有限公司")
    assert (due(before), due(after)) == (date(2020, 9, 28), date(2020, 9, 25))
