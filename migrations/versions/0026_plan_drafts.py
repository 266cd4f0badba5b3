"""Plans of work that are being read

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("chapters", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("adopted_id", sa.Integer(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["adopted_id"], ["annual_plans.id"], name=op.f("fk_plan_drafts_adopted_id_annual_plans")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_plan_drafts_created_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_drafts")),
    )
    op.create_table(
        "plan_draft_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_left_out", sa.Boolean(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=True),
        sa.Column("end", sa.Integer(), nullable=True),
        sa.Column("chapter", sa.String(length=8), nullable=False),
        sa.Column("task", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("comparator", sa.String(length=40), nullable=True),
        sa.Column("target", sa.String(length=40), nullable=True),
        sa.Column("target_to", sa.String(length=40), nullable=True),
        sa.Column("unit_word", sa.String(length=12), nullable=False),
        sa.Column("modal", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=True),
        sa.Column("scope_text", sa.String(length=160), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("baseline", sa.String(length=40), nullable=True),
        sa.Column("opening", sa.String(length=40), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("metric", sa.String(length=60), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("repeats_id", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["plan_drafts.id"],
            name=op.f("fk_plan_draft_entries_draft_id_plan_drafts"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["plan_draft_entries.id"],
            name=op.f("fk_plan_draft_entries_parent_id_plan_draft_entries"),
        ),
        sa.ForeignKeyConstraint(
            ["repeats_id"],
            ["plan_draft_entries.id"],
            name=op.f("fk_plan_draft_entries_repeats_id_plan_draft_entries"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_plan_draft_entries_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_draft_entries")),
    )
    with op.batch_alter_table("plan_draft_entries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_plan_draft_entries_draft_id", ["draft_id", "position"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("plan_draft_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_plan_draft_entries_draft_id")

    op.drop_table("plan_draft_entries")
    op.drop_table("plan_drafts")
