"""The floor and the stretch of a target

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("indicators", sa.Column("floor_value", sa.String(length=40), nullable=True))
    op.add_column("indicators", sa.Column("stretch_value", sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column("indicators", "stretch_value")
    op.drop_column("indicators", "floor_value")
