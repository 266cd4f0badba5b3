"""达线未入库: over the line of 规上 by 本年累计, and not on the register. Only the statistics office enters a firm."""

from datetime import date

from crm.core.words import N_
from crm.ladder.models import QualificationKind as Proof
from crm.ladder.rungs import Reason
from crm.readiness.criteria import Criterion, Facts, Judgement, Measure, Verdict, at_least, said
from crm.reference.above_scale import Line, LineMeasure, line_of

_ROUNDS = N_(
    "统计部门“四上”单位入库办法：年度一轮于当年10—12月申报，月度只受理当年新开业企业、建筑业和房地产业"
)
_INDUSTRY = N_("国民经济行业分类（GB/T 4754—2017）")


def judge(facts: Facts, on: date) -> Judgement:
    """The line of its industry in the version of that day."""
    line = line_of(facts.industry_code, on)
    if line is None:
        note = Reason(N_("行业代码未填或须填到小类"))
        unknown = Criterion(
            "line",
            N_("所属专业"),
            Verdict.NO_DATA,
            _INDUSTRY,
            figure=facts.industry_code,
            note=note,
        )
        return Judgement([unknown], due_on=_due_on(facts, on, line))
    criteria = [_over_the_line(facts, line, on), _not_entered(facts)]
    return Judgement(criteria, warnings=[_round(facts, line, on)], due_on=_due_on(facts, on, line))


def _over_the_line(facts: Facts, line: Line, on: date) -> Criterion:
    if line.measure is not LineMeasure.REVENUE:
        return said(facts, line.measure.value, line.measure.label, line.source, is_decisive=True)
    found = facts.years.get(on.year)
    revenue = found.revenue if found else None
    verdict = at_least(revenue, line.at_least)
    if line.or_staff and verdict is not Verdict.MET and found and found.staff is not None:
        by_staff = at_least(found.staff, line.or_staff)
        verdict = by_staff if by_staff is Verdict.MET or revenue is not None else verdict
    return Criterion(
        "line",
        N_("本年累计营业收入"),
        verdict,
        line.source,
        Measure.MONEY,
        revenue,
        "≥",
        line.at_least,
        note=_through(found.through_month, line) if found else Reason(line.industry),
        is_figure=True,
        is_pending=found is not None and not found.is_verified,
    )


def _through(month: int, line: Line) -> Reason:
    return Reason(N_("1—%(month)s月，%(industry)s"), {"month": month, "industry": line.industry})


def _not_entered(facts: Facts) -> Criterion:
    is_entered = Proof.ABOVE_SCALE in facts.holds
    verdict = Verdict.NOT_MET if is_entered else Verdict.MET
    return Criterion("not_entered", N_("尚未入库"), verdict, _ROUNDS)


def is_monthly(facts: Facts, line: Line | None, on: date) -> bool:
    """Whether the monthly round takes it: a firm opened this year, 建筑业, 房地产."""
    is_new = facts.established_on is not None and facts.established_on.year == on.year
    return is_new or (line is not None and line.measure is not LineMeasure.REVENUE)


def _round(facts: Facts, line: Line, on: date) -> Reason:
    if is_monthly(facts, line, on):
        return Reason(N_("可按月度申报入库"))
    return Reason(N_("年度申报，9月30日前备齐材料"))


def _due_on(facts: Facts, on: date, line: Line | None) -> date:
    """By when the papers are ready: 30 September for the yearly round, while it runs its end; a month for the monthly one."""
    ready_by = date(on.year, 9, 30)
    if not is_monthly(facts, line, on) and on <= ready_by:
        return ready_by
    return date(on.year, 12, 31)
