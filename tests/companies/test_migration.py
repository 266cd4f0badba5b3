"""Firms that were there before the register grew: measured, and their first contact the one to call."""

from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text

import crm
from crm.core.db import writing_connection
from tests.core.test_migrations import spare_app  # noqa: F401 - a fixture of that file

UNIT = """INSERT INTO units (id, code, name, kind, path, position, is_national_incubator, version)
          VALUES (1, 'a', '甲', 'carrier', '/1/', 0, :no, 1)"""
COMPANY = """INSERT INTO companies
    (id, name, name_key, search_text, uscc, kind, unit_id, legal_representative, industry_code, version, recorded_at)
    VALUES (:id, 'x', 'x', 'x', :uscc, :kind, 1, :person, :industry, 1, '2020-01-02 00:00:00+00:00')"""
CONTACT = """INSERT INTO contacts (id, company_id, name, position, phone, email, version)
             VALUES (:id, 1, 'x', '', :phone, '', 1)"""


def test_old_rows_are_measured_and_get_a_first_contact(spare_app: Flask) -> None:  # noqa: F811
    firms: tuple[dict[str, Any], ...] = (
        {"id": 1, "uscc": "1", "kind": "enterprise", "person": "王五", "industry": "I65"},
        {"id": 2, "uscc": None, "kind": "team", "person": "", "industry": "I65"},
        {"id": 3, "uscc": None, "kind": "institute", "person": "", "industry": ""},
    )
    with spare_app.app_context():
        upgrade(revision="0001")
        with writing_connection(crm.db.engine) as connection:
            connection.execute(text(UNIT), {"no": False})
            connection.execute(text(COMPANY), firms)
            phones = ({"id": 5, "phone": ""}, {"id": 6, "phone": "139"})
            connection.execute(text(CONTACT), phones)
        upgrade()
        with crm.db.engine.connect() as connection:
            measured = connection.scalars(text("SELECT completeness FROM companies ORDER BY id"))
            assert list(measured) == [50, 28, 0]  # 15 + 10 + 10 + 15 of 100; 10 of 35
            first = connection.scalars(text("SELECT id FROM contacts WHERE is_primary"))
            assert list(first) == [5]
        crm.db.engine.dispose()
