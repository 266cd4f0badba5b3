"""融资: what a firm raised, by which instrument, from whom."""

from decimal import Decimal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.attributes import Attribute, Sort
from crm.core.columns import Choice
from crm.core.money import Money
from crm.core.words import N_, LabelledEnum
from crm.evidence.kind import FIRM, Kind, holder
from crm.evidence.models import Evidence


class Instrument(LabelledEnum):
    """By what the money came."""

    ANGEL = "angel", N_("天使投资"), "天使", "天使轮", "种子轮"
    VENTURE = "venture", N_("VC"), "风险投资", "创业投资", "A轮", "B轮"
    GROWTH = "growth", N_("PE"), "私募股权", "C轮", "D轮", "Pre-IPO"
    FUND = "fund", N_("产业基金")
    KEBAO = "kebao", N_("科保贷")
    SUKE = "suke", N_("苏科贷")
    LOAN = "loan", N_("其他贷款"), "贷款", "银行贷款"
    BOND = "bond", N_("债券")


class InvestorKind(LabelledEnum):
    """Who gave it."""

    GUIDANCE_FUND = "guidance_fund", N_("产业引导基金")
    FUND = "fund", N_("社会基金")
    BANK = "bank", N_("银行"), "商业银行"
    FIRM = "firm", N_("企业")
    PERSON = "person", N_("个人")


class Financing(Evidence):
    """One sum that came in; `title` is who gave it, `holder` the firm that got it."""

    __tablename__ = "financings"
    FILTERS = ("instrument", "investor_kind")
    AMOUNT = ("amount",)
    ORDERS = ("amount",)

    instrument: Mapped[Instrument] = mapped_column(Choice(Instrument))
    round: Mapped[str] = mapped_column(String(20), default="")
    amount: Mapped[Decimal] = mapped_column(Money)
    investor_kind: Mapped[InvestorKind | None] = mapped_column(Choice(InvestorKind))
    fund: Mapped[str] = mapped_column(String(120), default="")


FINANCINGS = Kind(
    key="financings",
    label=N_("融资"),
    icon="database",
    model=Financing,
    natural_key=N_("企业、融资方式、到账日期和金额"),
    keys=((FIRM, "instrument", "happened_on", "amount"),),
    needs_firm=True,
    beside=("title", "round", "fund"),
    own=(
        holder(N_("融资企业"), "企业名称", "企业", "公司名称", "借款企业", is_required=True),
        Attribute("instrument", N_("融资方式"), Sort.CHOICE, choices=Instrument, is_required=True,
                  is_default=True, headings=("类型", "方式", "贷款产品"), example="天使投资"),
        Attribute("round", N_("轮次"), longest=20, headings=("融资轮次",), example="天使轮", width=10),
        Attribute("amount", N_("金额"), Sort.MONEY, is_required=True, is_default=True,
                  headings=("融资金额", "投资金额", "放款金额"), example="500"),
        Attribute("title", N_("资金方"), is_required=True, longest=120, width=30,
                  headings=("投资方", "投资机构", "放款银行", "银行"), example="常州科教创业投资有限公司"),
        Attribute("investor_kind", N_("资金方类型"), Sort.CHOICE, choices=InvestorKind, is_default=True,
                  headings=("投资方类型",)),
        Attribute("fund", N_("基金名称"), headings=("基金",), width=26),
        Attribute("happened_on", N_("到账日期"), Sort.DATE, is_required=True, is_default=True,
                  headings=("放款日期", "投资日期", "日期"), example="2020-05-20"),
    ),
)  # fmt: skip
