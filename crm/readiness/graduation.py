"""毕业 of a firm in 在孵, by 国科发区〔2018〕300号: one of four is enough. 在孵 should last no longer than 48 months."""

from datetime import date
from decimal import Decimal

from crm.core.money import WAN
from crm.core.words import N_
from crm.ladder.models import QualificationKind as Proof
from crm.ladder.rungs import Reason
from crm.readiness.criteria import (
    Criterion,
    Facts,
    Judgement,
    Measure,
    Verdict,
    said,
    shown,
    years_after,
)

_RULE = N_("国科发区〔2018〕300号《科技企业孵化器管理办法》毕业企业条件")
LONGEST_YEARS = 4  # 48 months
TWO_YEARS_REVENUE = 1000 * WAN
RISK_CAPITAL = 500 * WAN
SAID = ("financing", "merged")  # what a person may say where no record proves it


def judge(facts: Facts, on: date) -> Judgement:
    return Judgement(
        [
            _holds(facts, "high_tech", N_("通过高企认定"), (Proof.HIGH_TECH,)),
            _two_years(facts, on),
            _holds(facts, "listed", N_("挂牌或上市"), (Proof.QUOTED, Proof.LISTED)),
            shown(
                said(facts, SAID[0], N_("累计获得天使或风险投资超过500万元"), _RULE),
                facts.risk_capital,
                Measure.MONEY,
                ">",
                RISK_CAPITAL,
            ),
            said(facts, SAID[1], N_("被兼并或收购"), _RULE),
        ],
        is_one_enough=True,
        warnings=_too_long(facts, on),
    )


def _holds(facts: Facts, key: str, label: str, proofs: tuple[Proof, ...]) -> Criterion:
    is_met = any(proof in facts.holds for proof in proofs)
    return Criterion(key, label, Verdict.MET if is_met else Verdict.NOT_MET, _RULE)


def _two_years(facts: Facts, on: date) -> Criterion:
    """The revenue of the last two whole years together is over 1000万元; one of them alone can prove it, not disprove it."""
    years = [facts.whole_year(on.year - 1), facts.whole_year(on.year - 2)]
    known = [year.revenue for year in years if year and year.revenue is not None]
    revenue = sum(known, Decimal(0)) if known else None
    verdict = Verdict.NO_DATA
    if revenue is not None and revenue > TWO_YEARS_REVENUE:
        verdict = Verdict.MET
    elif len(known) == len(years):
        verdict = Verdict.NOT_MET
    first, last = on.year - 2, on.year - 1
    return Criterion(
        "revenue",
        N_("连续两年营业收入累计"),
        verdict,
        _RULE,
        Measure.MONEY,
        revenue,
        ">",
        TWO_YEARS_REVENUE,
        note=Reason(
            N_("%(first)s—%(last)s年，已有%(n)s年数据"),
            {"first": first, "last": last, "n": len(known)},
        ),
        is_figure=True,
        is_pending=any(year and not year.is_verified for year in years),
    )


def _too_long(facts: Facts, on: date) -> list[Reason]:
    since = facts.incubated_from
    if since is None or on <= years_after(since, LONGEST_YEARS):
        return []
    return [Reason(N_("在孵已超过48个月（%(since)s起）"), {"since": since.isoformat()})]
