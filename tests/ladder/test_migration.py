"""Proofs that were there before verification began have been relied on: they count as verified; labels are there to choose."""

from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

import crm
from crm.core.db import writing_connection
from tests.core.test_migrations import spare_app  # noqa: F401 - a fixture of that file

UNIT = """INSERT INTO units (id, code, name, kind, path, position, is_national_incubator, version)
          VALUES (1, 'a', '甲', 'carrier', '/1/', 0, :no, 1)"""
COMPANY = """INSERT INTO companies
    (id, name, name_key, search_text, kind, unit_id, legal_representative, industry_code, version, recorded_at,
     economy_types, registered_address, business_scope, is_safety_focus, is_environment_focus, focus_note, completeness,
     archive_reason)
    VALUES (1, 'x', 'x', 'x', 'enterprise', 1, '', '', 1, '2020-01-02 00:00:00+00:00', '', '', '', :no, :no, '', 0, '')"""
PROOF = """INSERT INTO qualifications
    (id, company_id, kind, number, name_on_it, authority, batch, issued_on, reason, counts_from, is_renewal, is_moved_in,
     source, version, recorded_at)
    VALUES (1, 1, 'above_scale', 'x', '', '', '', '2019-03-25', '', '2019-03-25', :no, :no, '', 1,
            '2020-01-02 00:00:00+00:00')"""


def test_old_proofs_are_verified_and_the_usual_labels_are_there(spare_app: Flask) -> None:  # noqa: F811
    with spare_app.app_context():
        upgrade(revision="0008")
        with writing_connection(crm.db.engine) as connection:
            for statement in (UNIT, COMPANY, PROOF):
                connection.execute(text(statement), {"no": False})
        upgrade()
        with crm.db.engine.connect() as connection:
            states = connection.scalars(text("SELECT state FROM qualifications"))
            assert list(states) == ["verified"]
            names = list(connection.scalars(text("SELECT name FROM qualification_labels")))
            assert {"雏鹰企业", "瞪羚企业", "新四板挂牌"} <= set(names)
        downgrade(revision="0008")
        with crm.db.engine.connect() as connection:
            assert list(connection.scalars(text("SELECT id FROM qualifications"))) == [1]
        crm.db.engine.dispose()
