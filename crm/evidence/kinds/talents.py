"""人才: who was brought in or trained, under which programme. Numbers and telephones of persons are masked."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.attributes import Attribute, Sort
from crm.core.columns import Choice
from crm.core.words import N_, LabelledEnum
from crm.evidence.kind import FIRM, Kind, holder
from crm.evidence.models import Evidence
from crm.ladder.models import Level


class Programme(LabelledEnum):
    """Under what somebody is counted."""

    NATIONAL = "national", N_("国家级人才计划"), "国家级人才", "国家级"
    DOUBLE_CREATION = (
        "double_creation",
        N_("江苏省双创人才"),
        "省双创人才",
        "省双创",
        "双创人才",
        "江苏省双创计划",
    )
    LONGCHENG = "longcheng", N_("龙城英才计划"), "龙城英才"
    GOLDEN_PHOENIX = "golden_phoenix", N_("金凤凰人才"), "金凤凰"
    SCIENCE = "science", N_("科技人才")
    EXPERT = "expert", N_("外国专家")
    BROKER = "broker", N_("技术经纪人")
    SERVICE = "service", N_("科技服务人才")


class Way(LabelledEnum):
    """How the park came by the person."""

    BROUGHT_IN = "brought_in", N_("引进")
    TRAINED = "trained", N_("培养")


class Talent(Evidence):
    """One person under one programme in one year; `title` is the name."""

    __tablename__ = "talents"
    FILTERS = ("programme", "nationality", "way")
    ORDERS = ("year",)

    programme: Mapped[Programme] = mapped_column(Choice(Programme))
    level: Mapped[Level | None] = mapped_column(Choice(Level))
    year: Mapped[int]  # of the programme's list, which may come out later
    way: Mapped[Way] = mapped_column(Choice(Way))
    nationality: Mapped[str] = mapped_column(String(40), default="")
    role: Mapped[str] = mapped_column(String(60), default="")
    id_number: Mapped[str] = mapped_column(String(30), default="")
    phone: Mapped[str] = mapped_column(String(30), default="")


_LEVELS = {
    Programme.NATIONAL: Level.NATIONAL,
    Programme.DOUBLE_CREATION: Level.PROVINCIAL,
    Programme.LONGCHENG: Level.MUNICIPAL,
}


def _derive(values: dict[str, Any], _firm: object) -> None:
    if not values.get("level") and values.get("programme"):
        values["level"] = _LEVELS.get(values["programme"])


TALENTS = Kind(
    key="talents",
    label=N_("人才"),
    icon="user-check",
    model=Talent,
    natural_key=N_("证件号码（没有时为姓名和用人单位）、人才计划和年度"),
    keys=(("id_number", "programme", "year"), ("title", FIRM, "programme", "year")),
    counts_alone=True,
    beside=("role", "phone"),
    derive=_derive,
    own=(
        Attribute("title", N_("姓名"), is_required=True, longest=60, headings=("人才姓名", "申报人"),
                  example="李明", width=12),
        holder(N_("用人单位"), "单位", "所在单位", "工作单位", "企业名称", is_required=True),
        Attribute("programme", N_("人才计划"), Sort.CHOICE, choices=Programme, is_required=True,
                  is_default=True, headings=("计划", "类别", "人才类别"), example="龙城英才计划", width=18),
        Attribute("level", N_("级别"), Sort.CHOICE, choices=Level, headings=("人才级别",)),
        Attribute("year", N_("年度"), Sort.NUMBER, is_year=True, is_required=True, is_default=True,
                  headings=("入选年度", "年份"), example="2020", width=8),
        Attribute("happened_on", N_("入选（引进）日期"), Sort.DATE, is_required=True, is_default=True,
                  headings=("引进日期", "入选日期", "认定日期", "公布日期", "聘用日期"), example="2020-06-18"),
        Attribute("way", N_("引进或培养"), Sort.CHOICE, choices=Way, is_required=True, is_default=True,
                  headings=("引育方式",), example="引进"),
        Attribute("nationality", N_("国籍"), longest=40, headings=("国别",), example="中国", width=10),
        Attribute("role", N_("专业和岗位"), longest=60, headings=("岗位", "职务", "专业"), width=18),
        Attribute("id_number", N_("证件号码"), Sort.CODE, longest=30, is_personal=True,
                  headings=("身份证号", "身份证号码", "护照号"), width=20),
        Attribute("phone", N_("联系电话"), longest=30, is_personal=True, headings=("手机", "电话", "手机号")),
    ),
)  # fmt: skip
