"""The day that counts for 规上, and the ends of proofs that a second person verifies

Revision ID: 0020
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "above_scale_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("counts_by", sa.String(length=40), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["users.id"], name=op.f("fk_above_scale_rules_changed_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_above_scale_rules")),
        sa.UniqueConstraint("valid_from", name=op.f("uq_above_scale_rules_valid_from")),
    )


def downgrade() -> None:
    op.drop_table("above_scale_rules")
