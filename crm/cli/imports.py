"""`flask import KIND FILE` checks a spreadsheet against the register and, with --commit, writes it as a whole."""

import json
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click
from flask import Flask
from sqlalchemy import select

from crm.cli.people import refusal
from crm.cli.tables import print_table
from crm.core import registry
from crm.core.attributes import MoneyUnit, Sort
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.files.content import media_type_of
from crm.files.grids import ACCEPTED
from crm.files.owners import store
from crm.imports import checking, landing, mapping, queries, services, sheets, staging
from crm.imports.headings import key_of
from crm.imports.kinds import ImportKind, Outcome
from crm.imports.mapping import Use
from crm.imports.models import Import, ImportState
from crm.imports.sheets import Sheet
from crm.imports.stored import faults_from
from crm.people.models import User
from crm.people.queries import user_by_username
from crm.people.roles import WHOLE_PARK
from crm.web.locale import label, sentence

# Exit codes: rows were refused and nothing was written; the command or the file cannot be made sense of; the good rows
# were written, the others were not.
FAULTY, UNUSABLE, PARTLY = 1, 2, 3


@click.command("import")
@click.argument("kind", required=False)
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--list", "lists", is_flag=True, help="What can be imported.")
@click.option("--commit", is_flag=True, help="Write it; without this it is only checked.")
@click.option(
    "--partly", is_flag=True, help="With --commit: write the good rows although others are faulty."
)
@click.option(
    "--sheet", default="", help="Of a workbook, which one; the first where it is left out."
)
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="COLUMN=FACT",
    help="What a column holds; nothing after = leaves it out.",
)
@click.option(
    "--unit",
    "units",
    multiple=True,
    metavar="COLUMN=UNIT",
    help="What a column's amounts are in: 元, 千元, 万元, 亿元.",
)
@click.option("--source", default="", help="The document that proves the rows.")
@click.option(
    "--as",
    "username",
    metavar="USER",
    help="In whose name and scope; else whoever may and sees most.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def import_(
    kind: str | None,
    file: Path | None,
    lists: bool,
    commit: bool,
    partly: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Check FILE (.xlsx, .xls, .csv) as records of KIND, and write it with --commit: all of it or nothing.

    Exit code 0: all rows are good (with --commit: and written); 1: some are not, and nothing was written; 2: the command
    or the file is unusable; 3: with --partly, the good rows were written and the others were not.
    """
    if lists:
        _print_kinds(as_json)
        return
    if kind is None or file is None:
        raise click.UsageError("KIND and FILE, or --list")
    try:
        found = _kind(kind)
        user = _user(options["username"], found)
        sheet, columns = _read(found, file, options)
        import_id = _bring_in(found, file, sheet, columns, user, options["source"])
    except DomainError as error:
        _give_up(error, UNUSABLE, as_json)
    checked = session.get_one(Import, import_id)
    is_wanted = commit and (partly or not checked.errors) and checked.creates + checked.updates
    refused = None
    if is_wanted:
        try:
            with writing():
                services.begin_landing(session.get_one(Import, import_id), by=user)
            landing.land(import_id, user.id)
        except DomainError as error:
            refused = error
    elif not commit:
        with writing():
            services.drop(session.get_one(Import, import_id), by=user)
    done = session.get_one(Import, import_id, populate_existing=True)
    told = _told(done, found, sheet, columns, user, refused)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _print(told)
    if done.errors or refused:
        sys.exit(PARTLY if told["committed"] else FAULTY)


def _kind(key: str) -> ImportKind:
    found: ImportKind | None = registry.import_kinds.get(key)
    if found is None:
        known = "、".join(registry.import_kinds)
        raise DomainError(N_("没有“%(kind)s”这种导入，可选：%(known)s。"), kind=key, known=known)
    return found


def _user(username: str | None, kind: ImportKind) -> User:
    """Who is said; else the account with the widest scope among those that may import such records."""
    if username is not None:
        named = user_by_username(username)
        if named is None or named.disabled_at:
            raise DomainError(N_("没有用户名为 %(name)s 的账号。"), name=username)
        return named
    able = [
        user
        for user in session.scalars(
            select(User).where(User.disabled_at.is_(None)).order_by(User.id)
        )
        if user.may(kind.action)
    ]
    if not able:
        raise DomainError(N_("没有可以导入“%(kind)s”的账号。"), kind=kind.label)
    return min(able, key=lambda user: (not user.roles & WHOLE_PARK, len(user.unit.path), user.id))


def _read(kind: ImportKind, file: Path, options: Any) -> tuple[Sheet, dict[int, Use]]:
    with file.open("rb") as content:
        found = media_type_of(content)
        if found not in ACCEPTED:
            raise DomainError(N_("请使用 .xlsx、.xls 或 .csv 文件。"))
        sheet = sheets.read(content, found, mapping.known_keys(kind), sheet=options["sheet"])
    columns = mapping.guessed(kind, sheet)
    for heading, fact in map(_pair, options["maps"]):
        column = _column(heading, sheet)
        columns.pop(column, None)
        if fact:
            name = _attribute(fact, kind)
            columns = {at: use for at, use in columns.items() if use.attribute != name}
            columns[column] = Use(name, mapping.unit_said(kind, name, column, sheet))
    for heading, word in map(_pair, options["units"]):
        column = _column(heading, sheet)
        if column not in columns:
            raise DomainError(N_("“%(text)s”这一列没有对应字段。"), text=heading)
        columns[column] = Use(columns[column].attribute, _unit(word))
    return sheet, columns


def _pair(text: str) -> tuple[str, str]:
    heading, sign, value = text.rpartition("=")
    if not sign:
        raise DomainError(N_("请写成“列=值”，现为“%(text)s”。"), text=text)
    return heading.strip(), value.strip()


def _column(heading: str, sheet: Sheet) -> int:
    """By its heading, else by its letter."""
    keys = [key_of(one) for one in sheet.headings]
    if key_of(heading) in keys:
        return keys.index(key_of(heading))
    letters = {_letter(at): at for at in range(len(sheet.headings))}
    if heading.upper() not in letters:
        known = "、".join(filter(None, sheet.headings))
        raise DomainError(N_("没有“%(text)s”这一列，现有：%(known)s。"), text=heading, known=known)
    return letters[heading.upper()]


def _letter(at: int) -> str:
    return (chr(64 + at // 26) if at >= 26 else "") + chr(65 + at % 26)


def _attribute(fact: str, kind: ImportKind) -> str:
    for attribute in kind.attributes:
        if fact in (attribute.name, attribute.label):
            return attribute.name
    known = "、".join(f"{one.name}（{one.label}）" for one in kind.attributes)
    raise DomainError(N_("没有“%(text)s”这个字段，可选：%(known)s。"), text=fact, known=known)


def _unit(word: str) -> MoneyUnit:
    for unit in MoneyUnit:
        if word in (unit.value, unit.label):
            return unit
    words = "、".join(unit.label for unit in MoneyUnit)
    raise DomainError(N_("“%(text)s”不在可选范围内，可选：%(words)s。"), text=word, words=words)


def _bring_in(
    kind: ImportKind, file: Path, sheet: Sheet, columns: dict[int, Use], user: User, source: str
) -> int:
    with file.open("rb") as content:
        kept = store().keep(content, ACCEPTED)
    with writing():
        made = services.receive(
            kind.key, kept, file.name[-120:], secrets.token_urlsafe(16), by=user, source=source
        )
        import_id = made.id
    staging.stage(import_id, sheet)
    with writing():
        services.map_columns(session.get_one(Import, import_id), columns, by=user)
    checking.check(import_id, user.id)
    session.expire_all()
    return import_id


def _told(
    done: Import,
    kind: ImportKind,
    sheet: Sheet,
    columns: dict[int, Use],
    user: User,
    refused: DomainError | None,
) -> dict[str, Any]:
    return {
        "kind": kind.key,
        "file": done.name,
        "sheet": done.sheet,
        "as": user.username,
        "import": done.id,
        "committed": done.state is ImportState.LANDED,
        "rows": done.rows,
        "creates": done.creates,
        "updates": done.updates,
        "unchanged": done.unchanged,
        "errors": done.errors,
        "columns": {
            sheet.headings[at] or _letter(at): _use(kind, use)
            for at, use in sorted(columns.items())
        },
        "left_out": [
            heading for at, heading in enumerate(sheet.headings) if heading and at not in columns
        ],
        "remarks": [label(remark.text) % dict(remark.values) for remark in sheet.remarks],
        "refused": sentence(refused) if refused else None,
        "faults": _faults(done, sheet.headings, columns),
    }


def _use(kind: ImportKind, use: Use) -> dict[str, str]:
    attribute = kind.attribute(use.attribute)
    is_amount = attribute is not None and attribute.sort is Sort.MONEY
    return {"fact": use.attribute} | (
        {"unit": (use.unit or mapping.USUAL_UNIT).label} if is_amount else {}
    )


def _faults(done: Import, headings: Sequence[str], columns: dict[int, Use]) -> list[dict[str, Any]]:
    found = []
    for row in session.scalars(queries.rows_with(done, Outcome.ERROR)):
        cells = json.loads(row.mended or row.cells)
        for column, error in faults_from(row.faults):
            told: dict[str, Any] = {"row": row.number, "column": None}
            if column is not None:
                told = {
                    "row": row.number,
                    "column": headings[column],
                    "letter": _letter(column),
                    "fact": columns[column].attribute,
                    "value": cells[column],
                }
            found.append({**told, "reason": sentence(error)})
    return found


def _print(told: dict[str, Any]) -> None:
    for remark in told["remarks"]:
        click.echo(f"· {remark}")
    if told["left_out"]:
        click.echo(f"· 未对应的列 / columns left out: {'、'.join(told['left_out'])}")
    if told["faults"]:
        print_table(
            ("行 / row", "列 / column", "原因 / reason"),
            [(str(one["row"]), one["column"] or "", one["reason"]) for one in told["faults"]],
        )
    click.echo(
        f"共 {told['rows']} 行：新增 {told['creates']}，更新 {told['updates']}，无变化 {told['unchanged']}，"
        f"有误 {told['errors']} / rows, new, changed, unchanged, faulty（{told['as']}）"
    )
    if told["refused"]:
        click.echo(told["refused"])
    elif told["committed"]:
        click.echo(f"✓ 已导入 / imported: /imports/{told['import']}")
    else:
        click.echo("没有写入任何内容 / nothing was written")


def _print_kinds(as_json: bool) -> None:
    kinds = [
        {
            "kind": kind.key,
            "label": label(kind.label),
            "known_by": label(kind.natural_key),
            "facts": {one.name: label(one.label) for one in kind.attributes},
        }
        for kind in registry.import_kinds.values()
    ]
    if as_json:
        click.echo(json.dumps(kinds, ensure_ascii=False, indent=1))
        return
    titles = ("种类 / kind", "名称 / label", "按什么识别 / known by")
    print_table(titles, [(one["kind"], one["label"], one["known_by"]) for one in kinds])


def _give_up(error: DomainError, code: int, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"refused": sentence(error)}, ensure_ascii=False))
    else:
        click.echo(refusal(error).format_message(), err=True)
    sys.exit(code)


def init_app(app: Flask) -> None:
    app.cli.add_command(import_)
