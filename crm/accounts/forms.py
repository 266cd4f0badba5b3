"""What the pages of accounts accept."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    IntegerField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, Regexp, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from crm.accounts.passwords import LONGEST
from crm.people.models import Unit, UnitKind, User
from crm.people.roles import Right, Role
from crm.people.services import UnitDetails, UserDetails
from crm.web.forms import PlainText, clean_text
from crm.web.locale import label


class LoginForm(FlaskForm):
    """Name and password."""

    username = StringField(
        _("用户名"),
        [DataRequired(_("请填写用户名。")), Length(max=40), PlainText()],
        filters=[clean_text],
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
        [EqualTo("password", _("两次输入的新密码不一致。"))],
        render_kw={"autocomplete": "new-password"},
    )


class _TickList(SelectMultipleField):
    """Some of an enumeration's members, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _unit_choices(units: Sequence[Unit]) -> list[tuple[int, str]]:
    return [(unit.id, "\u3000" * unit.depth + unit.name) for unit in units]


def _at_least_one(form: Any, field: Any) -> None:
    if not field.data:
        raise ValidationError(_("请至少选择一个角色。"))


class UserForm(FlaskForm):
    """A person's name, unit, roles and rights."""

    name = StringField(
        _("姓名"),
        [DataRequired(_("请填写姓名。")), Length(max=40), PlainText()],
        filters=[clean_text],
    )
    unit_id = SelectField(_("单位"), coerce=int)
    roles = _TickList(_("角色"), [_at_least_one])
    rights = _TickList(_("单独授予的权利"))
    version = IntegerField(widget=HiddenInput(), default=0)

    def __init__(self, units: Sequence[Unit], **values: Any) -> None:
        super().__init__(**values)
        self._units = {unit.id: unit for unit in units}
        self.unit_id.choices = _unit_choices(units)
        self.roles.choices = [(role.value, label(role)) for role in Role]
        self.rights.choices = [(right.value, label(right)) for right in Right]

    @classmethod
    def of(cls, user: User, units: Sequence[Unit]) -> "UserForm":
        return cls(
            units,
            data={
                "name": user.name,
                "unit_id": user.unit_id,
                "roles": [role.value for role in user.roles],
                "rights": [right.value for right in user.rights],
                "version": user.version,
            },
        )

    def to_details(self, username: str) -> UserDetails:
        return UserDetails(
            username=username,
            name=self.name.data,
            unit=self._units[self.unit_id.data],
            roles=frozenset(Role(value) for value in self.roles.data),
            rights=frozenset(Right(value) for value in self.rights.data),
        )


class NewUserForm(UserForm):
    """The same with the user name, which stays."""

    username = StringField(
        _("用户名"),
        [
            DataRequired(_("请填写用户名。")),
            Length(max=40),
            Regexp(r"[a-z0-9][a-z0-9._\-]*\Z", message=_("用户名只用小写字母、数字和 . _ - 。")),
        ],
        filters=[clean_text],
        render_kw={"autocapitalize": "none", "autocomplete": "off"},
    )


class UnitForm(FlaskForm):
    """What may change about a unit."""

    name = StringField(
        _("名称"),
        [DataRequired(_("请填写名称。")), Length(max=80), PlainText()],
        filters=[clean_text],
    )
    is_national_incubator = BooleanField(_("国家级孵化器"))
    version = IntegerField(widget=HiddenInput(), default=0)


class NewUnitForm(UnitForm):
    """The same with its place in the tree, which stays."""

    code = StringField(
        _("代码"),
        [
            DataRequired(_("请填写代码。")),
            Length(max=40),
            Regexp(
                r"[a-z][a-z0-9_]*\Z", message=_("代码以小写字母开头，只用小写字母、数字和下划线。")
            ),
        ],
        filters=[clean_text],
        description=_("命令行和方案文件用它指称单位，设定后不再改变。"),
    )
    kind = SelectField(_("类型"))
    parent_id = SelectField(_("上级单位"), coerce=int)

    def __init__(self, units: Sequence[Unit], **values: Any) -> None:
        super().__init__(**values)
        self._units = {unit.id: unit for unit in units}
        self.kind.choices = [(kind.value, label(kind)) for kind in UnitKind]
        self.parent_id.choices = _unit_choices(units)

    def to_details(self) -> UnitDetails:
        return UnitDetails(
            code=self.code.data,
            name=self.name.data,
            kind=UnitKind(self.kind.data),
            parent=self._units[self.parent_id.data],
            is_national_incubator=self.is_national_incubator.data,
            position=len(self._units),
        )
