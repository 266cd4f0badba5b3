"""indexes that the board and what moved between two days walk along

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

OF_PROJECT = ["project_id", "figure", "valid_from", "id"]


def upgrade() -> None:
    op.create_index(
        "ix_projects_board",
        "projects",
        ["stage", "stage_entered_on", "id", "archived_at", "is_sealed", "unit_id", "owner_id",
         "currency", "expected_investment", "agreed_investment"],
    )  # fmt: skip
    op.drop_index("ix_valuations_project_id_figure_valid_from", "valuations")
    op.create_index("ix_valuations_of_project", "valuations", [*OF_PROJECT, "amount"])
    op.create_index(
        "ix_valuations_valid_from", "valuations", ["valid_from", "project_id", "figure", "id"]
    )


def downgrade() -> None:
    op.drop_index("ix_valuations_valid_from", "valuations")
    op.drop_index("ix_valuations_of_project", "valuations")
    op.create_index("ix_valuations_project_id_figure_valid_from", "valuations", OF_PROJECT)
    op.drop_index("ix_projects_board", "projects")
