"""Pages of what is paid in and built."""

from flask import Flask

from crm.investments import models as models  # makes its tables known


def init_app(app: Flask) -> None:
    """Nothing yet: the pages follow."""
