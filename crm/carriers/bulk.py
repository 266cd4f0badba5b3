"""Many rows of the space ledger at once: one statement for each chunk, one digest for the log."""

import hashlib
import json
from typing import Any

from sqlalchemy import insert

from crm.carriers.models import Building, Let, Room
from crm.core import clock
from crm.core.db import BULK, session

CHUNK = 5000


def insert_many(
    model: type[Building] | type[Room] | type[Let], values: list[dict[str, Any]]
) -> None:
    for start in range(0, len(values), CHUNK):
        chunk = values[start : start + CHUNK]
        session.execute(insert(model), chunk, execution_options=BULK)


def stamp() -> dict[str, Any]:
    return {"recorded_at": clock.now(), "version": 1}


def digest(values: list[dict[str, Any]]) -> str:
    told = [{k: v for k, v in row.items() if k != "recorded_at"} for row in values]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, default=str).encode()).hexdigest()
