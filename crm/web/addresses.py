"""Addresses that come from outside."""

import re
from collections.abc import Iterable

from werkzeug.routing import IntegerConverter, ValidationError

LARGEST_ID = 2**31 - 1


def safe_address(address: str | None) -> str | None:
    """A path on this site, or None: begins with exactly one slash, no backslash, no control character, no space."""
    if address and re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]*", address):
        return address
    return None


def record_number(text: str) -> int:
    """`request.args.get(…, type=record_number)`: a number that the databases can hold, else as if it were not there."""
    number = int(text)
    if not 0 < number <= LARGEST_ID:
        raise ValueError("no record has this number")
    return number


def versions_seen(boxes: Iterable[str]) -> dict[int, int]:
    """Boxes that say which record they are for and how it was seen ("number:version"); what says neither is left out."""
    found = {}
    for box in boxes:
        number, _colon, version = box.partition(":")
        try:
            found[record_number(number)] = record_number(version)
        except ValueError:
            continue
    return found


class RecordNumber(IntegerConverter):
    """`<int:…>` in an address: a number that the databases can hold; a longer one is no such page, not a crash."""

    def to_python(self, value: str) -> int:
        number = int(super().to_python(value))
        if number > LARGEST_ID:
            raise ValidationError
        return number
