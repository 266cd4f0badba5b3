"""The metrics that there are: what firms, qualifications, projects and evidence prove."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import literal, select

from crm.carriers import movements
from crm.core.attributes import Attribute, Sort
from crm.core.words import N_
from crm.ladder import queries as ladder
from crm.ladder import revenue
from crm.ladder.models import QualificationKind
from crm.metrics import of_evidence, options
from crm.metrics.figures import Facts, Filters, Metric, Rows
from crm.projects import queries as projects
from crm.projects.models import Purpose

PURPOSE = Attribute("purpose", N_("建设用途"), Sort.CHOICES, choices=Purpose, is_required=True)
SQUARE_METRES_IN_WAN = Decimal(10_000)


def _new_entrants(start: date, until: date, filters: Filters) -> Rows:
    return movements.new_entrants(start, until)


def _firms(facts: Rows) -> Rows:
    """Facts of the ladder as rows that count one for each firm."""
    found = facts.subquery()
    return select(
        found.c.company_id.label("record_id"),
        found.c.label,
        found.c.happened_on,
        literal(1).label("contribution"),
        found.c.unit_id,
    )


def _holders(kind: QualificationKind) -> Facts:
    return lambda start, until, filters: _firms(ladder.holders(kind, until))


def _awarded(kind: QualificationKind) -> Facts:
    return lambda start, until, filters: _firms(ladder.awarded(kind, start, until))


def _reformed_quoted_listed(start: date, until: date, filters: Filters) -> Rows:
    return _firms(ladder.reformed_quoted_listed(start, until))


def _new_large_earners(start: date, until: date, filters: Filters) -> Rows:
    return _firms(revenue.new_large_earners(start, until))


def _doubtful_large_earners(start: date, until: date, filters: Filters) -> Rows:
    return _firms(revenue.doubtful_large_earners(start, until))


def _started_floor_area(start: date, until: date, filters: Filters) -> Rows:
    return projects.started_floor_area(_purposes(filters), start, until)


def _without_floor_area(start: date, until: date, filters: Filters) -> Rows:
    facts = projects.started_floor_area(_purposes(filters), start, until).subquery()
    return select(facts).where(facts.c.contribution == 0)


def _purposes(filters: Filters) -> list[Purpose]:
    return [Purpose(value) for value in filters[PURPOSE.name].split(",")]


METRICS: Mapping[str, Metric] = {
    metric.key: metric
    for metric in (
        Metric(
            "companies.new_entrants",
            N_("新增入驻企业"),
            N_("年内新增入驻的企业，按生效的口径版本计。"),  # the page shows the version in force
            N_("家"),
            "/companies/",
            _new_entrants,
            options=options.OF_A_FLOW,
        ),
        Metric(
            "ladder.high_tech_holders",
            N_("有效期内高新技术企业"),
            N_(
                "截至当日证书有效、且当日在园的高新技术企业，同一企业只计一次；整体迁入的计入存量。"
            ),
            N_("家"),
            "/companies/",
            _holders(QualificationKind.HIGH_TECH),
            is_stock=True,
            options=options.OF_A_STOCK,
        ),
        Metric(
            "ladder.above_scale_holders",
            N_("规模以上企业"),
            N_("截至当日已入统计名录库、未退库、且当日在园的企业，按生效的口径版本起计。"),
            N_("家"),
            "/companies/",
            _holders(QualificationKind.ABOVE_SCALE),
            is_stock=True,
            options=options.OF_A_STOCK,
        ),
        Metric(
            "ladder.high_tech_certified",
            N_("认定高新技术企业"),
            N_("年内发证的高新技术企业（含重新认定），发证当日在园；整体迁入带来的证书不计。"),
            N_("家"),
            "/companies/",
            _awarded(QualificationKind.HIGH_TECH),
            options=options.OF_A_FLOW,
        ),
        Metric(
            "ladder.new_reformed_quoted_listed",
            N_("新增股改挂牌上市企业"),
            N_("年内完成股改、挂牌或上市的企业，同一企业当年多项只计一次，按第一项的日期计。"),
            N_("家"),
            "/companies/",
            _reformed_quoted_listed,
            options=options.OF_A_FLOW,
        ),
        Metric(
            "ladder.new_large_earners",
            N_("新增亿元企业"),
            N_(
                "按单个法人计、不合并报表：截至当日在规上名录，当年经核验的累计营业收入已达1亿元，"
                "而上年全年不足1亿元的企业；按首次显示达到的报告期末计，该日在园。上年全年数据缺失的列为待核，不计入。"
            ),
            N_("家"),
            "/companies/",
            _new_large_earners,
            options=options.OF_A_FLOW,
            doubtful=_doubtful_large_earners,
        ),
        Metric(
            "projects.started_floor_area",
            N_("开工建筑面积"),
            N_("在规定期间内进入在建阶段的该类项目的建筑面积之和，按开工日期计。"),
            N_("万平方米"),
            "/projects/",
            _started_floor_area,
            scale=SQUARE_METRES_IN_WAN,
            options=(PURPOSE, *options.OF_A_FLOW),
            undated=_without_floor_area,
        ),
        *of_evidence.metrics(),
    )
}
