"""Imports whose personal data and file were taken out after a time.

Revision ID: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("imports") as batch:
        batch.add_column(sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True))
        batch.alter_column("file_id", existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    """An import without its file was unknown: it goes with its rows."""
    gone = "SELECT id FROM imports WHERE file_id IS NULL"
    op.execute(f"DELETE FROM import_rows WHERE import_id IN ({gone})")  # noqa: S608
    op.execute("DELETE FROM imports WHERE file_id IS NULL")
    with op.batch_alter_table("imports") as batch:
        batch.alter_column("file_id", existing_type=sa.Integer(), nullable=False)
        batch.drop_column("cleared_at")
