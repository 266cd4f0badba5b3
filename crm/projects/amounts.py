"""Sums of projects' amounts. Each currency has its own: they are never added up, and never silently converted."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Label, case, func

from crm.core.money import Currency
from crm.projects.models import Project

Sums = Mapping[Currency, Decimal]
"""The sum of each currency that occurs; nothing where no amount is known."""


def sum_columns(
    amount: ColumnElement[Any],
    label: str,
    currency: ColumnElement[Any] = Project.currency,  # type: ignore[assignment]
) -> list[Label[Decimal]]:
    """For a grouped query: the sum of an amount once for each currency (`sums_in` reads them)."""
    return [
        func.sum(case((currency == one, amount))).label(f"{label}_{one.value}") for one in Currency
    ]


def sums_in(row: Any, label: str) -> dict[Currency, Decimal]:
    """What `sum_columns` of that label gave in a row."""
    found = {one: getattr(row, f"{label}_{one.value}") for one in Currency}
    return {one: amount for one, amount in found.items() if amount is not None}


def sums_of(amounts: Iterable[tuple[Currency, Decimal | None]]) -> dict[Currency, Decimal]:
    """The same of amounts that are here already; those that are not known add nothing."""
    sums: dict[Currency, Decimal] = {}
    for currency, amount in amounts:
        if amount is not None:
            sums[currency] = sums.get(currency, Decimal(0)) + amount
    return sums
