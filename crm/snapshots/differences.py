"""What a figure's rows are now, against those that were kept: frozen + came − went ± changed = now, each row with its cause."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from crm.core.db import session
from crm.people.models import Unit
from crm.people.scope import Scope
from crm.projects.models import Project
from crm.projects.queries import sealed_from
from crm.snapshots import rules
from crm.snapshots.causes import Cause, Causes
from crm.snapshots.models import SnapshotFigure
from crm.snapshots.paper import Line
from crm.snapshots.rows import (
    Binding,
    CountedRow,
    Key,
    binding_of,
    rows_now,
    seen,
    total,
    unpacked,
)

ZERO = Decimal(0)


@dataclass(frozen=True)
class Difference:
    """A record that counts otherwise than it did; `page` is where it opens."""

    record_id: int
    page: str
    before: CountedRow | None
    now: CountedRow | None
    cause: Cause

    @property
    def label(self) -> str:
        row = self.now or self.before
        return row.label if row else ""

    @property
    def amount(self) -> Decimal:
        return (self.now.contribution if self.now else ZERO) - (
            self.before.contribution if self.before else ZERO
        )


@dataclass(frozen=True)
class Comparison:
    """A figure then and now for one reader. What is sealed from him is in the sums and is not listed."""

    line: Line
    rows: tuple[CountedRow, ...]
    frozen: Decimal
    now: Decimal
    differences: tuple[Difference, ...]
    came: Decimal
    went: Decimal
    changed: Decimal
    hidden: int
    is_intact: bool  # the rows are those of which the digest was taken


def compare(figure: SnapshotFigure, line: Line, scope: Scope) -> Comparison:
    """The rows kept for a figure and those that there are now, as of the same day; `line` is what its paper says."""
    found, indicator, units = figure.snapshot, figure.indicator, units_in(scope)
    kept, sha256 = unpacked(figure.rows)
    before = seen(kept, units, is_once=line.binding.is_once)
    binding = binding_of(indicator)
    now = _counting(figure, binding, units)
    is_rebound = binding != line.binding
    as_bound = _counting(figure, line.binding, units) if is_rebound else now
    causes = Causes(
        line.binding,
        {record_id for record_id, _ in _unlike(before, as_bound)},
        found.recorded_at,
        new_rules=line.rule != rules.in_force(line.binding.metric, found.as_of),
    )
    differences = _differences(line.binding, before, as_bound, causes)
    if is_rebound:
        differences = _rebound(line.binding, binding, before, now, differences)
    sealed = _sealed(differences, before.values(), line.binding, scope)
    listed = [one for one in differences if not _is_sealed(one, sealed)]
    return Comparison(
        line=line,
        rows=tuple(
            row
            for row in before.values()
            if line.binding.page != "/projects/" or row.record_id not in sealed
        ),
        frozen=total(before),
        now=total(now),
        differences=tuple(sorted(listed, key=lambda one: (one.cause.value, one.record_id))),
        came=sum((one.amount for one in differences if one.before is None), ZERO),
        went=-sum((one.amount for one in differences if one.now is None), ZERO),
        changed=sum((one.amount for one in differences if one.before and one.now), ZERO),
        hidden=len(differences) - len(listed),
        is_intact=sha256 == line.rows_sha256,
    )


def units_in(scope: Scope) -> frozenset[int] | None:
    """The numbers of the units of a scope; None is the whole park."""
    if scope.is_whole_park:
        return None
    return frozenset(session.scalars(select(Unit.id).where(scope.includes(Unit.id.expression))))


def _counting(
    figure: SnapshotFigure, binding: Binding, units: Collection[int] | None
) -> dict[Key, CountedRow]:
    rows = rows_now(figure.indicator, binding, figure.snapshot.as_of)
    return seen(rows, units, is_once=binding.is_once)


def _unlike(before: Mapping[Key, CountedRow], now: Mapping[Key, CountedRow]) -> list[Key]:
    """What is not as it was; another name of the same record is no difference."""
    return sorted(
        key for key in before.keys() | now.keys() if _facts(before.get(key)) != _facts(now.get(key))
    )


def _facts(row: CountedRow | None) -> tuple[object, ...] | None:
    return (row.on, row.contribution, row.unit_id) if row else None


def _differences(
    binding: Binding,
    before: Mapping[Key, CountedRow],
    now: Mapping[Key, CountedRow],
    causes: Causes,
) -> list[Difference]:
    """Of one binding: each record that differs."""
    found = []
    for key in _unlike(before, now):
        was, is_ = before.get(key), now.get(key)
        if was is None:
            cause = causes.of_new(key[0])
        else:
            cause = causes.of_gone(key[0]) if is_ is None else Cause.CORRECTED
        found.append(Difference(key[0], binding.page, was, is_, cause))
    return found


def _rebound(
    old: Binding,
    new: Binding,
    before: Mapping[Key, CountedRow],
    now: Mapping[Key, CountedRow],
    by_record: list[Difference],
) -> list[Difference]:
    """The target counts something else now: what no record's own change explains is the binding's."""
    if old.page != new.page:  # other records altogether
        went = [Difference(key[0], old.page, row, None, Cause.RULES) for key, row in before.items()]
        came = [Difference(key[0], new.page, None, row, Cause.RULES) for key, row in now.items()]
        return went + came
    causes = {(one.record_id, _facts(one.now)): one.cause for one in by_record}
    return [
        Difference(
            key[0],
            new.page,
            before.get(key),
            now.get(key),
            causes.get((key[0], _facts(now.get(key))), Cause.RULES),
        )
        for key in _unlike(before, now)
    ]


def _sealed(
    differences: Collection[Difference],
    rows: Collection[CountedRow],
    binding: Binding,
    scope: Scope,
) -> frozenset[int]:
    """The projects among them that are kept from the reader."""
    ids = {one.record_id for one in differences if one.page == "/projects/"}
    if binding.page == "/projects/":
        ids |= {row.record_id for row in rows}
    if not ids:
        return frozenset()
    query = sealed_from(scope).where(Project.id.in_(ids))
    return frozenset(session.scalars(query))


def _is_sealed(one: Difference, sealed: frozenset[int]) -> bool:
    return one.page == "/projects/" and one.record_id in sealed
