"""Payments that come in spreadsheets. They wait for a second person; one that is on record is never changed, only withdrawn."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from crm.audit.services import record
from crm.core.among import among
from crm.core.attributes import Attribute, Sort
from crm.core.bulk import take_out_many
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.money import Currency
from crm.core.words import N_
from crm.imports import records
from crm.imports.kinds import Draft, ImportKind, Landed, Outcome, Verdict
from crm.investments.models import FundSource, PaidInFund
from crm.investments.services import PaymentDetails, expect_payment, report_payments_many
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of
from crm.projects.named import PROJECT, ProjectOf, projects_of

_FACTS = (
    Attribute("paid_on", N_("到账日期"), Sort.DATE, is_required=True, example="2020-08-20",
              headings=("到账时间", "到账日", "出资日期", "缴款日期", "入账日期")),
    Attribute("amount", N_("到账金额"), Sort.MONEY, is_required=True, example="1200",
              headings=("到账资金", "到账额", "到位资金", "实缴金额", "金额")),
    Attribute("currency", N_("币种"), Sort.CHOICE, choices=Currency,
              help=N_("留空为人民币；外币金额保留原币，不折算。")),
    Attribute("source", N_("资金来源"), Sort.CHOICE, choices=FundSource, is_required=True, example="内资",
              headings=("内外资", "资金性质")),
    Attribute("voucher", N_("凭证号"), longest=80, is_required=True, example="J20200820-1", width=22,
              headings=("凭证编号", "银行回单号", "回单号", "入账通知书编号")),
)  # fmt: skip
ATTRIBUTES = (PROJECT, *_FACTS)

Key = tuple[int, date, Decimal, Currency, str]


def check(drafts: Sequence[Draft], by: User) -> list[Verdict]:
    projects = projects_of(drafts, scope_of(by))
    there = _there(sorted({project.id for project in projects if project.id}))
    return [_judged(d, project, there) for d, project in zip(drafts, projects, strict=True)]


def _there(project_ids: Sequence[int]) -> Mapping[Key, PaidInFund]:
    """What these projects have been paid, but for what was withdrawn."""
    if not project_ids:
        return {}
    query = select(PaidInFund).where(among(PaidInFund.project_id, project_ids))
    return {
        (one.project_id, one.paid_on, one.amount, one.currency, one.voucher): one
        for one in session.scalars(query.where(PaidInFund.withdrawn_on.is_(None)))
    }


def _judged(draft: Draft, project: ProjectOf, there: Mapping[Key, PaidInFund]) -> Verdict:
    faults = list(project.faults)
    try:
        details = _details(draft)
        expect_payment(details)
    except DomainError as error:
        faults.append(records.fault_of(error))
    if faults:
        return records.refused(draft, faults, project.look_alikes)
    key = (project.id, details.paid_on, details.amount, details.currency, details.voucher)
    found = there.get(key)
    if found is None:
        return Verdict(draft, Outcome.CREATE, ready=(project.id, details), key=key)
    if found.source != details.source:
        message = N_("这笔到账已按“%(source)s”登记；确需更改的，请在项目中撤回原记录。")
        wrong = DomainError(message, field="source", source=found.source)
        return records.refused(draft, [records.fault_of(wrong)])
    return Verdict(draft, Outcome.UNCHANGED, found.id, found.version)


def _details(draft: Draft) -> PaymentDetails:
    """Raises DomainError."""
    said = records.given(draft, [one.name for one in _FACTS])
    for one in _FACTS:
        if one.is_required and one.name not in said:
            raise DomainError(N_("请填写%(what)s。"), field=one.name, what=one.label)
    return PaymentDetails(**{"currency": Currency.CNY, **said})


def land(verdicts: Sequence[Verdict], by: User, _source: str) -> list[Landed]:
    new = records.of(verdicts, Outcome.CREATE)
    return records.created(new, report_payments_many([one.ready for one in new], by=by))


def revert(landed: Sequence[Landed], by: User) -> None:
    """What nobody has checked or withdrawn since is taken out."""
    there = records.untouched(select(PaidInFund), landed, subject="paid_in_fund")
    take_out_many(list(there.values()))
    record("investments.taken_out", None, by=by, count=len(there))


PAYMENTS = ImportKind(
    key="payments",
    label=N_("到账资金"),
    attributes=ATTRIBUTES,
    natural_key=N_("项目 + 到账日期 + 金额 + 币种 + 凭证号"),
    action=Action.PROJECTS_WRITE,
    check=check,
    land=land,
    revert=revert,
    page="/investments/payments/",
    verifications="/investments/payments",
    note=N_(
        "导入的到账待第二人核验。已登记的到账不由导入改动，填错的在项目中撤回。撤销导入时，尚未核验的到账移出。"
    ),
    is_private=True,
)
