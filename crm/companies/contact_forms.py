"""What the pages of a firm's contacts accept."""

from dataclasses import replace
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import ValidationError

from crm.companies.contacts import clean_id_number
from crm.companies.models import Contact
from crm.companies.services import ContactDetails
from crm.core.errors import DomainError
from crm.web.fields import (
    TickList,
    choices_of,
    email_field,
    phone_field,
    text_field,
    version_field,
)
from crm.web.locale import sentence

_PERSONAL = ("phone", "email", "id_number")


class ContactForm(FlaskForm):
    """A person to call."""

    name = text_field(
        _("姓名"), 40, required=_("请填写联系人姓名。"), render_kw={"autocomplete": "off"}
    )
    position = text_field(_("职务"), 40)
    phone = phone_field(_("电话"))
    email = email_field(_("电子邮箱"))
    id_number = text_field(_("证件号码"), 30, render_kw={"autocomplete": "off"})
    is_primary = BooleanField(_("首要联系人"))

    def validate_id_number(self, field: StringField) -> None:
        if field.data:
            try:
                field.data = clean_id_number(field.data)
            except DomainError as error:
                raise ValidationError(sentence(error)) from None

    def to_details(self) -> ContactDetails:
        return ContactDetails(
            self.name.data or "",
            self.position.data or "",
            self.phone.data or "",
            self.email.data or "",
            self.id_number.data or "",
        )


class EditContactForm(ContactForm):
    """The same for somebody who is there: what is personal is never filled in, and left as it was where left empty."""

    version = version_field()
    forget = TickList(_("清除已登记的"), choices=())

    def __init__(self, contact: Contact) -> None:
        shown = {"name": contact.name, "position": contact.position}
        super().__init__(
            data={**shown, "is_primary": contact.is_primary, "version": contact.version}
        )
        words = {"phone": _("电话"), "email": _("电子邮箱"), "id_number": _("证件号码")}
        there = [(name, words[name]) for name in _PERSONAL if getattr(contact, name)]
        self.forget.choices = choices_of(there)

    def validate_forget(self, field: Any) -> None:
        if any(self[name].data for name in field.data):
            raise ValidationError(gettext("同一项不能既填写又清除。"))

    def details_for(self, contact: Contact) -> ContactDetails:
        """What was typed over what is there."""
        typed = self.to_details()
        kept = {
            name: getattr(contact, name)
            for name in _PERSONAL
            if not getattr(typed, name) and name not in self.forget.data
        }
        return replace(typed, **kept)
