"""The monthly round: who owes what by when, late for good, signed and verified all at once with exceptions."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update

from crm.audit.services import SYSTEM
from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError, NotAllowed
from crm.people.models import Unit
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.reference import working_days
from crm.responsibility import rounds, widgets
from crm.responsibility.models import IndicatorShare, ReportRound, RoundDue
from crm.responsibility.owed import Timing, lines, owed, timing
from crm.targets import queries
from crm.targets.models import Indicator, PlanMilestone, ProgressReport, ReviewState
from tests.responsibility.conftest import AUGUST
from tests.targets.test_standing import indicator

TODAY = date(2020, 9, 30)


def office_answers_for(plan, cast, *codes):
    """Only these targets are the office's; the others are somebody else's."""
    with writing():
        session.execute(update(Indicator).values(unit_id=cast.carrier_b.id))
        session.execute(
            update(Indicator).where(Indicator.code.in_(codes)).values(unit_id=cast.office.id)
        )


def asked(august, cast, unit=None):
    return {
        (one.due.about.code, one.due.is_share): one
        for one in rounds.owed_by(session.get(ReportRound, august.id), unit or cast.office)
    }


def fill(august, cast, given, confirmed=(), by=None):
    with writing():
        return rounds.fill_in(
            session.get(ReportRound, august.id),
            session.get(Unit, cast.office.id),
            given,
            confirmed,
            by=by or cast.unit_staff,
            on=TODAY,
        )


@pytest.fixture
def own(plan, cast):
    office_answers_for(plan, cast, "T01", "T42", "T08")


def test_the_days_on_which_data_and_report_are_due_are_working_days(plan, cast):
    with writing():
        working_days.seed(by=SYSTEM)
        found = rounds.open_round(plan_again(plan), TODAY, by=cast.supervisor, on=TODAY)
        assert (found.data_due_on, found.report_due_on) == (date(2020, 10, 19), date(2020, 10, 26))


def plan_again(plan):
    return session.get(type(plan), plan.id)


def test_a_month_is_asked_for_once_and_when_it_has_ended(plan, cast, august):
    with writing():
        again = plan_again(plan)
        with pytest.raises(rounds.AlreadyOpened):
            rounds.open_round(again, AUGUST, by=cast.supervisor, on=TODAY)
        for wrong in (date(2020, 10, 31), date(2020, 8, 30), date(2019, 12, 31)):
            with pytest.raises(DomainError):
                rounds.open_round(again, wrong, by=cast.supervisor, on=TODAY)


def test_the_worker_opens_the_round_of_the_month_that_ended_once(plan):
    for day in (date(2020, 9, 29), date(2020, 9, 30), date(2020, 9, 30)):
        clock.set_business_date(day)
        rounds.open_by_itself()
    found = session.scalars(select(ReportRound.ends_on).order_by(ReportRound.ends_on)).all()
    assert found == [AUGUST, TODAY]


def test_a_round_asks_for_what_is_reported_and_what_is_to_be_confirmed(plan, cast, own):
    with writing():
        for code in ("T01", "T42"):
            session.add(
                IndicatorShare(
                    indicator_id=indicator(plan, code).id,
                    unit_id=cast.carrier_a.id,
                    value=Decimal(5),
                )
            )
    with writing():
        rows = rounds.dues_of(plan_again(plan), AUGUST)
    targets = [row for row in rows if row.milestone_id is None]
    assert len(targets) == 45 + 1  # the share of a computed target is proved by records
    computed = {indicator(plan, "T01").id: True, indicator(plan, "T42").id: False}
    assert {r.indicator_id: r.is_computed for r in rows if r.indicator_id in computed} == computed
    assert [(r.unit_id, r.indicator_id) for r in rows if r.is_share] == [
        (cast.carrier_a.id, indicator(plan, "T42").id)
    ]


def test_a_milestone_is_asked_for_once_its_time_has_begun_and_confirmed_with_its_day(
    plan, cast, own, august
):
    with writing():
        session.execute(update(PlanMilestone).values(unit_id=cast.carrier_b.id))
        session.execute(
            update(PlanMilestone).where(PlanMilestone.code == "M7").values(unit_id=cast.office.id)
        )
        begun = {
            one.milestone_id for one in rounds.dues_of(plan_again(plan), AUGUST) if one.milestone_id
        }
    promised = {one.code: one for one in session.scalars(queries.milestones(plan_again(plan)))}
    assert begun == {
        one.id for one in promised.values() if one.not_before <= AUGUST and not one.same_as_id
    }
    done_on = date(2020, 8, 20)
    with writing():  # the round was opened while it was another's
        session.execute(
            update(RoundDue)
            .where(RoundDue.milestone_id == promised["M7"].id)
            .values(unit_id=cast.office.id)
        )
        for day, state in (
            (done_on, ReviewState.VERIFIED),
            (date(2020, 9, 2), ReviewState.VERIFIED),
        ):
            session.add(
                ProgressReport(
                    milestone_id=promised["M7"].id,
                    as_of_on=day,
                    value=Decimal(1),
                    note="报告",
                    state=state,
                    reported_by_id=cast.unit_staff.id,
                )
            )
    due = asked(august, cast)["M7", False].due
    assert fill(august, cast, {}, [due.id]) == 1
    confirmed = asked(august, cast)["M7", False]
    assert (confirmed.due.done_on, confirmed.due.figure, confirmed.is_open) == (
        done_on,
        None,
        False,
    )


@pytest.mark.parametrize(
    ("answered", "closed", "today", "found"),
    [
        (None, None, date(2020, 9, 18), Timing.WAITING),
        (None, None, date(2020, 9, 19), Timing.OVERDUE),
        (datetime(2020, 9, 18, 15, 59, tzinfo=UTC), None, date(2020, 9, 30), Timing.IN_TIME),
        (datetime(2020, 9, 18, 16, 0, tzinfo=UTC), None, date(2020, 9, 30), Timing.LATE),
        (datetime(2020, 9, 20, tzinfo=UTC), datetime(2020, 9, 21, tzinfo=UTC), date(2020, 9, 30), Timing.LATE),
        (datetime(2020, 9, 22, tzinfo=UTC), datetime(2020, 9, 21, tzinfo=UTC), date(2020, 9, 30), Timing.AFTER_CLOSING),
        (datetime(2026, 1, 1, tzinfo=UTC), None, date(2020, 9, 18), Timing.IN_TIME),
    ],
)  # fmt: skip
def test_an_answer_is_in_time_late_or_after_the_closing(answered, closed, today, found):
    one = ReportRound(data_due_on=date(2020, 9, 18), closed_at=closed)
    assert timing(one, answered, today) is found


def test_a_unit_fills_in_all_at_once_and_late_stays_late(plan, cast, own, august):
    todo = asked(august, cast)
    by_hand, computed = todo["T42", False].due.id, todo["T01", False].due.id
    assert fill(august, cast, {by_hand: (Decimal(240), "台账")}, [computed]) == 2
    found = asked(august, cast)
    assert [(found[c, False].is_open, found[c, False].timing) for c in ("T42", "T01", "T08")] == [
        (False, Timing.LATE),
        (False, Timing.LATE),
        (True, Timing.OVERDUE),
    ]  # today is 30 September, due was the 18th
    with pytest.raises(Conflict):
        fill(august, cast, {by_hand: (Decimal(241), "台账")})


def test_what_is_wrong_is_said_for_each_and_nothing_is_saved(plan, cast, own, august):
    todo = asked(august, cast)
    numbers = [todo[code, False].due.id for code in ("T42", "T08")]
    with pytest.raises(rounds.NotFilledIn) as refused:
        fill(
            august,
            cast,
            dict(zip(numbers, [(Decimal("1.5"), "台账"), (Decimal(1), "快报")], strict=True)),
        )
    assert set(refused.value.errors) == {numbers[0]}
    assert session.scalar(select(func.count()).select_from(ProgressReport)) == 0


def test_head_and_office_decide_all_at_once_with_exceptions(plan, cast, own, august):
    todo = asked(august, cast)
    given = {
        todo["T42", False].due.id: (Decimal(240), "台账"),
        todo["T08", False].due.id: (Decimal(170), "快报"),
    }
    fill(august, cast, given)

    def decide(act, by, back=()):
        with writing():
            found = session.get(ReportRound, august.id)
            unit = session.get(Unit, cast.office.id)
            latest = [one.latest for one in rounds.owed_by(found, unit) if one.latest]
            seen = {report.id: report.version for report in latest}
            wrong = {r.id: "请核对" for r in latest if r.indicator.code in back}
            return act(found, unit, seen, wrong, by=by)

    assert decide(rounds.sign_all, cast.unit_head) == 2
    assert decide(rounds.verify_all, cast.supervisor, back=("T08",)) == 2
    found = asked(august, cast)
    assert found["T42", False].latest.state is ReviewState.VERIFIED
    assert found["T08", False].latest.state is ReviewState.RETURNED
    assert found["T08", False].is_open
    fill(august, cast, {todo["T08", False].due.id: (Decimal(168), "快报")})
    assert asked(august, cast)["T08", False].latest.value == 168
    with writing(), pytest.raises(NotAllowed):
        rounds.sign_all(session.get(ReportRound, august.id), cast.office, {}, {}, by=cast.a)


def test_what_is_owed_is_in_the_to_dos_of_who_owes_it(plan, cast, own, august):
    (todo,) = widgets.todos(cast.unit_staff)
    assert (todo.due_on, dict(todo.values)) == (date(2020, 9, 18), {"month": 8, "left": 3})
    assert list(widgets.todos(cast.a)) == []
    line = next(
        one for one in lines(owed(WHOLE_PARK_SCOPE, [august])) if one.unit.id == cast.office.id
    )
    assert (line.open_count, line.overdue_days) == (3, 12)


def test_a_round_costs_two_statements_however_much_is_owed_in_it(
    plan, cast, own, august, query_count
):
    given = {
        one.due.id: (Decimal(3), "台账")
        for one in asked(august, cast).values()
        if not one.due.is_computed
    }
    fill(august, cast, given)
    with query_count() as statements:
        lines(owed(WHOLE_PARK_SCOPE, [august]))
    assert len(statements) <= 3  # the third reads the round itself again
