"""A desk with two people at one carrier, and a way to lead an application as far as a test needs it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask

from crm.audit.services import SYSTEM
from crm.core.db import session, writing
from crm.entry import moves, services
from crm.entry.models import Decision, EntrantKind, EntryApplication, EntryState
from crm.entry.moves import AgreementDetails, ReviewDetails
from crm.entry.services import ApplicationDetails, Receipt
from crm.people.models import User
from crm.people.roles import Role
from crm.reference import working_days
from tests.factories import Cast, make_user

MONDAY = date(2020, 9, 21)


@pytest.fixture(autouse=True)
def holidays(app: Flask) -> None:
    with writing():
        working_days.seed(by=SYSTEM)


@pytest.fixture
def second(cast: Cast) -> User:
    """The second person at carrier A, who reviews."""
    return make_user(Role.INCUBATOR_STAFF, unit=cast.carrier_a, username="a2", name="安二")


def details(cast: Cast, **values: Any) -> ApplicationDetails:
    facts: dict[str, Any] = {
        "name": "常州光子芯片有限公司",
        "kind": EntrantKind.PLANNED,
        "carrier_id": cast.carrier_a.id,
        "space_wish": "A座约200平方米",
        "industry_code": "I65",
        "business_plan": "研发光子芯片",
        "intended_on": date(2020, 11, 2),
        "contact_name": "李雷",
        "contact_phone": "13812340000",
        "contact_email": "lilei@example.com",
    }
    return ApplicationDetails(**{**facts, **values})


AGREED = ReviewDetails(date(2020, 9, 23), "安二、丁三", "同意入驻", Decision.AGREED)
AGREEMENT = AgreementDetails(
    "科教城入驻〔2020〕1号", date(2020, 9, 24), "A座301", date(2020, 9, 24)
)


@pytest.fixture
def led_to(cast: Cast, second: User) -> Callable[..., int]:
    """led_to(EntryState.SIGNING) is the id of an application that went the whole way there, by A and the second."""

    def lead(state: EntryState, **values: Any) -> int:
        ways: list[tuple[EntryState, Callable[[EntryApplication], Any]]] = [
            (EntryState.ACCEPTANCE, lambda a: moves.submit(a, by=cast.a, on=MONDAY, version=None)),
            (EntryState.REVIEW, lambda a: _accept(a, cast.a)),
            (EntryState.SIGNING, lambda a: moves.review(a, AGREED, by=second, version=None)),
            (EntryState.ERRANDS, lambda a: moves.sign(a, AGREEMENT, by=cast.a, version=None)),
        ]
        with writing():
            application = services.draft(details(cast, **values), by=cast.a)
            application.state_entered_on = MONDAY
            session.flush()
            for to_state, move in ways:
                if application.state is state:
                    break
                move(application)
                session.flush()
                assert application.state is to_state
        return application.id

    return lead


def _accept(application: EntryApplication, by: User) -> None:
    hand_in_all(application, by)
    moves.accept(application, by=by, on=date(2020, 9, 22), version=None)


def hand_in_all(application: EntryApplication, by: User) -> None:
    for material in application.materials:
        services.tick(material, Receipt(date(2020, 9, 22), "档案柜3"), by=by)


def do_all_errands(application: EntryApplication, by: User) -> None:
    services.skip(list(application.errands), application, reason="已领照", by=by)
