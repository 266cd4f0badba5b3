"""the library of firms to cultivate

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OPEN = sa.text("left_on IS NULL")


def upgrade() -> None:
    op.create_table(
        "cultivations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("target_rung", sa.String(40), nullable=False),
        sa.Column("target_year", sa.Integer(), nullable=False),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("result", sa.String(40), nullable=True),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "left_on IS NULL OR left_on >= entered_on",
            name=op.f("ck_cultivations_ends_after_it_begins"),
        ),
        sa.CheckConstraint(
            "(left_on IS NULL) = (result IS NULL)", name=op.f("ck_cultivations_ends_with_a_result")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_cultivations_{column}_{table}")
            )
            for column, table in (
                ("company_id", "companies"),
                ("leader_id", "users"),
                ("officer_id", "users"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cultivations")),
    )
    for column in ("company_id", "target_year", "leader_id", "officer_id", "entered_on"):
        op.create_index(op.f(f"ix_cultivations_{column}"), "cultivations", [column])
    op.create_index(
        "ix_cultivations_company_id_target_rung", "cultivations", ["company_id", "target_rung"],
        unique=True, sqlite_where=OPEN, postgresql_where=OPEN,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("cultivations")
