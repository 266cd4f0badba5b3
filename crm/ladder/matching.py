"""The names of a published list among our firms: by code, by name, by former name, and of what is left by likeness.

A few queries, however long the list. A likely name is only proposed; a person decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, cast, func, select

from crm.companies.likeness import very_similar
from crm.companies.models import Company, FormerName
from crm.companies.names import name_key, plain_text
from crm.companies.queries import SHORTEST_UNLIKE, visible_to
from crm.core.db import session
from crm.ladder.models import Match
from crm.ladder.reading import Line
from crm.people.scope import Scope

CHUNK = 5000
_ORDER = (Match.USCC, Match.NAME, Match.FORMER, Match.ALIKE)  # the surest first


@dataclass
class Found:
    """The firm that a name is taken for so far, and how sure that is."""

    match: Match = Match.NONE
    company_id: int | None = None
    likeness: float = 0

    def offer(self, match: Match, company_id: int, likeness: float = 100) -> None:
        """Take this firm where it is surer than the one so far."""
        now = _ORDER.index(self.match) if self.company_id else len(_ORDER)
        if (_ORDER.index(match), -likeness) < (now, -self.likeness):
            self.match, self.company_id, self.likeness = match, company_id, likeness


def match(lines: Sequence[Line], scope: Scope) -> list[Found]:
    """For each line the firm of this scope that it most likely means."""
    found = [Found() for _ in lines]
    keys = [name_key(line.name) for line in lines]
    _find_exactly(lines, keys, scope, found)
    left = [
        number
        for number, key in enumerate(keys)
        if found[number].company_id is None and len(key) >= SHORTEST_UNLIKE
    ]
    if left:
        _find_alike([keys[number] for number in left], scope, [found[number] for number in left])
    return found


def _find_exactly(
    lines: Sequence[Line], keys: Sequence[str], scope: Scope, found: Sequence[Found]
) -> None:
    """By the indexes of codes and keys, now and formerly."""
    by_code, by_key = _places(line.uscc for line in lines), _places(keys)
    firms = visible_to(scope).with_only_columns(
        Company.id, Company.name, Company.name_key, Company.uscc
    )
    for codes in _chunks(by_code):
        for row in session.execute(firms.where(Company.uscc.in_(codes))):
            for number in by_code[row.uscc]:
                found[number].offer(Match.USCC, row.id)
    formerly = (
        visible_to(scope)
        .join(FormerName, FormerName.company_id == Company.id)
        .with_only_columns(Company.id, FormerName.name, FormerName.name_key, Company.uscc)
    )
    for some in _chunks(by_key):
        for how, query in (
            (Match.NAME, firms.where(Company.name_key.in_(some))),
            (Match.FORMER, formerly.where(FormerName.name_key.in_(some))),
        ):
            for row in session.execute(query):
                for number in by_key[row.name_key]:
                    is_same = _is_same(lines[number], row.name, row.uscc)
                    found[number].offer(how if is_same else Match.ALIKE, row.id)


def _is_same(line: Line, name: str, uscc: str | None) -> bool:
    """Not of two firms of one name, nor where only the legal form differs: a person decides then."""
    is_another = uscc and line.uscc and uscc != line.uscc
    return not is_another and plain_text(line.name) == plain_text(name)


def _find_alike(keys: Sequence[str], scope: Scope, found: Sequence[Found]) -> None:
    """Among all names of the register; of what is found only firms of the scope are proposed.

    The walk reads nothing but an index of keys: to ask for the scope at each of a million firms takes longer.
    """
    proposals: list[tuple[int, int, float]] = []
    for id_, key in (
        (Company.id, Company.name_key),
        (FormerName.company_id, FormerName.name_key),
    ):
        text, numbers = _register(id_, key)
        proposals += [(int(numbers[at]), n, score) for at, n, score in very_similar(text, keys)]
    visible = _visible({company_id for company_id, _, _ in proposals}, scope)
    for company_id, number, likeness in sorted(proposals):
        if company_id in visible:
            found[number].offer(Match.ALIKE, company_id, likeness)


def _register(company_id: Any, key: Any) -> tuple[str, Sequence[str]]:
    """All keys, a line for each, and the numbers of their firms: two texts instead of a million rows."""
    number = func.aggregate_strings(cast(company_id, Text), "\n")
    keys, numbers = session.execute(select(func.aggregate_strings(key, "\n"), number)).one()
    return keys or "", (numbers or "").split("\n")


def _visible(company_ids: set[int], scope: Scope) -> set[int]:
    query = visible_to(scope).with_only_columns(Company.id)
    return {
        id_
        for some in _chunks(company_ids)
        for id_ in session.scalars(query.where(Company.id.in_(some)))
    }


def _places(texts: Iterable[str]) -> Mapping[str, list[int]]:
    """Where each text stands; the empty one nowhere."""
    found: dict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        if text:
            found[text].append(number)
    return found


def _chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    listed = list(values)
    return (listed[start : start + CHUNK] for start in range(0, len(listed), CHUNK))
