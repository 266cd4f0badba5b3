"""The audit log: written with the deed or not at all, and no entry can be changed or taken out unseen."""

import threading
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import crm
from crm.audit import queries
from crm.audit.models import AuditEntry
from crm.audit.services import SYSTEM, changes_of, record
from crm.core.db import session, writing, writing_connection
from crm.people.models import Unit
from crm.reference.models import Setting
from tests import factories


def _do(*names: str) -> None:
    for name in names:
        with writing():
            record("thing.done", None, by=SYSTEM, name=name)


def test_an_entry_is_written_with_the_deed(app: Flask) -> None:
    unit = factories.make_unit("甲载体")
    with writing():
        unit.name = "乙载体"
        record("unit.changed", unit, by=SYSTEM, changes=changes_of(unit))

    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject_type, entry.subject_id, entry.subject) == (
        "unit.changed",
        "units",
        unit.id,
        "乙载体",
    )
    assert queries.details_of(entry) == {"changes": {"name": ["甲载体", "乙载体"]}}
    assert queries.history_of(unit).limit(1) is not None


def test_a_refused_deed_leaves_no_entry(app: Flask) -> None:
    with suppress(ZeroDivisionError), writing():
        record("thing.done", None, by=SYSTEM, name="x")
        _ = 1 // 0
    _do("later")

    assert session.scalars(select(AuditEntry.subject)).all() == ["later"]


def test_the_details_keep_dates_money_and_sets_readable(app: Flask) -> None:
    with writing():
        record(
            "thing.done", None, by=SYSTEM, name="x",
            on=date(2020, 2, 29), amount=Decimal("1.50"), roles=frozenset({"b", "a"}),
        )  # fmt: skip

    details = queries.details_of(session.scalars(select(AuditEntry)).one())
    assert details == {"on": "2020-02-29", "amount": "1.50", "roles": ["a", "b"]}


def test_an_untouched_chain_holds(app: Flask) -> None:
    _do("一", "二", "三")

    verdict = queries.verify()
    assert (verdict.checked, verdict.first_bad) == (3, None)
    assert verdict.last_hash == session.scalar(select(AuditEntry.hash).where(AuditEntry.id == 3))


@pytest.mark.parametrize(
    ("tampering", "first_bad"),
    [
        ("UPDATE audit_entries SET subject='改' WHERE id=2", 2),
        ("UPDATE audit_entries SET at='2020-01-01' WHERE id=1", 1),
        ("DELETE FROM audit_entries WHERE id=2", 3),
        ("DELETE FROM audit_entries WHERE id=1", 2),
        ("UPDATE audit_entries SET actor_id=9 WHERE id=3", 3),
    ],
)
def test_tampering_shows(app: Flask, tampering: str, first_bad: int) -> None:
    _do("一", "二", "三")
    with writing_connection(crm.db.engine) as connection:
        connection.exec_driver_sql(tampering)

    assert queries.verify().first_bad == first_bad


def test_several_writers_make_one_unbroken_chain(app: Flask) -> None:
    failures: list[Any] = []

    def work(number: int) -> None:
        try:
            for turn in range(10):
                with app.app_context(), writing():
                    session.add(Setting(key=f"{number}-{turn}", value=turn))
                    record("thing.done", None, by=SYSTEM, name=f"{number}-{turn}")
        except Exception as error:  # noqa: BLE001 - reported by the main thread
            failures.append(error)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert failures == []
    assert queries.verify() == queries.Verdict(40, queries.verify().last_hash, None)
    assert session.query(Unit).count() == 0
