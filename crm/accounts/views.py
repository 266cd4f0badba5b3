"""Signing in and out, one's own password, one's own sessions."""

from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, logout_user

from crm.accounts import administration, login, queries, services, trail
from crm.accounts.agents import name_of
from crm.accounts.forms import LoginForm, PasswordForm
from crm.accounts.log_words import LOG_WORDS
from crm.accounts.models import AuthSession
from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.web.addresses import safe_address
from crm.web.guards import me, public, signed_in
from crm.web.htmx import go_to
from crm.web.locale import sentence

bp = Blueprint("accounts", __name__)


@bp.get("/login", endpoint="login")
@public
def show_login() -> Any:
    if current_user.is_authenticated:
        return redirect(url_for("home.index"), 303)
    return _login_page(LoginForm())


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
                replaces=current_user.token if current_user.is_authenticated else None,
            )
        except DomainError as error:
            status = error.status
            form.password.errors = [sentence(error)]
        else:
            login.begin(token)
            return redirect(safe_address(request.args.get("next")) or url_for("home.index"), 303)
    return _login_page(form), status


def _login_page(form: LoginForm) -> str:
    return render_template(
        "accounts/login.html", form=form, next=safe_address(request.args.get("next"))
    )


@bp.post("/logout")
@signed_in
def logout() -> Any:
    with writing():
        services.sign_out(current_user.token, by=me())
    logout_user()
    login.forget()
    flash(_("您已退出登录。"), "info")
    return redirect(url_for("accounts.login"), 303)


@bp.route("/password", methods=["GET", "POST"])
@signed_in
def password() -> Any:
    """One's own password; the only page for somebody who still has the first one."""
    form = PasswordForm()
    if request.method == "GET":
        return render_template("accounts/password.html", form=form)
    status = 422
    if form.validate_on_submit():
        try:
            services.change_password(
                me(), form.present.data, form.password.data, token=current_user.token
            )
        except DomainError as error:
            status = error.status
            form[error.field or "password"].errors = [sentence(error)]
        else:
            flash(_("密码已修改，其他设备上的登录已全部退出。"), "success")
            return go_to("home.index")
    return render_template("accounts/password.html", form=form), status


@bp.get("/sessions")
@signed_in
def sessions() -> Any:
    """Where one is signed in."""
    living = session.scalars(queries.living_sessions(me(), at=clock.now())).all()
    present = services.token_hash(current_user.token)
    lines = [(found, name_of(found.agent), found.token_hash == present) for found in living]
    return render_template("accounts/sessions.html", lines=lines)


@bp.post("/sessions/<key>/end")
@signed_in
def end_session(key: str) -> Any:
    """`key` is the row's hash: nobody can sign in with it, and only one's own are found."""
    with writing():
        mine = queries.living_sessions(me(), at=clock.now())
        found = session.scalar(mine.where(AuthSession.token_hash == key))
        if found is None:
            abort(404)
        services.end_session(found, by=me())
    flash(_("该设备上的登录已退出。"), "success")
    return go_to("accounts.sessions")


@bp.post("/sessions/end-others")
@signed_in
def end_other_sessions() -> Any:
    with writing():
        services.end_sessions(me(), by=me(), keep=current_user.token)
    flash(_("其他设备上的登录已全部退出。"), "success")
    return go_to("accounts.sessions")


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    app.register_blueprint(bp)
    administration.init_app(app)
    trail.init_app(app)
