"""Demo accounts: they work, and only the file's owner reads their passwords."""

import json
import stat
from pathlib import Path

import pytest

from crm.accounts import passwords
from crm.audit.services import SYSTEM
from crm.core.db import session, writing
from crm.demo.accounts import ACCOUNTS, ensure_accounts
from crm.people import park
from crm.people.queries import user_by_username
from crm.people.roles import Right, Role


@pytest.fixture
def path(app, tmp_path: Path) -> Path:
    with writing():
        park.found(by=SYSTEM)
    return tmp_path / "var" / "demo-accounts.json"


def test_the_file_names_every_account_and_only_its_owner_reads_it(path: Path):
    accounts = ensure_accounts(path, by=SYSTEM)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text(encoding="utf-8")) == accounts
    assert list(accounts) == [
        "A", "A2", "B", "investment", "unit_staff", "unit_head", "supervisor", "lead", "auditor", "admin",
    ]  # fmt: skip
    assert list(path.parent.iterdir()) == [path]  # no draft is left behind


def test_each_password_opens_its_account_and_a_second_start_changes_nothing(path: Path):
    accounts = ensure_accounts(path, by=SYSTEM)
    for account in accounts.values():
        user = user_by_username(account["username"])
        assert user is not None
        assert passwords.matches(user.password_hash, account["password"])
        assert not user.must_change_password
        assert (account["role"], account["unit"]) == (*user.roles, user.unit.name)
    assert len({account["password"] for account in accounts.values()}) == len(ACCOUNTS)
    a, b = user_by_username("a"), user_by_username("b")
    assert (a.unit.code, b.unit.code) == ("ustp", "longcheng")
    assert a.roles == b.roles == {Role.INCUBATOR_STAFF}
    assert a.rights - b.rights == {Right.UNMASK}
    written = path.stat().st_mtime_ns
    assert ensure_accounts(path, by=SYSTEM) == accounts
    assert path.stat().st_mtime_ns == written


def test_without_the_file_new_passwords_are_set(path: Path):
    before = ensure_accounts(path, by=SYSTEM)
    path.unlink()
    after = ensure_accounts(path, by=SYSTEM)
    session.expire_all()
    user = user_by_username("lead")
    assert not passwords.matches(user.password_hash, before["lead"]["password"])
    assert passwords.matches(user.password_hash, after["lead"]["password"])


def test_a_file_from_before_gives_its_passwords_to_a_new_database(path: Path):
    path.parent.mkdir()
    kept = {"A": {"username": "a", "password": "kept from before", "role": "", "unit": ""}}
    path.write_text(json.dumps(kept), encoding="utf-8")
    accounts = ensure_accounts(path, by=SYSTEM)
    assert accounts["A"]["password"] == "kept from before"
    assert passwords.matches(user_by_username("a").password_hash, "kept from before")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
