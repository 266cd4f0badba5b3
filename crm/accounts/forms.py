"""What the pages of accounts accept."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length


class LoginForm(FlaskForm):
    """Name and password."""

    username = StringField(
        _("用户名"),
        [InputRequired(_("请填写用户名。")), Length(max=40)],
        render_kw={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"},
    )
    password = PasswordField(
        _("密码"),
        [InputRequired(_("请填写密码。")), Length(max=128)],
        render_kw={"autocomplete": "current-password"},
    )
