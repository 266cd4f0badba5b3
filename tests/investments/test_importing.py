"""Payments from spreadsheets: they wait for a second person, are known again, and leave only while nobody has checked them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.verification import VerificationState
from crm.core.db import session, writing
from crm.imports.kinds import RevertRefused
from crm.investments.models import PaidInFund
from crm.investments.services import verify_payment, withdraw_payment
from crm.people.models import User
from crm.projects.models import Stage
from tests.factories import make_project
from tests.imports.rows import check, land, outcomes, revert, words

ROW = {
    "project": "深蓝大厦",
    "paid_on": "2020-08-20",
    "amount": "1200",
    "source": "内资",
    "voucher": "甲1",
}
LEAD = (Stage.LEAD, date(2020, 1, 6))


def _there() -> list[PaidInFund]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(PaidInFund).order_by(PaidInFund.id)))


def test_a_payment_waits_and_is_known_again_until_it_is_withdrawn(
    browser_of: Any, cast: Any, query_count: Any
) -> None:
    by = cast.investment
    make_project(cast.office, "深蓝大厦", LEAD, owner=by)
    make_project(cast.office, "保密大厦", LEAD, is_sealed=True)
    first = land("payments", by, ROW)
    (payment,) = _there()
    assert (payment.amount, payment.state) == (Decimal(12_000_000), VerificationState.PENDING)
    assert browser_of("investment").get(f"/investments/payments/{payment.id}").status_code == 303
    assert browser_of("a").get(f"/investments/payments/{payment.id}").status_code in (403, 404)
    again = check(
        "payments", by, ROW, {**ROW, "voucher": "甲2"}, {**ROW, "source": "外资"},
        {**ROW, "amount": "0"}, {**ROW, "project": "保密大厦"}, {**ROW, "project": "别的大厦"},
    )  # fmt: skip
    assert outcomes(again) == ["unchanged", "create", "error", "error", "error", "error"]
    assert [words(verdict)[0][0] for verdict in again[2:]] == [
        "source",
        "amount",
        "project",
        "project",
    ]
    revert("payments", by, first)
    assert _there() == []
    second = land("payments", by, ROW)
    with writing():
        head = session.get_one(User, cast.unit_head.id)
        verify_payment(_there()[0], VerificationState.VERIFIED, by=head, version=1)
    with pytest.raises(RevertRefused):
        revert("payments", by, second)
    with writing():
        withdraw_payment(_there()[0], reason="填错", by=by, version=2)
    with query_count() as few:
        land("payments", by, ROW)
    with query_count() as many:
        land("payments", by, *({**ROW, "voucher": f"乙{n}"} for n in range(6)))
    assert len(many) == len(few)
