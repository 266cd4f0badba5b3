"""Every endpoint declares who may call it; one that does not is refused (and a test walks the URL map)."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_login import current_user

from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import Scope, scope_of
from crm.web.addresses import safe_address
from crm.web.htmx import go_to

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
SIGNED_IN = "signed in"


def public(view: View) -> View:
    """Anybody may call it."""
    view.guard = PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Anybody with an account may call it."""
    view.guard = SIGNED_IN  # type: ignore[attr-defined]
    return view


def needs(*actions: Action) -> Callable[[View], View]:
    """Only who may do at least one of these actions."""

    def declare(view: View) -> View:
        view.guard = frozenset(actions)  # type: ignore[attr-defined]
        return view

    return declare


def me() -> User:
    """The signed-in person; only behind a guard that asked for one."""
    if "me" not in g:  # current_user looks it up at each mention
        g.me = current_user.user
    return g.me  # type: ignore[no-any-return]


def my_scope() -> Scope:
    if "scope" not in g:
        g.scope = scope_of(me())
    return g.scope  # type: ignore[no-any-return]


def act_as(reader: Any, scope: Scope | None = None) -> None:
    """From here on in this context it is he who reads (a User, or SYSTEM with a scope): work done in somebody's name."""
    g.me = reader
    g.scope = scope or scope_of(reader)


def may(action: Action | str) -> bool:
    return is_signed_in() and me().may(Action(action))


def is_signed_in() -> bool:
    return "me" in g or current_user.is_authenticated


def init_app(app: Flask) -> None:
    app.before_request(_check)


def _check() -> Any:
    if request.endpoint is None:
        return None  # no such address: the router's own 404 or 405
    if request.endpoint == "static":
        return None
    guard = getattr(current_app.view_functions[request.endpoint], "guard", None)
    if guard == PUBLIC:
        return None
    if guard is None:
        abort(403)
    if not is_signed_in():
        return ask_to_sign_in()
    if me().must_change_password and request.endpoint not in (
        "accounts.password",
        "accounts.logout",
    ):
        return go_to("accounts.password")
    if guard != SIGNED_IN and not (guard & me().actions):
        abort(403)
    return None


def ask_to_sign_in() -> Any:
    """To the login page and back again; an htmx request is told to go there as a whole page, and back to the page it is from."""
    if request.headers.get("HX-Request"):
        page = request.headers.get("HX-Current-URL", "").removeprefix(request.host_url.rstrip("/"))
        back = safe_address(page)
        return "", 401, {"HX-Redirect": url_for("accounts.login", next=back)}
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.login", next=back), 303)


def guarded_endpoints(app: Flask) -> dict[str, Any]:
    """Endpoint → its declared guard, None where one was forgotten."""
    return {
        rule.endpoint: getattr(app.view_functions[rule.endpoint], "guard", None)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
    }
