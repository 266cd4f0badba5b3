"""What is said of a target's height: by the city, the plan and the park side by side; and 预计全年, which its unit declares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import delete, insert

from crm.audit.services import Actor, changes_of, record
from crm.core.db import BULK, session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of
from crm.responsibility import queries
from crm.responsibility.models import Expectation, StatedBy, StatedTarget
from crm.targets.models import Indicator
from crm.targets.services import LARGEST, check_value, expect_allowed


@dataclass(frozen=True)
class Statement:
    """One level of a target: its value and the document that states it."""

    value: Decimal
    source: str = ""
    stated_on: date | None = None


def state(
    indicator: Indicator,
    statements: Mapping[StatedBy, Statement],
    judged: StatedBy,
    *,
    version: int | None,
    by: Actor,
) -> None:
    """Put what the city, the plan and the park itself ask of a target side by side; the board judges by `judged`.

    Raises StaleRecord, and DomainError with the field that is wrong.
    """
    indicator.expect_version(version)
    if judged not in statements:
        raise DomainError(N_("亮灯依据要选填了数的一级。"), field="judged")
    for stated_by, one in statements.items():
        if not one.value.is_finite() or not 0 < one.value < LARGEST:
            raise DomainError(
                N_("目标值应大于 0，并请核对单位。"), field=f"{stated_by.value}_value"
            )
    if indicator.target_to is not None and indicator.target_to < statements[judged].value:
        raise DomainError(N_("区间目标的下限不能高于上限。"), field=f"{judged.value}_value")
    before = {f"stated_{one.stated_by.value}": one.value for one in queries.stated(indicator)}
    session.execute(delete(StatedTarget).where(StatedTarget.indicator_id == indicator.id))
    for stated_by, one in statements.items():
        session.add(
            StatedTarget(
                indicator_id=indicator.id,
                stated_by=stated_by,
                value=one.value,
                source=one.source,
                stated_on=one.stated_on,
                is_judged=stated_by is judged,
            )
        )
    after = {f"stated_{key.value}": one.value for key, one in statements.items()}
    if indicator.target != statements[judged].value:
        indicator.target = statements[judged].value
    changes = changes_of(indicator) | {
        key: (before.get(key), after.get(key))
        for key in {*before, *after}
        if before.get(key) != after.get(key)
    }
    record("target.stated", indicator, by=by, name=_name(indicator), changes=changes)


def state_many(rows: Sequence[tuple[int, StatedBy, Statement, bool]], *, by: Actor) -> int:
    """Levels of many targets: the target's number, who states it, what, and whether it is the one that is judged."""
    if rows:
        values = [
            {
                "indicator_id": number,
                "stated_by": stated_by,
                "value": one.value,
                "source": one.source,
                "stated_on": one.stated_on,
                "is_judged": is_judged,
            }
            for number, stated_by, one, is_judged in rows
        ]
        session.execute(insert(StatedTarget), values, execution_options=BULK)
        record("target.stated_many", None, by=by, count=len(rows))
    return len(rows)


def expect(indicator: Indicator, value: Decimal, note: str, *, by: User, on: date) -> Expectation:
    """Declare what the year will end at; a head's own is official at once. Raises NotAllowed, DomainError."""
    expect_allowed(by, Action.TARGETS_REPORT, indicator.unit)
    check_value(indicator, value)
    is_head = by.may(Action.TARGETS_SIGN)
    found = Expectation(
        indicator_id=indicator.id,
        value=value,
        note=note,
        declared_on=on,
        declared_by_id=by.id,
        signed_by_id=by.id if is_head else None,
        signed_on=on if is_head else None,
    )
    session.add(found)
    record("target.expected", found, by=by, name=_name(indicator), value=value, note=note)
    return found


def sign_expectation(found: Expectation, *, version: int | None, by: User, on: date) -> None:
    """The head stands for it; from now on it is official. Raises NotAllowed, Conflict, StaleRecord."""
    expect_allowed(by, Action.TARGETS_SIGN, found.indicator.unit)
    found.expect_version(version)
    if found.signed_on is not None:
        raise Conflict(N_("这个预计数已签发。"))
    if found.declared_by_id == by.id:
        raise Conflict(N_("不能签审自己填报的数据。"))
    found.signed_by_id, found.signed_on = by.id, on
    record(
        "target.expectation_signed", found, by=by, name=_name(found.indicator), value=found.value
    )


def expect_many(rows: Sequence[Expectation], *, by: Actor) -> int:
    """Expectations with their signatures, for loading many at once."""
    session.add_all(rows)
    if rows:
        record("target.expected_many", None, by=by, count=len(rows))
    return len(rows)


def may_expect(indicator: Indicator, user: User) -> bool:
    return user.may(Action.TARGETS_REPORT) and scope_of(user).covers(indicator.unit)


def _name(indicator: Indicator) -> str:
    return f"{indicator.code} {indicator.name}"
