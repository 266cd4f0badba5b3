"""Numbers of orders and bulletins: each year's own, without a gap."""

from collections.abc import Sequence

from sqlalchemy import func, select

from crm.core.db import session
from crm.supervision import queries
from crm.supervision.models import Bulletin, SupervisionOrder

_LOCK = 7_041_934  # any constant: the key of PostgreSQL's advisory lock around numbers


def next_numbers(years: Sequence[int]) -> list[tuple[int, int]]:
    """The next number of each year, held until the commit: SQLite's writers wait for each other anyway."""
    _hold_numbers()
    last = {year: queries.last_number(SupervisionOrder, year) for year in set(years)}
    found = []
    for year in years:
        last[year] += 1
        found.append((year, last[year]))
    return found


def next_bulletin_number(year: int) -> int:
    _hold_numbers()
    return queries.last_number(Bulletin, year) + 1


def _hold_numbers() -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
