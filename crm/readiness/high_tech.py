"""高企 criterion by criterion, by 国科发火〔2016〕32号 art. 11 (in force since 2016; the 2008 rule had other shares)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from crm.core.money import WAN
from crm.core.words import N_
from crm.ladder.rungs import Reason
from crm.readiness.criteria import (
    Criterion,
    Facts,
    Judgement,
    Measure,
    Verdict,
    YearFigures,
    at_least,
    said,
    share,
    shown,
    years_after,
)

YEARS = 3  # of R&D
TECH_STAFF, HIGH_TECH_INCOME = Fraction(10, 100), Fraction(60, 100)
R_AND_D: Sequence[tuple[Decimal | None, Fraction]] = (
    (5000 * WAN, Fraction(5, 100)),
    (20_000 * WAN, Fraction(4, 100)),
    (None, Fraction(3, 100)),
)
"""Up to and including so much revenue of the last year, so much of the revenue for R&D."""


def judge(facts: Facts, on: date) -> Judgement:
    return Judgement(
        [
            _registered(facts, on),
            _tech_staff(facts, on),
            _r_and_d(facts, on),
            _high_tech_income(facts, on),
            _own_ip(facts),
            said(
                facts,
                "supported_field",
                N_("属于重点支持的高新技术领域"),
                N_("国科发火〔2016〕32号第十一条第三项"),
            ),
            said(
                facts,
                "r_and_d_in_china",
                N_("境内研发费用占比不低于60%"),
                N_("国科发火〔2016〕32号第十一条第五项"),
            ),
            said(
                facts, "score", N_("创新能力评价70分以上"), N_("国科发火〔2016〕32号第十一条第七项")
            ),
            said(
                facts,
                "no_breach",
                N_("前一年无重大安全、质量事故和严重环境违法"),
                N_("国科发火〔2016〕32号第十一条第八项"),
            ),
        ]
    )


def _own_ip(facts: Facts) -> Criterion:
    """A patent in force proves it; software and what was bought in a person says."""
    rule = N_("国科发火〔2016〕32号第十一条第二项")
    blank = said(facts, "own_ip", N_("拥有核心知识产权"), rule)
    number = facts.inventions + facts.other_patents
    return shown(blank, number or None, Measure.COUNT, "≥", 1)


def _registered(facts: Facts, on: date) -> Criterion:
    """Registered for a year or more on the day of the application."""
    since, verdict = facts.established_on, Verdict.NO_DATA
    if since:
        verdict = Verdict.MET if years_after(since, 1) <= on else Verdict.NOT_MET
    rule = N_("国科发火〔2016〕32号第十一条第一项")
    return Criterion("registered", N_("注册满一年"), verdict, rule, Measure.DAY, since)


def _tech_staff(facts: Facts, on: date) -> Criterion:
    found = facts.newest(on)
    figure = share(found.tech_staff, found.staff) if found else None
    return _from_reports(
        Criterion(
            "tech_staff",
            N_("科技人员占职工总数"),
            at_least(figure, TECH_STAFF),
            N_("国科发火〔2016〕32号第十一条第四项"),
            Measure.SHARE,
            figure,
            "≥",
            TECH_STAFF,
        ),
        [found],
    )


def _r_and_d(facts: Facts, on: date) -> Criterion:
    """R&D over revenue, both summed over up to three whole years; the share asked for goes by last year's revenue.

    A year without a report is left out and named: nothing is guessed for it.
    """
    wanted = range(on.year - 1, max(_first_year(facts, on), on.year - YEARS) - 1, -1)
    found = [facts.whole_year(year) for year in wanted]
    known = [
        year for year in found if year and year.revenue is not None and year.r_and_d is not None
    ]
    last = facts.whole_year(on.year - 1)
    limit = required_share(last.revenue) if last and last.revenue is not None else None
    figure = None
    if last in known:
        spent = sum((year.r_and_d or Decimal(0) for year in known), Decimal(0))
        figure = share(spent, sum((year.revenue or Decimal(0) for year in known), Decimal(0)))
    lacking = [year for year in wanted if year not in {y.year for y in known}]
    note = Reason(N_("按%(n)s个年度计算"), {"n": len(known)})
    if lacking:
        named = "、".join(map(str, sorted(lacking)))
        note = Reason(N_("缺%(years)s年全年数据"), {"years": named})
    return _from_reports(
        Criterion(
            "r_and_d",
            N_("近三年研发费用占销售收入"),
            Verdict.NO_DATA if limit is None else at_least(figure, limit),
            N_("国科发火〔2016〕32号第十一条第五项"),
            Measure.SHARE,
            figure,
            "≥",
            limit,
            note=note,
        ),
        known,
    )


def required_share(revenue: Decimal) -> Fraction:
    """5 %, 4 % or 3 % by last year's revenue; exactly 5000万 is still 5 %, exactly 2亿 still 4 %."""
    return next(least for most, least in R_AND_D if most is None or revenue <= most)


def _first_year(facts: Facts, on: date) -> int:
    return facts.established_on.year if facts.established_on else on.year - YEARS


def _high_tech_income(facts: Facts, on: date) -> Criterion:
    last = facts.whole_year(on.year - 1)
    figure = share(last.high_tech_income, last.revenue) if last else None
    return _from_reports(
        Criterion(
            "high_tech_income",
            N_("上年高新技术产品（服务）收入占总收入"),
            at_least(figure, HIGH_TECH_INCOME),
            N_("国科发火〔2016〕32号第十一条第六项"),
            Measure.SHARE,
            figure,
            "≥",
            HIGH_TECH_INCOME,
        ),
        [last],
    )


def _from_reports(criterion: Criterion, years: Sequence[YearFigures | None]) -> Criterion:
    is_pending = any(year and not year.is_verified for year in years)
    return replace(criterion, is_figure=True, is_pending=is_pending)
