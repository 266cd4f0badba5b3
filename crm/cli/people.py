"""`flask user` opens and closes accounts, `flask audit verify` checks the log."""

import json
import sys
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from flask_babel import force_locale

from crm.accounts import passwords, services
from crm.audit import queries as log
from crm.audit.services import SYSTEM
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people import services as people
from crm.people.models import Unit
from crm.people.queries import unit_by_code, units, user_by_username
from crm.people.roles import Right, Role
from crm.web.locale import DEFAULT, sentence

user = AppGroup("user", help="Accounts.")
audit = AppGroup("audit", help="The audit log.")


@user.command("create")
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
)
@click.option("--unit", "unit_name", required=True, help="The unit's code or name.")
@click.option(
    "--right", "rights", multiple=True, type=click.Choice([right.value for right in Right])
)
@click.option("--display-name", help="The person's name; the user name where it is left out.")
def create(
    name: str,
    roles: tuple[str, ...],
    unit_name: str,
    rights: tuple[str, ...],
    display_name: str | None,
) -> None:
    """Open an account; the password is the one line on standard input."""
    try:
        password = _password(name)
        password_hash = passwords.hash_password(password)
        with writing():
            details = people.UserDetails(
                username=name,
                name=display_name or name,
                unit=_unit(unit_name),
                roles=frozenset(Role(role) for role in roles),
                rights=frozenset(Right(right) for right in rights),
            )
            made = people.add_user(details, password_hash, by=SYSTEM, must_change_password=False)
            where = made.unit.name
    except DomainError as error:
        raise refusal(error) from None
    click.echo(f"✓ 已开户 {name}（{where}） / account {name} created")


@user.command("disable")
@click.argument("name")
def disable(name: str) -> None:
    """Close an account and end its sessions."""
    try:
        with writing():
            found = user_by_username(name)
            if found is None:
                raise DomainError(N_("没有用户名为 %(name)s 的账号。"), name=name)
            people.disable(found, by=SYSTEM)
            services.end_sessions(found, by=SYSTEM)
    except DomainError as error:
        raise refusal(error) from None
    click.echo(f"✓ 已停用 {name} / account {name} disabled")


def _password(username: str) -> str:
    lines = sys.stdin.read().splitlines()
    if len(lines) != 1:
        raise DomainError(N_("请在标准输入中给出密码，只有一行。"))
    passwords.check_new(lines[0], username=username)
    return lines[0]


def _unit(name: str) -> Unit:
    found = unit_by_code(name) or session.scalar(units().where(Unit.name == name))
    if found is None:
        raise DomainError(N_("没有代码或名称为 %(name)s 的单位。"), name=name)
    return found


def refusal(error: DomainError) -> click.ClickException:
    """What the business refused, as a command says it: in Chinese and English, exit code 1."""
    said = []
    for locale in (DEFAULT, "en"):
        with force_locale(locale):
            said.append(sentence(error))
    return click.ClickException(" / ".join(dict.fromkeys(said)))


@audit.command("verify")
@click.option("--all", "from_the_first", is_flag=True, help="From the first entry on.")
def verify(from_the_first: bool) -> None:
    """Recompute the chain from where the last check ended; exit code 1 and the first bad entry where it does not hold.

    The end of each good check is kept outside the database, so that a log cut short or made anew shows too.
    """
    note: Path = current_app.config["SETTINGS"].data_dir / "audit-head.json"
    head = log.Head(**json.loads(note.read_text())) if note.exists() else log.START
    verdict = log.verify(head)
    if from_the_first and verdict.first_bad is None:
        verdict = log.verify()
    if verdict.first_bad is not None:
        raise click.ClickException(
            f"第 {verdict.first_bad} 条对不上 / entry {verdict.first_bad} does not hold"
        )
    note.write_text(json.dumps({"number": verdict.checked, "hash": verdict.last_hash}))
    click.echo(
        f"✓ {verdict.checked} 条全部完好，末条摘要 / all {verdict.checked} entries hold, last hash:"
    )
    click.echo(verdict.last_hash)


def init_app(app: Flask) -> None:
    app.cli.add_command(user)
    app.cli.add_command(audit)
