"""What the pages of accounts accept."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import EqualTo, InputRequired, Length, Regexp, ValidationError

from crm.accounts.passwords import LONGEST
from crm.people.models import Unit, UnitKind, User
from crm.people.roles import Right, Role
from crm.people.services import UnitDetails, UserDetails
from crm.web.fields import choice_field, choices_of, text_field, ticks_field, version_field

_UNEQUAL = _("两次输入的新密码不一致。")


class LoginForm(FlaskForm):
    """Name and password."""

    username = text_field(
        _("用户名"),
        40,
        required=_("请填写用户名。"),
        render_kw={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"},
    )
    password = PasswordField(
        _("密码"),
        [InputRequired(_("请填写密码。")), Length(max=LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )


class PasswordForm(FlaskForm):
    """One's own new password; what it must be is for passwords.check_new to say."""

    present = PasswordField(
        _("当前密码"),
        [InputRequired(_("请填写当前密码。")), Length(max=LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )
    password = PasswordField(
        _("新密码"),
        [InputRequired(_("请填写新密码。"))],
        description=_("至少8个字符；长一些的短语比复杂的短密码更好。"),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _("再输一遍新密码"),
        [InputRequired(_UNEQUAL), EqualTo("password", _UNEQUAL)],
        render_kw={"autocomplete": "new-password"},
    )


def _unit_choices(units: Sequence[Unit]) -> list[SelectChoice]:
    return choices_of((unit.id, "\u3000" * unit.depth + unit.name) for unit in units)


def _at_least_one(form: Any, field: Any) -> None:
    if not field.data:
        raise ValidationError(_("请至少选择一个角色。"))


class UserForm(FlaskForm):
    """A person's name, unit, roles and rights."""

    name = text_field(_("姓名"), 40, required=_("请填写姓名。"))
    unit_id = SelectField(_("单位"), coerce=int)
    roles = ticks_field(_("角色"), tuple(Role), _at_least_one)
    rights = ticks_field(_("单独授予的权利"), tuple(Right))
    version = version_field()

    def __init__(self, units: Sequence[Unit], **values: Any) -> None:
        super().__init__(**values)
        self._units = {unit.id: unit for unit in units}
        self.unit_id.choices = _unit_choices(units)

    @classmethod
    def of(cls, user: User, units: Sequence[Unit]) -> "UserForm":
        return cls(
            units,
            data={
                "name": user.name,
                "unit_id": user.unit_id,
                "roles": user.roles,
                "rights": user.rights,
                "version": user.version,
            },
        )

    def to_details(self, username: str) -> UserDetails:
        return UserDetails(
            username=username,
            name=self.name.data,
            unit=self._units[self.unit_id.data],
            roles=frozenset(self.roles.data),
            rights=frozenset(self.rights.data),
        )


class NewUserForm(UserForm):
    """The same with the user name, which stays."""

    username = text_field(
        _("用户名"),
        40,
        Regexp(r"[a-z0-9][a-z0-9._\-]*\Z", message=_("用户名只用小写字母、数字和 . _ - 。")),
        required=_("请填写用户名。"),
        render_kw={"autocapitalize": "none", "autocomplete": "off"},
    )


class UnitForm(FlaskForm):
    """What may change about a unit."""

    name = text_field(_("名称"), 80, required=_("请填写名称。"))
    is_national_incubator = BooleanField(_("国家级孵化器"))
    version = version_field()


class NewUnitForm(UnitForm):
    """The same with its place in the tree, which stays."""

    code = text_field(
        _("代码"),
        40,
        Regexp(r"[a-z][a-z0-9_]*\Z", message=_("代码以小写字母开头，只用小写字母、数字和下划线。")),
        required=_("请填写代码。"),
        description=_("命令行和方案文件用它指称单位，设定后不再改变。"),
    )
    kind = choice_field(_("类型"), UnitKind)
    parent_id = SelectField(_("上级单位"), coerce=int)

    def __init__(self, units: Sequence[Unit], **values: Any) -> None:
        super().__init__(**values)
        self._units = {unit.id: unit for unit in units}
        self.parent_id.choices = _unit_choices(units)

    def to_details(self) -> UnitDetails:
        return UnitDetails(
            code=self.code.data,
            name=self.name.data,
            kind=self.kind.data,
            parent=self._units[self.parent_id.data],
            is_national_incubator=self.is_national_incubator.data,
            position=len(self._units),
        )
