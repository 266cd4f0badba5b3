"""sealed projects, their currency, and the dated rows behind the investment figures

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("projects") as projects:
        projects.add_column(
            sa.Column("is_sealed", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        projects.add_column(
            sa.Column("currency", sa.String(40), nullable=False, server_default="cny")
        )
    op.create_table(
        "valuations",
        *_of_a_project("valuations"),
        sa.Column("figure", sa.String(40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        *_people("valuations", "by_id"),
    )
    op.create_index(
        "ix_valuations_project_id_figure_valid_from",
        "valuations", ["project_id", "figure", "valid_from", "id"],
    )  # fmt: skip
    for figure, said_on in (
        ("expected", "first_reported_on"),
        ("agreed", "COALESCE(agreement_on, first_reported_on)"),
    ):
        op.execute(
            f"INSERT INTO valuations (project_id, figure, amount, valid_from, by_id, note, recorded_at) "
            f"SELECT id, '{figure}', {figure}_investment, {said_on}, NULL, '', recorded_at "
            f"FROM projects WHERE {figure}_investment IS NOT NULL ORDER BY id"
        )
    op.create_table(
        "paid_in_funds",
        *_of_a_project("paid_in_funds"),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(40), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("voucher", sa.String(80), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("reviewed_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *_people("paid_in_funds", "recorded_by_id", "reviewed_by_id"),
    )
    op.create_index(op.f("ix_paid_in_funds_paid_on"), "paid_in_funds", ["paid_on"])
    op.create_index(
        "ix_paid_in_funds_project_id_paid_on", "paid_in_funds", ["project_id", "paid_on", "id"]
    )
    op.create_table(
        "investment_plans",
        *_of_a_project("investment_plans"),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("project_id", "year", name=op.f("uq_investment_plans_project_id_year")),
    )
    op.create_index(op.f("ix_investment_plans_year"), "investment_plans", ["year"])
    op.create_table(
        "works_reports",
        *_of_a_project("works_reports"),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("completed", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *_people("works_reports", "recorded_by_id"),
        sa.UniqueConstraint("project_id", "month", name=op.f("uq_works_reports_project_id_month")),
    )
    op.create_index("ix_works_reports_month_project_id", "works_reports", ["month", "project_id"])
    op.create_table(
        "currency_rates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("per_hundred", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_currency_rates")),
        sa.UniqueConstraint(
            "currency", "valid_from", name=op.f("uq_currency_rates_currency_valid_from")
        ),
    )


def _of_a_project(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f(f"fk_{table}_project_id_projects")
        ),
    ]


def _people(table: str, *columns: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.ForeignKeyConstraint([column], ["users.id"], name=op.f(f"fk_{table}_{column}_users"))
        for column in columns
    ]


def downgrade() -> None:
    for table in (
        "currency_rates",
        "works_reports",
        "investment_plans",
        "paid_in_funds",
        "valuations",
    ):
        op.drop_table(table)
    with op.batch_alter_table("projects") as projects:
        projects.drop_column("currency")
        projects.drop_column("is_sealed")
