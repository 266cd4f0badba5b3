"""重点企业培育库 as of today: some firms of each rung that are to reach the next, and some that have."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from sqlalchemy import select

from crm.companies.models import Company
from crm.core.db import session
from crm.cultivation.models import Result
from crm.cultivation.services import CultivationDetails
from crm.demo.when import recorded
from crm.ladder.models import QualificationKind
from crm.ladder.pyramid import firms_on
from crm.ladder.queries import awarded
from crm.ladder.rungs import Rung
from crm.people.scope import WHOLE_PARK_SCOPE

_MEASURES = {
    Rung.HIGH_TECH: (
        "指导研发费用归集和知识产权布局，安排第二批申报辅导。",
        "对接财务中介，补齐科技人员台账，年内提交认定申请。",
    ),
    Rung.ABOVE_SCALE: (
        "按月跟踪营业收入，达线后协助准备入库材料。",
        "对接统计部门，落实起报月和专业，协调扩产用房。",
    ),
    Rung.SHARE_REFORM: (
        "组织券商、律所上门辅导，协调历史沿革问题。",
        "列入上市后备，安排产业基金对接。",
    ),
}


@dataclass(frozen=True)
class Plan:
    """So many firms whose highest rung is `standing`, for a rung by a year, since a day."""

    standing: Rung
    target: Rung
    years: int  # from this year
    count: int
    since: tuple[int, int, int]  # years back, month, day


_PLANS = (
    Plan(Rung.MICRO_SMALL, Rung.HIGH_TECH, 0, 10, (0, 2, 24)),
    Plan(Rung.MICRO_SMALL, Rung.HIGH_TECH, 1, 8, (0, 3, 16)),
    Plan(Rung.HIGH_TECH, Rung.ABOVE_SCALE, 0, 6, (0, 2, 24)),
    Plan(Rung.HIGH_TECH, Rung.ABOVE_SCALE, -1, 2, (2, 3, 12)),
    Plan(Rung.ABOVE_SCALE, Rung.SHARE_REFORM, 1, 5, (1, 4, 8)),
)
_SUCCEEDED = 6


def cultivations(
    leader: int, clerks: dict[int, int | None], rng: Random, today: date
) -> Iterator[tuple[int, CultivationDetails]]:
    """Each firm once; of those that were certified this year some have been let out with their result."""
    taken: set[int] = set()
    for firm_id, certified_on in _certified_this_year(today):
        taken.add(firm_id)
        is_out = rng.random() < 0.5
        yield (
            firm_id,
            CultivationDetails(
                Rung.HIGH_TECH, today.year, date(today.year - 1, 3, 5), leader, clerks.get(_unit(firm_id)),
                rng.choice(_MEASURES[Rung.HIGH_TECH]),
                left_on=certified_on if is_out else None,
                result=Result.REACHED if is_out else None,
                recorded_at=recorded(rng, date(today.year - 1, 3, 5), today),
            ),
        )  # fmt: skip
    for plan in _PLANS:
        back, month, day = plan.since
        entered_on = min(date(today.year - back, month, day), today)
        for firm_id in _firms(plan, today):
            if firm_id not in taken:
                taken.add(firm_id)
                yield (
                    firm_id,
                    CultivationDetails(
                        plan.target, max(today.year + plan.years, entered_on.year), entered_on,
                        leader if rng.random() < 0.7 else None, clerks.get(_unit(firm_id)),
                        rng.choice(_MEASURES[plan.target]),
                        recorded_at=recorded(rng, entered_on, today),
                    ),
                )  # fmt: skip


def _certified_this_year(today: date) -> Sequence[tuple[int, date]]:
    facts = awarded(QualificationKind.HIGH_TECH, date(today.year, 1, 1), today).subquery()
    query = select(facts.c.company_id, facts.c.happened_on).order_by(facts.c.company_id)
    return [(row.company_id, row.happened_on) for row in session.execute(query.limit(_SUCCEEDED))]


def _firms(plan: Plan, today: date) -> Sequence[int]:
    """The newest of them, with some to spare for those that are in another library."""
    query = firms_on(plan.standing, WHOLE_PARK_SCOPE, today, is_highest=True)
    newest = query.with_only_columns(Company.id).order_by(Company.id.desc())
    skipped = sum(p.count for p in _PLANS[: _PLANS.index(plan)] if p.standing == plan.standing)
    return session.scalars(newest.offset(skipped).limit(plan.count)).all()


def _unit(firm_id: int) -> int:
    return session.get_one(Company, firm_id).unit_id
