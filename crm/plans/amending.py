"""Changes of an adopted plan: which records prove a target, what it says, and targets that come later."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import Select, select

from crm.audit.services import Actor, changes_of, record
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people.models import Unit
from crm.plans.proving import expect_provable
from crm.targets.models import AnnualPlan, Chapter, Indicator, IndicatorMention, PlanTask
from crm.targets.pace import Comparator, Kind

MONTHS = 12
LARGEST = Decimal(10) ** 9


@dataclass(frozen=True)
class Terms:
    """What a target promises. `curve`: twelve cumulative shares of the year, none for a straight line."""

    name: str
    comparator: Comparator
    target: Decimal
    kind: Kind
    starts_on: date
    due_on: date
    unit_id: int
    unit_word: str
    target_to: Decimal | None = None
    modal: str = ""
    scope_text: str = ""
    definition: str = ""
    baseline: Decimal | None = None
    opening: Decimal | None = None
    curve: tuple[Fraction, ...] | None = None
    parent_id: int | None = None


def bind(
    indicator: Indicator, key: str, filters: Mapping[str, str], *, by: Actor, version: int | None
) -> None:
    """Let a metric prove the target; without a key it is reported by hand again. Raises StaleRecord, DomainError."""
    indicator.expect_version(version)
    kept = expect_provable(key, filters, kind=Kind(indicator.kind), unit_word=indicator.unit_word)
    indicator.metric, indicator.filters = key, kept
    _note("target.bound" if key else "target.unbound", indicator, by)


def change_terms(indicator: Indicator, terms: Terms, *, by: Actor, version: int | None) -> None:
    """Put right what a target says; its figure is judged anew. Raises StaleRecord, DomainError."""
    indicator.expect_version(version)
    check(terms, indicator.plan, indicator)
    expect_provable(indicator.metric, indicator.filters, kind=terms.kind, unit_word=terms.unit_word)
    for name, value in _columns(terms).items():
        setattr(indicator, name, value)
    _note("target.changed", indicator, by)


def add(plan: AnnualPlan, terms: Terms, *, task_id: int | None, by: Actor) -> Indicator:
    """A target that comes when the plan is adopted already; reported by hand until a metric is bound. Raises DomainError."""
    check(terms, plan, None)
    if task_id not in (None, *(task.id for task in session.scalars(tasks(plan)))):
        raise DomainError(N_("请从这份方案的任务中选择。"), field="task_id")
    code = _next_code(plan)
    indicator = Indicator(
        plan_id=plan.id,
        code=code,
        mentions=[IndicatorMention(code=code, task_id=task_id)],
        metric="",
        filters={},
        **_columns(terms),
    )
    session.add(indicator)
    session.flush()
    record("target.added", indicator, by=by, name=f"{code} {indicator.name}")
    return indicator


def check(terms: Terms, plan: AnnualPlan, indicator: Indicator | None) -> None:
    """Raises DomainError with the field that is wrong."""
    is_range = terms.comparator is Comparator.RANGE
    if is_range and (terms.target_to is None or terms.target_to <= terms.target):
        raise DomainError(N_("区间的上限要大于下限。"), field="target_to")
    if not is_range and terms.target_to is not None:
        raise DomainError(N_("只有区间才有上限。"), field="target_to")
    for name in ("target", "target_to", "baseline", "opening"):
        value = getattr(terms, name)
        if value is not None and not 0 <= value < LARGEST:
            raise DomainError(N_("数字超出范围，请核对。"), field=name)
    if terms.kind is Kind.GROWTH and not terms.baseline:
        raise DomainError(
            N_("增长类指标需要上年基数；没有基数时请改为人工填报。"), field="baseline"
        )
    if terms.due_on < terms.starts_on:
        raise DomainError(N_("时限不能早于开始日期。"), field="due_on")
    if terms.due_on.year != plan.year:
        raise DomainError(N_("时限应在计划年度%(year)s年内。"), field="due_on", year=plan.year)
    if session.get(Unit, terms.unit_id) is None:
        raise DomainError(N_("请选择责任单位。"), field="unit_id")
    _check_curve(terms.curve)
    _check_parent(terms.parent_id, plan, indicator)


def tasks(plan: AnnualPlan) -> Select[PlanTask]:
    """The plan's tasks in their order."""
    found = select(PlanTask).join(Chapter).where(Chapter.plan_id == plan.id)
    return found.order_by(PlanTask.number)


def _check_curve(curve: tuple[Fraction, ...] | None) -> None:
    if curve is None:
        return
    if len(curve) != MONTHS or curve[-1] != 1 or curve[0] < 0:
        raise DomainError(N_("序时计划是12个月末的累计比例，12月为100。"), field="curve")
    if any(later < earlier for earlier, later in zip(curve, curve[1:], strict=False)):
        raise DomainError(N_("序时计划是累计比例，后一个月不能小于前一个月。"), field="curve")


def _check_parent(parent_id: int | None, plan: AnnualPlan, indicator: Indicator | None) -> None:
    """The whole is another target of the plan, and no part of this one."""
    seen = {indicator.id} if indicator else set()
    while parent_id is not None:
        parent = session.get(Indicator, parent_id)
        if parent is None or parent.plan_id != plan.id or parent_id in seen:
            raise DomainError(N_("请从这份方案的其他指标中选择。"), field="parent_id")
        seen.add(parent_id)
        parent_id = parent.parent_id


def _columns(terms: Terms) -> dict[str, object]:
    curve = [str(share) for share in terms.curve] if terms.curve else None
    return {
        **asdict(terms),
        "comparator": terms.comparator.value,
        "kind": terms.kind.value,
        "curve": curve,
    }


def _next_code(plan: AnnualPlan) -> str:
    codes = session.scalars(
        select(IndicatorMention.code).join(Indicator).where(Indicator.plan_id == plan.id)
    )
    numbers = [int(found[0]) for code in codes if (found := re.findall(r"\d+$", code))]
    return f"T{max(numbers, default=0) + 1:02}"


def _note(action: str, indicator: Indicator, by: Actor) -> None:
    name = f"{indicator.code} {indicator.name}"
    record(action, indicator, by=by, changes=changes_of(indicator), name=name)
