"""科技型中小企业, by 国科发政〔2017〕115号 arts. 6 and 7: three ceilings from the reports, the rest a person says."""

from datetime import date
from decimal import Decimal
from typing import Any

from crm.core.money import WAN
from crm.core.words import N_
from crm.readiness.criteria import (
    Criterion,
    Facts,
    Judgement,
    Measure,
    YearFigures,
    at_most,
    said,
)

_RULE = N_("国科发政〔2017〕115号第六条")
_SCORE = N_("国科发政〔2017〕115号第七条：科技人员20分、研发投入50分、科技成果30分")
MOST_STAFF, MOST_MONEY = 500, 20_000 * WAN


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
            said(facts, "sme_score", N_("综合评分60分以上，且科技人员指标不为0分"), _SCORE),
        ]
    )


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
