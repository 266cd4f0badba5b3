"""Pages of imports."""

from flask import Blueprint, Flask

from crm.imports import work

bp = Blueprint("imports", __name__, url_prefix="/imports")


def init_app(app: Flask) -> None:
    work.offer()
    app.register_blueprint(bp)
