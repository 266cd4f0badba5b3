"""产学研合作合同, as the 技术合同登记 lists them."""

from decimal import Decimal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.attributes import Attribute, Sort
from crm.core.columns import Choice
from crm.core.money import Money
from crm.core.words import N_, LabelledEnum
from crm.evidence.kind import Kind, holder
from crm.evidence.models import Evidence


class ContractKind(LabelledEnum):
    """The four kinds of technology contracts (民法典第八百四十三条)."""

    DEVELOPMENT = "development", N_("技术开发"), "技术开发合同", "委托开发", "合作开发", "开发"
    TRANSFER = "transfer", N_("技术转让"), "技术转让合同", "转让"
    CONSULTING = "consulting", N_("技术咨询"), "技术咨询合同", "咨询"
    SERVICE = "service", N_("技术服务"), "技术服务合同", "服务"


class Contract(Evidence):
    """One contract between firms and a college or institute; `title` is the project's name."""

    __tablename__ = "contracts"
    FILTERS = ("kind",)
    AMOUNT = ("amount",)
    ORDERS = ("amount",)

    kind: Mapped[ContractKind | None] = mapped_column(Choice(ContractKind))
    registration_number: Mapped[str] = mapped_column(String(40), default="")
    counterpart: Mapped[str] = mapped_column(String(200))
    amount: Mapped[Decimal] = mapped_column(Money)


CONTRACTS = Kind(
    key="contracts",
    label=N_("产学研合同"),
    icon="clipboard-check",
    model=Contract,
    natural_key=N_("技术合同登记号；没有时为合作双方、签订日期和金额"),
    keys=(("registration_number",), ("holder", "counterpart", "happened_on", "amount")),
    is_shared=True,
    counts_alone=True,
    beside=("title",),
    own=(
        Attribute("registration_number", N_("技术合同登记号"), Sort.CODE, longest=40, is_default=True,
                  headings=("合同登记编号", "登记编号", "合同登记号", "登记号", "合同编号"), width=20),
        Attribute("title", N_("合同项目名称"), is_required=True, longest=200, width=34,
                  headings=("项目名称", "合同名称"), example="数控系统伺服驱动联合开发"),
        Attribute("kind", N_("合同类别"), Sort.CHOICE, choices=ContractKind, headings=("合同类型", "类别")),
        holder(N_("园区方"), "企业名称", "买方名称", "委托方", "甲方", is_required=True,
               help=N_("多个之间用；隔开；其中的园区企业各计1项，全园区合计1项。")),
        Attribute("counterpart", N_("合作方"), is_required=True, longest=200, is_default=True, width=30,
                  headings=("卖方名称", "受托方", "乙方", "合作院所", "合作单位"), example="江苏大学"),
        Attribute("amount", N_("合同金额"), Sort.MONEY, is_required=True, is_default=True,
                  headings=("合同成交总金额", "成交金额", "合同成交额", "合同额"), example="60"),
        Attribute("happened_on", N_("签订日期"), Sort.DATE, is_required=True, is_default=True,
                  headings=("合同签订日期", "签订时间", "签约日期"), example="2020-04-15"),
    ),
)  # fmt: skip
