"""The signed-in person of a request, from the cookie's token through Flask-Login's alternative id."""

from flask import Flask, g, session
from flask_login import LoginManager, UserMixin
from flask_login import login_user as _login_user

from crm.accounts import services
from crm.accounts.models import IDLE_LIMIT
from crm.core import clock
from crm.people.models import User

login_manager = LoginManager()


class Visitor(UserMixin):
    """Flask-Login's idea of a user: the person and the token that proves the session."""

    def __init__(self, user: User, token: str) -> None:
        self.user = user
        self.token = token

    def get_id(self) -> str:
        return self.token


@login_manager.user_loader
def load(token: str) -> Visitor | None:
    user = services.user_of(token, at=clock.now())
    return Visitor(user, token) if user else None


def begin(token: str) -> None:
    """Put a fresh session's token into a fresh cookie."""
    forget()
    g.pop("me", None)
    session.permanent = True
    _login_user(load(token))


def forget() -> None:
    """Empty the cookie; only the language outlives a login."""
    locale = session.get("locale")
    session.clear()
    if locale:
        session["locale"] = locale


def init_app(app: Flask) -> None:
    app.config["PERMANENT_SESSION_LIFETIME"] = IDLE_LIMIT
    app.config["SESSION_REFRESH_EACH_REQUEST"] = True
    login_manager.session_protection = (
        None  # a phone changes its address; the token's row is what counts
    )
    login_manager.init_app(app)
