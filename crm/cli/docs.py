"""`flask docs access` writes docs/access.md: who may do what, from the code that decides it."""

from collections.abc import Iterable, Iterator
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from crm.people.roles import ALLOWED, GRANTED, OWN_UNIT, WHOLE_PARK, Action, Right, Role
from crm.web.guards import PUBLIC, SIGNED_IN

docs = AppGroup("docs", help="Documents that are written from the code.")


@docs.command("access")
def write_access() -> None:
    """Write docs/access.md anew."""
    path = current_app.config["ROOT"] / "docs" / "access.md"
    path.write_text(access(current_app), encoding="utf-8")
    click.echo(f"✓ {path}")


def access(app: Flask) -> str:
    """The whole page."""
    return "\n".join((*_introduction(), *_matrix(), *_rights(), *_scopes(), *_endpoints(app), ""))


def _introduction() -> Iterator[str]:
    yield "# Who may do what"
    yield ""
    yield "Written by `flask --app wsgi docs access` from crm/people/roles.py and the guards of the endpoints;"
    yield "a test compares this page with the code. An endpoint without a guard is refused to everybody."
    yield ""


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    head = list(head)
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _matrix() -> Iterator[str]:
    yield "## Roles and actions"
    yield ""
    granted = {action: right for right, action in GRANTED.items()}
    yield from _table(
        ("action", "", *(f"{role.label} `{role.value}`" for role in Role)),
        (
            (
                f"`{action.value}`",
                action.label,
                *(
                    "●" if action in ALLOWED[role] else "○" if action in granted else ""
                    for role in Role
                ),
            )
            for action in Action
        ),
    )
    yield "● by the role; ○ only with a right of its own, given to the person beside any role."
    yield ""


def _rights() -> Iterator[str]:
    yield "## Rights of their own"
    yield ""
    yield from _table(
        ("right", "", "allows"),
        ((f"`{right.value}`", right.label, f"`{GRANTED[right].value}`") for right in Right),
    )


def _scopes() -> Iterator[str]:
    yield "## Whose records (数据范围)"
    yield ""
    yield "Of several roles the widest counts. A record outside the scope is answered like one that does not exist: 404."
    yield ""
    yield from _table(
        ("role", "", "sees the records of"), ((f"`{r.value}`", r.label, _reach(r)) for r in Role)
    )


def _reach(role: Role) -> str:
    if role in WHOLE_PARK:
        return "the whole park"
    return "the own unit and those below it" if role in OWN_UNIT else "nobody"


def _endpoints(app: Flask) -> Iterator[str]:
    yield "## Endpoints and their guards"
    yield ""
    rules = (rule for rule in app.url_map.iter_rules() if rule.endpoint != "static")
    yield from _table(
        ("address", "methods", "endpoint", "guard"),
        (
            (
                f"`{rule.rule}`",
                " ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})),
                f"`{rule.endpoint}`",
                _words(getattr(app.view_functions[rule.endpoint], "guard", None)),
            )
            for rule in sorted(rules, key=lambda rule: (rule.rule, rule.endpoint))
        ),
    )


def _words(guard: Any) -> str:
    if guard == PUBLIC:
        return "anybody"
    if guard == SIGNED_IN:
        return "anybody signed in"
    return " or ".join(f"`{action}`" for action in sorted(guard or ())) or "nobody"


def init_app(app: Flask) -> None:
    app.cli.add_command(docs)
