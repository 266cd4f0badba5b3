"""Who is about to lose a rung: a 规上 firm below its line, a 小微 that has grown out of its class.

Proofs that merely end are on the ladder's own page of endings, 高企 on the list of 当年重新认定.
"""

from datetime import date
from decimal import Decimal

from crm.core.words import N_
from crm.ladder.models import QualificationKind as Proof
from crm.ladder.rungs import TOO_LARGE, Reason
from crm.readiness.criteria import Criterion, Facts, Judgement, Measure, Verdict
from crm.reference.above_scale import line_of

_EXIT = N_("统计部门退库核查：年营业收入低于入库标准")
_SIZE = N_("《统计上大中小微型企业划分办法（2017）》：划为中型、大型后不再由数据证明小微")


def judge(facts: Facts, on: date) -> Judgement:
    """A criterion that is met is a threat; one is enough."""
    threats = (_below_the_line(facts, on), _grown(facts, on))
    return Judgement([threat for threat in threats if threat], is_one_enough=True)


def _below_the_line(facts: Facts, on: date) -> Criterion | None:
    """The last whole year's revenue of a 规上 firm is below the line of this year."""
    line = line_of(facts.industry_code, on)
    if Proof.ABOVE_SCALE not in facts.holds or line is None or line.at_least is None:
        return None
    last = facts.whole_year(on.year - 1)
    revenue: Decimal | None = last.revenue if last else None
    verdict = Verdict.NO_DATA
    if revenue is not None:
        verdict = Verdict.MET if revenue < line.at_least else Verdict.NOT_MET
    return Criterion(
        "below_line",
        N_("规上企业上年营业收入低于标准"),
        verdict,
        _EXIT,
        Measure.MONEY,
        revenue,
        "<",
        line.at_least,
        note=Reason(line.industry),
        is_figure=True,
        is_pending=last is not None and not last.is_verified,
    )


def _grown(facts: Facts, on: date) -> Criterion | None:
    """The newest report would, once verified, end 小微 by figures; and nothing else is held."""
    found = facts.newest(on)
    is_waiting = found is not None and not found.is_verified and found.size_class in TOO_LARGE
    if facts.holds or found is None or not is_waiting:
        return None
    return Criterion(
        "grown",
        N_("规模已超出小微"),
        Verdict.MET,
        _SIZE,
        figure=found.size_class,
        is_figure=True,
        is_pending=True,
    )
