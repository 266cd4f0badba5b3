"""tax, profit, research and technical staff in operating reports

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MONEY = ("tax", "profit", "r_and_d", "high_tech_income")


def upgrade() -> None:
    # not in a batch, which copies the table: either engine adds an empty column at once
    op.add_column("operating_reports", sa.Column("tech_staff", sa.Integer(), nullable=True))
    for name in MONEY:
        op.add_column("operating_reports", sa.Column(name, sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("operating_reports") as table:
        for name in (*MONEY, "tech_staff"):
            table.drop_column(name)
