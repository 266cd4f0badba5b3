"""Commands of `flask --app wsgi`."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Put every command on the application."""
