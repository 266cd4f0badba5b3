"""What the figures say of a target: whether the firm meets the conditions of its rung by what has been reported.

Pure, as the rules of readiness are.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from crm.core.words import N_, LabelledEnum
from crm.ladder.rungs import Rung
from crm.readiness import above_scale, high_tech, tech_sme
from crm.readiness.criteria import Criterion, Facts, Judgement, Verdict


class Outlook(LabelledEnum):
    """As far as there are data for the rung; of 股改 and 上市 there is no rule."""

    READY = "ready", N_("条件已满足")
    LACKING = "lacking", N_("有条件未满足")
    UNKNOWN = "unknown", N_("数据不足")


RULES: Mapping[Rung, Callable[[Facts, date], Judgement]] = {
    Rung.MICRO_SMALL: tech_sme.judge,
    Rung.HIGH_TECH: high_tech.judge,
    Rung.ABOVE_SCALE: above_scale.judge,
}


def outlook(facts: Facts, target: Rung, on: date) -> Outlook:
    """By the rule of the target rung as of that day."""
    if target not in RULES:
        return Outlook.UNKNOWN
    judgement = RULES[target](facts, on)
    if judgement.is_ready:
        return Outlook.READY
    lacks = any(_is_lacking(criterion, facts, on) for criterion in judgement.criteria)
    return Outlook.LACKING if lacks else Outlook.UNKNOWN


def _is_lacking(criterion: Criterion, facts: Facts, on: date) -> bool:
    """本年累计 goes on growing: it is short only where the year at this pace will not reach the line."""
    if criterion.verdict is not Verdict.NOT_MET:
        return False
    reported = facts.years.get(on.year)
    if criterion.key != "line" or reported is None or reported.revenue is None:
        return True
    return reported.revenue * 12 < Decimal(criterion.limit) * reported.through_month
