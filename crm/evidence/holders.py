"""The firms of the park among the holders of records, as they are written: by name, former name or code, exactly.

A name that is only similar is proposed; a person decides.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, union_all

from crm.companies.models import Company, CompanyKind, FormerName
from crm.companies.names import name_key, plain_text
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.evidence.kind import Kind
from crm.ladder import matching
from crm.ladder.models import Match
from crm.ladder.reading import Line
from crm.people.scope import Scope

CHUNK = 5000
_BETWEEN = re.compile(r"[;；、|\n]")
_CODE = re.compile(r"[0-9A-Z]{18}")


@dataclass(frozen=True)
class Firm:
    """A firm of the park that a name means; `is_mine`: its record lies in the writer's scope."""

    id: int
    name: str
    kind: CompanyKind
    unit_id: int
    is_mine: bool


@dataclass(frozen=True)
class Held:
    """Whose a record is: the firm that it is written for, and the further ones where the kind counts each.

    `is_elsewhere`: there are firms of the park among its holders, and none of them is the writer's to write for.
    """

    firm: Firm | None = None
    others: tuple[int, ...] = ()
    is_elsewhere: bool = False

    @property
    def kind(self) -> CompanyKind | None:
        return self.firm.kind if self.firm else None

    @property
    def company_id(self) -> int | None:
        return self.firm.id if self.firm else None


def names_in(text: str | None) -> list[str]:
    """The single names of a holder as written."""
    return [name for part in _BETWEEN.split(text or "") if (name := part.strip())]


def held_by(
    kind: Kind, holders: Sequence[str | None], scope: Scope, chosen: Sequence[int | None] = ()
) -> list[Held]:
    """For each holder its firms; `chosen` are those that a person picked instead of the first (0: none). Few statements."""
    picked = chosen or [None] * len(holders)
    names = [names_in(text) if kind.is_shared else [text] if text else [] for text in holders]
    found = _by_name({name for some in names for name in some}, scope)
    by_id = _by_id({number for number in picked if number}, scope)
    return [
        _held(kind, [found[name] for name in some if name in found], by_id.get(number or 0))
        for some, number in zip(names, picked, strict=True)
    ]


def faults(kind: Kind, held: Held, *, is_alike: bool = False) -> Iterator[DomainError]:
    """What is wrong with a holder that was written down; `is_alike`: a firm's name is similar and nobody has decided."""
    if held.is_elsewhere:
        yield DomainError(N_("这家企业不在您的数据范围内，请由其所在单位登记。"), field="holder")
    elif held.firm is None and is_alike:
        yield DomainError(N_("有名称相近的企业，请确认是不是同一家。"), field="holder")
    elif held.firm is None and kind.needs_firm:
        yield DomainError(N_("没有找到这家企业，请按企业名录中的名称填写。"), field="holder")


def _held(kind: Kind, found: Sequence[Firm], picked: Firm | None) -> Held:
    firms = list(dict.fromkeys([picked, *found] if picked else found))
    first = next((firm for firm in firms if firm.is_mine), None)
    if first is None:
        return Held(is_elsewhere=bool(firms))
    if not kind.is_shared:
        return Held(first)
    return Held(first, tuple(firm.id for firm in firms if firm is not first))


def alike(holders: Collection[str], scope: Scope) -> dict[str, Firm]:
    """Of names that are no firm's exactly the most similar firm of the scope, where there is one."""
    listed = sorted(holders)
    found = matching.match([Line(name=name) for name in listed], scope) if listed else []
    likely = {
        name: match.company_id
        for name, match in zip(listed, found, strict=True)
        if match.match is Match.ALIKE and match.company_id
    }
    by_id = _by_id(set(likely.values()), scope)
    return {name: by_id[number] for name, number in likely.items() if number in by_id}


def _by_name(names: Collection[str], scope: Scope) -> dict[str, Firm]:
    """By the indexes of keys and codes; a legal form that differs makes another firm."""
    by_key: Mapping[str, list[str]] = defaultdict(list)
    for name in names:
        by_key[name_key(name)].append(name)
    found: dict[str, Firm] = {}
    for keys in _chunks(by_key):
        now = _firms(scope, Company.name).where(Company.name_key.in_(keys))
        then = (
            _firms(scope, FormerName.name)
            .join(FormerName, FormerName.company_id == Company.id)
            .where(FormerName.name_key.in_(keys))
        )
        for row in session.execute(union_all(now, then)):
            for name in by_key[name_key(row.written)]:
                if plain_text(name) == plain_text(row.written):
                    found.setdefault(name, _firm(row))
    for codes in _chunks(name for name in names if _CODE.fullmatch(name)):
        for row in session.execute(_firms(scope, Company.uscc).where(Company.uscc.in_(codes))):
            found[row.written] = _firm(row)
    return found


def _by_id(ids: Collection[int], scope: Scope) -> dict[int, Firm]:
    rows = [
        row
        for some in _chunks(ids)
        for row in session.execute(_firms(scope, Company.name).where(Company.id.in_(some)))
    ]
    return {row.id: _firm(row) for row in rows if row.is_mine}


def _firms(scope: Scope, written: Any) -> Any:
    """Of the whole park: a further holder may be another unit's firm."""
    return select(
        Company.id, Company.name, Company.kind, Company.unit_id,
        scope.includes(Company.unit_id).label("is_mine"), written.label("written"),
    ).where(Company.archived_at.is_(None))  # fmt: skip


def _firm(row: Any) -> Firm:
    return Firm(row.id, row.name, row.kind, row.unit_id, bool(row.is_mine))


def _chunks(values: Any) -> Iterator[list[Any]]:
    listed = list(values)
    return (listed[at : at + CHUNK] for at in range(0, len(listed), CHUNK))
