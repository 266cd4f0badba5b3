"""rounds in which operating figures are collected, and where figures came from

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BY_FIRM = "ix_operating_reports_company_id"  # the unique constraint's own index begins with it
STANDING, BY_PERIOD = "ix_operating_reports_standing", "ix_operating_reports_year_through_month_id"


def upgrade() -> None:
    with op.batch_alter_table("operating_reports") as table:
        for name, kind in (("source", sa.String(length=200)), ("confirmed", sa.Text())):
            table.add_column(sa.Column(name, kind, nullable=False, server_default=""))
        table.drop_index(BY_FIRM)
        table.create_index(STANDING, ["company_id", "year", "through_month", "state"], unique=False)
        table.create_index(BY_PERIOD, ["year", "through_month", "id"], unique=False)

    op.create_table(
        "collection_rounds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("through_month", sa.Integer(), nullable=False),
        sa.Column("money_unit", sa.String(length=40), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("opened_by_id", sa.Integer(), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "through_month BETWEEN 1 AND 12", name=op.f("ck_collection_rounds_month_of_the_year")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_collection_rounds_unit_id_units")
        ),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["users.id"], name=op.f("fk_collection_rounds_opened_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["users.id"], name=op.f("fk_collection_rounds_closed_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_rounds")),
        sa.UniqueConstraint(
            "unit_id", "year", "through_month", name=op.f("uq_collection_rounds_unit_id_year_through_month")
        ),
    )  # fmt: skip
    op.create_table(
        "round_members",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("carrier_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["collection_rounds.id"], name=op.f("fk_round_members_round_id_collection_rounds")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_round_members_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["carrier_id"], ["units.id"], name=op.f("fk_round_members_carrier_id_units")
        ),
        sa.PrimaryKeyConstraint("round_id", "company_id", name=op.f("pk_round_members")),
    )  # fmt: skip
    with op.batch_alter_table("round_members") as table:
        table.create_index(op.f("ix_round_members_company_id"), ["company_id"], unique=False)


def downgrade() -> None:
    op.drop_table("round_members")
    op.drop_table("collection_rounds")
    with op.batch_alter_table("operating_reports") as table:
        table.drop_index(BY_PERIOD)
        table.drop_index(STANDING)
        table.create_index(BY_FIRM, ["company_id"], unique=False)
        for name in ("confirmed", "source"):
            table.drop_column(name)
