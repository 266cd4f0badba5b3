"""The chain: each entry carries a hash over its own stored text and the hash before it."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

GENESIS = "0" * 64
HASHED = (
    "id", "at", "actor_id", "actor", "origin", "action",
    "subject_type", "subject_id", "subject", "details", "previous_hash",
)  # fmt: skip


def chain_hash(entry: Mapping[str, Any]) -> str:
    """SHA-256 over the stored text of one entry, the hash of the entry before it included."""
    text_ = json.dumps([entry[column] for column in HASHED], ensure_ascii=False)
    return hashlib.sha256(text_.encode()).hexdigest()
