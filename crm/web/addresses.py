"""Addresses that come from outside."""

import re
from typing import Any

from werkzeug.routing import IntegerConverter, Map

LARGEST_ID = 2**31 - 1


def safe_address(address: str | None) -> str | None:
    """A path on this site, or None: begins with exactly one slash, no backslash, no control character, no space."""
    if address and re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]*", address):
        return address
    return None


class RecordNumber(IntegerConverter):
    """`<int:…>` in an address: a number that the databases can hold; a longer one is no such page, not a crash."""

    def __init__(self, map: Map, *args: Any, max: int = LARGEST_ID, **options: Any) -> None:
        super().__init__(map, *args, max=max, **options)
