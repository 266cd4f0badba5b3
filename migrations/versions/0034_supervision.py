"""Supervision orders, their events, and the bulletins

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "supervision_bulletins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["issued_by_id"], ["users.id"], name=op.f("fk_supervision_bulletins_issued_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_bulletins")),
        sa.UniqueConstraint("year", "number", name=op.f("uq_supervision_bulletins_year_number")),
    )
    op.create_table(
        "supervision_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("requirement", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(length=120), nullable=False),
        sa.Column("basis_on", sa.Date(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=True),
        sa.Column("plan_task_id", sa.Integer(), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("instruction_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("state_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("extension_to", sa.Date(), nullable=True),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("escalation", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_supervision_orders_numbered_from_one")),
        sa.ForeignKeyConstraint(
            ["indicator_id"],
            ["indicators.id"],
            name=op.f("fk_supervision_orders_indicator_id_indicators"),
        ),
        sa.ForeignKeyConstraint(
            ["instruction_id"],
            ["instructions.id"],
            name=op.f("fk_supervision_orders_instruction_id_instructions"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_task_id"],
            ["plan_tasks.id"],
            name=op.f("fk_supervision_orders_plan_task_id_plan_tasks"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_supervision_orders_project_id_projects")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_supervision_orders_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_orders")),
        sa.UniqueConstraint("year", "number", name=op.f("uq_supervision_orders_year_number")),
    )
    with op.batch_alter_table("supervision_orders", schema=None) as batch_op:
        batch_op.create_index("ix_supervision_orders_indicator_id", ["indicator_id"], unique=False)
        batch_op.create_index(
            "ix_supervision_orders_instruction_id", ["instruction_id"], unique=False
        )
        batch_op.create_index(
            "ix_supervision_orders_issued_on_closed_on", ["issued_on", "closed_on"], unique=False
        )
        batch_op.create_index("ix_supervision_orders_plan_task_id", ["plan_task_id"], unique=False)
        batch_op.create_index("ix_supervision_orders_project_id", ["project_id"], unique=False)
        batch_op.create_index(
            "ix_supervision_orders_state_due_on", ["state", "due_on"], unique=False
        )
        batch_op.create_index(
            "ix_supervision_orders_unit_id_state_due_on",
            ["unit_id", "state", "due_on"],
            unique=False,
        )

    op.create_table(
        "supervision_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("from_state", sa.String(length=40), nullable=True),
        sa.Column("to_state", sa.String(length=40), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("new_on", sa.Date(), nullable=True),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_supervision_events_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"],
            ["supervision_events.id"],
            name=op.f("fk_supervision_events_corrects_id_supervision_events"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["supervision_orders.id"],
            name=op.f("fk_supervision_events_order_id_supervision_orders"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_events")),
    )
    with op.batch_alter_table("supervision_events", schema=None) as batch_op:
        batch_op.create_index("ix_supervision_events_by_id", ["by_id"], unique=False)
        batch_op.create_index("ix_supervision_events_order_id_id", ["order_id", "id"], unique=False)

    op.create_table(
        "supervision_joint_units",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["supervision_orders.id"],
            name=op.f("fk_supervision_joint_units_order_id_supervision_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_supervision_joint_units_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("order_id", "unit_id", name=op.f("pk_supervision_joint_units")),
    )
    with op.batch_alter_table("supervision_joint_units", schema=None) as batch_op:
        batch_op.create_index("ix_supervision_joint_units_unit_id", ["unit_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("supervision_joint_units", schema=None) as batch_op:
        batch_op.drop_index("ix_supervision_joint_units_unit_id")

    op.drop_table("supervision_joint_units")
    with op.batch_alter_table("supervision_events", schema=None) as batch_op:
        batch_op.drop_index("ix_supervision_events_order_id_id")
        batch_op.drop_index("ix_supervision_events_by_id")

    op.drop_table("supervision_events")
    with op.batch_alter_table("supervision_orders", schema=None) as batch_op:
        batch_op.drop_index("ix_supervision_orders_unit_id_state_due_on")
        batch_op.drop_index("ix_supervision_orders_state_due_on")
        batch_op.drop_index("ix_supervision_orders_project_id")
        batch_op.drop_index("ix_supervision_orders_plan_task_id")
        batch_op.drop_index("ix_supervision_orders_issued_on_closed_on")
        batch_op.drop_index("ix_supervision_orders_instruction_id")
        batch_op.drop_index("ix_supervision_orders_indicator_id")

    op.drop_table("supervision_orders")
    op.drop_table("supervision_bulletins")
