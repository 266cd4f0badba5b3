"""The records behind a figure, kept with it: read as they count now, packed, and seen from a unit."""

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from crm.core.db import session
from crm.metrics.catalogue import METRICS
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.targets import queries
from crm.targets.models import Indicator

LONGEST_LABEL = 60
REPORTS = "/targets/"


@dataclass(frozen=True)
class Binding:
    """Where a target's figure comes from: a metric with its filters; none where it is reported by hand."""

    metric: str
    filters: tuple[tuple[str, str], ...]

    @property
    def page(self) -> str:
        """Where a row opens, which also says what kind of record it is."""
        return METRICS[self.metric].page if self.metric in METRICS else REPORTS

    @property
    def is_once(self) -> bool:
        """Whether a thing that has several rows is counted once."""
        return self.metric in METRICS and METRICS[self.metric].is_distinct


@dataclass(frozen=True)
class CountedRow:
    """One record and what it adds in a unit; a record that several carriers hold has a row for each.

    `thing`: the first record of what is counted once, a person's under several programmes; mostly the record itself.
    """

    record_id: int
    label: str
    on: date
    contribution: Decimal
    unit_id: int
    thing: int


Key = tuple[int, int]
"""A record's number, and which of its rows: a record that counts twice has two."""


def binding_of(indicator: Indicator) -> Binding:
    return Binding(indicator.metric, tuple(sorted(indicator.filters.items())))


def rows_now(indicator: Indicator, binding: Binding, as_of: date) -> list[CountedRow]:
    """The rows of the whole park as they count now, as of that day: of every unit in which a record counts."""
    if not binding.metric:
        return _report_of(indicator, as_of)
    metric = METRICS.get(binding.metric)
    if metric is None:
        return []  # a definition that there is no more
    asked = (as_of, indicator.plan.year, WHOLE_PARK_SCOPE, dict(binding.filters))
    facts = metric.rows_by_unit(*asked).subquery().c
    query = select(
        facts.record_id, facts.label, facts.happened_on, facts.contribution, facts.unit_id,
        facts.thing,
    ).order_by(facts.happened_on, facts.record_id, facts.unit_id)  # fmt: skip
    first: dict[object, int] = {}
    return [
        CountedRow(
            record_id,
            label,
            on,
            Decimal(part) / metric.scale,
            unit_id,
            first.setdefault(thing, record_id),
        )
        for record_id, label, on, part, unit_id, thing in session.execute(query)
    ]


def seen(
    rows: Iterable[CountedRow], units: Collection[int] | None, *, is_once: bool
) -> dict[Key, CountedRow]:
    """What of them counts for who sees these units (None: all): what counts once, once."""
    found: dict[Key, CountedRow] = {}
    times: Counter[int] = Counter()
    counted: set[int] = set()
    for row in rows:
        if units is not None and row.unit_id not in units:
            continue
        if is_once and row.thing in counted:
            continue
        found[row.record_id, times[row.record_id]] = row
        times[row.record_id] += 1
        counted.add(row.thing)
    return found


def total(rows: Mapping[Key, CountedRow]) -> Decimal:
    return sum((row.contribution for row in rows.values()), Decimal(0))


def parts(
    rows: Iterable[CountedRow], paths: Mapping[int, str], *, is_once: bool
) -> dict[int, Decimal]:
    """What each unit with those below it adds, by its number; `paths` are those of the units (Unit.path)."""
    sums: dict[int, Decimal] = {}
    held: set[tuple[int, int]] = set()
    for row in rows:
        for unit_id in map(int, paths[row.unit_id].strip("/").split("/")):
            if is_once and (unit_id, row.thing) in held:
                continue
            held.add((unit_id, row.thing))
            sums[unit_id] = sums.get(unit_id, Decimal(0)) + row.contribution
    return sums


def as_text(rows: Iterable[CountedRow]) -> str:
    """Canonical: the same rows give the same text, and its digest is the rows' digest."""
    plain = [
        [
            row.record_id,
            row.label,
            row.on.isoformat(),
            f"{row.contribution:f}",
            row.unit_id,
            row.thing,
        ]
        for row in rows
    ]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def packed(text: str) -> bytes:
    return zlib.compress(text.encode())


def unpacked(kept: bytes) -> tuple[list[CountedRow], str]:
    """The rows and their digest."""
    text = zlib.decompress(kept).decode()
    rows = [
        CountedRow(record_id, label, date.fromisoformat(on), Decimal(part), unit_id, thing)
        for record_id, label, on, part, unit_id, thing in json.loads(text)
    ]
    return rows, digest(text)


def _report_of(indicator: Indicator, as_of: date) -> list[CountedRow]:
    """Of what is reported by hand the report that counts: the last one that was verified."""
    reports = session.scalars(queries.verified_reports(indicator, as_of)).all()
    return [
        CountedRow(
            one.id, one.note[:LONGEST_LABEL], one.as_of_on, one.value, indicator.unit_id, one.id
        )
        for one in reports[-1:]
    ]
