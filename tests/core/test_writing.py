"""The ground rule: sessions read, `with writing():` writes, and nobody's update is lost."""

import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError

from crm.core.db import prepare_engine, session, writing
from crm.people.models import Unit
from crm.reference.models import Setting
from tests import factories


def test_a_write_outside_writing_fails_at_once(app: Flask) -> None:
    session.add(Setting(key="stray", value=1))

    with pytest.raises(DBAPIError, match=r"(?i)read.?only"):
        session.commit()

    session.rollback()
    assert session.get(Setting, "stray") is None


def test_writing_commits_once_at_its_end(app: Flask) -> None:
    with writing():
        session.add(Setting(key="kept", value=7))

    session.remove()
    assert session.scalars(select(Setting.value)).all() == [7]


def test_an_error_inside_writing_undoes_all_of_it(app: Flask) -> None:
    with suppress(ZeroDivisionError), writing():
        session.add(Setting(key="half", value=1))
        session.flush()
        _ = 1 // 0

    assert session.scalars(select(Setting.key)).all() == []
    with pytest.raises(DBAPIError, match=r"(?i)read.?only"):
        session.execute(text("DELETE FROM settings"))
    session.rollback()


def test_writing_refuses_what_was_changed_before_it(app: Flask) -> None:
    unit = factories.make_unit("甲")
    unit.name = "乙"

    with pytest.raises(RuntimeError, match="before writing"), writing():
        pass

    session.rollback()
    assert session.scalars(select(Unit.name)).all() == ["甲"]


def test_writing_inside_writing_is_refused(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="inside writing"), writing(), writing():
        pass


def test_a_record_loaded_before_is_read_again_inside(app: Flask) -> None:
    unit = factories.make_unit("甲")
    assert session.get(Unit, unit.id).name == "甲"
    _rename_elsewhere(app, unit.id, "乙")

    assert unit.name == "甲"  # the reader keeps its snapshot
    with writing():
        assert unit.name == "乙"


def _rename_elsewhere(app: Flask, unit_id: int, name: str) -> None:
    def rename() -> None:
        with app.app_context(), writing():
            session.get_one(Unit, unit_id).name = name

    thread = threading.Thread(target=rename)
    thread.start()
    thread.join()


def test_no_update_is_lost_between_writers(app: Flask) -> None:
    """Read, change, write by several threads: with the driver's default mode increments vanish silently."""
    with writing():
        session.add(Setting(key="counter", value=0))
    threads, rounds = 4, 25
    failures: list[BaseException] = []

    def count_up() -> None:
        try:
            for _ in range(rounds):
                with app.app_context(), writing():
                    row = session.scalar(
                        select(Setting).where(Setting.key == "counter").with_for_update()
                    )
                    row.value = row.value + 1
        except BaseException as error:  # noqa: BLE001 - reported by the main thread
            failures.append(error)

    workers = [threading.Thread(target=count_up) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    session.remove()
    assert failures == []
    assert session.get_one(Setting, "counter").value == threads * rounds


def test_of_two_who_edit_the_same_version_at_once_one_is_refused(app: Flask, at_once: Any) -> None:
    unit_id = factories.make_unit("甲").id
    both_have_read = threading.Barrier(2)

    def rename(name: str) -> None:
        with writing():
            unit = session.get_one(Unit, unit_id)
            with suppress(threading.BrokenBarrierError):  # on SQLite the second begins later
                both_have_read.wait(timeout=0.3)
            unit.expect_version(1)
            unit.name = name

    said = at_once(lambda: rename("乙"), lambda: rename("丙"))

    assert sorted(type(answer).__name__ for answer in said) == ["NoneType", "StaleRecord"]
    unit = session.get_one(Unit, unit_id)
    assert (unit.name, unit.version) == ("乙" if said[0] is None else "丙", 2)


def test_an_instant_comes_back_aware_and_equal(app: Flask) -> None:
    instant = datetime(2020, 12, 31, 16, 0, 0, 123456, tzinfo=UTC)
    unit = factories.make_unit("甲", closed_at=instant)

    session.remove()
    assert session.get_one(Unit, unit.id).closed_at == instant


def test_sqlite_survives_a_power_cut(app: Flask) -> None:
    """As the product opens it: the tests' own connections do not wait for the disk."""
    bind = session.get_bind()
    if bind.dialect.name != "sqlite":
        return
    engine = create_engine(bind.engine.url)
    prepare_engine(engine)
    with engine.connect() as connection:
        found = [
            connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("synchronous", "journal_mode", "foreign_keys")
        ]
    engine.dispose()
    assert found == [2, "wal", 1]
