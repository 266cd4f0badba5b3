"""Rows of a sheet for a kind, read and judged as the engine does it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from crm.core import registry
from crm.core.attributes import MoneyUnit
from crm.core.db import session, writing
from crm.imports.kinds import Draft, ImportKind, Landed, Outcome, Verdict
from crm.people.models import User

Row = Mapping[str, Any]


def kind_of(key: str) -> ImportKind:
    found = registry.import_kinds[key]
    assert isinstance(found, ImportKind)
    return found


def drafts(key: str, rows: Sequence[Row], unit: MoneyUnit = MoneyUnit.WAN) -> list[Draft]:
    """Rows as cells by attribute; the head is row 1."""
    kind = kind_of(key)
    return [
        Draft(number, {n: kind.attribute(n).read(cell, unit) for n, cell in row.items()})  # type: ignore[union-attr]
        for number, row in enumerate(rows, 2)
    ]


def check(key: str, by: User, *rows: Row, unit: MoneyUnit = MoneyUnit.WAN) -> list[Verdict]:
    session.rollback()
    session.expire_all()
    return list(kind_of(key).check(drafts(key, rows, unit), by))


def land(
    key: str, by: User, *rows: Row, source: str = "名单", unit: MoneyUnit = MoneyUnit.WAN
) -> list[Landed]:
    """Land rows that must all be good; what undoing gets is what the database would keep."""
    kind = kind_of(key)
    with writing():
        verdicts = kind.check(drafts(key, rows, unit), by)
        assert not [words(verdict) for verdict in verdicts if verdict.faults]
        wanted = [v for v in verdicts if v.outcome in (Outcome.CREATE, Outcome.UPDATE)]
        landed = kind.land(wanted, by, source)
    return [
        Landed(
            one.number,
            one.record_id,
            one.version,
            json.loads(json.dumps(one.before)),
            json.loads(json.dumps(one.made)),
        )
        for one in landed
    ]


def revert(key: str, by: User, landed: Sequence[Landed]) -> None:
    with writing():
        kind_of(key).revert(landed, by)


def outcomes(verdicts: Sequence[Verdict]) -> list[str]:
    return [verdict.outcome.value for verdict in verdicts]


def words(verdict: Verdict) -> list[tuple[str | None, str]]:
    """What is wrong: column and sentence."""
    return [(fault.attribute, str(fault.error)) for fault in verdict.faults]
