"""Milestones in snapshots and in the monthly rounds

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "snapshot_milestones",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["milestone_id"],
            ["plan_milestones.id"],
            name=op.f("fk_snapshot_milestones_milestone_id_plan_milestones"),
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"],
            ["snapshots.id"],
            name=op.f("fk_snapshot_milestones_snapshot_id_snapshots"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshot_milestones")),
        sa.UniqueConstraint(
            "snapshot_id",
            "milestone_id",
            name=op.f("uq_snapshot_milestones_snapshot_id_milestone_id"),
        ),
    )
    with op.batch_alter_table("round_dues", schema=None) as batch_op:
        batch_op.add_column(sa.Column("milestone_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("done_on", sa.Date(), nullable=True))
        batch_op.alter_column("indicator_id", existing_type=sa.Integer(), nullable=True)
        batch_op.create_foreign_key(
            batch_op.f("fk_round_dues_milestone_id_plan_milestones"),
            "plan_milestones",
            ["milestone_id"],
            ["id"],
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_round_dues_round_id_milestone_id"), ["round_id", "milestone_id"]
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_round_dues_about_one_thing"),
            "(indicator_id IS NULL) <> (milestone_id IS NULL)",
        )


def downgrade() -> None:
    op.execute("DELETE FROM round_dues WHERE milestone_id IS NOT NULL")
    with op.batch_alter_table("round_dues", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_round_dues_about_one_thing"), type_="check")
        batch_op.drop_constraint(batch_op.f("uq_round_dues_round_id_milestone_id"), type_="unique")
        batch_op.drop_constraint(
            batch_op.f("fk_round_dues_milestone_id_plan_milestones"), type_="foreignkey"
        )
        batch_op.alter_column("indicator_id", existing_type=sa.Integer(), nullable=False)
        batch_op.drop_column("done_on")
        batch_op.drop_column("milestone_id")
    op.drop_table("snapshot_milestones")
