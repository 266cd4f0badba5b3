"""Pages of imports."""

from flask import Blueprint, Flask

from crm.imports import models  # noqa: F401 - makes the tables known

bp = Blueprint("imports", __name__, url_prefix="/imports")


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
