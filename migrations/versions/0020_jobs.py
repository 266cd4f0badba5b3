"""Jobs and the workers that do them

Revision ID: 0020
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("title_values", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("worker", sa.String(length=80), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=80), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("result_href", sa.String(length=400), nullable=False),
        sa.Column("result_file_id", sa.Integer(), nullable=True),
        sa.Column("result_name", sa.String(length=200), nullable=False),
        sa.Column("result_type", sa.String(length=100), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["users.id"], name=op.f("fk_jobs_requested_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["result_file_id"],
            ["stored_files.id"],
            name=op.f("fk_jobs_result_file_id_stored_files"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("requested_by_id", "key", name=op.f("uq_jobs_requested_by_id_key")),
    )
    with op.batch_alter_table("jobs") as table:
        table.create_index("ix_jobs_state", ["state", "id"], unique=False)
        table.create_index("ix_jobs_requested_by_id", ["requested_by_id", "id"], unique=False)
        table.create_index(op.f("ix_jobs_result_file_id"), ["result_file_id"], unique=False)

    op.create_table(
        "job_workers",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_workers")),
    )


def downgrade() -> None:
    op.drop_table("job_workers")
    with op.batch_alter_table("jobs") as table:
        table.drop_index(op.f("ix_jobs_result_file_id"))
        table.drop_index("ix_jobs_requested_by_id")
        table.drop_index("ix_jobs_state")
    op.drop_table("jobs")
