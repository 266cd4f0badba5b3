"""A PostgreSQL of the tests' own: CRM_TEST_PG_URL if it is set, else Debian's binaries on a socket in a temporary folder."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def server() -> Iterator[str | None]:
    """The address of a server with an empty database `crm`, or None when the machine has no PostgreSQL."""
    given = os.environ.get("CRM_TEST_PG_URL")
    if given:
        yield given
        return
    binaries = _binaries()
    if binaries is None:
        if os.environ.get("CRM_REQUIRE_PG") == "1":
            raise RuntimeError("CRM_REQUIRE_PG=1, but this machine has no PostgreSQL server")
        yield None
        return
    account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None  # initdb refuses root
    identity = {"user": account.pw_uid, "group": account.pw_gid} if account else {}
    folder = Path(
        tempfile.mkdtemp(prefix="crm-pg-", dir="/tmp")
    )  # short: a socket's path has 107 bytes
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)

    def run(*command: str) -> None:
        subprocess.run(
            command,
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            **identity,
        )

    data = str(folder / "data")
    settings = f"-k {folder} -c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=60"
    settings += " -c autovacuum=off"  # the tables stay small
    try:
        run(str(binaries / "initdb"), "-D", data, "-A", "trust", "-U", "crm", "--encoding=UTF8",
            "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        run(
            str(binaries / "pg_ctl"),
            "-D",
            data,
            "-w",
            "-l",
            str(folder / "log"),
            "-o",
            settings,
            "start",
        )
        run(str(binaries / "createdb"), "-h", str(folder), "-U", "crm", "crm")
        yield f"postgresql+psycopg://crm@/crm?host={folder}"
    finally:
        subprocess.run(
            [str(binaries / "pg_ctl"), "-D", data, "-m", "immediate", "stop"],
            check=False, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **identity,
        )  # fmt: skip
        shutil.rmtree(folder, ignore_errors=True)
