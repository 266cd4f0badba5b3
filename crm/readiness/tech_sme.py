"""科技型中小企业, by 国科发政〔2017〕115号 arts. 6 and 7: three ceilings from the reports, the rest a person says."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from crm.core.money import WAN
from crm.core.words import N_
from crm.readiness.criteria import (
    Criterion,
    Facts,
    Judgement,
    Measure,
    Verdict,
    YearFigures,
    at_most,
    said,
    share,
)

_RULE = N_("国科发政〔2017〕115号第六条")
_SCORE = N_("国科发政〔2017〕115号第七条：科技人员20分、研发投入50分、科技成果30分")
MOST_STAFF, MOST_MONEY = 500, 20_000 * WAN
LEAST_POINTS = 60
STAFF_POINTS = ((30, 20), (25, 16), (20, 12), (15, 8), (10, 4))  # 科技人员占职工总数
R_AND_D_POINTS = ((6, 50), (5, 40), (4, 30), (3, 20), (2, 10))  # 研发费用占销售收入


def judge(facts: Facts, on: date) -> Judgement:
    """By last year's figures, or this year's where last year has none: evaluated anew every year."""
    found = facts.whole_year(on.year - 1) or facts.newest(on)
    return Judgement(
        [
            _ceiling("staff", N_("职工总数"), Measure.COUNT, found, MOST_STAFF),
            _ceiling("revenue", N_("年销售收入"), Measure.MONEY, found, MOST_MONEY),
            _ceiling("assets", N_("资产总额"), Measure.MONEY, found, MOST_MONEY),
            said(facts, "sme_products", N_("产品和服务不属于禁止、限制、淘汰类"), _RULE),
            said(facts, "sme_no_breach", N_("当年和上年无重大事故、严重违法失信"), _RULE),
            _score(facts, found),
        ]
    )


def _score(facts: Facts, found: YearFigures | None) -> Criterion:
    """The points that are known: enough, never enough, or a person says. Software is not in the records: only patents are."""
    blank = said(facts, "sme_score", N_("综合评分60分以上，且科技人员指标不为0分"), _SCORE)
    staff = found and points_of(share(found.tech_staff, found.staff), STAFF_POINTS)
    spent = found and points_of(share(found.r_and_d, found.revenue), R_AND_D_POINTS)
    result = 30 if facts.inventions else min(facts.other_patents, 4) * 6
    known = (staff or 0) + (spent or 0) + result
    told = replace(blank, figure=known, measure=Measure.COUNT, sign="≥", limit=LEAST_POINTS)
    told = replace(told, is_figure=True, is_pending=found is not None and not found.is_verified)
    if blank.tick is not None:
        return told
    if staff and known >= LEAST_POINTS:
        return replace(told, verdict=Verdict.MET)
    return replace(told, verdict=Verdict.NOT_MET) if staff == 0 else told


def points_of(figure: Fraction | None, steps: Sequence[tuple[int, int]]) -> int | None:
    """Points by steps of (per cent from which, points); None where the figure is unknown."""
    if figure is None:
        return None
    return next((points for least, points in steps if figure >= Fraction(least, 100)), 0)


def _ceiling(
    key: str, label: str, measure: Measure, found: YearFigures | None, limit: Decimal | int
) -> Criterion:
    figure: Any = getattr(found, key) if found else None
    return Criterion(
        key,
        label,
        at_most(figure, limit),
        _RULE,
        measure,
        figure,
        "≤",
        limit,
        is_figure=True,
        is_pending=found is not None and not found.is_verified,
    )
