"""The form of a register, made from the attributes of its kind."""

from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field
from wtforms.validators import ValidationError

from crm.core.attributes import Attribute, Sort
from crm.core.errors import DomainError
from crm.evidence.kind import LARGEST_NUMBER, Kind
from crm.evidence.kinds import KINDS
from crm.evidence.masking import is_masked, masked
from crm.evidence.models import Evidence
from crm.web.fields import (
    choice_field,
    count_field,
    day_field,
    lines_field,
    record_field,
    text_field,
    version_field,
    wan_field,
)
from crm.web.locale import label, sentence

_AS_FIRM = {"list": "firms", "autocomplete": "off"}


class EvidenceForm(FlaskForm):
    """Of any kind; a subclass for each has its fields."""

    register: Kind
    version = version_field()

    @classmethod
    def of(cls, found: Evidence) -> "EvidenceForm":
        """With what a record says, its personal data masked: left as shown it stays."""
        said = {one.name: masked(one, getattr(found, one.name)) for one in cls.register.stored}
        return cls(version=found.version, unit=found.unit_id, data=said)

    def values(self, found: Evidence | None = None) -> dict[str, Any]:
        """What was filled in, by attribute."""
        return {
            one.name: getattr(found, one.name)
            if found and is_masked(one, self[one.name].data)
            else _given(self[one.name].data)
            for one in self.register.stored
        }

    @property
    def fields(self) -> list[tuple[Field, bool, Any]]:
        """For the page: each with whether it takes a whole line, and the unit behind it."""
        return [
            (
                self[one.name],
                one.sort is Sort.LINES,
                label("万元") if one.sort is Sort.MONEY else None,
            )
            for one in self.register.attributes
        ]


def _given(data: Any) -> Any:
    return None if data == "" else data


@cache
def form_of(key: str) -> type[EvidenceForm]:
    kind = KINDS[key]
    return type(
        "EvidenceForm",
        (EvidenceForm,),
        {"register": kind, **{one.name: _field(one) for one in kind.attributes}},
    )


class _Reads:
    """As spreadsheets are read: a code is cleaned, or refused with a sentence."""

    def __init__(self, one: Attribute) -> None:
        self.one = one

    def __call__(self, _form: Any, field: Field) -> None:
        if not field.data or is_masked(self.one, field.data):
            return
        try:
            field.data = self.one.read(field.data)
        except DomainError as error:
            raise ValidationError(sentence(error)) from None


def _field(one: Attribute) -> Any:
    words, required = _(one.label), one.is_required or None
    more: dict[str, Any] = {"description": _(one.help)} if one.help else {}
    match one.sort:
        case Sort.DATE:
            return day_field(words, required=required, future=one.may_be_future, **more)
        case Sort.MONEY:
            return wan_field(words, required=required, **more)
        case Sort.NUMBER:
            return count_field(words, 0, LARGEST_NUMBER, required=required, **more)
        case Sort.BOOL:
            return BooleanField(words, **more)
        case Sort.CHOICE:
            assert one.choices is not None
            is_optional = not one.is_required
            return choice_field(words, tuple(one.choices), optional=is_optional, **more)
        case Sort.UNIT:
            return record_field(words, optional=True, **more)
        case Sort.LINES:
            return lines_field(words, one.longest, **more)
        case Sort.COMPANY:
            more["render_kw"] = _AS_FIRM
    return text_field(words, one.longest, _Reads(one), required=required, **more)
