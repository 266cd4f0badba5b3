"""The index behind the search: what stands side by side in a firm's texts, as numbers (docs/decisions/0006).

A gram is two neighbouring characters, or three letters and digits. Grams of the company suffixes are left out: all firms
have them. The index only ever proposes: who asks it checks the firm's own text as well. It is written in the same code
path as the row: from the session's events, and by `add` for rows that are inserted in bulk.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from operator import add as add_up
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    column,
    event,
    inspect,
    or_,
    select,
    table,
    text,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.companies.names import name_key
from crm.core.bulk import insert_tuples
from crm.core.db import session

_IN_EVERY_NAME = frozenset(("有限", "限公", "公司", "yx", "xg", "gs", "yxg", "xgs"))
_LATIN = re.compile(r"[\x00-\x7f]{2,}")
_REPEATED = ("search_text", "unit_id")  # what the index says of a firm

_FTS = table("search_grams", column("rowid", Integer))
_ARRAYS = table("search_grams", column("company_id", Integer), column("grams", ARRAY(Integer)))
_COLUMNS = {"sqlite": ("rowid", "grams"), "postgresql": ("company_id", "grams")}
_TAKE_OUT = {  # FTS5 without content has to be told what stood there
    "sqlite": text(
        "INSERT INTO search_grams (search_grams, rowid, grams) VALUES ('delete', :id, :grams)"
    ),
    "postgresql": text("DELETE FROM search_grams WHERE company_id = :id"),
}


def grams_of(run: str) -> set[str]:
    """All grams of characters that stand side by side."""
    found = set(map(add_up, run, run[1:]))
    for stretch in _LATIN.findall(run):
        found.update(map("".join, zip(stretch, stretch[1:], stretch[2:], strict=False)))
    return found - _IN_EVERY_NAME


def pairs_of(run: str) -> list[str]:
    """Its grams of two characters, in order."""
    return [a + b for a, b in pairwise(run) if a + b not in _IN_EVERY_NAME]


def wanted(word: str) -> set[str]:
    """As few grams as cover the word; none where each of them is in every name. What has the word has all of them."""
    found = {a + b for a, b in pairwise(word) if not (a + b).isascii()}
    for stretch in _LATIN.findall(word):
        size = min(len(stretch), 3)
        starts = {0, *range(len(stretch) - size, 0, -size)}
        found.update(stretch[at : at + size] for at in starts)
    return found - _IN_EVERY_NAME


def proposed(
    groups: Iterable[Collection[str]], unit_ids: Sequence[int] | None = None
) -> Select[int]:
    """The ids of firms that have all grams of at least one group, whose record one of these units keeps."""
    numbered = [sorted(map(_number, group)) for group in groups]
    if _engine() == "postgresql":
        found = select(_ARRAYS.c.company_id).where(or_(*map(_ARRAYS.c.grams.contains, numbered)))
        if unit_ids is None:
            return found
        return found.where(_ARRAYS.c.grams.overlap([-unit_id for unit_id in unit_ids]))
    asked = " OR ".join(f"({' AND '.join(map(_word, group))})" for group in numbered)
    if unit_ids is not None:
        asked = f"({asked}) AND ({' OR '.join(_word(-unit_id) for unit_id in unit_ids)})"
    return select(_FTS.c.rowid).where(text("search_grams MATCH :asked").bindparams(asked=asked))


def add(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Put firms into the index that were inserted past the session: rows with `id` and the columns of a firm."""
    engine = connection.dialect.name
    insert_tuples(connection, "search_grams", _COLUMNS[engine], _written(engine, rows))


def replace(
    connection: Connection, gone: Iterable[Mapping[str, Any]], come: Iterable[Mapping[str, Any]]
) -> None:
    """The same for firms that were changed past the session, as they were and as they are; either may be empty."""
    engine = connection.dialect.name
    taken_out = [{"id": id_, "grams": grams} for id_, grams in _written(engine, gone)]
    if taken_out:
        connection.execute(_TAKE_OUT[engine], taken_out)
    add(connection, come)


def rewrite(companies: Iterable[Company]) -> None:
    """The same for firms whose changes are about to be written past the session."""
    changed = [company for company in companies if _is_changed(company)]
    gone = [_row(company, before=True) for company in changed]
    replace(session.connection(), gone, map(_row, changed))


def _keep_up(orm_session: Session, _context: Any) -> None:
    """What the session has just written of firms goes into the index with it."""
    gone, come = [], []
    for company in orm_session.new | orm_session.dirty | orm_session.deleted:
        if not isinstance(company, Company):
            continue
        if company in orm_session.new:
            come.append(_row(company))
        elif company in orm_session.deleted:
            gone.append(_row(company, before=True))
        elif _is_changed(company):
            gone.append(_row(company, before=True))
            come.append(_row(company))
    replace(orm_session.connection(), gone, come)


def _is_changed(company: Company) -> bool:
    return any(inspect(company).attrs[name].history.has_changes() for name in _REPEATED)


def _row(company: Company, *, before: bool = False) -> dict[str, Any]:
    row: dict[str, Any] = {"id": company.id}
    for name in _REPEATED:
        deleted = inspect(company).attrs[name].history.deleted if before else ()
        row[name] = deleted[0] if deleted else getattr(company, name)
    return row


def _written(engine: str, rows: Iterable[Mapping[str, Any]]) -> list[tuple[int, Any]]:
    """What the index keeps of each firm: its grams and its unit."""
    if engine == "postgresql":
        return [
            (row["id"], [*map(_number, _grams(row["search_text"])), -row["unit_id"]])
            for row in rows
        ]
    return [
        (
            row["id"],
            " ".join((*map(_gram_word, _grams(row["search_text"])), _word(-row["unit_id"]))),
        )
        for row in rows
    ]


def _grams(search_text: str) -> set[str]:
    """Of all its texts. A name's key has grams of its own where brackets or a legal form are left out."""
    runs = set(search_text.split())
    lines = (line for line in search_text.split("\n") if not (line.isascii() and line.isalnum()))
    runs.update(map(name_key, lines))
    return set().union(*map(grams_of, runs))


@lru_cache(2**17)
def _number(gram: str) -> int:
    """A gram in 31 bits. Two rare ones may share a number: the index only proposes."""
    if len(gram) == 2:
        return (ord(gram[0]) & 0x7FFF) << 16 | ord(gram[1]) & 0xFFFF
    return ord(gram[0]) << 14 | ord(gram[1]) << 7 | ord(gram[2])


@lru_cache(2**17)
def _gram_word(gram: str) -> str:
    return _word(_number(gram))


def _word(number: int) -> str:
    """A number as FTS5 reads it: a word of letters and digits; a unit's is negative."""
    return f"{number:x}" if number >= 0 else f"u{-number}"


def _engine() -> str:
    return session.get_bind().dialect.name


event.listen(Session, "after_flush", _keep_up)
