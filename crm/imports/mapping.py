"""Which column says what: guessed from the headings, remembered by the head, said by a person. Units are said once a column."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crm.core.attributes import Attribute, MoneyUnit, Sort
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.imports.headings import is_foreign, key_of, keys_of, unit_of
from crm.imports.kinds import ImportKind
from crm.imports.sheets import Sheet

USUAL_UNIT = MoneyUnit.WAN
REASONS = "错误原因"  # stands over the last column of a sheet that was sent back (sent_back.py); never read


@dataclass(frozen=True)
class Use:
    """What a column is read as; `unit` of an amount."""

    attribute: str
    unit: MoneyUnit | None = None


Columns = Mapping[int, Use]
"""Which columns are read, from 0; the others are left out."""


def guessed(kind: ImportKind, sheet: Sheet) -> dict[int, Use]:
    """What the headings say. Of two columns that could give the same fact the one that says it best does: in the words of
    its label before those of others.
    """
    words = _words(kind)
    own = {key_of(word) for attribute in kind.attributes for word in _own(attribute)}
    offers = sorted(
        (rank, key not in own, column, words[key])
        for column, heading in enumerate(sheet.headings)
        for rank, key in enumerate(keys_of(heading))
        if key in words and not (is_foreign(heading) and is_money(kind, words[key]))
    )
    found: dict[int, Use] = {}
    for _rank, _is_other, column, attribute in offers:
        if column not in found and attribute not in {use.attribute for use in found.values()}:
            found[column] = Use(attribute, unit_said(kind, attribute, column, sheet))
    return dict(sorted(found.items()))


def known_keys(kind: ImportKind) -> frozenset[str]:
    """The words by which the head of a sheet of this kind is found."""
    return frozenset(_words(kind))


def unit_said(kind: ImportKind, name: str, column: int, sheet: Sheet) -> MoneyUnit | None:
    """The unit of an amount: as its heading says, else as a line above the table does, else the usual one."""
    if not is_money(kind, name):
        return None
    return unit_of(sheet.headings[column]) or sheet.unit or USUAL_UNIT


def is_money(kind: ImportKind, name: str) -> bool:
    """Whether it is an amount, which is in some unit."""
    attribute = kind.attribute(name)
    return attribute is not None and attribute.sort is Sort.MONEY


def expect_sound(kind: ImportKind, columns: Columns) -> None:
    """Raise DomainError where two columns give the same fact, one gives none that is known, or a needed one is missing."""
    taken: set[str] = set()
    for use in columns.values():
        attribute = kind.attribute(use.attribute)
        if attribute is None:
            raise DomainError(N_("有一列对应了这里没有的字段，请重新选择。"))
        if use.attribute in taken:
            raise DomainError(N_("“%(name)s”只能由一列给出。"), name=attribute.label)
        taken.add(use.attribute)
    missing = [one.label for one in kind.attributes if one.is_required and one.name not in taken]
    if missing:
        raise DomainError(N_("还没有对应必填的：%(names)s。"), names="、".join(missing))
    if not taken:
        raise DomainError(N_("请至少对应一列。"))


def head_digest(headings: Iterable[str]) -> bytes:
    """By which a form of sheet is known again: its headings in their order, also once it was sent back."""
    keys = [key_of(one) for one in headings if one != REASONS]
    return hashlib.sha256("\x1f".join(keys).encode()).digest()


def to_json(columns: Columns) -> str:
    said = {
        str(column): {"attribute": use.attribute, "unit": use.unit and use.unit.value}
        for column, use in columns.items()
    }
    return json.dumps(said, ensure_ascii=False)


def from_json(text: str) -> dict[int, Use]:
    return {
        int(column): Use(one["attribute"], MoneyUnit(one["unit"]) if one["unit"] else None)
        for column, one in json.loads(text).items()
    }


def kept(kind: ImportKind, columns: Columns, width: int) -> dict[int, Use]:
    """Of what was remembered, that which still fits: a kind may have lost an attribute since."""
    return {i: use for i, use in columns.items() if i < width and kind.attribute(use.attribute)}


def _words(kind: ImportKind) -> dict[str, str]:
    """Every word that may stand over a column → the attribute; the labels win over other words."""
    found: dict[str, str] = {}
    for words_of in (_own, _others):
        for attribute in kind.attributes:
            for word in words_of(attribute):
                if key := key_of(word):
                    found.setdefault(key, attribute.name)
    return found


def _own(attribute: Attribute) -> Sequence[str]:
    return (attribute.label, attribute.name)


def _others(attribute: Attribute) -> Sequence[str]:
    return attribute.headings
