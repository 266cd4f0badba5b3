"""The loop by itself: which step may follow which, on which side of which day."""

from datetime import date, timedelta

import pytest

from crm.core.errors import DomainError, NotAllowed
from crm.supervision.loop import (
    Act,
    Course,
    StepRefused,
    after,
    docketed,
    expect_second,
    replayed,
)
from crm.supervision.models import State, StepKind
from crm.supervision.standing import Age, Outcome, age, outcome

DAY, DUE = date(2020, 9, 1), date(2020, 9, 21)
K = StepKind


def course(*steps: StepKind, on: date = DAY) -> Course:
    found = docketed(DAY, DUE)
    for kind in steps:
        found = after(found, Act(kind, on, "说明"))
    return found


def test_an_order_goes_from_docket_to_archive():
    done = course(K.ISSUED, K.RECEIVED, K.ANSWERED, K.SIGNED, K.CLOSED, K.ARCHIVED)
    assert (done.state, done.answered_on, done.closed_on) == (State.ARCHIVED, DAY, DAY)


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        ((), K.RECEIVED),
        ((K.ISSUED,), K.ANSWERED),
        ((K.ISSUED, K.RECEIVED), K.SIGNED),
        ((K.ISSUED, K.RECEIVED, K.ANSWERED), K.CLOSED),
        ((K.ISSUED, K.RECEIVED, K.ANSWERED, K.SIGNED, K.CLOSED), K.RETURNED),
        ((K.ISSUED, K.RECEIVED), K.WITHDRAWN),
    ],
)
def test_no_step_is_left_out(steps, kind):
    with pytest.raises(StepRefused):
        course(*steps, kind)


def test_what_is_sent_back_says_why_and_counts():
    signed = course(K.ISSUED, K.RECEIVED, K.ANSWERED, K.SIGNED)
    with pytest.raises(DomainError, match="写明"):
        after(signed, Act(K.RETURNED, DAY))
    back = after(signed, Act(K.RETURNED, DAY, "缺材料"))
    assert (back.state, back.returns, back.answered_on, back.due_on) == (
        State.RETURNED,
        1,
        None,
        DUE,
    )


def test_an_extension_is_asked_for_before_the_limit_not_on_it():
    later = DUE + timedelta(10)
    working = course(K.ISSUED, K.RECEIVED)
    asked = after(working, Act(K.EXTENSION_ASKED, DUE - timedelta(1), "考察推迟", new_on=later))
    assert (asked.extension_to, asked.due_on) == (
        later,
        DUE,
    )  # the first day counts until it is granted
    with pytest.raises(DomainError, match="之前申请"):
        after(working, Act(K.EXTENSION_ASKED, DUE, "考察推迟", new_on=later))
    with pytest.raises(DomainError, match="须晚于"):
        after(working, Act(K.EXTENSION_ASKED, DAY, "考察推迟", new_on=DUE))
    with pytest.raises(StepRefused, match="已有"):
        after(asked, Act(K.EXTENSION_ASKED, DAY, "再延", new_on=later))


def test_granted_the_new_day_counts_refused_the_first():
    later = DUE + timedelta(10)
    asked = after(
        course(K.ISSUED, K.RECEIVED), Act(K.EXTENSION_ASKED, DAY, "考察推迟", new_on=later)
    )
    granted = after(asked, Act(K.EXTENSION_GRANTED, DUE + timedelta(3)))
    refused = after(asked, Act(K.EXTENSION_REFUSED, DUE, "理由不足"))
    assert (granted.due_on, granted.first_due_on, granted.extensions) == (later, DUE, 1)
    assert (refused.due_on, refused.extensions, refused.extension_to) == (DUE, 0, None)
    assert not granted.is_overdue(later)
    assert granted.is_overdue(later + timedelta(1))
    with pytest.raises(StepRefused, match="没有待批"):
        after(granted, Act(K.EXTENSION_GRANTED, DAY))


def test_the_limit_itself_is_in_time_the_day_after_is_overdue():
    working = course(K.ISSUED, K.RECEIVED, K.ANSWERED)
    assert outcome(working, DUE) is Outcome.RUNNING
    assert outcome(working, DUE + timedelta(1)) is Outcome.OVERDUE  # unsigned is unanswered
    for signed_on, expected in ((DUE, Outcome.IN_TIME), (DUE + timedelta(1), Outcome.LATE)):
        closed = after(after(working, Act(K.SIGNED, signed_on)), Act(K.CLOSED, DUE + timedelta(30)))
        assert outcome(closed, DUE + timedelta(60)) is expected


def test_an_answer_that_was_sent_back_is_no_answer_in_time():
    signed = course(K.ISSUED, K.RECEIVED, K.ANSWERED, K.SIGNED)
    late = DUE + timedelta(2)
    again = replay = after(signed, Act(K.RETURNED, DAY, "缺材料"))
    assert replay.is_overdue(late)
    for kind in (K.ANSWERED, K.SIGNED, K.CLOSED):
        again = after(again, Act(kind, late, "补充"))
    assert outcome(again, late) is Outcome.LATE


def test_the_same_events_give_the_same_course():
    acts = [
        Act(K.DOCKETED, DAY, new_on=DUE), Act(K.ISSUED, DAY, new_on=DUE + timedelta(1)), Act(K.RECEIVED, DAY),
    ]  # fmt: skip
    assert replayed(acts) == after(after(docketed(DAY, DUE), acts[1]), acts[2])
    assert replayed(acts).first_due_on == DUE + timedelta(1)


def test_nobody_judges_what_they_wrote():
    expect_second(3, {1, 2})
    for person in (1, 2, None):
        with pytest.raises(NotAllowed):
            expect_second(person, {1, 2})


def test_the_ages_of_what_is_overdue():
    found = {days: age(days) for days in (1, 7, 8, 15, 16, 30, 31)}
    assert list(found.values()) == [
        Age.WEEK, Age.WEEK, Age.FORTNIGHT, Age.FORTNIGHT, Age.MONTH, Age.MONTH, Age.LONGER,
    ]  # fmt: skip
