"""Indexes that hold all that the pipeline's charts and the flow of a period ask for

Revision ID: 0023
Revises: 0022
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_BOARD = [
    "stage", "stage_entered_on", "id", "archived_at", "is_sealed", "unit_id", "owner_id",
    "currency", "expected_investment", "agreed_investment",
]  # fmt: skip
_SAID = ["valid_from", "project_id", "figure", "id"]


def upgrade() -> None:
    facts = ["kind", "future_industry", "origin", "economy_type"]
    op.drop_index("ix_projects_board", "projects")
    op.create_index("ix_projects_board", "projects", [*_BOARD, *facts])
    op.create_index(
        "ix_stage_changes_of_day",
        "stage_changes",
        ["is_counted", "effective_on", "from_stage", "to_stage", "project_id", "id"],
    )
    op.drop_index("ix_valuations_valid_from", "valuations")
    op.create_index("ix_valuations_valid_from", "valuations", [*_SAID, "amount"])


def downgrade() -> None:
    op.drop_index("ix_valuations_valid_from", "valuations")
    op.create_index("ix_valuations_valid_from", "valuations", _SAID)
    op.drop_index("ix_stage_changes_of_day", "stage_changes")
    op.drop_index("ix_projects_board", "projects")
    op.create_index("ix_projects_board", "projects", _BOARD)
