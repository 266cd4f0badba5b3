"""Money is Decimal yuan in code and whole fen in the database; people read and type 万元 or 亿元, never a float."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, Overflow

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

from crm.core.errors import DomainError
from crm.core.words import N_, LabelledEnum

FEN = Decimal("0.01")
WAN = Decimal(10_000)
YI = Decimal(100_000_000)
LARGEST = Decimal("1e14")  # a million 亿元: more is a slip of the keyboard


class Currency(LabelledEnum):
    """What an amount is in, by the unit in which people write it. Amounts of different currencies are never added up."""

    CNY = "cny", N_("万元")
    USD = "usd", N_("万美元")


class Money(TypeDecorator[Decimal]):
    """Decimal yuan (or dollars) ↔ whole fen (cents) in a BIGINT (SQLite has no decimal type)."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        fen = value * 100
        if fen != fen.to_integral_value():
            raise ValueError(f"{value} yuan is not a whole number of fen")
        return int(fen)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-2)


def from_wan(text: str) -> Decimal:
    """Yuan from what a person typed in 万元. Raises DomainError with a sentence."""
    try:
        amount = Decimal(text.replace(",", "").replace("，", "").strip()) * WAN
    except (InvalidOperation, Overflow):
        raise DomainError(
            N_("“%(text)s”不是金额，请按万元填写数字，如 1200.5。"), text=text
        ) from None
    if not amount.is_finite() or abs(amount) > LARGEST:
        raise DomainError(N_("金额超出范围，请核对单位（万元）。"))
    return amount.quantize(FEN, ROUND_HALF_UP)


def to_wan(amount: Decimal) -> Decimal:
    return amount / WAN
