"""What the tests of supervision begin with: an order of 产业发展处, docketed by 督查, and a way to take its steps."""

from datetime import date
from typing import Any

import pytest

from crm.core import clock
from crm.core.db import session, writing
from crm.people.models import User
from crm.people.roles import Role
from crm.supervision import docketing, services
from crm.supervision.docketing import OrderDetails
from crm.supervision.loop import Act
from crm.supervision.models import Source, StepKind, SupervisionOrder
from tests import factories

TODAY = date(2020, 9, 30)
DUE = date(2020, 10, 15)


@pytest.fixture
def docket(cast: factories.Cast) -> Any:
    """docket(title="…") makes an order that 产业发展处 leads and 国家大学科技园 joins."""

    def make(**values: Any) -> SupervisionOrder:
        usual: dict[str, Any] = {
            "source": Source.CITY, "title": "推进市级试点", "unit_id": cast.office.id, "due_on": DUE,
            "joint_unit_ids": (cast.carrier_a.id,),
        }  # fmt: skip
        with writing():
            supervisor = session.get_one(User, cast.supervisor.id)
            return docketing.docket(OrderDetails(**{**usual, **values}), by=supervisor)

    return make


@pytest.fixture
def take(cast: factories.Cast) -> Any:
    """take(order, StepKind.ISSUED, "supervisor", on=…) takes a step as that member of the cast."""

    def step(
        order: SupervisionOrder, kind: StepKind, who: str, text: str = "已落实", *,
        on: date = TODAY, new_on: date | None = None,
    ) -> None:  # fmt: skip
        clock.set_business_date(on)
        with writing():
            fresh = session.get_one(SupervisionOrder, order.id)
            by = session.get_one(User, getattr(cast, who).id)
            services.take(fresh, Act(kind, on, text, new_on=new_on), version=None, by=by)

    return step


@pytest.fixture
def answered(docket: Any, take: Any) -> SupervisionOrder:
    """An order with a signed answer, which 督查 is to look at."""
    order: SupervisionOrder = docket()
    for kind, who in (
        (StepKind.ISSUED, "supervisor"),
        (StepKind.RECEIVED, "unit_staff"),
        (StepKind.ANSWERED, "unit_staff"),
        (StepKind.SIGNED, "unit_head"),
    ):
        take(order, kind, who)
    return order


@pytest.fixture
def second(cast: factories.Cast) -> User:
    """Another supervisor."""
    return factories.make_user(Role.SUPERVISOR, unit=cast.park, name="督查二")
