"""`flask projects …`: the board of a day, what moved between two days."""

from flask import Flask
from flask.cli import AppGroup

projects = AppGroup("projects", help="The seven batches: the board, what moved, moves.")


def init_app(app: Flask) -> None:
    app.cli.add_command(projects)
