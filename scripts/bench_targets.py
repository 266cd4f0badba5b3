"""Time the figures of the 2020 board at a million rows of evidence against bare SQL for the same figures, side by side.

The demo's records of evidence are written over and over until there are as many as asked. The bare statement is one SELECT of
scalar subqueries over the same covering indexes, written by hand below: no metrics, scopes, filters or building of statements.
Both answer the same numbers, or this stops. "Cold" is nothing remembered; "warm" is what the second reader of the board gets.

    make bench                                                  SQLite
    DATABASE_URL=postgresql://… .venv/bin/python scripts/bench_targets.py       a database of its own, empty or filled by this
    .venv/bin/python scripts/bench_targets.py --explain         how each of ours is found
    .venv/bin/python scripts/bench_targets.py --stale 10000     writes of another process that were not seen at once: none
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import bench

from sqlalchemy import func, select, text  # isort: skip

from crm.audit import remembered
from crm.core.db import session, writing
from crm.evidence.kinds import KINDS
from crm.metrics import figures
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.targets.board import board
from crm.targets.queries import plan_of
from crm.targets.standing import question_of

DAY = date(2020, 9, 30)
COMPANIES, PROJECTS = 1_000, 160
INCUBATORS = """(SELECT u.id FROM units u JOIN units top ON u.path LIKE top.path || '%' WHERE top.is_national_incubator)"""

# code → register, day, what is summed, further conditions
BARE = {
    "T03": ("patents", "happened_on", "1", "kind = 'invention'"),
    "T04": ("patents", "granted_on", "1", ""),
    "T06": ("contracts", "happened_on", "1", ""),
    "T07": ("contracts", "happened_on", "amount", ""),
    "T13": ("platforms", "happened_on", "1", "kind = 'public_research' AND level = 'provincial_first'"),
    "T14": ("patents", "happened_on", "1", "kind = 'invention' AND applicant_kind = 'institute'"),
    "T15": ("platforms", "happened_on", "1", "kind = 'firm_research' AND level = 'provincial' AND host_kind = 'firm'"),
    "T16": ("platforms", "happened_on", "1", "kind = 'transfer_base'"),
    "T19": ("transformations", "happened_on", "1", "is_high_tech"),
    "T23": ("grants", "happened_on", "amount", ""),
    "T26": ("incubation_projects", "happened_on", "1", f"counted_unit_id IN {INCUBATORS}"),
    "T28": ("patents", "happened_on", "1", "kind = 'invention' AND applicant_kind = 'firm'"),
    "T43": ("events", "happened_on", "1", "kind = 'teachers'"),
    "T45": ("press_reports", "happened_on", "1", ""),
    "T46": ("press_reports", "happened_on", "1", "level = 'national'"),
    "T47": ("press_reports", "happened_on", "1", "level = 'provincial'"),
}  # fmt: skip
PEOPLE = {
    "T10": "programme = 'expert' AND nationality = '德国'",
    "T21": "programme = 'broker'",
    "T22": "programme = 'service' AND way = 'trained'",
    "T31": "programme IN ('national', 'double_creation', 'longcheng', 'golden_phoenix', 'science')",
    "T32": "programme = 'national'",
    "T33": "programme = 'double_creation'",
    "T34": "programme = 'longcheng'",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--stale", type=int, default=200, metavar="ROUNDS")
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--write", metavar="COUNT", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help="a data folder that is kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crm-bench-") as made:
        folder = options.folder or Path(made)
        app = bench.make_app(folder)
        with app.app_context():
            if options.write:
                write_in_step(options.write)
                return
            if not bench.is_loaded():
                bench.fill(folder, COMPANIES, PROJECTS)
            if have() < options.rows / 2:
                multiply(options.rows)
            measure(options.rounds)
            if options.explain:
                explain()
            stale(folder, options.stale)


def multiply(rows: int) -> None:
    """The records that there are, over and over, with the firms that share them."""
    began = time.perf_counter()
    times = max(rows // have() - 1, 0)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    series = (
        "WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < :times) "
        if is_sqlite
        else "WITH series(n) AS (SELECT generate_series(1, :times)) "
    )
    with writing():
        for kind in KINDS.values():
            table = kind.model.__table__
            names = [column.name for column in table.columns]
            step = session.scalar(select(func.max(table.c.id)))
            own = {
                "id": f"id + n * {step}",
                "natural_key": "natural_key || '#' || n",
                "title": "title || n",  # other people, too
            }
            session.execute(
                text(
                    f"{series}INSERT INTO {table.name} ({', '.join(names)}) "
                    f"SELECT {', '.join(own.get(name, name) for name in names)} FROM {table.name}, series"
                ),
                {"times": times},
            )
            shared = ("kind", "record_id", "company_id", "counted_unit_id", "later_unit_id")
            session.execute(
                text(
                    f"{series}INSERT INTO evidence_co_holders ({', '.join(shared)}) "
                    f"SELECT kind, record_id + n * {step}, company_id, counted_unit_id, later_unit_id "
                    "FROM evidence_co_holders, series WHERE kind = :kind"
                ),
                {"times": times, "kind": kind.key},
            )
            if not is_sqlite:  # the ids were given, not drawn
                session.execute(
                    text(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"
                    )
                )
    with writing():
        session.execute(text("ANALYZE"))
    print(f"{have():,} rows of evidence in {time.perf_counter() - began:.0f} s")


def have() -> int:
    models = [kind.model for kind in KINDS.values()]
    return sum(session.scalar(select(func.count()).select_from(model)) or 0 for model in models)


def measure(rounds: int) -> None:
    plan = plan_of(2020)
    codes = [*BARE, *PEOPLE]
    asked = {
        one.code: question_of(one, 2020, DAY, WHOLE_PARK_SCOPE)
        for one in plan.indicators
        if one.is_computed
    }
    evidence = [asked[code] for code in codes]
    evidence += [question.unverified for question in evidence]
    everything = list(asked.values())
    bare = bare_statement()
    found = [
        value * question.metric.scale
        for question, value in zip(evidence, figures.figures(evidence), strict=True)
    ]
    by_hand = list(session.execute(bare).one())
    wrong = [
        (code, ours, theirs)
        for code, ours, theirs in zip(codes * 2, found, by_hand, strict=True)
        if ours * (100 if BARE.get(code, ("",) * 3)[2] == "amount" else 1)
        != theirs  # money is kept in fen
    ]
    if wrong:
        sys.exit(f"not the same figures: {wrong}")
    remembered.is_on = True
    cases: dict[str, Callable[[], object]] = {
        f"bare SQL, {len(codes)} figures of evidence and what waits": lambda: session.execute(
            bare
        ).one(),
        "ours, the same, cold": lambda: cold(evidence),
        "ours, the same, warm": lambda: figures.figures(evidence),
        f"all {len(everything)} computed targets, cold": lambda: cold(everything),
        "the whole board as pages ask it, cold": lambda: cold_board(plan),
        "the whole board, warm": lambda: board(plan_of(2020), DAY, WHOLE_PARK_SCOPE),
    }
    times: dict[str, list[float]] = {name: [] for name in cases}
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    tick = (
        time.process_time if is_sqlite else time.perf_counter
    )  # the work is done here, or elsewhere
    for _ in range(rounds):
        for name, case in cases.items():
            session.rollback()
            began = tick()
            case()
            times[name].append((tick() - began) * 1000)
    first = statistics.median(next(iter(times.values())))
    print(f"{session.get_bind().dialect.name}, medians of {rounds} rounds in turn")
    for name, found_times in times.items():
        median = statistics.median(found_times)
        print(f"  {name:<58}{median:9.1f} ms {median / first:7.2f} ×")


def cold(questions: list[figures.Question]) -> object:
    remembered.forget()
    return figures.figures(questions)


def cold_board(plan: object) -> object:
    remembered.forget()
    return board(plan_of(2020), DAY, WHOLE_PARK_SCOPE)


def bare_statement() -> object:
    """Verified ones first, then those that wait, in the order of the codes."""
    sums = [
        *(_bare(*BARE[code], state, code) for state in ("verified", "pending") for code in BARE)
    ]
    half = len(BARE)
    people = [
        [_people(condition, state) for condition in PEOPLE.values()]
        for state in ("verified", "pending")
    ]
    columns = [*sums[:half], *people[0], *sums[half:], *people[1]]
    return text("SELECT " + ", ".join(f"({sql}) AS q{n}" for n, sql in enumerate(columns)))


def _bare(register: str, day: str, what: str, condition: str, state: str, code: str) -> str:
    """A shared record counts once: by its own unit, or by a co-holder's where it has none that is asked for."""
    kind = KINDS[register]
    unit, co_unit = (
        ("granted_unit_id", "later_unit_id")
        if day == "granted_on"
        else ("counted_unit_id", "counted_unit_id")
    )
    within = f" IN {INCUBATORS}" if code == "T28" else " IS NOT NULL"
    where = (
        f"r.archived_at IS NULL AND r.state = '{state}' AND r.{day} BETWEEN '2020-01-01' AND '2020-09-30'"
        + (f" AND {condition}" if condition else "")
    )
    own = f"SELECT coalesce(sum({what}), 0) FROM {register} r WHERE {where} AND r.{unit}{within}"
    if not kind.is_shared:
        return own
    other = (
        f"SELECT coalesce(sum({what}), 0) FROM {register} r WHERE {where} AND NOT coalesce(r.{unit}{within}, false) AND EXISTS "
        f"(SELECT 1 FROM evidence_co_holders c WHERE c.kind = '{register}' AND c.record_id = r.id AND c.{co_unit}{within})"
    )
    return f"SELECT ({own}) + ({other})"


def _people(condition: str, state: str) -> str:
    return (
        "SELECT count(DISTINCT CASE WHEN id_number <> '' THEN id_number ELSE title || '|' || "
        "coalesce(CAST(company_id AS VARCHAR), holder) END) FROM talents "
        f"WHERE archived_at IS NULL AND state = '{state}' AND happened_on BETWEEN '2020-01-01' AND '2020-09-30' "
        f"AND counted_unit_id IS NOT NULL AND {condition}"
    )


def explain() -> None:
    plan = plan_of(2020)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    for one in plan.indicators:
        if not one.is_computed:
            continue
        statement = figures._sums_of((question_of(one, 2020, DAY, WHOLE_PARK_SCOPE),))
        bind = session.get_bind()
        compiled = statement.compile(bind, compile_kwargs={"literal_binds": True})
        began = time.perf_counter()
        session.execute(statement).one()
        print(f"\n{one.code} {one.name} {(time.perf_counter() - began) * 1000:.1f} ms")
        lines = session.connection().exec_driver_sql(
            ("EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN ")
            + str(compiled).replace("%", "%%" if not is_sqlite else "%")
        )
        for line in lines:
            print("   ", line[-1] if is_sqlite else line[0])


def stale(folder: Path, rounds: int) -> None:
    """Another process writes through a service, this one reads: how often it did not see it."""
    remembered.is_on = True
    writer = subprocess.Popen(
        [sys.executable, __file__, "--folder", str(folder), "--write", str(rounds)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    question = next(
        question_of(one, 2020, DAY, WHOLE_PARK_SCOPE)
        for one in plan_of(2020).indicators
        if one.code == "T45"
    )
    session.rollback()
    before, missed = figures.figure(question), 0
    for done in range(1, rounds + 1):
        writer.stdin.write("on\n")
        writer.stdin.flush()
        writer.stdout.readline()
        session.rollback()
        missed += figures.figure(question) != before + done
    writer.stdin.close()
    writer.wait()
    print(f"{rounds} writes of another process: {missed} not seen at once")


def write_in_step(rounds: int) -> None:
    """One verified press report for each line that is read."""
    from crm.audit.services import SYSTEM
    from crm.audit.verification import VerificationState
    from crm.evidence.kinds.press_reports import PressLevel
    from crm.evidence.services import Row, save
    from crm.people.models import Unit

    unit_id = session.scalar(select(Unit.id).where(Unit.code == "party"))
    stamp = time.time_ns()
    for number, _line in zip(range(rounds), sys.stdin, strict=False):
        values = {
            "title": f"{stamp}-{number}", "outlet": "日报", "level": PressLevel.NATIONAL, "holder": "园区", "happened_on": DAY,
        }  # fmt: skip
        with writing():
            save(
                KINDS["press_reports"],
                Row(values, unit_id=unit_id, state=VerificationState.VERIFIED),
                by=SYSTEM,
            )
        print(number, flush=True)


if __name__ == "__main__":
    main()
