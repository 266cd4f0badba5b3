"""Pages of companies."""

from flask import Blueprint, Flask

from crm.companies import models  # noqa: F401

bp = Blueprint("companies", __name__, url_prefix="/companies")


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
