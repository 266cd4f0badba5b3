"""What has to be said of a file, and names of attachments that are changed by two at once

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("stored_files") as table:
        table.add_column(sa.Column("marks", sa.String(100), nullable=False, server_default=""))
    with op.batch_alter_table("attachments") as table:
        table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        table.create_index("ix_attachments_archived_at", ["archived_at"])


def downgrade() -> None:
    with op.batch_alter_table("attachments") as table:
        table.drop_index("ix_attachments_archived_at")
        table.drop_column("version")
    with op.batch_alter_table("stored_files") as table:
        table.drop_column("marks")
