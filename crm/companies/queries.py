"""What we ask about firms and where they reside."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    func,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from crm.companies import grams
from crm.companies.models import Company, FormerName, Residence, ResidenceMove
from crm.companies.names import name_key, plain_text
from crm.core.among import among
from crm.core.db import session
from crm.people.models import Unit
from crm.people.scope import WHOLE_PARK_SCOPE, Scope

VERY_SIMILAR = 90  # per cent of the two keys' characters that agree, in order
LOOK_ALIKES_SHOWN = 5
SHORTEST_UNLIKE = 5  # of fewer characters only the same name is very similar
_WORDS_READ = 6
_PROPOSED = 5500  # a list counts to 5000: some more than that, since the index proposes and the text decides


def visible_to(scope: Scope) -> Select[Company]:
    """The firms whose record lies in this scope. Every page, count, search and change starts here."""
    query = select(Company).where(Company.archived_at.is_(None), scope.includes(Company.unit_id))
    return query.execution_options(scope=scope)  # a search looks no further than here


def archived(scope: Scope) -> Select[Company]:
    """The archived firms of a scope: in no list and no figure, kept to be restored. Merged ones are none."""
    query = select(Company).where(
        Company.archived_at.is_not(None),
        Company.merged_into_id.is_(None),
        scope.includes(Company.unit_id),
    )
    return query.execution_options(scope=scope)


def search(query: Select[*tuple[Any, ...]], words: str) -> Select[*tuple[Any, ...]]:
    """Only the firms that have every word in their name, their code or their pinyin initials.

    The index is asked first: where it proposes few firms the query reads only those. Where it proposes many, the query
    reads the firms in its own order until it has enough, and `count` finds some of them under the option `among`.
    """
    read = plain_text(words).split()[:_WORDS_READ]
    for word in read:
        query = query.where(Company.search_text.contains(word, autoescape=True))
    wanted = set().union(*map(grams.wanted, read))
    if not wanted:
        return query
    scope: Scope = query.get_execution_options().get("scope", WHOLE_PARK_SCOPE)
    units = None if scope.is_whole_park else _units_in(scope) or None
    ids = session.scalars(grams.proposed([wanted], units).limit(_PROPOSED)).all()
    if len(ids) < _PROPOSED:
        return query.where(among(Company.id, ids))
    return query.execution_options(among=among(Company.id, ids))


def _units_in(scope: Scope) -> Sequence[int]:
    return session.scalars(select(Unit.id).where(scope.includes(Unit.id))).all()


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
    has_near_code: bool = False


def look_alikes(
    name: str,
    uscc: str | None,
    scope: Scope,
    *,
    leave_out: int | None = None,
    meant: Collection[str] = (),
) -> list[LookAlike]:
    """Firms anywhere in the park with this code, or now or formerly with a name very similar to this; likeliest first.

    `meant`: the codes that somebody may have meant who typed a broken one (codes.corrections).
    """
    key = name_key(name) if name.strip() else ""
    codes = {*meant, *([uscc] if uscc else [])}
    found: dict[int, tuple[float, str]] = {}
    for row in _candidates(key, codes):
        code = row.uscc if row.uscc in codes else ""
        likeness = 101.0 if code else fuzz.ratio(key, row.name_key)
        if likeness >= VERY_SIMILAR and row.id != leave_out:
            found[row.id] = max(found.get(row.id, (0.0, "")), (likeness, code))
    likeliest = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
    best = {id_: code for id_, (_, code) in likeliest[:LOOK_ALIKES_SHOWN]}
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
        LookAlike(
            by_id[id_].unit,
            has_same_code=bool(code) and code == uscc,
            company_id=id_ if by_id[id_].is_mine else None,
            name=by_id[id_].name if by_id[id_].is_mine else "",
            has_near_code=code in meant,
        )
        for id_, code in best.items()
    ]


def _candidates(key: str, codes: Collection[str]) -> Iterable[Row[Any]]:
    """Every name, present or former, that could be very similar, without reading all of them."""
    present = select(Company.id, Company.uscc, Company.name_key)
    former = select(FormerName.company_id, null(), FormerName.name_key)
    found = [present.where(Company.uscc.in_(codes))] if codes else []
    if key:
        found += [present.where(Company.name_key == key), former.where(FormerName.name_key == key)]
        if len(key) >= SHORTEST_UNLIKE:
            found.append(present.where(_could_be_very_similar(Company.id, Company.name_key, key)))
            former_id, former_key = FormerName.company_id, FormerName.name_key
            found.append(former.where(_could_be_very_similar(former_id, former_key, key)))
    return session.execute(union_all(*found)) if found else ()


def _could_be_very_similar(
    company_id: InstrumentedAttribute[int], name_key: InstrumentedAttribute[str], key: str
) -> ColumnElement[bool]:
    groups, (lengths, parts) = groups_of(key), pieces(key)
    if groups:
        condition: ColumnElement[bool] = company_id.in_(grams.proposed(groups))
    else:
        condition = or_(*(name_key.contains(part, autoescape=True) for part in parts))
    return and_(condition, func.length(name_key).between(*lengths))


def groups_of(key: str) -> list[list[str]]:
    """Pairs of neighbours in groups, of which a very similar key has at least one whole; none where they are too few.

    Very similar keys of n and m characters differ by at most (n + m) / 10 insertions and deletions. An insertion parts
    one pair of neighbours, a deletion two. With one group more than pairs that can be parted, one group stands. A group
    takes pairs from all along the key, so that few groups have only what many names share.
    """
    off, length = 100 - VERY_SIMILAR, len(key)
    parted = max(
        2 * deleted + (2 * off * length - (100 + off) * deleted) // (100 - off)
        for deleted in range(2 * off * length // (100 + off) + 1)
    )
    pairs = list(dict.fromkeys(grams.pairs_of(key)))
    groups = [pairs[first :: parted + 1] for first in range(parted + 1)]
    return groups if all(groups) else []


def pieces(key: str) -> tuple[tuple[int, int], set[str]]:
    """The shortest and longest that a very similar key can be, and pieces of which it has one.

    The pieces are for keys that repeat the same few pairs of neighbours. Very similar keys of n and m characters differ
    by at most d = (n + m) / 10 insertions and deletions; so of d + 1 pieces of one key at least one stands in the other.
    """
    length, off = len(key), 100 - VERY_SIMILAR
    longest = length * (100 + off) // (100 - off)
    shortest = -(-length * (100 - off) // (100 + off))
    number = off * (length + longest) // 100 + 1
    edges = [length * i // number for i in range(number + 1)]
    return (shortest, longest), {key[a:b] for a, b in pairwise(edges)} - {""}
