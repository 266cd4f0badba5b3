"""Time the import of very many firms beside a bare pandas read + bulk insert of the same file, in one run.

The bare twin reads the file with pandas (in its own way, by openpyxl, unless told otherwise), all cells as text, and inserts
the rows as they are into the same table with the same indexes in one transaction; it checks nothing, looks up nothing, keeps
no rows, writes no log and no search index. openpyxl is not the product's: `.venv/bin/pip install openpyxl` once, or --calamine.

    .venv/bin/python scripts/bench_import.py                       100 000 firms from an .xlsx, SQLite
    .venv/bin/python scripts/bench_import.py --rows 20000 --csv
    DATABASE_URL=postgresql://… .venv/bin/python scripts/bench_import.py     an empty database of its own
"""

import argparse
import csv
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench import DATABASE, make_app  # noqa: E402 - after the path
from sqlalchemy import delete, func, insert, select  # noqa: E402

from crm.audit.services import SYSTEM  # noqa: E402
from crm.companies.models import Company, CompanyKind  # noqa: E402
from crm.core import clock, registry  # noqa: E402
from crm.core.db import session, switch_to_wal, writing  # noqa: E402
from crm.core.identifiers import uscc_check_character  # noqa: E402
from crm.files.content import media_type_of  # noqa: E402
from crm.files.grids import ACCEPTED  # noqa: E402
from crm.files.owners import store  # noqa: E402
from crm.imports import checking, landing, mapping, services, sheets, staging  # noqa: E402
from crm.imports.models import Import  # noqa: E402
from crm.people import park  # noqa: E402
from crm.people.models import User  # noqa: E402
from crm.people.queries import unit_by_code  # noqa: E402
from crm.people.roles import Role  # noqa: E402

HEAD = (
    "企业名称", "统一社会信用代码", "法定代表人", "注册资本（万元）", "成立日期", "注册地址", "行业", "经营范围", "联系人",
    "联系电话", "入驻日期", "入驻协议编号",
)  # fmt: skip
_SIGNS = "光合智能微尺传感云帆数据启明软件恒远精密天工装备海纳信息博雅生物森源环保"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--csv", action="store_true", help="a text instead of a workbook")
    parser.add_argument(
        "--calamine", action="store_true", help="pandas reads the workbook as fast as we"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crm-bench-import-") as folder:
        file = Path(folder) / ("firms.csv" if options.csv else "firms.xlsx")
        write_file(file, options.rows)
        app = make_app(Path(folder))
        with app.app_context():
            prepare(Path(folder))
            bare = time_bare(file, calamine=options.calamine)
            ours = time_ours(file)
    for what, mine, theirs in zip(("time", "processor time"), ours, bare, strict=True):
        print(f"{what:15} ours {mine:6.1f} s, bare {theirs:6.1f} s: {mine / theirs:.2f} ×")
    print(f"{options.rows} rows, {file.suffix}")
    print(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def write_file(file: Path, rows: int) -> None:
    if file.suffix == ".csv":
        with file.open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([HEAD, *firms(rows)])
        return
    import xlsxwriter

    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([HEAD, *firms(rows)]):
            for column, text in enumerate(row):
                sheet.write_string(at, column, text)


def firms(rows: int) -> Iterator[tuple[str, ...]]:
    for number in range(rows):
        code = f"91320412MA{number:07d}"
        name = "".join(_SIGNS[number // 31**i % 31] for i in range(4))
        yield (
            f"常州{name}{number % 97}科技有限公司", code + uscc_check_character(code), "李雷", f"{number % 5000}.5",
            f"20{10 + number % 10}-05-21", f"常州市武进区科教城{number % 900}号", "I65",
            "软件开发、技术服务、智能装备的研发和销售", "韩梅梅", f"138{number:08d}", "2019-06-01", f"协议{number}",
        )  # fmt: skip


def prepare(folder: Path) -> None:
    from flask_migrate import upgrade

    if session.get_bind().dialect.name == "sqlite":
        switch_to_wal(folder / DATABASE)
    upgrade()
    with writing():
        park.found(by=SYSTEM)
    with writing():
        unit = unit_by_code("ustp")
        assert unit is not None
        roles = frozenset({Role.INCUBATOR_STAFF})
        session.add(
            User(
                username="bench",
                name="测",
                password_hash="!",
                unit_id=unit.id,
                roles=roles,
                rights=frozenset(),
            )
        )


def time_bare(file: Path, *, calamine: bool) -> tuple[float, float]:
    import pandas

    print("bare")
    began, spent = time.perf_counter(), processor_time()
    with told("pandas reads"):
        frame = (
            pandas.read_csv(file, dtype=str)
            if file.suffix == ".csv"
            else pandas.read_excel(file, dtype=str, engine="calamine" if calamine else None)
        )
    with told("bulk insert"):
        unit_id = session.scalar(select(User.unit_id).where(User.username == "bench"))
        common = {"kind": CompanyKind.ENTERPRISE, "unit_id": unit_id, "recorded_at": clock.now()}
        with writing():
            session.execute(
                insert(Company), [bare_row(row, common) for row in frame.values.tolist()]
            )
    took = time.perf_counter() - began, processor_time() - spent
    with writing():
        session.execute(delete(Company))
    return took


def bare_row(row: list[str], common: dict[str, Any]) -> dict[str, Any]:
    return {
        **common, "name": row[0], "name_key": row[0], "search_text": row[0], "uscc": row[1],
        "legal_representative": row[2], "registered_address": row[5], "industry_code": row[6], "business_scope": row[7],
    }  # fmt: skip


def time_ours(file: Path) -> tuple[float, float]:
    kind = registry.import_kinds["companies"]
    user_id = session.scalars(select(User.id).where(User.username == "bench")).one()
    print("ours")
    began, spent = time.perf_counter(), processor_time()
    with told("file kept, sheet read"), file.open("rb") as content:
        kept = store().keep(content, ACCEPTED)
        media_type = media_type_of(content)
        assert media_type is not None
        sheet = sheets.read(content, media_type, mapping.known_keys(kind))
    with told("rows staged"):
        with writing():
            user = session.get_one(User, user_id)
            import_id = services.receive("companies", kept, file.name, "bench", by=user).id
        staging.stage(import_id, sheet)
    with told("checked"):
        with writing():
            user, made = session.get_one(User, user_id), session.get_one(Import, import_id)
            services.map_columns(made, mapping.guessed(kind, sheet), by=user)
        checking.check(import_id, user_id)
    with told("landed"):
        with writing():
            user, made = session.get_one(User, user_id), session.get_one(Import, import_id)
            services.begin_landing(made, by=user)
        landing.land(import_id, user_id)
    took = time.perf_counter() - began, processor_time() - spent
    made = session.get_one(Import, import_id, populate_existing=True)
    there = session.scalar(select(func.count()).select_from(Company))
    assert there == made.creates == made.rows, (there, made.creates, made.rows, made.errors)
    return took


def processor_time() -> float:
    """Of this process and of those it waited for (workbooks are read in one): what other work on the machine does not change."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


@contextmanager
def told(what: str) -> Iterator[None]:
    began, spent = time.perf_counter(), processor_time()
    yield
    took, used = time.perf_counter() - began, processor_time() - spent
    print(f"  {what:24}{took:6.1f} s, processor {used:6.1f} s")


if __name__ == "__main__":
    main()
