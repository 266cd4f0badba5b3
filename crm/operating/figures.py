"""What firms report of themselves, figure by figure, and how a figure is read from a cell."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, Overflow
from typing import Protocol

from crm.core.attributes import MoneyUnit
from crm.core.errors import DomainError
from crm.core.money import FEN, LARGEST
from crm.core.words import N_

MOST_STAFF = 10_000_000
LONGEST_QUOTED = 20

Number = Decimal | int


@dataclass(frozen=True)
class Figure:
    """One column. A flow adds up from January on (本年累计); what is no flow is as of the period's last day."""

    name: str
    label: str
    is_money: bool = True
    is_flow: bool = True
    may_be_negative: bool = False


FIGURES = (
    Figure("revenue", N_("营业收入")),
    Figure("assets", N_("资产总额"), is_flow=False),
    Figure("staff", N_("从业人员"), is_money=False, is_flow=False),
    Figure("tech_staff", N_("科技人员"), is_money=False, is_flow=False),
    Figure("tax", N_("上缴税费"), may_be_negative=True),  # refunds
    Figure("profit", N_("利润总额"), may_be_negative=True),  # losses
    Figure("r_and_d", N_("研发费用")),
    Figure("high_tech_income", N_("高新收入")),  # 高新技术产品（服务）收入
)
NAMES = tuple(figure.name for figure in FIGURES)
BY_NAME = {figure.name: figure for figure in FIGURES}


class Figures(Protocol):
    """A firm's figures of one period, wherever they are: a report, a form, a row of a sheet."""

    @property
    def year(self) -> int: ...
    @property
    def through_month(self) -> int: ...


def value_of(figures: Figures, name: str) -> Number | None:
    return getattr(figures, name)  # type: ignore[no-any-return]


def same(one: Figures, other: Figures) -> bool:
    return all(value_of(one, name) == value_of(other, name) for name in NAMES)


def read(figure: Figure, text: str, unit: MoneyUnit) -> Number | None:
    """The yuan or people that somebody typed into a cell; None for an empty one. Raises DomainError."""
    text = text.replace(",", "").replace("，", "").strip()
    if not text:
        return None
    try:
        number = Decimal(text) * (unit.worth if figure.is_money else 1)
    except (InvalidOperation, Overflow):
        raise _no_number(figure, text) from None
    if not number.is_finite():
        raise _no_number(figure, text)
    if abs(number) > (LARGEST if figure.is_money else MOST_STAFF):
        raise DomainError(N_("数字过大，请核对单位。"), field=figure.name)
    if figure.is_money:
        return number.quantize(FEN, ROUND_HALF_UP)
    if number != number.to_integral_value():
        raise DomainError(N_("请填写整数。"), field=figure.name)
    return int(number)


def show(figure: Figure, value: Number | None, unit: MoneyUnit) -> str:
    """As it is typed into a cell."""
    if value is None:
        return ""
    return f"{(Decimal(value) / (unit.worth if figure.is_money else 1)).normalize():f}"


def _no_number(figure: Figure, text: str) -> DomainError:
    message = N_("“%(text)s”不是数字，请只填数字，不带单位。")
    return DomainError(message, field=figure.name, text=text[:LONGEST_QUOTED])
