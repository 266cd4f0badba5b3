"""The first page, and the health check."""

from typing import Any

from flask import Blueprint, Flask, render_template
from sqlalchemy import text

from crm.core import registry
from crm.core.db import session
from crm.web.guards import may, me, public, signed_in

bp = Blueprint("home", __name__)


@bp.get("/")
@signed_in
def index() -> Any:
    """Each role's own work, put together from the widgets that the features hand down."""
    widgets = [
        (widget.template, data)
        for widget in sorted(registry.widgets, key=lambda w: w.position)
        if may(widget.action) and (data := widget.build(me())) is not None
    ]
    return render_template("home/index.html", widgets=widgets)


@bp.get("/healthz")
@public
def healthz() -> Any:
    """200 when the database answers."""
    session.execute(text("SELECT 1"))
    return {"status": "ok"}


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
