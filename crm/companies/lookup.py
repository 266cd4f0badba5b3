"""Which firm a row means by a code or a name: very many rows at once, in a number of statements that does not grow.

Sure are a code, a name and a former name (width, case, brackets and spaces apart) that only one firm has and whose code
does not say another. What is only very similar is proposed; a person decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from sqlalchemy import Select, Text, cast, func, select

from crm.companies.likeness import very_similar
from crm.companies.models import Company, FormerName
from crm.companies.names import name_key, spelling
from crm.companies.queries import LOOK_ALIKES_SHOWN, SHORTEST_UNLIKE
from crm.core.among import among
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people.models import Unit
from crm.people.scope import Scope


@dataclass(frozen=True)
class Named:
    """What a row says of a firm: its code as it is stored (crm.core.identifiers.clean_uscc), its name."""

    name: str = ""
    uscc: str = ""


class How(IntEnum):
    """By what a firm was found, the surest first."""

    CODE = 1
    NAME = 2
    FORMER_NAME = 3


@dataclass(frozen=True)
class Firm:
    """A firm that a row may mean. Of one that `is_mine` does not say of, only its unit may be told."""

    id: int
    name: str
    uscc: str | None
    unit_id: int
    unit: str
    is_mine: bool  # in the reader's scope
    is_archived: bool


@dataclass
class Found:
    """The firm that a row means for sure, and those that it may mean where none is sure, likeliest first."""

    firm: Firm | None = None
    how: How | None = None
    alike: list[Firm] = field(default_factory=list)


def find(named: Sequence[Named], scope: Scope) -> list[Found]:
    """For each row the firm of the park that it means, also one outside the scope or in the archive."""
    candidates = _Candidates(named, scope)
    found = [candidates.sure(number) for number in range(len(named))]
    unsure = [number for number, one in enumerate(found) if one.firm is None]
    likenesses = _likenesses(named, unsure)
    firms = _firms({firm_id for firm_id, _, _ in likenesses}, scope)
    proposed: dict[int, dict[int, float]] = defaultdict(dict)
    for firm_id, number, likeness in likenesses:
        proposed[number][firm_id] = max(likeness, proposed[number].get(firm_id, 0))
    for number in unsure:
        alike = proposed[number] | dict.fromkeys(candidates.unsure(number), 100.0)
        ranked = sorted(alike, key=lambda firm_id, of=alike: (-of[firm_id], firm_id))  # type: ignore[misc]
        known = (firms.get(firm_id) or candidates.firms[firm_id] for firm_id in ranked)
        found[number].alike = [f for f in known if not f.is_archived][:LOOK_ALIKES_SHOWN]
    return found


def expect(found: Found) -> Firm:
    """The firm that a record is to be of: in the register and in the reader's scope. Raises DomainError otherwise."""
    firm = found.firm
    if firm is None:
        message = N_("企业名录中没有这家企业，请核对名称和统一社会信用代码。")
        if any(other.is_mine for other in found.alike):
            message = N_("企业名录中没有完全一致的企业，有相近的，请选择或更正。")
        raise DomainError(message)
    if not firm.is_mine:
        raise DomainError(N_("该企业由“%(unit)s”管理，不在您的数据范围内。"), unit=firm.unit)
    if firm.is_archived:
        raise DomainError(N_("“%(name)s”已归档，请先恢复。"), name=firm.name)
    return firm


class _Candidates:
    """The firms that have a code or, but for how it is written, a name of the rows."""

    def __init__(self, named: Sequence[Named], scope: Scope) -> None:
        self.named = named
        codes = sorted({one.uscc for one in named} - {""})
        self._keys = [name_key(one.name) if one.name else "" for one in named]
        keys = sorted(set(self._keys) - {""})
        self._by_code: dict[str, int] = {}
        self._by_name: dict[str, list[tuple[How, int, str]]] = defaultdict(list)
        self.firms: dict[int, Firm] = {}
        firms, formerly = _told(scope), _told(scope).join(FormerName)
        for row in session.execute(firms.where(among(Company.uscc, codes))) if codes else ():
            self._by_code[row.uscc] = self._keep(row)
        self._follow_merges(firms)
        if keys:
            for row in session.execute(
                firms.where(among(Company.name_key, keys)).add_columns(Company.name_key)
            ):
                self._by_name[row.name_key].append((How.NAME, self._keep(row), row.name))
            for row in session.execute(
                formerly.where(among(FormerName.name_key, keys)).add_columns(
                    FormerName.name_key, FormerName.name.label("former")
                )
            ):
                self._by_name[row.name_key].append((How.FORMER_NAME, self._keep(row), row.former))

    def _follow_merges(self, firms: Select[*tuple[Any, ...]]) -> None:
        """A code of a record that was merged means the firm that went on, however often that was merged again."""
        while asked := sorted(set(self._by_code.values())):
            merged = select(Company.id, Company.merged_into_id).where(
                among(Company.id, asked), Company.merged_into_id.is_not(None)
            )
            into = {gone: firm_id for gone, firm_id in session.execute(merged) if firm_id}
            if not into:
                return
            for row in session.execute(firms.where(among(Company.id, sorted(set(into.values()))))):
                self._keep(row)
            self._by_code = {code: into.get(id_, id_) for code, id_ in self._by_code.items()}

    def sure(self, number: int) -> Found:
        asked = self.named[number]
        if asked.uscc in self._by_code:
            return Found(self.firms[self._by_code[asked.uscc]], How.CODE)
        named_so = [
            (how, firm_id)
            for how, firm_id, name in self._by_name.get(self._keys[number], ())
            if spelling(name) == spelling(asked.name) and not self._is_another(asked, firm_id)
        ]
        for how in (How.NAME, How.FORMER_NAME):
            # One that is kept and mine goes before one that is archived or of another unit.
            firms = [self.firms[firm_id] for by, firm_id in named_so if by is how]
            kept = [f for f in firms if f.is_mine and not f.is_archived] or [
                f for f in firms if not f.is_archived
            ]
            if len(kept) == 1:
                return Found(kept[0], how)
            if kept:
                break
        return Found()

    def unsure(self, number: int) -> Iterator[int]:
        """Those of the same key: of the same name with another code, of another legal form, several of one name."""
        asked = self.named[number]
        for _how, firm_id, name in self._by_name.get(self._keys[number], ()):
            if not self._is_another(asked, firm_id) or spelling(name) == spelling(asked.name):
                yield firm_id

    def _is_another(self, asked: Named, firm_id: int) -> bool:
        code = self.firms[firm_id].uscc
        return bool(asked.uscc and code and code != asked.uscc)

    def _keep(self, row: Any) -> int:
        self.firms[row.id] = _firm(row)
        return int(row.id)


def _told(scope: Scope) -> Select[*tuple[Any, ...]]:
    return select(
        Company.id,
        Company.name,
        Company.uscc,
        Company.unit_id,
        Unit.name.label("unit"),
        scope.includes(Company.unit_id).label("is_mine"),
        Company.archived_at.is_not(None).label("is_archived"),
    ).join(Unit, Unit.id == Company.unit_id)


def _firm(row: Any) -> Firm:
    return Firm(
        row.id, row.name, row.uscc, row.unit_id, row.unit, bool(row.is_mine), bool(row.is_archived)
    )


def _firms(ids: Iterable[int], scope: Scope) -> Mapping[int, Firm]:
    listed = sorted(ids)
    if not listed:
        return {}
    rows = session.execute(_told(scope).where(among(Company.id, listed)))
    return {row.id: _firm(row) for row in rows}


def _likenesses(named: Sequence[Named], unsure: Sequence[int]) -> list[tuple[int, int, float]]:
    """(firm, row, likeness) of names that are very similar, now or formerly.

    Two valid codes tell two firms apart: a row with a code is held only against the firms that have none.
    """
    found: list[tuple[int, int, float]] = []
    for has_code in (True, False):
        numbers = [n for n in unsure if bool(named[n].uscc) is has_code]
        keys = {n: k for n in numbers if len(k := name_key(named[n].name)) >= SHORTEST_UNLIKE}
        if not keys:
            continue
        for firm_id, key in (
            (Company.id, Company.name_key),
            (FormerName.company_id, FormerName.name_key),
        ):
            query = select(
                func.aggregate_strings(key, "\n"), func.aggregate_strings(cast(firm_id, Text), "\n")
            )
            if has_code:
                codeless = select(Company.id).where(Company.uscc.is_(None))
                query = query.where(firm_id.in_(codeless))
            text, firms = session.execute(query).one()
            if text:
                found += _alike(text, firms.split("\n"), list(keys.values()), list(keys))
    return found


def _alike(
    text: str, firms: Sequence[str], keys: Sequence[str], numbers: Sequence[int]
) -> Iterator[tuple[int, int, float]]:
    """The longer side is the text that is looked through."""
    if len(firms) >= len(keys):
        for line, place, likeness in very_similar(text, keys):
            yield int(firms[line]), numbers[place], likeness
    else:
        for line, place, likeness in very_similar("\n".join(keys), text.split("\n")):
            yield int(firms[place]), numbers[line], likeness
