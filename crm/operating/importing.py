"""Operating figures that come in spreadsheets: 本年累计 of a firm through a month. Odd ones are asked about, as everywhere."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import contains_eager

from crm.audit.services import record
from crm.audit.verification import VerificationState
from crm.companies.named import COMPANY, USCC, FirmOf, firms_of
from crm.core.among import among
from crm.core.attributes import Attribute, Sort
from crm.core.bulk import take_out_many
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.imports import records
from crm.imports.kinds import Draft, Fault, ImportKind, Landed, Outcome, Verdict
from crm.operating import plausibility, services
from crm.operating.entering import THERE, answered, correct_many
from crm.operating.figures import FIGURES, NAMES
from crm.operating.models import CollectionRound, OperatingReport, RoundMember
from crm.operating.periods import Period
from crm.operating.services import AlreadyReported, OperatingDetails, report_many
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of

_HEADINGS = {
    "revenue": ("营业总收入", "营业收入合计", "总收入", "主营业务收入", "营收"),
    "assets": ("资产总计", "总资产", "年末资产总额"),
    "staff": ("从业人员期末数", "从业人员数", "员工人数", "职工人数", "期末从业人员", "年末从业人员"),
    "tech_staff": ("科技活动人员", "从事科技活动人员", "科技人员数"),
    "tax": ("上缴税费总额", "实际上缴税费总额", "上缴税金", "纳税总额", "纳税额", "税收", "实缴税金"),
    "profit": ("利润", "年利润总额"),
    "r_and_d": ("研发投入", "研究开发费用", "研发经费", "R&D经费", "R&D经费支出", "研发支出", "科技活动费用"),
    "high_tech_income": ("高新技术产品收入", "高新技术产品（服务）收入", "高新产品收入"),
}  # fmt: skip
ATTRIBUTES = (
    COMPANY,
    USCC,
    Attribute("year", N_("年份"), Sort.NUMBER, is_required=True, example="2020", width=8,
              headings=("年度", "统计年度", "报告年份", "所属年份")),
    Attribute("through_month", N_("截止月"), Sort.NUMBER, example="6", width=8,
              headings=("月份", "月", "截止月份", "累计月份", "报告期", "统计月份"),
              help=N_("各项是1月至该月的累计数；年报留空，按12月。")),
    *(
        Attribute(figure.name, figure.label, Sort.MONEY if figure.is_money else Sort.NUMBER,
                  headings=_HEADINGS[figure.name], example={"revenue": "1200", "staff": "35"}.get(figure.name, ""))
        for figure in FIGURES
    ),
    Attribute("is_confirmed", N_("疑点已核对"), Sort.BOOL, headings=("已核对",),
              help=N_("数据与上次相比异常时须核对，确实如此的填“是”。")),
)  # fmt: skip

Reports = Mapping[Period, Row[Any]]


def check(drafts: Sequence[Draft], by: User) -> list[Verdict]:
    firms = firms_of(drafts, scope_of(by))
    ids = sorted({firm.id for firm in firms if firm.id})
    reports, closed = _reports(ids), _closed_rounds(ids)
    return [
        _judged(draft, firm, reports.get(firm.id, {}), closed)
        for draft, firm in zip(drafts, firms, strict=True)
    ]


def _reports(company_ids: Sequence[int]) -> dict[int, dict[Period, Row[Any]]]:
    found: dict[int, dict[Period, Row[Any]]] = defaultdict(dict)
    if company_ids:
        columns = ("id", "version", "company_id", "year", "through_month", "state", *NAMES)
        query = select(*(getattr(OperatingReport, name) for name in columns))
        for row in session.execute(query.where(among(OperatingReport.company_id, company_ids))):
            found[row.company_id][Period(row.year, row.through_month)] = row
    return found


def _closed_rounds(company_ids: Sequence[int]) -> dict[tuple[int, Period], str]:
    """The periods whose collection is over, for each firm that owed in it: its files come in no more."""
    if not company_ids:
        return {}
    query = (
        select(
            RoundMember.company_id,
            CollectionRound.year,
            CollectionRound.through_month,
            CollectionRound.closed_on,
        )
        .join(CollectionRound, CollectionRound.id == RoundMember.round_id)
        .where(among(RoundMember.company_id, company_ids))
    )
    days: dict[tuple[int, Period], list[Any]] = defaultdict(list)
    for company_id, year, month, closed_on in session.execute(query):
        days[company_id, Period(year, month)].append(closed_on)
    return {key: max(all_).isoformat() for key, all_ in days.items() if None not in all_}


def _judged(
    draft: Draft, firm: FirmOf, reports: Reports, closed: Mapping[tuple[int, Period], str]
) -> Verdict:
    said = records.given(draft, NAMES)
    period = Period(draft.values.get("year") or 0, draft.values.get("through_month") or 12)
    there = reports.get(period)
    now = {name: getattr(there, name) for name in NAMES} if there else {}
    details = OperatingDetails(*period, **(now | said))
    faults, doubts = list(firm.faults), plausibility.doubts(details, _before(reports, period))
    try:
        services.check(details)
    except DomainError as error:
        faults.append(records.fault_of(error))
    else:
        faults += _refusals(firm, details, there, closed)
        if not draft.values.get("is_confirmed") and any(now.get(n) != v for n, v in said.items()):
            faults += [_asked(doubt) for doubt in doubts]
    if faults:
        return records.refused(draft, faults, firm.look_alikes)
    ready = (firm.id, details, doubts)
    if there is None:
        return Verdict(draft, Outcome.CREATE, ready=ready, key=(firm.id, period))
    return records.compared(draft, there, now, said, ready)


def _before(reports: Reports, period: Period) -> Row[Any] | None:
    """The last figures before a period; those that were sent back are not relied on."""
    earlier = [
        each
        for each, row in reports.items()
        if each < period and row.state != VerificationState.RETURNED
    ]
    return reports[max(earlier)] if earlier else None


def _refusals(
    firm: FirmOf,
    details: OperatingDetails,
    there: Row[Any] | None,
    closed: Mapping[tuple[int, Period], str],
) -> list[Fault]:
    is_other = there is None or any(getattr(there, n) != getattr(details, n) for n in NAMES)
    if not is_other:
        return []
    if there is not None and there.state == VerificationState.VERIFIED:
        return [records.fault_of(AlreadyReported(THERE, field="through_month"))]
    if day := closed.get((firm.id, details.period)):
        message = N_("这一期的收集已于%(day)s结束，请在企业的经营数据页补报。")
        return [Fault("through_month", DomainError(message, day=day))]
    return []


def _asked(doubt: plausibility.Doubt) -> Fault:
    message = N_("%(doubt)s。请核对；确实如此的，在“疑点已核对”列填“是”。")
    return Fault(doubt.figure.name, DomainError(message, doubt=doubt.kind))


def land(verdicts: Sequence[Verdict], by: User, source: str) -> list[Landed]:
    return records.landed(
        verdicts,
        _with_firms(),
        create=lambda new: report_many(
            [(ready[0], _details(ready, source)) for ready in new], by=by
        ),
        correct=lambda held: correct_many(
            [(report, _details(ready, source)) for report, ready in held], by=by
        ),
    )


def _details(ready: Any, source: str) -> OperatingDetails:
    details: OperatingDetails
    _company_id, details, doubts = ready
    return replace(details, source=source, confirmed=answered(doubts))


def _with_firms() -> Any:
    return (
        select(OperatingReport)
        .join(OperatingReport.company)
        .options(contains_eager(OperatingReport.company))
    )


def revert(landed: Sequence[Landed], by: User) -> None:
    """What nobody has verified or corrected since is taken out; corrections are taken back."""
    there = records.untouched(_with_firms(), landed)
    action = "operating_report.corrected"
    records.put_back(landed, there, action, by=by, name_of=lambda one: one.company.name)
    gone = records.made(landed, there)
    take_out_many(gone)
    if gone:
        record("operating_report.taken_out_many", None, by=by, count=len(gone))


REPORTS = ImportKind(
    key="operating_reports",
    label=N_("经营数据"),
    attributes=ATTRIBUTES,
    natural_key=N_("企业 + 年份 + 截止月"),
    action=Action.COMPANIES_WRITE,
    check=check,
    land=land,
    revert=revert,
    page="/operating/reports/",
    note=N_(
        "填本年累计数，不填当月数。已核验的数据、已结束的收集不能由导入改动。火炬统计表的金额单位是千元，请在对应列时选定。"
    ),
    is_private=True,
)
