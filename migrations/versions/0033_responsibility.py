"""Who answers for tasks and targets: duties, shares, levels, expectations, monthly rounds

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_rounds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("data_due_on", sa.Date(), nullable=False),
        sa.Column("report_due_on", sa.Date(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["annual_plans.id"], name=op.f("fk_report_rounds_plan_id_annual_plans")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_rounds")),
        sa.UniqueConstraint("plan_id", "ends_on", name=op.f("uq_report_rounds_plan_id_ends_on")),
    )
    op.create_table(
        "expectations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("declared_by_id", sa.Integer(), nullable=False),
        sa.Column("signed_by_id", sa.Integer(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["declared_by_id"], ["users.id"], name=op.f("fk_expectations_declared_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"],
            ["indicators.id"],
            name=op.f("fk_expectations_indicator_id_indicators"),
        ),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["users.id"], name=op.f("fk_expectations_signed_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expectations")),
    )
    with op.batch_alter_table("expectations", schema=None) as batch_op:
        batch_op.create_index(
            "ix_expectations_indicator_id_declared_on",
            ["indicator_id", "declared_on"],
            unique=False,
        )

    op.create_table(
        "indicator_shares",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("opening", sa.String(length=40), nullable=True),
        sa.Column("curve", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["indicator_id"],
            ["indicators.id"],
            name=op.f("fk_indicator_shares_indicator_id_indicators"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_indicator_shares_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_shares")),
        sa.UniqueConstraint(
            "indicator_id", "unit_id", name=op.f("uq_indicator_shares_indicator_id_unit_id")
        ),
    )
    with op.batch_alter_table("indicator_shares", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_indicator_shares_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "round_dues",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("is_share", sa.Boolean(), nullable=False),
        sa.Column("is_computed", sa.Boolean(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("figure", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["users.id"], name=op.f("fk_round_dues_confirmed_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicators.id"], name=op.f("fk_round_dues_indicator_id_indicators")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["report_rounds.id"], name=op.f("fk_round_dues_round_id_report_rounds")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_round_dues_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_dues")),
        sa.UniqueConstraint(
            "round_id",
            "indicator_id",
            "unit_id",
            "is_share",
            name=op.f("uq_round_dues_round_id_indicator_id_unit_id_is_share"),
        ),
    )
    with op.batch_alter_table("round_dues", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_round_dues_indicator_id"), ["indicator_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_round_dues_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "stated_targets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("stated_by", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=160), nullable=False),
        sa.Column("stated_on", sa.Date(), nullable=True),
        sa.Column("is_judged", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["indicator_id"],
            ["indicators.id"],
            name=op.f("fk_stated_targets_indicator_id_indicators"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stated_targets")),
        sa.UniqueConstraint(
            "indicator_id", "stated_by", name=op.f("uq_stated_targets_indicator_id_stated_by")
        ),
    )
    op.create_table(
        "task_duties",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "due_on IS NULL OR starts_on <= due_on",
            name=op.f("ck_task_duties_ends_after_it_begins"),
        ),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["users.id"], name=op.f("fk_task_duties_leader_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["plan_tasks.id"], name=op.f("fk_task_duties_task_id_plan_tasks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_duties")),
        sa.UniqueConstraint("task_id", name=op.f("uq_task_duties_task_id")),
    )
    with op.batch_alter_table("task_duties", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_duties_leader_id"), ["leader_id"], unique=False)

    op.create_table(
        "task_joint_units",
        sa.Column("duty_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["duty_id"], ["task_duties.id"], name=op.f("fk_task_joint_units_duty_id_task_duties")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_task_joint_units_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("duty_id", "unit_id", name=op.f("pk_task_joint_units")),
    )
    with op.batch_alter_table("progress_reports", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unit_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_progress_reports_unit_id_units"), "units", ["unit_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("progress_reports", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_progress_reports_unit_id_units"), type_="foreignkey"
        )
        batch_op.drop_column("unit_id")

    op.drop_table("task_joint_units")
    with op.batch_alter_table("task_duties", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_task_duties_leader_id"))

    op.drop_table("task_duties")
    op.drop_table("stated_targets")
    with op.batch_alter_table("round_dues", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_round_dues_unit_id"))
        batch_op.drop_index(batch_op.f("ix_round_dues_indicator_id"))

    op.drop_table("round_dues")
    with op.batch_alter_table("indicator_shares", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_indicator_shares_unit_id"))

    op.drop_table("indicator_shares")
    with op.batch_alter_table("expectations", schema=None) as batch_op:
        batch_op.drop_index("ix_expectations_indicator_id_declared_on")

    op.drop_table("expectations")
    op.drop_table("report_rounds")
