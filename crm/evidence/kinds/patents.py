"""专利: applications and grants, as patent databases export them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.companies.models import CompanyKind
from crm.core.attributes import Attribute, Sort
from crm.core.columns import Choice
from crm.core.errors import DomainError
from crm.core.identifiers import clean_patent_number
from crm.core.words import N_, LabelledEnum
from crm.evidence.kind import Kind, Values, holder
from crm.evidence.models import Evidence


class PatentKind(LabelledEnum):
    """What is protected."""

    INVENTION = "invention", N_("发明"), "发明专利", "发明申请", "发明公开", "发明公布", "发明授权"
    UTILITY_MODEL = "utility_model", N_("实用新型"), "实用新型专利", "新型"
    DESIGN = "design", N_("外观设计"), "外观设计专利", "外观", "外观专利"


class ApplicantKind(LabelledEnum):
    """What sort of body the first applicant is."""

    COLLEGE = "college", N_("高校"), "大专院校", "高等院校", "院校", "学校"
    INSTITUTE = "institute", N_("科研院所"), "科研单位", "科研机构", "研究院所"
    FIRM = "firm", N_("企业"), "工矿企业", "公司"
    PERSON = "person", N_("个人")


class PatentStatus(LabelledEnum):
    """Where it stands in law."""

    PENDING = (
        "pending",
        N_("审中"),
        "在审",
        "审查中",
        "实质审查",
        "实审",
        "公开",
        "公布",
        "受理",
        "申请",
        "审中-实审",
        "审中-公开",
    )
    GRANTED = "granted", N_("授权有效"), "授权", "已授权", "有效", "有权", "专利权维持", "有权-授权"
    ENDED = "ended", N_("失效"), "终止", "无效", "专利权终止", "未缴年费", "届满", "放弃", "无权"
    REFUSED = "refused", N_("驳回"), "已驳回", "无权-驳回"
    WITHDRAWN = "withdrawn", N_("撤回"), "视撤", "视为撤回", "主动撤回", "无权-视为撤回"


class Patent(Evidence):
    """One application. `happened_on` is its day of application; a grant counts by its own day and unit."""

    __tablename__ = "patents"
    FILTERS = ("kind", "applicant_kind")
    ORDERS = ("granted_on", "number")
    LATER = ("granted_on", "granted_unit_id")

    number: Mapped[str] = mapped_column(String(20))
    kind: Mapped[PatentKind] = mapped_column(Choice(PatentKind))
    applicant_kind: Mapped[ApplicantKind | None] = mapped_column(Choice(ApplicantKind))
    inventors: Mapped[str] = mapped_column(String(200), default="")
    publication_number: Mapped[str] = mapped_column(String(20), default="")
    published_on: Mapped[date | None]
    granted_on: Mapped[date | None]
    granted_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    status: Mapped[PatentStatus | None] = mapped_column(Choice(PatentStatus))


_BY_DIGIT = {
    **dict.fromkeys("18", PatentKind.INVENTION),
    **dict.fromkeys("29", PatentKind.UTILITY_MODEL),
    "3": PatentKind.DESIGN,
}
_BY_FIRM = {
    CompanyKind.COLLEGE: ApplicantKind.COLLEGE,
    CompanyKind.INSTITUTE: ApplicantKind.INSTITUTE,
    CompanyKind.ENTERPRISE: ApplicantKind.FIRM,
    CompanyKind.BRANCH: ApplicantKind.FIRM,
}


def _kind_by_number(number: str) -> PatentKind | None:
    """The digit after the year says what is protected: 201710601862.3 an invention."""
    return _BY_DIGIT.get(number[2 if len(number) == 10 else 4])


def _derive(values: dict[str, Any], firm: CompanyKind | None) -> None:
    if values.get("number") and not values.get("kind"):
        values["kind"] = _kind_by_number(values["number"])
    if firm and not values.get("applicant_kind"):
        values["applicant_kind"] = _BY_FIRM.get(firm)
    if values.get("granted_on") and not values.get("status"):
        values["status"] = PatentStatus.GRANTED


def _rules(values: Values) -> Iterator[DomainError]:
    said, kind = _kind_by_number(values.get("number") or "0" * 14), values.get("kind")
    if said and kind and said is not kind:
        yield DomainError(N_("申请号属于%(kind)s，与专利类型不符。"), field="kind", kind=said)
    if values.get("status") is PatentStatus.GRANTED and not values.get("granted_on"):
        yield DomainError(N_("已授权的专利请填写授权公告日。"), field="granted_on")


PATENTS = Kind(
    key="patents",
    label=N_("专利"),
    icon="bulb",
    model=Patent,
    natural_key=N_("申请号"),
    keys=(("number",),),
    orders=(("granted_on", "happened_on"), ("published_on", "happened_on")),
    is_shared=True,
    beside=("title", "inventors", "publication_number", "published_on"),
    rules=_rules,
    derive=_derive,
    own=(
        Attribute("number", N_("申请号"), Sort.CODE, is_required=True, longest=20, clean=clean_patent_number,
                  headings=("专利号", "申请（专利）号", "申请号/专利号", "专利申请号"), is_default=True,
                  help=N_("12位或老8位数字加校验位，可带 ZL、CN。"), example="201710601862.3", width=18),
        Attribute("title", N_("专利名称"), is_required=True, longest=200, example="一种机器人关节减速装置",
                  headings=("发明名称", "名称", "标题", "专利题目", "发明创造名称"), width=34),
        Attribute("kind", N_("专利类型"), Sort.CHOICE, choices=PatentKind, is_default=True,
                  headings=("类型", "专利种类", "专利类别"), help=N_("留空时由申请号判断。")),
        holder(N_("申请人"), "申请（专利权）人", "专利权人", "当前专利权人", "申请人/专利权人", is_required=True,
               help=N_("多个之间用；隔开；其中的园区企业各计1件，全园区合计1件。")),
        Attribute("applicant_kind", N_("申请人类型"), Sort.CHOICE, choices=ApplicantKind,
                  headings=("申请人类别", "专利权人类型"), help=N_("留空时由园区企业的类别判断。")),
        Attribute("happened_on", N_("申请日"), Sort.DATE, is_required=True, is_default=True,
                  headings=("申请日期", "专利申请日"), example="2020-03-12"),
        Attribute("inventors", N_("发明人"), longest=200, headings=("设计人", "发明（设计）人")),
        Attribute("publication_number", N_("公开（公告）号"), Sort.CODE, longest=20,
                  headings=("公开号", "公告号", "公开公告号", "授权公告号"), example="CN107453541A"),
        Attribute("published_on", N_("公开（公告）日"), Sort.DATE, headings=("公开日", "公开日期", "公开公告日")),
        Attribute("granted_on", N_("授权公告日"), Sort.DATE, is_default=True,
                  headings=("授权日", "授权日期", "授权公告日期", "公告日")),
        Attribute("status", N_("法律状态"), Sort.CHOICE, choices=PatentStatus,
                  headings=("状态", "当前法律状态", "专利状态")),
    ),
)  # fmt: skip
