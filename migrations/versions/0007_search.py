"""the search's index

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from crm.companies import grams

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CHUNK = 5000


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        # no content and no positions: who asks reads the firm's own text; memory for long writes, in bytes
        op.execute(
            "CREATE VIRTUAL TABLE search_grams USING fts5"
            "(grams, content='', detail=none, columnsize=0, tokenize='ascii')"
        )
        op.execute("INSERT INTO search_grams (search_grams, rank) VALUES ('hashsize', 16000000)")
    else:
        op.execute(
            "CREATE TABLE search_grams"
            " (company_id integer NOT NULL CONSTRAINT pk_search_grams PRIMARY KEY, grams integer[] NOT NULL)"
        )
    last = 0
    while chunk := _firms_after(connection, last):
        grams.add(connection, chunk)
        last = chunk[-1]["id"]
    if connection.dialect.name == "postgresql":
        op.execute("CREATE INDEX ix_search_grams_grams ON search_grams USING gin (grams)")


def _firms_after(connection: sa.Connection, last: int) -> list[sa.RowMapping]:
    rows = sa.text(
        "SELECT id, search_text, unit_id FROM companies WHERE id > :last ORDER BY id LIMIT :chunk"
    )
    return list(connection.execute(rows, {"last": last, "chunk": CHUNK}).mappings())


def downgrade() -> None:
    op.execute("DROP TABLE search_grams")
