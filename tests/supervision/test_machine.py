"""Whatever people do in whatever order: nothing closes without a second person, and all figures follow from the events."""

from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.people.models import User
from crm.people.roles import Role
from crm.people.scope import scope_of
from crm.supervision import docketing, queries, services, standing
from crm.supervision.docketing import OrderDetails
from crm.supervision.forms import FORMS
from crm.supervision.loop import AUTHORS, Act, replayed
from crm.supervision.models import (
    JointUnit,
    Source,
    State,
    StepKind,
    SupervisionEvent,
    SupervisionOrder,
)
from crm.supervision.standing import Outcome
from tests import factories

START = date(2020, 12, 20)  # so that the year ends on the way
PEOPLE = ("supervisor", "unit_staff", "unit_head", "a", "everything", "leader")
STEPS = st.lists(
    st.tuples(
        st.sampled_from([None, *FORMS]),
        st.sampled_from(PEOPLE),
        st.integers(0, 9),
        st.integers(0, 3),
    ),
    min_size=20,
    max_size=40,
)


@settings(
    max_examples=6,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # each example is some forty transactions
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS, seed=st.integers(0, 999))
def test_whatever_people_do_the_rules_hold(cast: factories.Cast, steps: Any, seed: int) -> None:
    """`everything` is one person with every role: even so he needs somebody else."""
    with writing():
        for model in (SupervisionEvent, JointUnit, SupervisionOrder):
            session.execute(delete(model))
    people = {name: getattr(cast, name, None) or _everything(cast) for name in PEOPLE}
    rng, day = Random(seed), START
    for kind, who, which, days in steps:
        day += timedelta(days)
        clock.set_business_date(day)
        numbers = session.scalars(select(SupervisionOrder.id)).all()
        try:
            with writing():
                by = session.get_one(User, people[who].id)
                if kind is None or not numbers:
                    _docket(cast, by, day, rng)
                else:
                    order = session.get_one(SupervisionOrder, numbers[which % len(numbers)])
                    # half of the time what is possible, so that the loop is walked to its end
                    able = services.open_steps(order, by) if rng.random() < 0.7 else [kind]
                    act = Act(
                        rng.choice(able or [kind]), day, "说明", new_on=order.due_on + timedelta(9)
                    )
                    services.take(order, act, version=None, by=by)
        except DomainError:
            pass
    _expect_gapless()
    _expect_second_person()
    _expect_figures_of_events(cast, day)


def _everything(cast: factories.Cast) -> User:
    found = session.scalar(select(User).where(User.username == "everything"))
    return found or factories.make_user(*Role, unit=cast.park, username="everything")


def _docket(cast: factories.Cast, by: User, day: date, rng: Random) -> None:
    docketing.docket(
        OrderDetails(
            Source.CITY, "事项", rng.choice((cast.office.id, cast.carrier_b.id)),
            joint_unit_ids=(cast.carrier_a.id,), due_on=day + timedelta(rng.randrange(6)),
        ),
        by=by,
    )  # fmt: skip


def _expect_gapless() -> None:
    by_year: dict[int, list[int]] = {}
    for year, number in session.execute(select(SupervisionOrder.year, SupervisionOrder.number)):
        by_year.setdefault(year, []).append(number)
    for numbers in by_year.values():
        assert sorted(numbers) == list(range(1, len(numbers) + 1))


def _expect_second_person() -> None:
    authors: dict[int, set[int | None]] = {}
    for event in session.scalars(select(SupervisionEvent).order_by(SupervisionEvent.id)):
        if event.kind in AUTHORS:
            authors.setdefault(event.order_id, set()).add(event.by_id)
        if event.kind in (StepKind.CLOSED, StepKind.RETURNED):
            assert event.by_id not in authors[event.order_id]


def _expect_figures_of_events(cast: factories.Cast, day: date) -> None:
    """The columns are what the events make; the statistics count the events."""
    orders = session.scalars(select(SupervisionOrder)).all()
    counts: Counter[tuple[int, StepKind]] = Counter()
    for order in orders:
        events = session.scalars(queries.events_of([order.id])).all()
        assert replayed([standing.act_of(event) for event in events]) == services.course_of(order)
        assert events[-1].to_state == order.state
        counts.update((order.unit_id, event.kind) for event in events)
    scope = scope_of(session.get_one(User, cast.supervisor.id))
    lines = standing.lines(scope, START, day)
    assert {line.id for line in lines} == {
        order.id for order in orders if order.issued_on and order.state is not State.WITHDRAWN
    }
    for line in standing.by_unit(lines):
        assert line.returns == counts[line.unit_id, StepKind.RETURNED]
        assert line.extensions == counts[line.unit_id, StepKind.EXTENSION_GRANTED]
        assert line.in_time + line.late == counts[line.unit_id, StepKind.CLOSED]
        assert line.total == line.in_time + line.late + line.running + line.overdue
    overdue = {order.id for order in session.scalars(queries.overdue_since(scope, day))}
    assert overdue == {line.id for line in lines if line.outcome is Outcome.OVERDUE}


@pytest.fixture(autouse=True)
def _today_again() -> Any:
    yield
    clock.set_business_date(date(2020, 9, 30))
