"""milestones with their changes, problems, progress notes, issued reports

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "issued_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["users.id"], name=op.f("fk_issued_reports_approved_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_issued_reports_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_reports")),
    )
    op.create_index(
        "uq_issued_reports_park",
        "issued_reports",
        ["kind", "month"],
        unique=True,
        sqlite_where=sa.text("unit_id IS NULL"),
        postgresql_where=sa.text("unit_id IS NULL"),
    )
    op.create_index(
        "uq_issued_reports_unit",
        "issued_reports",
        ["kind", "month", "unit_id"],
        unique=True,
        sqlite_where=sa.text("unit_id IS NOT NULL"),
        postgresql_where=sa.text("unit_id IS NOT NULL"),
    )

    op.create_table(
        "milestones",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("first_planned_on", sa.Date(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("forecast_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("dropped_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_milestones_project_id_projects")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestones")),
    )
    op.create_index(op.f("ix_milestones_project_id"), "milestones", ["project_id"])
    op.create_index(
        "uq_milestones_open",
        "milestones",
        ["project_id", "kind", "name"],
        unique=True,
        sqlite_where=sa.text("dropped_on IS NULL"),
        postgresql_where=sa.text("dropped_on IS NULL"),
    )

    op.create_table(
        "problems",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("solver_unit_id", sa.Integer(), nullable=False),
        sa.Column("solver_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("raised_by_id", sa.Integer(), nullable=True),
        sa.Column("escalated_on", sa.Date(), nullable=True),
        sa.Column("escalated_by_id", sa.Integer(), nullable=True),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("instruction_id", sa.Integer(), nullable=True),
        sa.Column("solved_on", sa.Date(), nullable=True),
        sa.Column("solved_by_id", sa.Integer(), nullable=True),
        sa.Column("solution", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'solved') = (solved_on IS NOT NULL)", name=op.f("ck_problems_solved_on_a_day")
        ),
        sa.ForeignKeyConstraint(
            ["escalated_by_id"], ["users.id"], name=op.f("fk_problems_escalated_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["instruction_id"],
            ["instructions.id"],
            name=op.f("fk_problems_instruction_id_instructions"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_problems_project_id_projects")
        ),
        sa.ForeignKeyConstraint(
            ["raised_by_id"], ["users.id"], name=op.f("fk_problems_raised_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["solved_by_id"], ["users.id"], name=op.f("fk_problems_solved_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["solver_id"], ["users.id"], name=op.f("fk_problems_solver_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["solver_unit_id"], ["units.id"], name=op.f("fk_problems_solver_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problems")),
    )
    op.create_index(op.f("ix_problems_project_id"), "problems", ["project_id"])
    op.create_index("ix_problems_state_due_on", "problems", ["state", "due_on"])

    op.create_table(
        "progress_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("cadence", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("next_steps", sa.Text(), nullable=False),
        sa.Column("coordination", sa.Text(), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("frozen_with", sa.String(length=80), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_progress_notes_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_progress_notes_project_id_projects")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_notes")),
        sa.UniqueConstraint(
            "project_id",
            "cadence",
            "starts_on",
            "ordinal",
            name=op.f("uq_progress_notes_project_id_cadence_starts_on_ordinal"),
        ),
    )
    op.create_index(
        "ix_progress_notes_cadence_starts_on",
        "progress_notes",
        ["cadence", "starts_on", "project_id"],
    )

    op.create_table(
        "milestone_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("before_on", sa.Date(), nullable=True),
        sa.Column("after_on", sa.Date(), nullable=True),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_milestone_changes_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["milestone_id"],
            ["milestones.id"],
            name=op.f("fk_milestone_changes_milestone_id_milestones"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_changes")),
    )
    op.create_index(
        op.f("ix_milestone_changes_milestone_id"),
        "milestone_changes",
        ["milestone_id"],
    )


def downgrade() -> None:
    for table in (
        "milestone_changes",
        "progress_notes",
        "problems",
        "milestones",
        "issued_reports",
    ):
        op.drop_table(table)
