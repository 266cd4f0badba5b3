"""Models and migrations agree, up and down, on both engines."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect, text

import config
import crm
from crm.core.db import Base, is_modelled


def _differences() -> list[object]:
    with crm.db.engine.connect() as connection:
        opts = {"compare_type": True, "include_name": is_modelled}
        context = MigrationContext.configure(connection, opts=opts)
        return compare_metadata(context, Base.metadata)


def test_the_migrations_give_exactly_the_models(app: Flask) -> None:
    assert _differences() == []


@pytest.fixture
def spare_app(migrated_app: Flask, tmp_path: Path) -> Flask:
    """An application on a database of its own, on the same engine."""
    url = f"sqlite:///{tmp_path / 'spare.sqlite3'}"
    with migrated_app.app_context():
        if crm.db.engine.dialect.name == "postgresql":
            here = crm.db.engine.url
            admin = create_engine(here, isolation_level="AUTOCOMMIT")
            with admin.connect() as connection:
                connection.execute(text("DROP DATABASE IF EXISTS spare"))
                connection.execute(text("CREATE DATABASE spare"))
            admin.dispose()
            url = here.set(database="spare").render_as_string(hide_password=False)
    settings = config.Config(
        data_dir=tmp_path, database_url=url, secret_key="t" * 32, is_demo=True, business_date=None
    )
    return crm.create_app(settings)


def test_the_migrations_go_down_to_nothing_and_up_again(spare_app: Flask) -> None:
    with spare_app.app_context():
        for _ in range(2):
            upgrade()
            assert "companies" in inspect(crm.db.engine).get_table_names()
            downgrade(revision="base")
            assert set(inspect(crm.db.engine).get_table_names()) <= {"alembic_version"}
        crm.db.engine.dispose()
