"""What the office decides: who answers for a task, and how a target is split over units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from sqlalchemy import delete, insert, select

from crm.audit.services import Actor, changes_of, record
from crm.core.db import BULK, session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people.models import Unit, User
from crm.people.roles import Role
from crm.responsibility import queries
from crm.responsibility.models import (
    IndicatorShare,
    TaskDuty,
    joint_units,
)
from crm.responsibility.splitting import QUARTERS, months_of, whole_of
from crm.targets.models import Indicator, PlanTask
from crm.targets.pace import assess
from crm.targets.services import check_value
from crm.targets.standing import terms_of


@dataclass(frozen=True)
class DutyDetails:
    """Who answers for a task: 责任领导, lead unit, joint units, from when until when."""

    leader_id: int | None
    unit_id: int | None
    joint_unit_ids: tuple[int, ...] = ()
    starts_on: date | None = None
    due_on: date | None = None


@dataclass(frozen=True)
class Part:
    """A unit's share; `quarters` are four cumulative percentages, none: the target's own curve."""

    value: Decimal
    opening: Decimal | None = None
    quarters: tuple[Decimal, ...] = ()


class SplitRefused(DomainError):
    """Some shares cannot be as given: a sentence for each unit."""

    def __init__(self, errors: Mapping[int, DomainError]) -> None:
        super().__init__(N_("有 %(n)s 个单位的数需要改正，全部尚未保存。"), n=len(errors))
        self.errors = errors


def set_duty(task: PlanTask, details: DutyDetails, *, version: int | None, by: Actor) -> TaskDuty:
    """Say who answers for a task; `version` is 0 where nobody had been named. Raises StaleRecord, DomainError."""
    _check_duty(details)
    duty = queries.duty_of(task)
    if duty is None:
        duty = TaskDuty(task_id=task.id)
        session.add(duty)
    else:
        duty.expect_version(version)
    before = {"unit_id": task.unit_id, "joint_units": [unit.name for unit in duty.joint_units]}
    duty.leader_id = details.leader_id
    duty.starts_on, duty.due_on = details.starts_on, details.due_on
    task.unit_id = details.unit_id
    joint = select(Unit).where(Unit.id.in_(details.joint_unit_ids)).order_by(Unit.position)
    changes = changes_of(duty)
    duty.joint_units = list(session.scalars(joint))
    after = {"unit_id": task.unit_id, "joint_units": [unit.name for unit in duty.joint_units]}
    changes |= {key: (before[key], after[key]) for key in before if before[key] != after[key]}
    record("target.duty_set", duty, by=by, name=f"{task.number} {task.name}", changes=changes)
    return duty


def set_duties_many(rows: Sequence[tuple[PlanTask, DutyDetails]], *, by: Actor) -> int:
    """Who answers for many tasks that nobody was named for; how many. The lead units stay."""
    for task, details in rows:
        _check_duty(details)
        session.add(
            TaskDuty(
                task_id=task.id,
                leader_id=details.leader_id,
                starts_on=details.starts_on,
                due_on=details.due_on,
            )
        )
    if rows:
        session.flush()
        found = {
            duty.task_id: duty.id
            for duty in session.scalars(
                select(TaskDuty).where(TaskDuty.task_id.in_([task.id for task, _ in rows]))
            )
        }
        joint = [
            {"duty_id": found[task.id], "unit_id": unit_id}
            for task, details in rows
            for unit_id in details.joint_unit_ids
        ]
        if joint:
            session.execute(insert(joint_units), joint)
        record("target.duties_set", None, by=by, count=len(rows))
    return len(rows)


def split(
    indicator: Indicator, parts: Mapping[int, Part], *, version: int | None, by: Actor
) -> None:
    """Give each unit, by its number, its share of a target; the split that was there goes. A sum that does not make the
    target is allowed: the gap shows.

    Raises StaleRecord, DomainError where the target cannot be split, SplitRefused.
    """
    indicator.expect_version(version)
    _expect_divisible(indicator)
    errors = {}
    for unit_id, part in parts.items():
        try:
            _check_part(indicator, part)
        except DomainError as error:
            errors[unit_id] = error
    if errors:
        raise SplitRefused(errors)
    before = _as_words(
        session.execute(
            select(IndicatorShare.unit_id, IndicatorShare.value).where(
                IndicatorShare.indicator_id == indicator.id
            )
        ).all()
    )
    session.execute(delete(IndicatorShare).where(IndicatorShare.indicator_id == indicator.id))
    _insert_parts({indicator.id: parts})
    after = _as_words([(unit_id, part.value) for unit_id, part in parts.items()])
    record(
        "target.split", indicator, by=by, name=_name(indicator), changes={"shares": (before, after)}
    )


def split_many(rows: Mapping[int, Mapping[int, Part]], *, by: Actor) -> int:
    """The shares of many targets that are not split yet, each by its number, then by the unit's. How many shares."""
    count = _insert_parts(rows)
    if count:
        record("target.split_many", None, by=by, count=count)
    return count


def _check_duty(details: DutyDetails) -> None:
    if details.leader_id is not None:
        leader = session.get(User, details.leader_id)
        if leader is None or leader.disabled_at or Role.LEADER not in leader.roles:
            raise DomainError(N_("责任领导请选择在用的领导账号。"), field="leader")
    if details.unit_id in details.joint_unit_ids:
        raise DomainError(N_("牵头单位不必再列为配合单位。"), field="joint")
    if details.starts_on and details.due_on and details.due_on < details.starts_on:
        raise DomainError(N_("完成时限不能早于开始日期。"), field="due_on")


def _expect_divisible(indicator: Indicator) -> None:
    floor = assess(terms_of(indicator, None), Decimal(0), indicator.due_on).floor
    whole = whole_of(indicator, floor)
    if whole.refusal:
        raise DomainError(whole.refusal)


def _check_part(indicator: Indicator, part: Part) -> None:
    check_value(indicator, part.value)
    if part.opening is not None:
        check_value(indicator, part.opening)
    if part.quarters:
        steps = (Decimal(0), *part.quarters)
        is_rising = all(before <= after for before, after in pairwise(steps))
        if len(part.quarters) != QUARTERS or not is_rising or part.quarters[-1] != 100:  # noqa: PLR2004 - per cent
            raise DomainError(
                N_("进度请填四个季度的累计百分比，逐季不减，最后为 100，如 10 30 60 100。")
            )


def _insert_parts(rows: Mapping[int, Mapping[int, Part]]) -> int:
    values = [
        {
            "indicator_id": number,
            "unit_id": unit_id,
            "value": part.value,
            "opening": part.opening,
            "curve": months_of(part.quarters) if part.quarters else None,
        }
        for number, parts in rows.items()
        for unit_id, part in parts.items()
    ]
    if values:
        session.execute(insert(IndicatorShare), values, execution_options=BULK)
    return len(values)


def _as_words(parts: Sequence[tuple[int, Decimal]]) -> str:
    """A split as the log tells it."""
    names = dict(
        session.execute(select(Unit.id, Unit.name).where(Unit.id.in_([p[0] for p in parts]))).all()
    )
    return "；".join(f"{names.get(unit_id, unit_id)} {value:f}" for unit_id, value in parts)


def _name(indicator: Indicator) -> str:
    return f"{indicator.code} {indicator.name}"
