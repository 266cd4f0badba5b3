"""Time the pages against bare Flask + SQLAlchemy pages of the same weight, side by side in one run.

The bare page of a page that reads sends the same statements with the same values through SQLAlchemy to the same database,
fetches the same rows and answers as many bytes of table cells from a template file, and does nothing else: no login, scope,
guards, CSRF, audit, translation, no building of statements, no objects. Ratios are what counts; milliseconds are this machine's.

    make bench                                     10 000 firms, 2 000 projects, SQLite
    .venv/bin/python scripts/bench.py --companies 100000
    .venv/bin/python scripts/bench.py --data FOLDER             a copy of a loaded database: FOLDER/crm.sqlite3 or bench.sqlite3
    .venv/bin/python scripts/bench.py --keep FOLDER             loads there and leaves it, for --data
    DATABASE_URL=postgresql://… .venv/bin/python scripts/bench.py      a database of its own, empty or loaded by this
"""

import argparse
import itertools
import os
import re
import secrets
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "bench.sqlite3"
sys.path.insert(0, str(ROOT))

from flask import Flask, render_template, request  # noqa: E402 - after the path
from flask.testing import FlaskClient  # noqa: E402
from sqlalchemy import create_engine, event, func, inspect, select, text  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

import config  # noqa: E402
import crm  # noqa: E402
from crm.accounts.models import AuthSession  # noqa: E402
from crm.accounts.services import token_hash  # noqa: E402
from crm.audit import remembered  # noqa: E402
from crm.audit.services import SYSTEM  # noqa: E402
from crm.companies.models import Company  # noqa: E402
from crm.core import clock  # noqa: E402
from crm.core.db import session, switch_to_wal, writing  # noqa: E402
from crm.core.identifiers import uscc_check_character  # noqa: E402
from crm.demo import accounts, world  # noqa: E402
from crm.people import park  # noqa: E402
from crm.people.queries import user_by_username  # noqa: E402
from crm.plans import planning  # noqa: E402
from crm.projects import gates  # noqa: E402
from crm.projects.models import PIPELINE, Project, Stage  # noqa: E402

# As many cells to a row as make the page as long as ours: the same work for the template engine.
BARE_TEMPLATE = """<!doctype html><title>bare</title><table>
{% for row in rows %}<tr>{% for n in cells %}<td class="cell"><a href="/things/{{ row[0] }}">{{ row[-1] }}</a></td>
{% endfor %}</tr>{% endfor %}</table>"""

FILTERED = "where=kind:is:enterprise;established_on:from:2015-01-01&sort=-registered_capital"


@dataclass
class Case:
    """One page and its bare twin. Each call makes one request and returns its answer.

    Without a `bare` path the twin sends what the page itself was seen to send (`statements`).
    """

    name: str
    ours: Callable[[], object]
    bare: str = ""
    statements: list[tuple[str, object]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    bare_times: list[float] = field(default_factory=list)
    queries: set[int] = field(default_factory=set)
    size: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--companies", type=int, default=10_000)
    parser.add_argument("--projects", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--data", type=Path, metavar="FOLDER")
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    parser.add_argument("--only", nargs="*", metavar="PAGE", help="pages whose name has this in it")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="crm-bench-") as folder:
        if options.data:
            copy(options.data, Path(folder) / DATABASE)
        app = make_app(Path(folder))
        with app.app_context():
            if not is_loaded():
                fill(Path(folder), options.companies, options.projects)
            options.companies, options.projects = (
                session.scalar(select(func.count()).select_from(kind))
                for kind in (Company, Project)
            )
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            copy(Path(folder), options.keep / DATABASE)
        wanted = options.only or [""]
        cases = [case for case in make_cases(app) if any(word in case.name for word in wanted)]
        bare = make_bare_app(Path(folder), app.config["SQLALCHEMY_DATABASE_URI"], cases)
        run(app, bare, cases, options.rounds)
        report(cases, options)


def copy(folder: Path, to: Path) -> None:
    """The database of a data folder, with what still stands in its log; the original is only read."""
    found = next(
        (path for name in (DATABASE, "crm.sqlite3") if (path := folder / name).exists()), None
    )
    if found is None:
        sys.exit(f"{folder} has neither {DATABASE} nor crm.sqlite3")
    with closing(sqlite3.connect(found)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


def is_loaded() -> bool:
    bind = session.get_bind()
    return inspect(bind).has_table(Company.__tablename__) and bool(
        session.scalar(select(Company.id).limit(1))
    )


def make_app(folder: Path) -> Flask:
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{folder / DATABASE}"
    settings = config.Config(
        data_dir=folder,
        database_url=url.replace("postgresql://", "postgresql+psycopg://"),
        secret_key="b" * 32,
        is_demo=True,
        business_date=date(2020, 9, 30),
    )
    app = crm.create_app(settings)
    crm.logs.structlog.configure(logger_factory=crm.logs.structlog.ReturnLoggerFactory())
    return app


def fill(folder: Path, companies: int, projects: int) -> None:
    from flask_migrate import upgrade

    path = folder / DATABASE
    if session.get_bind().dialect.name == "sqlite":
        switch_to_wal(path)
    upgrade()
    began = time.perf_counter()
    with writing():
        park.found(by=SYSTEM)
        planning.adopt_plan(2020, by=SYSTEM)
    accounts.ensure_accounts(folder / "accounts.json", by=SYSTEM)
    with writing():
        world.load(companies=companies, projects=projects, seed=1, by=SYSTEM, today=clock.today())
    with writing():
        session.execute(text("ANALYZE"))  # as the database does by itself soon after
    print(
        f"{companies:,} firms and {projects:,} projects loaded in {time.perf_counter() - began:.1f} s"
    )


class Browser:
    """A signed-in client that sends the CSRF token as the page's own scripts do."""

    def __init__(self, app: Flask, username: str) -> None:
        self.client: FlaskClient = app.test_client()
        token = secrets.token_urlsafe()
        with app.app_context(), writing():
            user = user_by_username(username)
            session.add(AuthSession(token_hash=token_hash(token), user_id=user.id))
        with self.client.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
        page = self.client.get("/companies").get_data(as_text=True)
        self.csrf = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]

    def get(self, address: str) -> object:
        return self._good(self.client.get(address))

    def post(self, address: str, **data: object) -> object:
        answer = self.client.post(
            address, data=data, headers={"X-CSRFToken": self.csrf, "HX-Request": "true"}
        )
        return self._good(answer)

    @staticmethod
    def _good(answer: object) -> object:
        if answer.status_code >= 400:
            sys.exit(
                f"{answer.request.path}: {answer.status}\n{answer.get_data(as_text=True)[:800]}"
            )
        return answer


def make_cases(app: Flask) -> list[Case]:
    staff, investor, leader = (Browser(app, name) for name in ("a", "investment", "lead"))
    with app.app_context():
        firm, name = session.execute(
            select(Company.id, Company.name).order_by(Company.id.desc()).offset(100)
        ).first()
        brand, alike = name[2:4], f"{name[:4]}新{name[4:]}"
        movable = _movable_projects()
        unit = user_by_username("a").unit_id
    numbers = itertools.count(secrets.randbelow(9_000_000))
    turns = itertools.cycle(
        [(project, there) for project, there, _ in movable]
        + [(project, back) for project, _, back in movable]
    )

    def create() -> object:
        first = f"91320412MB{next(numbers):07d}"
        return staff.post(
            "/companies",
            name=f"常州测速{first[-7:]}号科技有限公司",
            kind="enterprise",
            uscc=first + uscc_check_character(first),
            carrier=unit,
            residence_kind="registered",
            is_counted="y",
            from_on="2020-09-30",
            agreement_number="A1",
            agreement_on="2020-09-30",
            industry_code="I65",
            is_another="y",
        )

    def move() -> object:
        project, to = next(turns)
        return investor.post(
            f"/projects/{project}/moves",
            to_stage=to.value,
            effective_on="2020-09-30",
            reason="测速",
        )

    def get(path: str) -> Callable[[], object]:
        return lambda: leader.get(path)

    def anew(path: str) -> Callable[[], object]:
        """As the first reader after a write: nothing is remembered (decision 0010)."""

        def asked() -> object:
            remembered.forget()
            return leader.get(path)

        return asked

    return [
        Case("list of firms", get("/companies")),
        Case("list, deep page", get(f"/companies?after={firm // 2}")),
        Case("list, filtered, sorted", get(f"/companies?{FILTERED}")),
        Case("search, common word", get("/companies?q=科技")),
        Case("search, 2 characters", get("/companies?q=智能")),
        Case("search, rare word", get(f"/companies?q={brand}")),
        Case("search, no such word", get("/companies?q=龘龘")),
        Case("search in one unit", lambda: staff.get("/companies?q=智能")),
        Case("look-alikes, typing", lambda: staff.get(f"/companies/checks?name={alike}")),
        Case("firm's page", get(f"/companies/{firm}")),
        Case("project board", get("/projects/board")),
        Case("project board, past", get("/projects/board?as_of=2020-06-30")),
        Case("list of projects", get("/projects?where=stage:is:intent&sort=-expected")),
        Case("projects moved, month", get("/projects/flow")),
        Case("projects moved, anew", anew("/projects/flow")),
        Case("projects moved, year", get("/projects/flow?from=2019-12-31&to=2020-09-30")),
        Case("funnel", get("/projects/funnel")),
        Case("funnel, anew", anew("/projects/funnel")),
        Case("breakdowns", get("/projects/breakdowns")),
        Case("breakdowns, anew", anew("/projects/breakdowns")),
        Case("forecast", get("/projects/forecast")),
        Case("forecast, anew", anew("/projects/forecast")),
        Case("target board", get("/targets")),
        Case("entry desk", get("/entry")),
        Case("todo", lambda: staff.get("/todo")),
        Case("carriers", get("/carriers")),
        Case("register a firm", create, "/create"),
        Case("move a project", move, f"/move/{movable[0][0]}"),
    ]


def _movable_projects() -> list[tuple[int, Stage, Stage]]:
    """Projects that meet their next gate: they are moved on and back again in turn."""
    found = []
    for project in session.scalars(
        select(Project).where(Project.stage.in_(PIPELINE[:-1]), ~Project.is_sealed).limit(400)
    ):
        there = PIPELINE[PIPELINE.index(project.stage) + 1]
        if not gates.missing(project, there):
            found.append((project.id, there, project.stage))
    if not found:
        sys.exit("no project meets its next gate")
    return found


def make_bare_app(folder: Path, url: str, cases: list[Case]) -> Flask:
    """Flask and SQLAlchemy with an engine of their own and nothing else."""
    templates = folder / "templates"
    templates.mkdir()
    (templates / "bare.html").write_text(BARE_TEMPLATE, encoding="utf-8")
    bare = Flask("bare", template_folder=str(templates))
    engine = create_engine(url)

    def page(rows: list) -> str:
        cells = range(int(request.args.get("cells", 1)))
        return render_template("bare.html", rows=rows, cells=cells)

    @bare.get("/read/<int:number>")
    def _read(number: int) -> str:
        with engine.connect() as plain:
            return page(
                [
                    row
                    for statement, values in cases[number].statements
                    for row in plain.exec_driver_sql(statement, values).all()
                ]
            )

    @bare.post("/create")
    def _create() -> str:
        with Session(engine) as plain:
            plain.add(
                Company(name="x", name_key="x", search_text="x", kind="enterprise", unit_id=1)
            )
            plain.commit()
        return page([])

    @bare.post("/move/<int:number>")
    def _move(number: int) -> str:
        with Session(engine) as plain:
            plain.get_one(Project, number).next_action = str(next(_turns))
            plain.commit()
            query = select(Project.name, Project.stage).where(Project.id == number)
            return page(plain.execute(query).all())

    return bare


_turns = itertools.count()


def run(app: Flask, bare: Flask, cases: list[Case], rounds: int) -> None:
    """Ours and the bare page in turn, so that both meet the same moods of the machine."""
    plain = bare.test_client()

    def twin(number: int, cells: int) -> object:
        path, ask = cases[number].bare, plain.post
        if not path:
            path, ask = f"/read/{number}", plain.get
        return ask(f"{path}?cells={cells}")

    for number, case in enumerate(cases):
        case.ours()
        with seen(app) as case.statements:
            case.size = len(case.ours().data)
        one, eleven = (len(twin(number, cells).data) for cells in (1, 11))
        a_cell = max(1, (eleven - one) // 10)  # bytes that one more cell in each row adds
        cells = max(1, 1 + (case.size - one) // a_cell)
        for _ in range(rounds):
            with seen(app) as statements:
                case.times.append(timed(case.ours))
            case.queries.add(len(statements))
            case.bare_times.append(timed(partial(twin, number, cells)))


@contextmanager
def seen(app: Flask):
    """The statements that are sent meanwhile, with their values."""
    statements: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, values, *_rest) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN", "SET TRANSACTION", "SAVEPOINT", "RELEASE")):
            statements.append((statement, values))

    with app.app_context():
        engine = crm.db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def report(cases: list[Case], options: argparse.Namespace) -> None:
    print(
        f"{options.companies:,} firms, {options.projects:,} projects, {options.rounds} rounds; median ms (p95)\n"
    )
    print(f"{'page':24}{'ours':>17}{'bare':>17}{'ratio':>8}{'queries':>9}{'kB':>7}")
    for case in cases:
        ours, bare = statistics.median(case.times), statistics.median(case.bare_times)
        spread = [
            f"({statistics.quantiles(times, n=20)[-1]:.1f})"
            for times in (case.times, case.bare_times)
        ]
        queries = "–".join(str(n) for n in sorted({min(case.queries), max(case.queries)}))
        times = f"{ours:>9.1f} {spread[0]:>7}{bare:>9.1f} {spread[1]:>7}{ours / bare:>8.2f}"
        print(f"{case.name:24}{times}{queries:>9}{case.size / 1000:>7.1f}")


if __name__ == "__main__":
    main()
