"""Pages of targets."""

from flask import Blueprint, Flask

from crm.targets import models  # noqa: F401

bp = Blueprint("targets", __name__, url_prefix="/targets")


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
