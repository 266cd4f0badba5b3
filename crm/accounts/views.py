"""Signing in and out."""

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, logout_user

from crm.accounts import login as logins
from crm.accounts import services
from crm.accounts.forms import LoginForm
from crm.core.db import writing
from crm.core.errors import DomainError
from crm.people.queries import user_by_username
from crm.web.addresses import safe_address
from crm.web.guards import me, public, signed_in
from crm.web.locale import sentence

bp = Blueprint("accounts", __name__)


@bp.get("/login")
@public
def login() -> Any:
    if current_user.is_authenticated:
        return redirect(url_for("home.index"), 303)
    return render_template("accounts/login.html", form=LoginForm())


@bp.post("/login")
@public
def create_session() -> Any:
    form = LoginForm()
    status = 422
    if form.validate_on_submit():
        try:
            token = services.sign_in(
                form.username.data,
                form.password.data,
                address=request.remote_addr or "",
                agent=request.user_agent.string,
            )
        except DomainError as error:
            status = error.status
            form.password.errors = [sentence(error)]
        else:
            user = user_by_username(form.username.data)
            assert user is not None
            logins.remember(user, token)
            return redirect(safe_address(request.args.get("next")) or url_for("home.index"), 303)
    return render_template("accounts/login.html", form=form), status


@bp.post("/logout")
@signed_in
def logout() -> Any:
    token = current_user.token
    with writing():
        services.sign_out(token, by=me())
    logout_user()
    locale = session.get("locale")
    session.clear()
    if locale:
        session["locale"] = locale
    flash(_("您已退出登录。"), "info")
    return redirect(url_for("accounts.login"), 303)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
