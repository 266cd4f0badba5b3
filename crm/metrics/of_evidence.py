"""The metrics over the registers of evidence."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from crm.audit.verification import VerificationState
from crm.core.money import YI
from crm.core.words import N_
from crm.evidence import figures
from crm.evidence.kinds import KINDS
from crm.metrics import options
from crm.metrics.figures import ONE, Facts, Filters, Metric, Rows

PENDING = VerificationState.PENDING


def _metric(
    key: str,
    label: str,
    sentence: str,
    unit: str,
    register: str,
    *,
    amount: str = "",
    day: str = "happened_on",
    scale: Decimal = ONE,
    undated: Facts | None = None,
) -> Metric:
    """What happened in a register, counted or added up, narrowed by all that its kind can be."""
    kind = KINDS[register]

    def facts(state: VerificationState, *, is_shared: bool = False) -> Facts:
        return lambda start, until, filters: figures.happened(
            kind, start, until, filters, amount=amount, day=day, state=state, is_shared=is_shared
        )

    metric = Metric(
        key,
        label,
        sentence,
        unit,
        f"{kind.address}/",
        facts(figures.VERIFIED),
        scale=scale,
        options=(*options.of_kind(kind), *options.OF_A_FLOW),
        shared=facts(figures.VERIFIED, is_shared=True) if kind.is_shared else None,
        undated=undated,
    )
    waiting = facts(PENDING, is_shared=True) if kind.is_shared else None
    return replace(metric, unverified=replace(metric, facts=facts(PENDING), shared=waiting))


def _without(register: str, amount: str) -> Facts:
    kind = KINDS[register]
    return lambda start, until, filters: figures.without_amount(kind, amount, start, until, filters)


def _undated_grants(start: date, until: date, filters: Filters) -> Rows:
    return figures.granted_undated(filters)


def _standing(state: VerificationState) -> Facts:
    return lambda start, until, filters: figures.standing_platforms(until, filters, state=state)


def _people(state: VerificationState) -> Facts:
    return lambda start, until, filters: figures.people(start, until, filters, state=state)


def _of_the_fund(state: VerificationState) -> Facts:
    return lambda start, until, filters: figures.firms_of_the_fund(start, until, state=state)


def _beside(metric: Metric, waiting: Facts) -> Metric:
    """The metric with the same figure of what waits."""
    return replace(metric, unverified=replace(metric, facts=waiting))


def metrics() -> Iterator[Metric]:
    """Each over verified records only, by the record's own day, in the unit that was its firm's 统计归属 on that day."""
    yield _metric(
        "evidence.patents_applied",
        N_("申请专利"),
        N_("年内申请的专利，按申请日计；几家园区企业共同申请的，全园区计1件，各载体各计1件。"),
        N_("件"),
        "patents",
    )
    yield _metric(
        "evidence.patents_granted",
        N_("授权专利"),
        N_("年内授权公告的专利，按授权公告日计；共同持有的，全园区计1件，各载体各计1件。"),
        N_("件"),
        "patents",
        day="granted_on",
        undated=_undated_grants,
    )
    yield _metric(
        "evidence.talents",
        N_("人才计划入选"),
        N_("年内入选人才计划的人员，按入选（引进）日期计；同一人入选不同计划的分别计。"),
        N_("人"),
        "talents",
    )
    people = Metric(
        "evidence.people",
        N_("引进和培养人才"),
        N_(
            "年内引进或培养的人才，按入选（引进）日期计；同一人只计一次，按当年第一次的日期计"
            "（有证件号码的按号码辨认，没有的按姓名和用人单位）。"
        ),
        N_("人"),
        "/evidence/talents/",
        _people(figures.VERIFIED),
        options=(*options.of_kind(KINDS["talents"]), *options.OF_A_FLOW),
        once="person",
    )
    yield _beside(people, _people(PENDING))
    firms = Metric(
        "evidence.firms_of_the_fund",
        N_("产业基金投资高科技企业"),
        N_("年内获产业引导基金投资、到账当日持有有效高企或科小资质的企业，同一企业只计一次。"),
        N_("家"),
        "/companies/",
        _of_the_fund(figures.VERIFIED),
        options=options.OF_A_FLOW,
    )
    yield _beside(firms, _of_the_fund(PENDING))
    yield _metric(
        "evidence.contracts",
        N_("产学研合作项目"),
        N_(
            "年内签订的产学研合同数，按签订日期计；几家园区企业共同签订的，全园区计1项，各载体各计1项。"
        ),
        N_("项"),
        "contracts",
    )
    yield _metric(
        "evidence.contract_amount",
        N_("产学研合同金额"),
        N_("年内签订的产学研合同金额之和，按签订日期计；共同签订的合同全园区只计一次。"),
        N_("亿元"),
        "contracts",
        amount="amount",
        scale=YI,
    )
    yield _metric(
        "evidence.transformations",
        N_("转化科技成果"),
        N_("年内转化的科技成果，按转化日期计。"),
        N_("项"),
        "transformations",
    )
    yield _metric(
        "evidence.transformation_output",
        N_("成果转化带动产出"),
        N_("年内转化成果带动产出之和，由填报单位估算，按转化日期计。"),
        N_("亿元"),
        "transformations",
        amount="output",
        scale=YI,
        undated=_without("transformations", "output"),
    )
    platforms = Metric(
        "evidence.platforms",
        N_("科技创新创业平台总数"),
        N_("截至当日已认定、未撤销的平台；企业承担的，该企业当日须在园。"),
        N_("家"),
        "/evidence/platforms/",
        _standing(figures.VERIFIED),
        is_stock=True,
        options=(*options.of_kind(KINDS["platforms"]), *options.OF_A_STOCK),
    )
    yield _beside(platforms, _standing(PENDING))
    yield _metric(
        "evidence.platforms_recognised",
        N_("新认定平台"),
        N_("年内认定的平台，按认定日期计。"),
        N_("个"),
        "platforms",
    )
    yield _metric(
        "evidence.grant_amount",
        N_("争取各级项目资金"),
        N_("年内立项的各级项目资金之和，按立项日期计。"),
        N_("亿元"),
        "grants",
        amount="amount",
        scale=YI,
    )
    yield _metric(
        "evidence.incubation_projects",
        N_("新增创业项目"),
        N_("年内入孵的创业项目（含团队），按入孵日期计。"),
        N_("个"),
        "incubation_projects",
    )
    yield _metric(
        "evidence.events",
        N_("培训和活动"),
        N_("年内举办的培训和活动场次，按日期计。"),
        N_("场"),
        "events",
    )
    yield _metric(
        "evidence.event_persons",
        N_("培训人数"),
        N_("年内培训和活动的人数之和（人，不是人次），按日期计；未填人数的不计。"),
        N_("人"),
        "events",
        amount="persons",
        undated=_without("events", "persons"),
    )
    yield _metric(
        "evidence.press_reports",
        N_("媒体报道"),
        N_("年内发表的报道，按发表日期计；同一稿件在不同媒体刊发的分别计。"),
        N_("篇"),
        "press_reports",
    )
