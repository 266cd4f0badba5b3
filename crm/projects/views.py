"""Pages of projects."""

from flask import Blueprint, Flask

from crm.projects import models  # noqa: F401

bp = Blueprint("projects", __name__, url_prefix="/projects")


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
