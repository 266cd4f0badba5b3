"""Lists page by page along a key, so that the thousandth page costs what the first one does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request
from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from crm.core.db import session
from crm.web.addresses import record_number

PAGE_SIZE = 50
COUNT_LIMIT = 5000


@dataclass(frozen=True)
class Count:
    """A number of rows, counted no further than COUNT_LIMIT; printed "5000+" beyond."""

    number: int
    is_capped: bool = False

    def __str__(self) -> str:
        return f"{self.number}+" if self.is_capped else str(self.number)


@dataclass(frozen=True)
class Page:
    """Some rows of a list, newest first, and the addresses of its neighbours (None where there is no more)."""

    rows: Sequence[Row[Any]]
    newer: str | None
    older: str | None


def count(query: Select[*tuple[Any, ...]]) -> Count:
    """How many rows the query has, up to the limit.

    A search that found very many tells some of them by the option `among`: where these are enough, no more is read.
    """
    some = query.get_execution_options().get("among")
    number = _number(query.where(some)) if some is not None else 0
    if number <= COUNT_LIMIT:
        number = _number(query)
    return Count(min(number, COUNT_LIMIT), number > COUNT_LIMIT)


def _number(query: Select[*tuple[Any, ...]]) -> int:
    some = query.order_by(None).limit(COUNT_LIMIT + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def page(
    query: Select[*tuple[Any, ...]],
    key: InstrumentedAttribute[int] | ColumnElement[int],
    *,
    size: int = PAGE_SIZE,
) -> Page:
    """The page that the address asks for: `before` or `after` a row's key, the first one otherwise.

    The query must select the key as `id`.
    """
    before = request.args.get("before", type=record_number)
    after = None if before else request.args.get("after", type=record_number)
    query = query.order_by(None).order_by(key.asc() if after else key.desc()).limit(size + 1)
    if before:
        query = query.where(key < before)
    if after:
        query = query.where(key > after)
    rows = list(session.execute(query))
    has_more = len(rows) > size
    del rows[size:]
    if after:
        rows.reverse()
    if not rows:
        return Page(rows, None, None)
    newer = has_more if after else before is not None
    older = has_more if not after else True
    return Page(
        rows,
        newer=_address(after=rows[0].id) if newer else None,
        older=_address(before=rows[-1].id) if older else None,
    )


def _address(**place: int) -> str:
    """This page's own address with its filters, at another place of the list."""
    kept = [(k, v) for k, v in request.args.items(multi=True) if k not in ("before", "after") and v]
    return f"{request.path}?{urlencode([*kept, *place.items()])}"
