"""催报名单: who has not reported in a round, per carrier, as text to be copied into a message."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import and_, func, select

from crm.audit.verification import VerificationState
from crm.companies.masking import masked_phone
from crm.companies.models import Company, Contact
from crm.core.db import session
from crm.operating import rounds
from crm.operating.models import CollectionRound, OperatingReport, RoundMember
from crm.operating.workbooks import period_words
from crm.people.models import Unit
from crm.people.scope import Scope

MOST = 2000  # nobody calls more


@dataclass(frozen=True)
class Reminder:
    """One carrier's list, in the park's words (Chinese, as it is sent to firms)."""

    carrier: str
    count: int
    text: str


def reminders(
    one: CollectionRound, scope: Scope, today: date, *, is_masked: bool
) -> list[Reminder]:
    """The firms of a scope that owe, with the first person to call at each; telephone numbers masked or whole."""
    phone = masked_phone if is_masked else str
    return [
        _reminder(one, carrier, list(rows), today, phone)
        for carrier, rows in groupby(_owing(one, scope), key=lambda row: row.carrier)
    ]


def _owing(one: CollectionRound, scope: Scope) -> Sequence[Any]:
    was_returned = (
        select(OperatingReport.id)
        .where(
            OperatingReport.company_id == Company.id,
            OperatingReport.year == one.year,
            OperatingReport.through_month == one.through_month,
            OperatingReport.state == VerificationState.RETURNED,
        )
        .exists()
    )
    first = (
        select(Contact.company_id, func.min(Contact.id).label("id"))
        .where(Contact.is_primary, Contact.archived_at.is_(None))
        .group_by(Contact.company_id)
        .subquery()
    )
    query = (
        rounds.missing(scope, one)
        .join(Unit, Unit.id == RoundMember.carrier_id)
        .outerjoin(first, first.c.company_id == Company.id)
        .outerjoin(Contact, and_(Contact.id == first.c.id))
        .with_only_columns(
            Unit.name.label("carrier"),
            Company.name,
            Contact.name.label("person"),
            Contact.phone,
            was_returned.label("was_returned"),
        )
        .order_by(Unit.position, Unit.id, Company.id)
        .limit(MOST)
    )
    return session.execute(query).all()


def _reminder(
    one: CollectionRound,
    carrier: str,
    rows: Sequence[Any],
    today: date,
    phone: Callable[[str], str],
) -> Reminder:
    what = f"{period_words(one.period)}（本年累计）经营数据"
    due = f"{one.due_on.year}年{one.due_on.month}月{one.due_on.day}日"
    late = (today - one.due_on).days
    until = f"原定{due}前报送，已逾期{late}天，请尽快报送" if late > 0 else f"请于{due}前报送"
    lines = [f"【催报】{carrier}：{what}尚有{len(rows)}家企业未报，{until}。"]
    for number, row in enumerate(rows, 1):
        person = "，".join(part for part in (row.person, phone(row.phone or "")) if part)
        state = "已退回，待更正" if row.was_returned else "未报"
        lines.append(f"{number}. {row.name}（联系人：{person or '未登记'}）：{state}")
    return Reminder(carrier, len(rows), "\n".join(lines))
