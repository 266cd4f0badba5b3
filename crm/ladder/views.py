"""Pages of ladder."""

from flask import Blueprint, Flask

from crm.ladder import models  # noqa: F401

bp = Blueprint("ladder", __name__, url_prefix="/ladder")


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
