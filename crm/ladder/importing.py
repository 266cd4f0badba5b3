"""Qualifications that come in spreadsheets: 高企, 科小, labels. They wait to be verified by source."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.audit.services import record
from crm.companies.named import COMPANY, USCC, FirmOf, firms_of
from crm.core.among import among
from crm.core.attributes import Attribute, Sort, read_day
from crm.core.bulk import take_out_many
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.imports import records
from crm.imports.kinds import Draft, ImportKind, Landed, Outcome, Verdict
from crm.ladder import labels
from crm.ladder.models import Level, Qualification, QualificationKind, Specialty
from crm.ladder.qualifications import HIGH_TECH_YEARS
from crm.ladder.services import (
    TYPED,
    QualificationDetails,
    Terms,
    award_many,
    check_revocation,
    correct_many,
    details_of,
    qualification_row,
    terms_of,
)
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of

ATTRIBUTES = (
    COMPANY,
    USCC,
    Attribute("kind", N_("资质"), Sort.CHOICE, choices=QualificationKind, example="高新技术企业", width=18,
              headings=("资质类型", "资质类别", "证书类型", "认定类型"),
              help=N_("留空时按编号判断：GR开头的是高新技术企业证书，18位入库登记编号是科技型中小企业。")),
    Attribute("label", N_("资质种类"), longest=40, headings=("荣誉名称", "称号"),
              help=N_("资质为“其他资质”时填写，如专精特新；须是系统中已有的种类。")),
    Attribute("number", N_("编号"), Sort.CODE, longest=60, example="GR201932001234", width=22,
              headings=("证书编号", "证书号", "证号", "入库登记编号", "登记编号", "入库编号", "证券代码", "股票代码", "文号",
                        "批次或文号", "证书编号或文号")),
    Attribute("issued_on", N_("取得日期"), Sort.DATE, is_required=True, example="2019-11-22",
              headings=("发证日期", "发证时间", "认定日期", "认定时间", "批准日期", "入库登记日期", "入库日期", "登记日期",
                        "挂牌日期", "上市日期", "首个交易日", "颁发日期")),
    Attribute("valid_to", N_("有效期止"), Sort.DATE, may_be_future=True,
              headings=("有效期至", "有效至", "有效截止日期", "到期日期", "到期时间", "截止日期", "证书到期日")),
    Attribute("validity", N_("有效期"), longest=40, headings=("证书有效期", "有效期限", "有效年限", "有效期（年）"),
              help=N_("三年、3年或截止日期；高新技术企业证书为三年。")),
    Attribute("announced_on", N_("公示日期"), Sort.DATE, headings=("公告日期", "公示时间", "公告时间")),
    Attribute("received_on", N_("领证日期"), Sort.DATE, headings=("领证时间",)),
    Attribute("authority", N_("发证机关"), longest=80, headings=("认定机构", "认定机关", "批准机关", "发证单位", "市场板块"),
              width=26),
    Attribute("level", N_("级别"), Sort.CHOICE, choices=Level, headings=("认定级别",)),
    Attribute("batch", N_("批次"), longest=60, headings=("认定批次", "公示批次"), width=18),
    Attribute("name_on_it", N_("证书上的企业名称"), headings=("证书名称", "证载企业名称"), width=34),
    Attribute("is_renewal", N_("重新认定"), Sort.BOOL, headings=("是否重新认定",)),
    Attribute("is_moved_in", N_("整体迁移带入"), Sort.BOOL, headings=("是否迁入", "是否整体迁移")),
    Attribute("reports_from_on", N_("起报月"), Sort.DATE, headings=("起报月份",), help=N_("规模以上企业填写当月1日。")),
    Attribute("specialty", N_("专业"), Sort.CHOICE, choices=Specialty, headings=("统计专业", "行业专业")),
    Attribute("source", N_("依据来源"), headings=("来源", "来源文件", "依据"), width=30,
              help=N_("留空时为本次导入的来源；按来源整批核验。")),
)  # fmt: skip
_NUMBER = next(one for one in ATTRIBUTES if one.name == "number")
_COLUMNS = {"label_id": "label"}
_HIGH_TECH = re.compile(r"G[RF]\d{12}")
_TECH_SME = re.compile(r"20\d{2}\d{6}[0-9A-Z]{8}")
_YEARS = re.compile(r"([0-9一二三四五六七八九十]+)\s*年?")
_NUMERALS = {sign: n for n, sign in enumerate("一二三四五六七八九十", 1)}

Key = tuple[int, QualificationKind, int | None, str]


def check(drafts: Sequence[Draft], by: User) -> list[Verdict]:
    firms = firms_of(drafts, scope_of(by))
    there = _held(sorted({firm.id for firm in firms if firm.id}))
    label_ids = {label.name.casefold(): label.id for label in session.scalars(labels.offered())}
    read: list[dict[str, Any] | DomainError] = []
    for draft in drafts:
        try:
            read.append(_said(draft, label_ids))
        except DomainError as error:
            read.append(error)
    terms = terms_of([_new(said) for said in read if not isinstance(said, DomainError)])
    return [
        _judged(draft, firm, said, there, terms, by)
        for draft, firm, said in zip(drafts, firms, read, strict=True)
    ]


def _held(company_ids: Sequence[int]) -> dict[Key, Qualification]:
    """The proofs that firms have, by what they are known by."""
    if not company_ids:
        return {}
    query = select(Qualification).where(among(Qualification.company_id, company_ids))
    return {
        (one.company_id, one.kind, one.label_id, _NUMBER.read(one.number)): one
        for one in session.scalars(query.options(joinedload(Qualification.label)))
    }


def _said(draft: Draft, label_ids: Mapping[str, int]) -> dict[str, Any]:
    """What a row says, in the words of QualificationDetails. Raises DomainError."""
    said = records.given(draft, [attribute.name for attribute in ATTRIBUTES[2:]])
    if label := said.pop("label", None):
        said.setdefault("kind", QualificationKind.LABEL)
        if label.casefold() not in label_ids:
            message = N_("没有名为“%(name)s”的资质种类，请先由管理员登记。")
            raise DomainError(message, field="label", name=label)
        said["label_id"] = label_ids[label.casefold()]
    said.setdefault("kind", _kind_by(said.get("number", "")))
    if said["kind"] is None:
        raise DomainError(N_("请填写资质。"), field="kind")
    if "issued_on" not in said:
        raise DomainError(N_("请填写取得日期。"), field="issued_on")
    if text := said.pop("validity", ""):
        _read_validity(text, said)
    return said


def _kind_by(number: str) -> QualificationKind | None:
    """Certificates of 高企 and register numbers of 科小 show what they are."""
    if _HIGH_TECH.fullmatch(number):
        return QualificationKind.HIGH_TECH
    return QualificationKind.TECH_SME if _TECH_SME.fullmatch(number) else None


def _read_validity(text: str, said: dict[str, Any]) -> None:
    """A last day, or so many years: those that the law gives need not be written down."""
    years = _YEARS.fullmatch(text)
    number = _NUMERALS.get(years[1]) or int(years[1] if years[1].isdigit() else 0) if years else 0
    if not 0 < number <= 20:
        try:
            said.setdefault("valid_to", read_day(text))
        except DomainError as error:
            raise DomainError(error.message, field="validity", **error.values) from None
    elif said["kind"] is QualificationKind.HIGH_TECH and number != HIGH_TECH_YEARS:
        message = N_("高新技术企业证书的有效期是三年，请核对。")
        raise DomainError(message, field="validity")


def _new(said: Mapping[str, Any]) -> QualificationDetails:
    return QualificationDetails(**{"number": "", **said})


def _judged(
    draft: Draft,
    firm: FirmOf,
    said: dict[str, Any] | DomainError,
    there: Mapping[Key, Qualification],
    terms: Terms,
    by: User,
) -> Verdict:
    faults = list(firm.faults)
    if isinstance(said, DomainError):
        return records.refused(draft, [*faults, records.fault_of(said)], firm.look_alikes)
    details = _new(said)
    number = details.number or _number_of_a_day(details.issued_on)
    key = (firm.id, details.kind, details.label_id, number)
    found = there.get(key)
    try:
        if found:
            said = {**said, "number": found.number}  # in the spelling that it has
            details = replace(details_of(found), **said)
            if found.revoked_on:
                check_revocation(details.issued_on, found.revoked_on)
        qualification_row(firm.id, details, terms, by=by)
    except DomainError as error:
        faults.append(records.fault_of(error, _COLUMNS))
    if faults:
        return records.refused(draft, faults, firm.look_alikes)
    ready = (firm.id, details)
    if found is None:
        return Verdict(draft, Outcome.CREATE, ready=ready, key=key)
    now = {name: getattr(found, name) for name in TYPED}
    return records.compared(draft, found, now, said, ready)


def _number_of_a_day(day: date) -> str:
    """As the service numbers what comes without a number."""
    return day.isoformat()


def land(verdicts: Sequence[Verdict], by: User, source: str) -> list[Landed]:
    return records.landed(
        verdicts,
        _with_firms(),
        create=lambda new: award_many(
            [(company_id, _sourced(details, source)) for company_id, details in new], by=by
        ),
        correct=lambda held: correct_many([(one, details) for one, (_, details) in held], by=by),
    )


def _sourced(details: QualificationDetails, source: str) -> QualificationDetails:
    return replace(details, source=details.source or source)


def _with_firms() -> Any:
    return select(Qualification).options(
        joinedload(Qualification.company), joinedload(Qualification.label)
    )


def revert(landed: Sequence[Landed], by: User) -> None:
    """What nobody has verified or ended since is taken out; corrections are taken back, verifications included."""
    there = records.untouched(_with_firms(), landed, subject="qualification")
    gone = records.made(landed, there)
    action = "qualification.corrected"
    records.put_back(landed, there, action, by=by, name_of=lambda one: one.company.name)
    take_out_many(gone)
    if gone:
        record("qualification.taken_out_many", None, by=by, count=len(gone))


QUALIFICATIONS = ImportKind(
    key="qualifications",
    label=N_("资质"),
    attributes=ATTRIBUTES,
    natural_key=N_("企业 + 资质（其他资质按种类）+ 编号；没有编号的按取得日期"),
    action=Action.COMPANIES_WRITE,
    check=check,
    land=land,
    revert=revert,
    page="/ladder/qualifications/",
    list_key="qualifications",
    verifications="/ladder/verifications",
    note=N_(
        "导入的资质待第二人按来源核验后才计入。撤销导入时，尚未核验的新资质移出，改动的恢复原样。"
    ),
)
