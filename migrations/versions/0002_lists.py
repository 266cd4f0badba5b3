"""lists: saved views, bulk edits, and the indexes that the list of firms is walked along

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COMPANY_INDEXES = {
    "ix_companies_name": ["name", "id"],
    "ix_companies_established_on": ["established_on", "id"],
    "ix_companies_registered_capital": ["registered_capital", "id"],
    "ix_companies_recorded_at": ["recorded_at", "id"],
    "ix_companies_kind": ["kind", "id"],
    "ix_companies_industry_code": ["industry_code", "id"],
    "ix_companies_future_industry": ["future_industry", "id"],
    "ix_companies_legal_representative": ["legal_representative", "id"],
    "ix_companies_unit_id_archived_at": ["unit_id", "archived_at", "id"],
    "ix_companies_unit_id_name": ["unit_id", "name", "id"],
    "ix_companies_unit_id_established_on": ["unit_id", "established_on", "id"],
    "ix_companies_unit_id_registered_capital": ["unit_id", "registered_capital", "id"],
    "ix_companies_unit_id_recorded_at": ["unit_id", "recorded_at", "id"],
}


def upgrade() -> None:

    op.create_table(
        "bulk_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_key", sa.String(length=40), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_bulk_changes_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_changes")),
    )
    with op.batch_alter_table("bulk_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulk_changes_by_id"), ["by_id"], unique=False)

    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_saved_views_owner_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
    )
    with op.batch_alter_table("saved_views", schema=None) as batch_op:
        batch_op.create_index(
            "ix_saved_views_list_key_is_shared", ["list_key", "is_shared"], unique=False
        )
        batch_op.create_index(
            "ix_saved_views_list_key_owner_id", ["list_key", "owner_id"], unique=False
        )

    with op.batch_alter_table("companies", schema=None) as batch_op:
        for name, columns in COMPANY_INDEXES.items():
            batch_op.create_index(name, columns, unique=False)


def downgrade() -> None:

    with op.batch_alter_table("companies", schema=None) as batch_op:
        for name in reversed(COMPANY_INDEXES):
            batch_op.drop_index(name)

    with op.batch_alter_table("saved_views", schema=None) as batch_op:
        batch_op.drop_index("ix_saved_views_list_key_owner_id")
        batch_op.drop_index("ix_saved_views_list_key_is_shared")

    op.drop_table("saved_views")
    with op.batch_alter_table("bulk_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bulk_changes_by_id"))

    op.drop_table("bulk_changes")
