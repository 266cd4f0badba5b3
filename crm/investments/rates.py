"""What a foreign currency is worth. An amount is never converted silently: the figure in yuan is a statement apart."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Select, select

from crm.audit.services import Actor, record
from crm.core import clock
from crm.core.db import session
from crm.core.errors import Conflict, DomainError
from crm.core.money import FEN, Currency
from crm.core.words import N_
from crm.investments.models import CurrencyRate
from crm.projects.amounts import Sums

PER_HUNDRED = 100
FOREIGN = tuple(currency for currency in Currency if currency is not Currency.CNY)


@dataclass(frozen=True)
class Converted:
    """折合人民币: an amount in yuan, and the rate that was taken for it."""

    currency: Currency
    yuan: Decimal
    per_hundred: Decimal
    valid_from: date
    source: str


def rates() -> Select[CurrencyRate]:
    """All of them, the newest first."""
    return select(CurrencyRate).order_by(CurrencyRate.valid_from.desc(), CurrencyRate.id.desc())


def converted(sums: Sums, on: date) -> list[Converted]:
    """What the foreign sums are worth in yuan by the rates of a day; a currency without a rate is not among them."""
    found = []
    for currency, amount in sums.items():
        if currency is Currency.CNY:
            continue
        by_then = rates().where(CurrencyRate.currency == currency, CurrencyRate.valid_from <= on)
        rate = session.scalar(by_then.limit(1))
        if rate is not None:
            yuan = (amount * rate.per_hundred / PER_HUNDRED).quantize(FEN)
            found.append(Converted(currency, yuan, rate.per_hundred, rate.valid_from, rate.source))
    return found


def quote(
    currency: Currency, *, valid_from: date, per_hundred: Decimal, source: str, by: Actor
) -> CurrencyRate:
    """A rate from a day on. Raises DomainError, Conflict for a day that has one."""
    if per_hundred <= 0:
        raise DomainError(N_("汇率须大于零。"), field="per_hundred")
    if valid_from > clock.today():
        raise DomainError(N_("生效日期不能晚于今天。"), field="valid_from")
    there = rates().where(CurrencyRate.currency == currency, CurrencyRate.valid_from == valid_from)
    if session.scalar(there) is not None:
        raise Conflict(N_("这一天已有汇率；更正请用另一个生效日期。"), field="valid_from")
    rate = CurrencyRate(
        currency=currency, valid_from=valid_from, per_hundred=per_hundred, source=source
    )
    session.add(rate)
    record(
        "investment.rate_quoted", rate, by=by, name=source, valid_from=valid_from, value=per_hundred
    )
    return rate
