"""The day that counts for 规上, ends of proofs verified by a second person, labels that are declared

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "above_scale_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("counts_by", sa.String(length=40), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["users.id"], name=op.f("fk_above_scale_rules_changed_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_above_scale_rules")),
        sa.UniqueConstraint("valid_from", name=op.f("uq_above_scale_rules_valid_from")),
    )

    op.create_table(
        "revocations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("qualification_id", sa.Integer(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reported_by_id", sa.Integer(), nullable=True),
        sa.Column("verified_by_id", sa.Integer(), nullable=True),
        sa.Column("review_note", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["qualification_id"],
            ["qualifications.id"],
            name=op.f("fk_revocations_qualification_id_qualifications"),
        ),
        sa.ForeignKeyConstraint(
            ["reported_by_id"], ["users.id"], name=op.f("fk_revocations_reported_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["verified_by_id"], ["users.id"], name=op.f("fk_revocations_verified_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revocations")),
    )
    with op.batch_alter_table("revocations") as table:
        table.create_index("ix_revocations_state", ["state", "id"], unique=False)
        table.create_index(
            op.f("ix_revocations_qualification_id"), ["qualification_id"], unique=False
        )
        table.create_index(
            "uq_revocations_waiting",
            ["qualification_id"],
            unique=True,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )

    with op.batch_alter_table("declaration_batches") as table:
        table.add_column(sa.Column("label_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_declaration_batches_label_id_qualification_labels"),
            "qualification_labels",
            ["label_id"],
            ["id"],
        )


def downgrade() -> None:
    with op.batch_alter_table("declaration_batches") as table:
        table.drop_constraint(
            op.f("fk_declaration_batches_label_id_qualification_labels"), type_="foreignkey"
        )
        table.drop_column("label_id")

    with op.batch_alter_table("revocations") as table:
        table.drop_index("uq_revocations_waiting")
        table.drop_index(op.f("ix_revocations_qualification_id"))
        table.drop_index("ix_revocations_state")

    op.drop_table("revocations")
    op.drop_table("above_scale_rules")
