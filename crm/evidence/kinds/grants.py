"""争取各级项目资金: public money that was won, by the day of the award (立项)."""

from decimal import Decimal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.attributes import Attribute, Sort
from crm.core.columns import Choice
from crm.core.money import Money
from crm.core.words import N_
from crm.evidence.kind import Kind, holder
from crm.evidence.models import Evidence
from crm.ladder.models import Level


class Grant(Evidence):
    """One award; `title` is the project that it pays for."""

    __tablename__ = "grants"
    FILTERS = ("level",)
    AMOUNT = ("amount",)
    ORDERS = ("amount",)

    number: Mapped[str] = mapped_column(String(60), default="")
    level: Mapped[Level] = mapped_column(Choice(Level))
    programme: Mapped[str] = mapped_column(String(120), default="")
    amount: Mapped[Decimal] = mapped_column(Money)


GRANTS = Kind(
    key="grants",
    label=N_("项目资金"),
    icon="star",
    model=Grant,
    natural_key=N_("立项编号；没有时为项目名称、承担单位和立项日期"),
    keys=(("number",), ("title", "holder", "happened_on")),
    counts_alone=True,
    beside=("programme",),
    own=(
        Attribute("number", N_("立项编号"), Sort.CODE, longest=60, headings=("项目编号", "编号"), width=20),
        Attribute("title", N_("项目名称"), is_required=True, longest=200, width=34,
                  headings=("项目",), example="高精度谐波减速器关键技术研发"),
        holder(N_("承担单位"), "单位", "企业名称", "申报单位", is_required=True),
        Attribute("level", N_("级别"), Sort.CHOICE, choices=Level, is_required=True, is_default=True,
                  headings=("项目级别",), example="省级", width=10),
        Attribute("programme", N_("计划类别"), is_default=True, headings=("计划名称", "专项", "项目类别"),
                  example="省重点研发计划", width=22),
        Attribute("amount", N_("资助金额"), Sort.MONEY, is_required=True, is_default=True,
                  headings=("立项金额", "拨款金额", "经费", "金额"), example="200"),
        Attribute("happened_on", N_("立项日期"), Sort.DATE, is_required=True, is_default=True,
                  headings=("立项时间", "下达日期", "公示日期"), example="2020-06-30"),
    ),
)  # fmt: skip
