"""What an import keeps as JSON: values, faults, sentences for people."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from crm.core.errors import DomainError
from crm.core.words import LabelledEnum
from crm.imports.kinds import Fault, Landed, LookAlike


def as_text(content: Any) -> str:
    return _ENCODER.encode(content)


def as_json(value: Any) -> Any:
    """A fact as JSON has it: a choice by its stored word, a day in ISO, an amount as text."""
    match value:
        case Enum():
            return value.value
        case date() | datetime():
            return value.isoformat()
        case Decimal():
            return str(value)
        case frozenset() | set():
            return sorted(as_json(item) for item in value)
        case _:
            return value


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=as_json)


def sentence_as_json(error: DomainError) -> list[Any]:
    """The msgid and its values, so that each reader gets it in the own language."""
    values = {name: _word(value) for name, value in error.values.items()}
    return [error.message, values]


def sentence_from(content: list[Any]) -> DomainError:
    message, values = content
    told: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in values.items()}
    return DomainError(message, **told)


def _word(value: Any) -> Any:
    if isinstance(value, LabelledEnum):
        return value.label
    if isinstance(value, tuple | list):
        return [_word(part) for part in value]
    return as_json(value)


def faults_as_text(faults: Iterable[Fault], columns: Mapping[str, int]) -> str:
    """[column or null, msgid, values] each; `columns` says which column holds which attribute."""
    told = [[columns.get(f.attribute or ""), *sentence_as_json(f.error)] for f in faults]
    return as_text(told) if told else ""


def faults_from(text: str) -> list[tuple[int | None, DomainError]]:
    return [(column, sentence_from(rest)) for column, *rest in json.loads(text or "[]")]


def look_alikes_as_text(found: Iterable[LookAlike]) -> str:
    told = [[one.id, one.name, one.note] for one in found]
    return as_text(told) if told else ""


def look_alikes_from(text: str) -> list[LookAlike]:
    return [LookAlike(*one) for one in json.loads(text or "[]")]


def sentence_from_text(text: str) -> DomainError | None:
    return sentence_from(json.loads(text)) if text else None


def landed_as_text(landed: Landed) -> str:
    return as_text({"was": landed.before, "made": landed.made})


def landed_from(row: Any) -> Landed:
    kept = json.loads(row.before)
    return Landed(row.number, row.record_id, row.version, kept["was"], kept["made"])
