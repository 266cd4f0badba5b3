"""Commands of `flask --app wsgi`, one file for each thing they are about."""

from flask import Flask

from crm.cli import check, demo, docs, people, report, start, targets

COMMANDS = (start, check, people, report, targets, demo, docs)


def init_app(app: Flask) -> None:
    """Put every command on the application."""
    for commands in COMMANDS:
        commands.init_app(app)
