"""Accounts for trying the product: random passwords, kept in a file that only its owner can read."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crm.accounts.passwords import hash_password
from crm.audit.services import Actor
from crm.core.db import session, writing
from crm.people.queries import unit_by_code, user_by_username
from crm.people.roles import Right, Role
from crm.people.services import UserDetails, add_user, set_password

Accounts = dict[str, dict[str, str]]


@dataclass(frozen=True)
class DemoAccount:
    """One person to sign in as; `key` names them in the file, in lower case it is the username."""

    key: str
    name: str
    role: Role
    unit_code: str
    rights: tuple[Right, ...] = ()

    @property
    def username(self) -> str:
        return self.key.lower()


_CLERK = (Right.OPERATING_FIGURES, Right.EXPORT)
ACCOUNTS = (
    DemoAccount("A", "安若川", Role.INCUBATOR_STAFF, "ustp", (*_CLERK, Right.UNMASK)),
    DemoAccount("A2", "安知夏", Role.INCUBATOR_STAFF, "ustp", _CLERK),  # reviews what A receives
    DemoAccount("B", "白屿宁", Role.INCUBATOR_STAFF, "longcheng", _CLERK),
    DemoAccount(
        "investment", "陈知远", Role.INVESTMENT, "investment", (Right.WAIVE_GATE, Right.EXPORT)
    ),
    DemoAccount("unit_staff", "丁以宁", Role.UNIT_STAFF, "industry"),
    DemoAccount("unit_head", "方景行", Role.UNIT_HEAD, "industry"),
    DemoAccount("supervisor", "顾清越", Role.SUPERVISOR, "office", (Right.EXPORT,)),
    DemoAccount("lead", "韩嘉树", Role.LEADER, "park", (Right.EXPORT,)),
    DemoAccount("auditor", "季怀瑾", Role.AUDITOR, "park"),
    DemoAccount("admin", "金望舒", Role.ADMIN, "park"),
)


def ensure_accounts(path: Path, *, by: Actor) -> Accounts:
    """The accounts and, in `path`, their passwords; both made where they are missing.

    Opens its own write transaction, since hashing stays outside it. The database goes before the file: a start that
    is broken off between them finds no file and gives new passwords.
    """
    kept = _read(path)
    missing = [a for a in ACCOUNTS if a.key not in kept or not user_by_username(a.username)]
    if not missing:
        return kept
    units = {a.key: unit_by_code(a.unit_code) for a in ACCOUNTS}
    accounts = {
        a.key: {
            "username": a.username,
            "password": kept.get(a.key, {}).get("password") or secrets.token_urlsafe(9),
            "role": a.role.value,
            "unit": unit.name if (unit := units[a.key]) else "",
        }
        for a in ACCOUNTS
    }
    session.rollback()  # nothing is held while the hashes are computed
    hashes = {a.key: hash_password(accounts[a.key]["password"]) for a in missing}
    with writing():
        for account in missing:
            _give(account, hashes[account.key], by=by)
    _write(path, accounts)
    return accounts


def _give(account: DemoAccount, password_hash: str, *, by: Actor) -> None:
    user = user_by_username(account.username)
    if user is not None:
        set_password(user, password_hash, by=by)
        return
    unit = unit_by_code(account.unit_code)
    if unit is None:
        raise LookupError(f"no unit {account.unit_code}: found the park first")
    roles, rights = frozenset({account.role}), frozenset(account.rights)
    details = UserDetails(account.username, account.name, unit, roles, rights)
    add_user(details, password_hash, by=by, must_change_password=False)


def _read(path: Path) -> Accounts:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _write(path: Path, accounts: Mapping[str, Mapping[str, str]]) -> None:
    """At once or not at all, and never readable by others, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(accounts, file, ensure_ascii=False, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
