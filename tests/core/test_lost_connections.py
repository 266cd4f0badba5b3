"""A connection that the server closed meanwhile is replaced before anybody speaks through it, and not asked for at every turn."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError

from crm.core import db


@pytest.fixture
def engine(postgresql_url: str | None) -> Iterator[Engine]:
    if postgresql_url is None:
        pytest.skip("no PostgreSQL on this machine")
    engine = create_engine(postgresql_url, **db.engine_options(postgresql_url))
    db.prepare_engine(engine)
    yield engine
    engine.dispose()


def number_of(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text("SELECT pg_backend_pid()")) or 0)


def close_from_behind(engine: Engine, number: int) -> None:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg.connect(url, autocommit=True)) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [number])


def test_one_that_lay_idle_is_replaced(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "_SURE_FOR", 0)
    first = number_of(engine)
    assert number_of(engine) == first
    close_from_behind(engine, first)
    assert number_of(engine) != first


def test_one_that_was_used_just_now_is_not_asked(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    event.listen(engine, "checkout", lambda *_: asked.append("out"))
    monkeypatch.setattr(engine.dialect, "do_ping", lambda _: asked.append("ping"))
    for _ in range(3):
        number_of(engine)
    assert asked == ["out"] * 3
    monkeypatch.setattr(db, "_SURE_FOR", 0)
    number_of(engine)
    assert asked[3:] == ["ping", "out"]


def test_where_it_is_lost_at_once_one_request_fails_and_the_next_one_not(engine: Engine) -> None:
    first = number_of(engine)
    close_from_behind(engine, first)
    with pytest.raises(OperationalError):
        number_of(engine)
    assert number_of(engine) != first
