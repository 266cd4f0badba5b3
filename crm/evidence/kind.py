"""What a kind of evidence is described by. List, form, page, import, figures and demo records derive from it."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from crm.companies.models import CompanyKind
from crm.companies.names import name_key
from crm.core import clock
from crm.core.attributes import Attribute, Sort
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.evidence.models import LONGEST_HOLDER, LONGEST_KEY, Evidence

Values = Mapping[str, Any]
"""A record's facts by the names of its attributes."""

EARLIEST = date(1949, 10, 1)
LARGEST_NUMBER = 10_000_000
FIRM = "firm"  # in a natural key: the firm, or the holder as written where there is none
_UNIT = Attribute(
    "unit", N_("填报单位"), Sort.UNIT, help=N_("没有对应企业时由哪个单位填报；留空为本单位。")
)
_COMMON = (
    Attribute("source", N_("依据来源"), headings=("来源", "来源文件", "文件"),
              help=N_("证明它的文件，如公示文件、导出清单的名称；按来源整批核验。"), width=30),
    Attribute("author", N_("经办人"), longest=60, headings=("填报人", "原经办人")),
    Attribute("note", N_("备注"), Sort.LINES, longest=400, width=30),
)  # fmt: skip


def no_rules(_values: Values) -> Iterator[DomainError]:
    yield from ()


def nothing_more(_values: dict[str, Any], _firm: CompanyKind | None) -> None:
    """What a kind derives from the rest where it derives nothing."""


@dataclass(frozen=True, eq=False)
class Kind:
    """One register. `own` are its attributes in the order of the form, title, happened_on and holder among them.

    `keys` are the ways in which a record is known again, the first whose facts are all there; `natural_key` says so. `orders` are
    pairs of days, the first not before the second.
    `is_shared`: each park firm among the holders counts. `needs_firm`: without one there is nothing to record.
    `counts_alone`: without a firm it counts in the unit that keeps it; otherwise only where that unit is a college. `beside` may
    change on a verified record without another verification.
    """

    key: str
    label: str
    icon: str
    model: type[Evidence]
    own: tuple[Attribute, ...]
    natural_key: str
    keys: tuple[tuple[str, ...], ...]
    orders: tuple[tuple[str, str], ...] = ()
    is_shared: bool = False
    needs_firm: bool = False
    counts_alone: bool = False
    beside: tuple[str, ...] = ()
    rules: Callable[[Values], Iterator[DomainError]] = no_rules
    derive: Callable[[dict[str, Any], CompanyKind | None], None] = nothing_more

    @cached_property
    def attributes(self) -> tuple[Attribute, ...]:
        return (*self.own, *((_UNIT,) if self.counts_alone else ()), *_COMMON)

    @cached_property
    def stored(self) -> tuple[Attribute, ...]:
        """Those that are a column of the record."""
        return tuple(one for one in self.attributes if one.sort is not Sort.UNIT)

    @cached_property
    def by_name(self) -> Mapping[str, Attribute]:
        return {one.name: one for one in self.attributes}

    @property
    def address(self) -> str:
        return f"/evidence/{self.key}"

    def is_beside(self, name: str) -> bool:
        """Whether nothing that counts rests on it."""
        return name in self.beside or name in (one.name for one in _COMMON)

    def faults(self, values: Values) -> Iterator[DomainError]:
        """Everything that is wrong with a record's facts, each with the attribute to mend."""
        for one in self.attributes:
            if (error := _fault(one, values.get(one.name))) is not None:
                yield error
        for later, earlier in self.orders:
            first, second = values.get(earlier), values.get(later)
            if first and second and second < first:
                words = {"later": self.by_name[later].label, "earlier": self.by_name[earlier].label}
                yield DomainError(N_("%(later)s不能早于%(earlier)s。"), field=later, **words)
        yield from self.rules(values)

    def key_of(self, values: Values, company_id: int | None) -> str:
        """By what the record is known again. Raises DomainError naming what is not known of it."""
        given = {**values, FIRM: company_id or values.get("holder")}
        for number, names in enumerate(self.keys):
            parts = [given.get(name) for name in names]
            if all(part not in (None, "") for part in parts):
                text = f"{number}:" + "|".join(map(_plain, parts))
                if len(text) <= LONGEST_KEY:
                    return text
                return f"{number}:{hashlib.sha256(text.encode()).hexdigest()}"
        lacking = next(n for n in self.keys[-1] if given.get(n) in (None, ""))
        name = "holder" if lacking == FIRM else lacking
        raise DomainError(N_("请填写%(what)s。"), field=name, what=self.by_name[name].label)


def holder(label: str, *headings: str, **more: Any) -> Attribute:
    """Whose a record is: a name, or several between ；."""
    more = {"is_default": True, "width": 34, "example": "常州光合智能装备有限公司", **more}
    return Attribute(
        "holder", label, Sort.COMPANY, longest=LONGEST_HOLDER, headings=headings, **more
    )


def _fault(one: Attribute, value: Any) -> DomainError | None:
    if value in (None, ""):
        if one.is_required:
            return DomainError(N_("请填写%(what)s。"), field=one.name, what=one.label)
        return None
    if isinstance(value, date):
        if value > clock.today() and not one.may_be_future:
            return DomainError(N_("日期不能晚于今天。"), field=one.name)
        if value < EARLIEST:
            return DomainError(N_("年份不合理，请核对。"), field=one.name)
    if isinstance(value, int | Decimal) and not 0 <= value <= _most(one):
        return DomainError(N_("数字超出范围，请核对。"), field=one.name)
    return None


def _most(one: Attribute) -> Decimal:
    return Decimal("1e14") if one.sort is Sort.MONEY else Decimal(LARGEST_NUMBER)


def _plain(part: Any) -> str:
    if isinstance(part, date):
        return part.isoformat()
    if isinstance(part, Decimal):
        return f"{part.normalize():f}"
    return name_key(part) if type(part) is str else str(part)


def key_of_another(kind: Kind, row: Mapping[str, Any], company_id: int) -> dict[str, Any]:
    """By what a stored record is known again once it is of another firm."""
    return {"natural_key": kind.key_of(row, company_id)}
