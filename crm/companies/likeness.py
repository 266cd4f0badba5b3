"""Which of very many names are very similar to one of a list, without holding each against each.

Names lie side by side in one text, read as numbers: a million of them are looked through in a second or two for the pairs
of neighbouring characters that a very similar name must share (crm.companies.queries.groups_of); only what shares them
is compared.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from crm.companies.queries import VERY_SIMILAR, groups_of, pieces

Characters = npt.NDArray[np.uint32]
Pairs = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
_FEW = 40  # are compared sooner than sifted


def very_similar(text: str, wanted: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    """(line of the text, place among the wanted, likeness) of all that are very similar."""
    asked = [_groups(key) for key in wanted]
    names = _Names(text, {pair for groups in asked for group in groups for pair in group})
    for number, (key, groups) in enumerate(zip(wanted, asked, strict=True)):
        shortest, longest = pieces(key)[0]
        lines = names.having(groups, shortest, longest)
        if not len(lines):
            continue
        likeness = process.cdist(
            [key], [names.at(line) for line in lines], scorer=fuzz.ratio, score_cutoff=VERY_SIMILAR
        )[0]
        for at in likeness.nonzero()[0]:
            yield int(lines[at]), number, float(likeness[at])


def _groups(key: str) -> list[list[str]]:
    """Pairs of neighbours in groups: a very similar key has all pairs of at least one."""
    return groups_of(key) or [[a + b for a, b in pairwise(piece)] for piece in pieces(key)[1]]


class _Names:
    """The lines of a text, and in which of them each of some pairs of characters stands."""

    def __init__(self, text: str, pairs: set[str]) -> None:
        self._text = text
        characters = _characters(text)
        self._ends = np.append(np.flatnonzero(characters == ord("\n")), len(characters))
        self._starts = np.concatenate(([0], self._ends[:-1] + 1))
        asked = np.unique(_numbers(_characters("".join(sorted(pairs))))[::2])
        places = _places(characters, asked)
        found = np.searchsorted(asked, _numbers(characters, places))
        order = np.argsort(found, kind="stable")
        lines = np.searchsorted(self._ends, places)[order]
        bounds = np.searchsorted(found[order], np.arange(len(asked) + 1))
        at = {int(number): place for place, number in enumerate(asked)}
        self._lines = {}
        for pair in pairs:
            place = at[int(_numbers(_characters(pair))[0])]
            self._lines[pair] = lines[bounds[place] : bounds[place + 1]]

    def at(self, line: int) -> str:
        return self._text[self._starts[line] : self._ends[line]]

    def having(self, groups: Sequence[Sequence[str]], shortest: int, longest: int) -> Places:
        """The lines of such a length that have all pairs of one of the groups."""
        found: Places = np.unique(np.concatenate([self._with_all(group) for group in groups]))
        lengths = self._ends[found] - self._starts[found]
        is_near: npt.NDArray[np.bool_] = (lengths >= shortest) & (lengths <= longest)
        return found[is_near]

    def _with_all(self, group: Sequence[str]) -> Places:
        rarest, *others = sorted((self._lines[pair] for pair in group), key=len)
        for other in others:
            if len(rarest) <= _FEW:
                break
            at = np.searchsorted(other, rarest)
            at[at == len(other)] = 0
            rarest = rarest[other[at] == rarest]
        return rarest


def _characters(text: str) -> Characters:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _numbers(characters: Characters, places: Places | None = None) -> Pairs:
    """Each pair of neighbours as one number; of these places only."""
    if places is None:
        places = np.arange(len(characters) - 1)
    return characters[places].astype(np.uint64) << np.uint64(32) | characters[places + 1]


def _places(characters: Characters, asked: Pairs) -> Places:
    """Where one of these pairs stands: first by each of its characters, which is soon looked up."""
    first = np.zeros(0x110000, dtype=bool)
    second = np.zeros(0x110000, dtype=bool)
    first[asked >> np.uint64(32)] = True
    second[asked & np.uint64(0xFFFFFFFF)] = True
    places: Places = np.flatnonzero(first[characters[:-1]] & second[characters[1:]])
    there = _numbers(characters, places)
    at = np.searchsorted(asked, there)
    at[at == len(asked)] = 0
    is_asked: npt.NDArray[np.bool_] = asked[at] == there
    return places[is_asked]
