"""The names of a published list among our firms: by code, by name, by former name, by likeness. Three queries, however long.

A likely name is only proposed; a person decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import select

from crm.companies.models import Company, FormerName
from crm.companies.names import name_key, plain_text
from crm.companies.queries import SHORTEST_UNLIKE, VERY_SIMILAR, pieces, visible_to
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
    wanted = _Wanted(lines)
    firms = visible_to(scope).with_only_columns(
        Company.id, Company.name, Company.name_key, Company.uscc
    )
    for firm in _walked(firms):
        wanted.see(firm.id, firm.name, firm.name_key, firm.uscc, Match.NAME)
    visible = visible_to(scope).with_only_columns(Company.id)
    former = (
        select(FormerName.company_id, FormerName.name, FormerName.name_key, Company.uscc)
        .join(Company, Company.id == FormerName.company_id)
        .where(FormerName.company_id.in_(visible))
    )
    for row in _walked(former):
        wanted.see(row.company_id, row.name, row.name_key, row.uscc, Match.FORMER)
    wanted.compare()
    return wanted.found


def _walked(query: Any) -> Iterable[Any]:
    return session.execute(query.execution_options(yield_per=CHUNK))


class _Wanted:
    """The lines of a list, laid out so that each firm of the register is held against few of them."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.found = [Found() for _ in lines]
        self._lines = lines
        self._keys = [name_key(line.name) for line in lines]
        self._codes: dict[str, list[int]] = defaultdict(list)
        self._same_key: dict[str, list[int]] = defaultdict(list)
        self._pieces: dict[str, list[int]] = defaultdict(list)
        self._sharing: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for number, (line, key) in enumerate(zip(lines, self._keys, strict=True)):
            self._same_key[key].append(number)
            if line.uscc:
                self._codes[line.uscc].append(number)
            if len(key) >= SHORTEST_UNLIKE:
                for piece in pieces(key)[1]:
                    self._pieces[piece].append(number)
        self._lengths = sorted({len(piece) for piece in self._pieces})

    def see(self, company_id: int, name: str, key: str, uscc: str | None, how: Match) -> None:
        """One firm under one of its names."""
        if uscc:
            for number in self._codes.get(uscc, ()):
                self.found[number].offer(Match.USCC, company_id)
        for number in self._same_key.get(key, ()):
            line = self._lines[number]
            is_another = bool(uscc and line.uscc and uscc != line.uscc)  # two firms of one name
            is_same = plain_text(line.name) == plain_text(name)
            self.found[number].offer(how if is_same and not is_another else Match.ALIKE, company_id)
        for piece in self._pieces_in(key):
            self._sharing[piece].append((company_id, key))
            if len(self._sharing[piece]) >= CHUNK:
                self._compare(piece)

    def _pieces_in(self, key: str) -> set[str]:
        """Very similar keys share one of the pieces that `pieces` cuts."""
        return {
            piece
            for length in self._lengths
            for start in range(len(key) - length + 1)
            if (piece := key[start : start + length]) in self._pieces
        }

    def compare(self) -> None:
        """Hold the firms seen against the lines that they share a piece with."""
        for piece in list(self._sharing):
            self._compare(piece)

    def _compare(self, piece: str) -> None:
        firms, numbers = self._sharing.pop(piece), self._pieces[piece]
        likeness = process.cdist(
            [key for _, key in firms],
            [self._keys[number] for number in numbers],
            scorer=fuzz.ratio,
            score_cutoff=VERY_SIMILAR,
        )
        for row, column in zip(*likeness.nonzero(), strict=True):
            company_id, alike = firms[row][0], float(likeness[row, column])
            self.found[numbers[column]].offer(Match.ALIKE, company_id, alike)
