"""What the page of an import shows of it: the columns with samples, the rows with faults and changes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from crm.core.attributes import Attribute, MoneyUnit, Sort
from crm.core.db import session
from crm.core.errors import DomainError
from crm.imports import mapping, queries
from crm.imports.headings import is_foreign
from crm.imports.kinds import ImportKind, LookAlike
from crm.imports.mapping import Columns
from crm.imports.models import Import, ImportRow
from crm.imports.stored import faults_from, look_alikes_from
from crm.web.filters import NONE, money, number
from crm.web.locale import label

SAMPLES = 3
PAGE_ROWS = 50
HIDDEN = "•••"

# Columns


@dataclass(frozen=True)
class ShownColumn:
    """A column that can be mapped: its heading, a few of its values, what it is read as, what its amounts come to."""

    at: int
    letter: str
    heading: str
    samples: Sequence[str]
    attribute: Attribute | None
    unit: MoneyUnit
    reckoned: str
    is_foreign: bool


def columns_of(import_: Import, kind: ImportKind, columns: Columns) -> list[ShownColumn]:
    """All columns that have a heading or a value."""
    headings = json.loads(import_.headings)
    rows = [json.loads(cells) for cells in _first_cells(import_)]
    found = []
    for at, heading in enumerate(headings):
        samples = list(dict.fromkeys(row[at] for row in rows if row[at]))[:SAMPLES]
        if not (heading or samples) or heading == mapping.REASONS:
            continue
        use = columns.get(at)
        attribute = kind.attribute(use.attribute) if use else None
        unit = (use.unit if use else None) or mapping.USUAL_UNIT
        found.append(
            ShownColumn(
                at,
                letter_of(at),
                heading,
                samples,
                attribute,
                unit,
                _reckoned(attribute, unit, samples),
                is_foreign(heading),
            )
        )
    return found


def letter_of(column: int) -> str:
    """As a sheet names its columns: A … Z, AA …"""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _first_cells(import_: Import) -> Sequence[str]:
    return session.scalars(
        queries.rows_of(import_).with_only_columns(ImportRow.cells).limit(20)
    ).all()


def _reckoned(attribute: Attribute | None, unit: MoneyUnit, samples: Sequence[str]) -> str:
    """An amount of the column as it will be read: 1,200 千元 = 120 万元."""
    for text in samples if attribute else ():
        if said := _in_wan(attribute, text, unit):
            return f"{text} {label(unit.label)}{said}"
    return ""


def _in_wan(attribute: Attribute | None, text: str, unit: MoneyUnit) -> str:
    """= 120 万元, for an amount in another unit."""
    if attribute is None or attribute.sort is not Sort.MONEY or unit is MoneyUnit.WAN:
        return ""
    try:
        amount = attribute.read(text, unit)
    except DomainError:
        return ""
    return f" = {money(amount)} {label('万元')}"


# Rows

Mapped = Sequence[tuple[int, Attribute, MoneyUnit]]
"""The columns that are read: which, as what, an amount in what unit."""


@dataclass(frozen=True)
class ShownCell:
    """A cell of a mapped column; `before` and `after` where it changes a record."""

    column: int
    name: str  # of its field
    attribute: Attribute
    text: str
    errors: Sequence[DomainError]
    reckoned: str  # an amount in another unit, in 万元
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class ShownRow:
    """A row of the sheet. `errors` are of the row as a whole."""

    number: int
    outcome: str
    cells: Sequence[ShownCell]
    errors: Sequence[DomainError]
    look_alikes: Sequence[LookAlike]
    chosen: int | None
    href: str | None
    other_changes: Sequence[tuple[str, str, str]]


def rows_shown(
    rows: Sequence[ImportRow],
    kind: ImportKind,
    columns: Columns,
    *,
    is_masked: bool,
    typed: Mapping[str, str],
) -> list[ShownRow]:
    """`typed` are cells that were sent and refused, by their field: they stand as they were typed."""
    mapped = [
        (at, attribute, use.unit or mapping.USUAL_UNIT)
        for at, use in sorted(columns.items())
        if (attribute := kind.attribute(use.attribute)) is not None
    ]
    return [_row(row, kind, mapped, is_masked, typed) for row in rows]


def headings_of(kind: ImportKind, columns: Columns) -> list[tuple[Attribute, MoneyUnit | None]]:
    """What stands over the columns that are read; the unit of amounts."""
    return [
        (attribute, use.unit)
        for _at, use in sorted(columns.items())
        if (attribute := kind.attribute(use.attribute)) is not None
    ]


def _row(
    row: ImportRow, kind: ImportKind, mapped: Mapped, is_masked: bool, typed: Mapping[str, str]
) -> ShownRow:
    texts = json.loads(row.mended or row.cells)
    faults = faults_from(row.faults)
    changes = json.loads(row.changes or "{}")
    shown = {at for at, _attribute, _unit in mapped}
    cells = []
    for at, attribute, unit in mapped:
        hides = is_masked and attribute.is_personal
        name = f"c-{row.number}-{at}"
        before, after = ("", "") if hides else _change(attribute, changes)
        cells.append(
            ShownCell(
                at,
                name,
                attribute,
                HIDDEN if hides and texts[at] else typed.get(name, texts[at]),
                [error for column, error in faults if column == at],
                "" if hides else _in_wan(attribute, texts[at], unit),
                before,
                after,
            )
        )
    return ShownRow(
        row.number,
        row.outcome,
        cells,
        [error for column, error in faults if column not in shown],
        look_alikes_from(row.look_alikes),
        row.chosen_id,
        f"{kind.page}{row.record_id}" if row.record_id else None,
        _beside(kind, mapped, changes),
    )


def _beside(
    kind: ImportKind, mapped: Mapped, changes: Mapping[str, Any]
) -> list[tuple[str, str, str]]:
    """Changes of facts that no column holds (a name that becomes a former name): what, before, after."""
    of_columns = {attribute.name for _at, attribute, _unit in mapped}
    found = []
    for name in changes:
        attribute = kind.attribute(name)
        if name not in of_columns and attribute is not None and not attribute.is_personal:
            found.append((attribute.label, *_change(attribute, changes)))
    return found


def _change(attribute: Attribute, changes: Mapping[str, Any]) -> tuple[str, str]:
    """Before and after as people read them; two empty texts where nothing changes."""
    if attribute.name not in changes:
        return "", ""
    before, after = changes[attribute.name]
    return value_shown(attribute, before), value_shown(attribute, after)


def value_shown(attribute: Attribute, value: Any) -> str:
    """A kept JSON value in words."""
    if value is None or value == "":
        return NONE
    if attribute.sort is Sort.MONEY:
        return f"{money(Decimal(value))} {label('万元')}"
    if attribute.sort in (Sort.NUMBER, Sort.DECIMAL):
        return number(Decimal(value))
    if attribute.sort is Sort.BOOL:
        return str(_("是") if value else _("否"))
    if isinstance(value, list):
        return "、".join(_choice(attribute, one) for one in value)
    return _choice(attribute, value)


def _choice(attribute: Attribute, value: Any) -> str:
    if attribute.choices is not None and value in {member.value for member in attribute.choices}:
        return str(label(attribute.choices(value)))
    return str(value)


@dataclass(frozen=True)
class RowsPage:
    """Some rows in the order of the sheet, and from which rows its neighbours go on (None where there is no more)."""

    rows: Sequence[ImportRow]
    before: int | None
    after: int | None


def rows_page(query: Any, before: int | None, after: int | None) -> RowsPage:
    """A page along the rows' numbers: the last page costs what the first one does."""
    query = query.order_by(None)
    if before:
        query = query.where(ImportRow.number < before).order_by(ImportRow.number.desc())
    else:
        query = query.where(ImportRow.number > (after or 0)).order_by(ImportRow.number)
    rows = list(session.scalars(query.limit(PAGE_ROWS + 1)))
    has_more = len(rows) > PAGE_ROWS
    del rows[PAGE_ROWS:]
    if before:
        rows.reverse()
    if not rows:
        return RowsPage(rows, None, None)
    has_earlier = has_more if before else bool(after)
    has_later = bool(before) or has_more
    return RowsPage(
        rows, rows[0].number if has_earlier else None, rows[-1].number if has_later else None
    )
