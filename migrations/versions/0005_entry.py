"""the entry desk and the working calendar

Revision ID: 0005
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_days")),
    )
    op.create_table(
        "entry_checklists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("valid_from_on", sa.Date(), nullable=False),
        sa.Column("materials", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_entry_checklists_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_checklists")),
    )
    with op.batch_alter_table("entry_checklists", schema=None) as batch_op:
        batch_op.create_index(
            "ix_entry_checklists_kind_valid_from_on", ["kind", "valid_from_on"], unique=False
        )

    op.create_table(
        "entry_applications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("carrier_id", sa.Integer(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=True),
        sa.Column("space_wish", sa.String(length=120), nullable=False),
        sa.Column("industry_code", sa.String(length=5), nullable=False),
        sa.Column("future_industry", sa.String(length=40), nullable=True),
        sa.Column("business_plan", sa.Text(), nullable=False),
        sa.Column("expected_capital", sa.BigInteger(), nullable=True),
        sa.Column("expected_staff", sa.Integer(), nullable=True),
        sa.Column("intended_on", sa.Date(), nullable=True),
        sa.Column("is_workstation", sa.Boolean(), nullable=False),
        sa.Column("is_cluster_registered", sa.Boolean(), nullable=False),
        sa.Column("contact_name", sa.String(length=40), nullable=False),
        sa.Column("contact_position", sa.String(length=40), nullable=False),
        sa.Column("contact_phone", sa.String(length=30), nullable=False),
        sa.Column("contact_email", sa.String(length=120), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("received_by_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("state_entered_on", sa.Date(), nullable=False),
        sa.Column("returned_from", sa.String(length=40), nullable=True),
        sa.Column("clock_from_on", sa.Date(), nullable=True),
        sa.Column("days_allowed", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("agreement_number", sa.String(length=60), nullable=False),
        sa.Column("agreement_on", sa.Date(), nullable=True),
        sa.Column("rooms", sa.String(length=120), nullable=False),
        sa.Column("pledge_on", sa.Date(), nullable=True),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["carrier_id"], ["units.id"], name=op.f("fk_entry_applications_carrier_id_units")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_entry_applications_company_id_companies"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_entry_applications_owner_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["received_by_id"],
            ["users.id"],
            name=op.f("fk_entry_applications_received_by_id_users"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_applications")),
        sa.UniqueConstraint("number", name=op.f("uq_entry_applications_number")),
        sa.UniqueConstraint("year", "sequence", name="uq_entry_applications_year_sequence"),
    )
    with op.batch_alter_table("entry_applications", schema=None) as batch_op:
        batch_op.create_index(
            "ix_entry_applications_carrier_id_state_due_on",
            ["carrier_id", "state", "due_on"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_entry_applications_company_id"), ["company_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_entry_applications_owner_id"), ["owner_id"], unique=False
        )
        batch_op.create_index(
            "ix_entry_applications_state_due_on", ["state", "due_on"], unique=False
        )

    op.create_table(
        "entry_errands",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("is_skipped", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["entry_applications.id"],
            name=op.f("fk_entry_errands_application_id_entry_applications"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_entry_errands_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_errands")),
    )
    with op.batch_alter_table("entry_errands", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_entry_errands_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "entry_materials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("hint", sa.String(length=200), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("received_by_id", sa.Integer(), nullable=True),
        sa.Column("kept_at", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["entry_applications.id"],
            name=op.f("fk_entry_materials_application_id_entry_applications"),
        ),
        sa.ForeignKeyConstraint(
            ["received_by_id"], ["users.id"], name=op.f("fk_entry_materials_received_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_materials")),
    )
    with op.batch_alter_table("entry_materials", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_entry_materials_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "entry_reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.Column("people", sa.String(length=200), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["entry_applications.id"],
            name=op.f("fk_entry_reviews_application_id_entry_applications"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_entry_reviews_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_reviews")),
    )
    with op.batch_alter_table("entry_reviews", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_entry_reviews_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "entry_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(length=40), nullable=True),
        sa.Column("to_state", sa.String(length=40), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["entry_applications.id"],
            name=op.f("fk_entry_steps_application_id_entry_applications"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_entry_steps_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_steps")),
    )
    with op.batch_alter_table("entry_steps", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_entry_steps_application_id"), ["application_id"], unique=False
        )


def downgrade() -> None:
    for table in (
        "entry_steps",
        "entry_reviews",
        "entry_materials",
        "entry_errands",
        "entry_applications",
        "entry_checklists",
        "calendar_days",
    ):
        op.drop_table(table)
