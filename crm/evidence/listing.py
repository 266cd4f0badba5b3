"""A register as a list: what it shows, filters and sorts by follows from the attributes of its kind."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.core.attributes import Attribute, Sort
from crm.core.words import N_
from crm.evidence.kind import Kind
from crm.evidence.kinds import KINDS
from crm.evidence.masking import masked
from crm.evidence.models import CoHolder
from crm.evidence.queries import visible_to
from crm.lists import fields
from crm.lists.asking import unit_names
from crm.lists.fields import Field, Listing, Operator, members
from crm.people.roles import Action

_KIND_OF = {
    Sort.DATE: fields.Kind.DATE,
    Sort.MONEY: fields.Kind.MONEY,
    Sort.NUMBER: fields.Kind.NUMBER,
    Sort.DECIMAL: fields.Kind.NUMBER,
    Sort.BOOL: fields.Kind.BOOL,
    Sort.CHOICE: fields.Kind.CHOICE,
}
_ALWAYS_SORTED = ("title", "happened_on")


def _listing(kind: Kind) -> Listing:
    return Listing(
        key=kind.key,
        label=kind.label,
        address=kind.address,
        model=kind.model,
        title=_field(kind, kind.by_name["title"]),
        fields=(*(_field(kind, one) for one in kind.stored if one.name != "title"), *_common(kind)),
        visible=partial(visible_to, kind),
        search=partial(_search, kind),
        action=Action.EVIDENCE_READ,
    )


def _field(kind: Kind, one: Attribute) -> Field:
    column = getattr(kind.model, one.name)
    is_sorted = one.name in (*_ALWAYS_SORTED, *kind.model.ORDERS)
    return Field(
        one.name,
        one.label,
        _KIND_OF.get(one.sort, fields.Kind.TEXT),
        column,
        members(one.choices) if one.choices else None,
        is_sortable=is_sorted,
        is_filterable=not one.is_personal,
        is_default=one.is_default,
        reading=_reading(one),
        width=one.width,
    )


def _common(kind: Kind) -> tuple[Field, ...]:
    model: Any = kind.model
    counted = Field("counted", N_("计入单位"), fields.Kind.UNIT, model.counted_unit_id, unit_names,
                    is_default=True, is_sortable=False, width=22)  # fmt: skip
    return (
        Field("state", N_("核验"), fields.Kind.CHOICE, model.state, members(VerificationState),
              is_sortable=False, is_default=True, width=10),
        counted,
        Field("unit", N_("维护单位"), fields.Kind.UNIT, model.unit_id, unit_names, is_sortable=False, width=22),
        Field("company", N_("园区企业"), fields.Kind.TEXT, condition=partial(_held_by, kind),
              operators=(Operator.IS,)),
        Field("recorded_at", N_("登记日期"), fields.Kind.MOMENT, model.recorded_at, width=12),
    )  # fmt: skip


def _reading(one: Attribute) -> Callable[[], Callable[[Any], str]] | None:
    if one.is_personal:
        return lambda: partial(masked, one)
    return (lambda: str) if one.is_year else None


def _held_by(kind: Kind, _operator: Operator, names: Sequence[str]) -> ColumnElement[bool]:
    """A firm's own and those that it shares, by its name."""
    ids = select(Company.id).where(Company.name == names[0])
    shared = select(CoHolder.record_id).where(
        CoHolder.kind == kind.key, CoHolder.company_id.in_(ids)
    )
    model: Any = kind.model
    return or_(model.company_id.in_(ids), model.id.in_(shared))


def _search(kind: Kind, query: Select[Any], words: str) -> Select[Any]:
    """By every word in its name or its holder; by the beginning of a number."""
    model: Any = kind.model
    codes = [one.name for one in kind.stored if one.sort is Sort.CODE and not one.is_personal]
    for word in words.split()[:6]:
        found = [
            model.title.icontains(word, autoescape=True),
            model.holder.icontains(word, autoescape=True),
            *(getattr(model, name).startswith(word.upper(), autoescape=True) for name in codes),
        ]
        query = query.where(or_(*found))
    return query


LISTINGS: Mapping[str, Listing] = {key: _listing(kind) for key, kind in KINDS.items()}
