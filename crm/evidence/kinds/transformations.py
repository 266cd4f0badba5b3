"""成果转化: a result that went from an institute to a firm, and what came of it."""

from decimal import Decimal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.attributes import Attribute, Sort
from crm.core.columns import Choice
from crm.core.money import Money
from crm.core.words import N_, LabelledEnum
from crm.evidence.kind import Kind, holder
from crm.evidence.models import Evidence


class Transfer(LabelledEnum):
    """How a result changes hands (促进科技成果转化法第十六条)."""

    SOLD = "sold", N_("转让")
    LICENSED = "licensed", N_("许可")
    INVESTED = "invested", N_("作价投资")
    JOINT = "joint", N_("合作转化")
    OWN = "own", N_("自行转化")


class Transformation(Evidence):
    """One result; `title` is its name, `holder` who took it over."""

    __tablename__ = "transformations"
    FILTERS = ("is_high_tech",)
    AMOUNT = ("output",)
    ORDERS = ("output",)

    origin: Mapped[str] = mapped_column(String(200))
    way: Mapped[Transfer | None] = mapped_column(Choice(Transfer))
    is_high_tech: Mapped[bool] = mapped_column(default=False)
    output: Mapped[Decimal | None] = mapped_column(
        Money
    )  # 带动产出, as estimated by who reports it


TRANSFORMATIONS = Kind(
    key="transformations",
    label=N_("成果转化"),
    icon="refresh",
    model=Transformation,
    natural_key=N_("成果名称、来源单位、承接单位和转化日期"),
    keys=(("title", "origin", "holder", "happened_on"),),
    counts_alone=True,
    own=(
        Attribute("title", N_("成果名称"), is_required=True, longest=200, width=34,
                  headings=("成果", "项目名称"), example="焊缝视觉跟踪技术"),
        Attribute("origin", N_("来源单位"), is_required=True, longest=200, is_default=True, width=28,
                  headings=("成果来源", "完成单位", "转出单位"), example="常州大学"),
        holder(N_("承接单位"), "转化企业", "受让方", "企业名称", is_required=True),
        Attribute("way", N_("转化方式"), Sort.CHOICE, choices=Transfer, is_default=True, headings=("方式",)),
        Attribute("is_high_tech", N_("高新技术成果"), Sort.BOOL, is_default=True, example="是"),
        Attribute("output", N_("带动产出"), Sort.MONEY, is_default=True,
                  headings=("带动产值", "新增产值", "产出"), example="1200"),
        Attribute("happened_on", N_("转化日期"), Sort.DATE, is_required=True, is_default=True,
                  headings=("签约日期", "日期"), example="2020-07-02"),
    ),
)  # fmt: skip
