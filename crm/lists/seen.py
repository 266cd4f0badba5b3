"""What a reader saw of some rows: a form that means all of them carries it, so that nothing happens to what nobody looked at."""

import hashlib
from collections.abc import Iterable


def digest(rows: Iterable[tuple[int, int]]) -> str:
    """Of the rows' numbers and versions, in the order of the query."""
    text = ";".join(f"{number}:{version}" for number, version in rows)
    return hashlib.sha256(text.encode()).hexdigest()
