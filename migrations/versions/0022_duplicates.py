"""Firms that may be one: what they share, the pairs that were found, the merges

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duplicate_pairs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lower_id", sa.Integer(), nullable=False),
        sa.Column("higher_id", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("seen", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("lower_id < higher_id", name=op.f("ck_duplicate_pairs_in_order")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_duplicate_pairs_decided_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["higher_id"], ["companies.id"], name=op.f("fk_duplicate_pairs_higher_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["lower_id"], ["companies.id"], name=op.f("fk_duplicate_pairs_lower_id_companies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_pairs")),
        sa.UniqueConstraint(
            "lower_id", "higher_id", name=op.f("uq_duplicate_pairs_lower_id_higher_id")
        ),
    )
    with op.batch_alter_table("duplicate_pairs") as table:
        table.create_index(op.f("ix_duplicate_pairs_higher_id"), ["higher_id"], unique=False)
        table.create_index("ix_duplicate_pairs_state", ["state", "id"], unique=False)

    op.create_table(
        "likeness_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_likeness_keys_company_id_companies")
        ),
        sa.PrimaryKeyConstraint("key", "company_id", name=op.f("pk_likeness_keys")),
    )
    with op.batch_alter_table("likeness_keys") as table:
        table.create_index(op.f("ix_likeness_keys_company_id"), ["company_id"], unique=False)

    op.create_table(
        "merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("winner_id", sa.Integer(), nullable=False),
        sa.Column("loser_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("winner_id <> loser_id", name=op.f("ck_merges_joins_two")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_merges_by_id_users")),
        sa.ForeignKeyConstraint(
            ["loser_id"], ["companies.id"], name=op.f("fk_merges_loser_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["users.id"], name=op.f("fk_merges_undone_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["winner_id"], ["companies.id"], name=op.f("fk_merges_winner_id_companies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
    )
    with op.batch_alter_table("merges") as table:
        table.create_index(op.f("ix_merges_loser_id"), ["loser_id"], unique=False)
        table.create_index(op.f("ix_merges_winner_id"), ["winner_id"], unique=False)

    with op.batch_alter_table("companies") as table:
        table.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        table.create_index(op.f("ix_companies_merged_into_id"), ["merged_into_id"], unique=False)
        table.create_foreign_key(
            op.f("fk_companies_merged_into_id_companies"), "companies", ["merged_into_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("companies") as table:
        table.drop_constraint(op.f("fk_companies_merged_into_id_companies"), type_="foreignkey")
        table.drop_index(op.f("ix_companies_merged_into_id"))
        table.drop_column("merged_into_id")

    with op.batch_alter_table("merges") as table:
        table.drop_index(op.f("ix_merges_winner_id"))
        table.drop_index(op.f("ix_merges_loser_id"))

    op.drop_table("merges")
    with op.batch_alter_table("likeness_keys") as table:
        table.drop_index(op.f("ix_likeness_keys_company_id"))

    op.drop_table("likeness_keys")
    with op.batch_alter_table("duplicate_pairs") as table:
        table.drop_index("ix_duplicate_pairs_state")
        table.drop_index(op.f("ix_duplicate_pairs_higher_id"))

    op.drop_table("duplicate_pairs")
