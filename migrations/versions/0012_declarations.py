"""组织申报, suggestions of readiness and what people said of criteria

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "declaration_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=True),
        sa.Column("programme", sa.String(length=80), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "opens_on IS NULL OR due_on >= opens_on",
            name=op.f("ck_declaration_batches_due_after_it_opens"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration_batches")),
        sa.UniqueConstraint(
            "year",
            "category",
            "programme",
            "number",
            name=op.f("uq_declaration_batches_year_category_programme_number"),
        ),
    )
    with op.batch_alter_table("declaration_batches") as table:
        table.create_index("ix_declaration_batches_due_on", ["due_on"], unique=False)

    op.create_table(
        "criterion_ticks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(length=40), nullable=False),
        sa.Column("is_met", sa.Boolean(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("ticked_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_criterion_ticks_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_criterion_ticks_company_id_companies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion_ticks")),
        sa.UniqueConstraint(
            "company_id", "criterion", name=op.f("uq_criterion_ticks_company_id_criterion")
        ),
    )
    op.create_table(
        "suggestions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("figures", sa.String(length=64), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'postponed') = (until_on IS NOT NULL)",
            name=op.f("ck_suggestions_postponed_until_a_day"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_suggestions_by_id_users")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_suggestions_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=op.f("fk_suggestions_task_id_tasks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestions")),
        sa.UniqueConstraint(
            "company_id", "kind", "year", name=op.f("uq_suggestions_company_id_kind_year")
        ),
    )
    with op.batch_alter_table("suggestions") as table:
        table.create_index("ix_suggestions_kind_year", ["kind", "year", "company_id"], unique=False)
        table.create_index(op.f("ix_suggestions_task_id"), ["task_id"], unique=False)

    op.create_table(
        "declarations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("applicant", sa.String(length=120), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("state_on", sa.Date(), nullable=False),
        sa.Column("qualification_id", sa.Integer(), nullable=True),
        sa.Column("result_on", sa.Date(), nullable=True),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["declaration_batches.id"],
            name=op.f("fk_declarations_batch_id_declaration_batches"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_declarations_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["qualification_id"],
            ["qualifications.id"],
            name=op.f("fk_declarations_qualification_id_qualifications"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_declarations_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declarations")),
        sa.UniqueConstraint(
            "batch_id",
            "company_id",
            "applicant",
            name=op.f("uq_declarations_batch_id_company_id_applicant"),
        ),
        sa.UniqueConstraint("qualification_id", name=op.f("uq_declarations_qualification_id")),
    )
    with op.batch_alter_table("declarations") as table:
        table.create_index(
            "ix_declarations_batch_id_state", ["batch_id", "state", "id"], unique=False
        )
        table.create_index(op.f("ix_declarations_company_id"), ["company_id"], unique=False)
        table.create_index("ix_declarations_unit_id_state", ["unit_id", "state"], unique=False)

    op.create_table(
        "declaration_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("declaration_id", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(length=40), nullable=True),
        sa.Column("to_state", sa.String(length=40), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_declaration_steps_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["declaration_id"],
            ["declarations.id"],
            name=op.f("fk_declaration_steps_declaration_id_declarations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration_steps")),
    )
    with op.batch_alter_table("declaration_steps") as table:
        table.create_index(
            "ix_declaration_steps_declaration_id", ["declaration_id", "id"], unique=False
        )

    with op.batch_alter_table("operating_reports") as table:
        table.create_index("ix_operating_reports_year_revenue", ["year", "revenue"], unique=False)
        table.create_index(
            "ix_operating_reports_year_state_size_class",
            ["year", "state", "size_class", "company_id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("operating_reports") as table:
        table.drop_index("ix_operating_reports_year_state_size_class")
        table.drop_index("ix_operating_reports_year_revenue")

    with op.batch_alter_table("declaration_steps") as table:
        table.drop_index("ix_declaration_steps_declaration_id")

    op.drop_table("declaration_steps")
    with op.batch_alter_table("declarations") as table:
        table.drop_index("ix_declarations_unit_id_state")
        table.drop_index(op.f("ix_declarations_company_id"))
        table.drop_index("ix_declarations_batch_id_state")

    op.drop_table("declarations")
    with op.batch_alter_table("suggestions") as table:
        table.drop_index(op.f("ix_suggestions_task_id"))
        table.drop_index("ix_suggestions_kind_year")

    op.drop_table("suggestions")
    op.drop_table("criterion_ticks")
    with op.batch_alter_table("declaration_batches") as table:
        table.drop_index("ix_declaration_batches_due_on")

    op.drop_table("declaration_batches")
