"""What we ask about firms and where they reside."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    false,
    func,
    null,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from crm.companies.models import Company, FormerName, Residence, ResidenceMove
from crm.companies.names import name_key, plain_text
from crm.core.db import session
from crm.people.models import Unit
from crm.people.scope import Scope

VERY_SIMILAR = 90  # per cent of the two keys' characters that agree, in order
LOOK_ALIKES_SHOWN = 5
_WORDS_READ = 6


def visible_to(scope: Scope) -> Select[Company]:
    """The firms whose record lies in this scope. Every page, count, search and change starts here."""
    return select(Company).where(Company.archived_at.is_(None), scope.includes(Company.unit_id))


def archived(scope: Scope) -> Select[Company]:
    """The archived firms of a scope: in no list and no figure, kept to be restored."""
    return select(Company).where(Company.archived_at.is_not(None), scope.includes(Company.unit_id))


def search(query: Select[*tuple[Any, ...]], words: str) -> Select[*tuple[Any, ...]]:
    """Only the firms that have every word in their name, their code or their pinyin initials."""
    for word in plain_text(words).split()[:_WORDS_READ]:
        query = query.where(Company.search_text.contains(word, autoescape=True))
    return query


def listed(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """What a list shows of the firms in `query`, as plain rows."""
    return query.join(Unit, Unit.id == Company.unit_id).with_only_columns(
        Company.id,
        Company.name,
        Company.uscc,
        Company.kind,
        Company.industry_code,
        Company.recorded_at,
        Unit.name.label("unit"),
    )


def counted_carrier(
    company_id: ColumnElement[int] | Any, day: ColumnElement[date] | date
) -> tuple[type[Residence], ColumnElement[bool]]:
    """The firm's 统计归属 on a day: a fresh alias of Residence and the condition to join it on.

    At most one row joins, since at most one counted residence covers any day. An inner join leaves out facts dated
    outside the firm's residence, as they count nowhere; `alias.carrier_id` is the unit that the fact belongs to:

        home, at_home = counted_carrier(Patent.company_id, Patent.granted_on)
        select(Patent.id, home.carrier_id).join(home, at_home)
    """
    home = aliased(Residence)
    return home, and_(home.company_id == company_id, home.is_counted, covers(home, day))


def covers(residence: type[Residence], day: ColumnElement[date] | date) -> ColumnElement[bool]:
    """Whether a residence includes a day: from its first day until, not including, the day it ended."""
    return and_(residence.from_on <= day, or_(residence.to_on.is_(None), residence.to_on > day))


def counted_residence_on(company: Company, day: date) -> Residence | None:
    """The counted residence of one firm on a day."""
    return session.scalar(
        select(Residence).where(
            Residence.company_id == company.id, Residence.is_counted, covers(Residence, day)
        )
    )


def counted_between(company_id: int, from_on: date, to_on: date | None) -> Select[Residence]:
    """Counted residences of a firm that share at least one day with the period (open where `to_on` is None)."""
    query = select(Residence).where(
        Residence.company_id == company_id,
        Residence.is_counted,
        or_(Residence.to_on.is_(None), Residence.to_on > from_on),
    )
    return query if to_on is None else query.where(Residence.from_on < to_on)


def last_move(company_id: int) -> ResidenceMove | None:
    """The last step of a firm's coming and going that was not undone."""
    return session.scalar(
        select(ResidenceMove)
        .where(ResidenceMove.company_id == company_id, ResidenceMove.undone_at.is_(None))
        .order_by(ResidenceMove.id.desc())
        .limit(1)
    )


@dataclass(frozen=True)
class LookAlike:
    """A firm that may be the one about to be registered. Of a firm outside the reader's scope only the unit is told."""

    unit: str
    has_same_code: bool
    company_id: int | None = None
    name: str = ""


def look_alikes(
    name: str, uscc: str | None, scope: Scope, *, leave_out: int | None = None
) -> list[LookAlike]:
    """Firms anywhere in the park with this code, or now or formerly with a name very similar to this; likeliest first."""
    key = name_key(name) if name.strip() else ""
    found: dict[int, tuple[float, bool]] = {}
    for row in session.execute(_candidates(key, uscc)):
        has_same_code = uscc is not None and row.uscc == uscc
        likeness = 101.0 if has_same_code else fuzz.ratio(key, row.name_key)
        if likeness >= VERY_SIMILAR and row.id != leave_out:
            found[row.id] = max(found.get(row.id, (0.0, False)), (likeness, has_same_code))
    likeliest = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
    best = {id_: has_same_code for id_, (_, has_same_code) in likeliest[:LOOK_ALIKES_SHOWN]}
    told = (
        session.execute(
            select(
                Company.id,
                Company.name,
                Unit.name.label("unit"),
                scope.includes(Company.unit_id).label("is_mine"),
            )
            .join(Unit, Unit.id == Company.unit_id)
            .where(Company.id.in_(best))
        ).all()
        if best
        else []
    )
    by_id = {row.id: row for row in told}
    return [
        LookAlike(by_id[id_].unit, same, id_, by_id[id_].name)
        if by_id[id_].is_mine
        else LookAlike(by_id[id_].unit, same)
        for id_, same in best.items()
    ]


def _candidates(key: str, uscc: str | None) -> CompoundSelect[*tuple[Any, ...]]:
    """Every name, present or former, that could be very similar, without reading all of them."""
    by_code = [Company.uscc == uscc] if uscc else []
    by_name = [_has_a_piece(Company.name_key, key)] if key else []
    by_former_name = _has_a_piece(FormerName.name_key, key) if key else false()
    former = select(FormerName.company_id, null(), FormerName.name_key).where(by_former_name)
    return (
        select(Company.id, Company.uscc, Company.name_key)
        .where(or_(false(), *by_code, *by_name))
        .union_all(former)
    )


def _has_a_piece(column: Any, key: str) -> ColumnElement[bool]:
    lengths, parts = pieces(key)
    return and_(
        func.length(column).between(*lengths),
        or_(*(column.contains(part, autoescape=True) for part in parts)),
    )


def pieces(key: str) -> tuple[tuple[int, int], set[str]]:
    """The shortest and longest that a very similar key can be, and pieces of which it has one.

    Very similar keys of n and m characters differ by at most d = (n + m) / 10 insertions and
    deletions; so of d + 1 pieces of one key at least one stands unchanged in the other.
    """
    length, off = len(key), 100 - VERY_SIMILAR
    longest = length * (100 + off) // (100 - off)
    shortest = -(-length * (100 - off) // (100 + off))
    number = off * (length + longest) // 100 + 1
    edges = [length * i // number for i in range(number + 1)]
    return (shortest, longest), {key[a:b] for a, b in pairwise(edges)} - {""}
