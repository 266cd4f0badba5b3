"""What was told of a sheet when it was read: its sisters, what was left out.

Revision ID: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("imports") as batch:
        batch.add_column(sa.Column("reading", sa.Text(), nullable=False, server_default="{}"))
    with op.batch_alter_table("imports") as batch:
        batch.alter_column("reading", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("imports") as batch:
        batch.drop_column("reading")
