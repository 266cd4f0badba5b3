"""Commands of `flask --app wsgi`, one file for each thing they are about."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Put every command on the application."""
