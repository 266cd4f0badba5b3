"""Codes that are nearly one another: a character mistaken, or two neighbours that changed places (GB 32100-2015)."""

from operator import mul

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE = {character: number for number, character in enumerate(_ALPHABET)}
_LENGTH = 18
_WEIGHTS: tuple[int, ...] = (*(3**place % 31 for place in range(_LENGTH - 1)), 1)


def is_valid(code: str) -> bool:
    """Whether its check character fits."""
    return _remainder(code) == 0


def corrections(code: str) -> set[str]:
    """The valid codes from which a broken one may have come: at most one for each place, and for each two neighbours.

    A slip of either kind always breaks a code, so a valid one has none.
    """
    remainder = _remainder(code)
    if not remainder:
        return set()
    found = set()
    for place, weight in enumerate(_WEIGHTS):
        value = (_VALUE[code[place]] - remainder * pow(weight, -1, 31)) % 31
        found.add(code[:place] + _ALPHABET[value] + code[place + 1 :])
    swapped = (code[:at] + code[at + 1] + code[at] + code[at + 2 :] for at in range(_LENGTH - 1))
    found.update(other for other in swapped if is_valid(other))
    return {other for other in found if other[2:8].isdigit()}


def is_near(code: str, other: str) -> bool:
    """Whether they differ in one character, or in two neighbours that changed places."""
    if len(code) != len(other):
        return False
    match [at for at, pair in enumerate(zip(code, other, strict=True)) if pair[0] != pair[1]]:
        case [_]:
            return True
        case [first, second]:
            is_swapped = code[first] == other[second] and code[second] == other[first]
            return second == first + 1 and is_swapped
    return False


def _remainder(code: str) -> int | None:
    """What the check misses by; None for what has not the form of a code."""
    if len(code) != _LENGTH:
        return None
    try:
        total: int = sum(map(mul, map(_VALUE.__getitem__, code), _WEIGHTS))
    except KeyError:
        return None
    return total % 31
