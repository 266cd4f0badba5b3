"""What the pages of links between firms accept, and of the archive."""

from decimal import Decimal
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import ValidationError

from crm.companies.links import LinkDetails
from crm.companies.models import Company, LinkKind
from crm.web.fields import choice_field, day_field, either_field, text_field, version_field

LONGEST_SHARE = 12


class LinkForm(FlaskForm):
    """A firm and another one: which of them owns which, how, how much, since when."""

    other = text_field(
        _("关联企业"),
        120,
        required=_("请填写关联企业。"),
        description=_("填写园区企业的名称或统一社会信用代码；其他单位的企业须填代码。"),
        render_kw={"autocomplete": "off"},
    )
    role = either_field(
        _("关联企业是本企业的"),
        {"parent": _("母公司或总公司"), "child": _("子公司、参股企业或分公司")},
    )
    kind = choice_field(_("关系"), LinkKind, default=LinkKind.CONTROLS)
    share = text_field(_("持股比例"), LONGEST_SHARE, render_kw={"inputmode": "decimal"})
    from_on = day_field(_("开始日期"), required=_("请填写开始日期。"))

    def validate_share(self, field: StringField) -> None:
        if field.data and not _is_share(field.data):
            raise ValidationError(gettext("持股比例为0到100之间的数字，至多两位小数，如 51。"))

    def to_details(self, company: Company, other_id: int) -> LinkDetails:
        is_parent = self.role.data == "parent"
        return LinkDetails(
            parent_id=other_id if is_parent else company.id,
            child_id=company.id if is_parent else other_id,
            kind=self.kind.data,
            from_on=self.from_on.data,
            share=Decimal(self.share.data) if self.share.data else None,
        )


class EndLinkForm(FlaskForm):
    """From which day the one no longer holds the other."""

    on = day_field(_("结束日期"), required=_("请填写结束日期。"))
    version = version_field()


class ArchiveForm(FlaskForm):
    """Why a firm is taken out of the register's lists and figures."""

    reason = text_field(
        _("归档原因"),
        200,
        required=_("请填写归档原因。"),
        description=_("如重复登记、误登记；企业离园请办理离园，不要归档。"),
    )
    version = version_field()


def _is_share(text: Any) -> bool:
    whole, _point, places = text.partition(".")
    digits = whole.isascii() and whole.isdigit() and len(whole) <= 3
    return digits and (not places or (places.isascii() and places.isdigit() and len(places) <= 2))
