"""Addresses that come from outside."""

import re


def safe_address(address: str | None) -> str | None:
    """A path on this site, or None: begins with exactly one slash, no backslash, no control character, no space."""
    if address and re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]*", address):
        return address
    return None
