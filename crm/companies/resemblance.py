"""What makes two firms look like one: the reasons, how likely they make it, and the keys that such firms share."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from rapidfuzz import fuzz

from crm.companies import codes
from crm.companies.duplicate_models import Reason
from crm.companies.names import core_key, name_key, reading

LIKELY = 50  # from this score on a pair is shown without being asked for
_WEIGHTS = {
    Reason.NAME: 90, Reason.CODE: 90, Reason.FORMER: 80, Reason.PHONE: 75, Reason.REGION: 70, Reason.READING: 60,
}  # fmt: skip
_FURTHER_REASON = 3
_TWO_LICENCES = 30  # two valid codes are two legal persons, unless one of them is another firm's
_SOMEWHAT_ALIKE = 60  # per cent: what names must be with the same telephone
_SHORTEST_PHONE, _LONGEST_PHONE = 7, 11


@dataclass(frozen=True)
class Face:
    """What of a firm is compared."""

    id: int
    name: str
    uscc: str | None
    former_names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()

    @cached_property
    def key(self) -> str:
        return name_key(self.name)

    @cached_property
    def core(self) -> str:
        return core_key(self.key)

    @cached_property
    def reading(self) -> str:
        return reading(self.core)

    @cached_property
    def former_cores(self) -> frozenset[str]:
        return frozenset(core_key(name_key(name)) for name in self.former_names)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Its telephones as digits, without the country's code."""
        digits = ("".join(filter(str.isdigit, phone)) for phone in self.phones)
        return frozenset(d[-_LONGEST_PHONE:] for d in digits if len(d) >= _SHORTEST_PHONE)


def keys_of(face: Face) -> set[int]:
    """Firms that resemble each other have one of these in common."""
    return {
        int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)
        for text in _texts(face)
    }


def reasons_for(one: Face, other: Face) -> frozenset[Reason]:
    """All that speaks for the two being one."""
    return frozenset(_reasons(one, other))


def score(reasons: frozenset[Reason], one: Face, other: Face) -> int:
    """How likely it is, 0 to 99: the strongest reason, a little for each further one, less where both have a licence."""
    if not reasons:
        return 0
    points = max(_WEIGHTS[reason] for reason in reasons) + _FURTHER_REASON * (len(reasons) - 1)
    licences = {face.uscc for face in (one, other) if face.uscc and codes.is_valid(face.uscc)}
    return min(points, 99) - (_TWO_LICENCES if len(licences) == 2 else 0)


def seen(one: Face, other: Face) -> str:
    """A digest of the names and codes of both: what somebody saw who said that they are two."""
    text = "\n".join(f"{face.name}\t{face.uscc or ''}" for face in (one, other))
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _texts(face: Face) -> Iterator[str]:
    for core in {face.core, *face.former_cores}:
        yield f"name {core}"
    yield f"reading {face.reading}"
    for number in face.numbers:
        yield f"phone {number}"
    for code in {face.uscc, *codes.corrections(face.uscc)} if face.uscc else ():
        yield f"code {code}"


def _reasons(one: Face, other: Face) -> Iterator[Reason]:
    if one.key == other.key:
        yield Reason.NAME
    elif one.core == other.core:
        yield Reason.REGION
    elif one.reading == other.reading:
        yield Reason.READING
    if one.core in other.former_cores or other.core in one.former_cores:
        yield Reason.FORMER
    if one.uscc and other.uscc and codes.is_near(one.uscc, other.uscc):
        yield Reason.CODE
    if one.numbers & other.numbers and fuzz.ratio(one.core, other.core) >= _SOMEWHAT_ALIKE:
        yield Reason.PHONE
