"""The first days of projects at each stage or beyond

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

PIPELINE = ("lead", "negotiating", "intent", "signed", "approval", "construction", "completed")


def upgrade() -> None:
    with op.batch_alter_table("projects", schema=None) as batch_op:
        batch_op.add_column(sa.Column("came_on", sa.Text(), nullable=True))
    steps = sa.table(
        "stage_changes",
        sa.column("project_id", sa.Integer()),
        sa.column("to_stage", sa.String()),
        sa.column("effective_on", sa.Date()),
        sa.column("is_counted", sa.Boolean()),
    )
    projects = sa.table("projects", sa.column("id", sa.Integer()), sa.column("came_on", sa.Text()))
    days = [
        sa.func.coalesce(
            sa.cast(
                sa.func.min(
                    sa.case((steps.c.to_stage.in_(PIPELINE[place:]), steps.c.effective_on))
                ),
                sa.String(),
            ),
            "9999-12-31",
        )
        for place in range(len(PIPELINE))
    ]
    came_on = days[0]
    for day in days[1:]:
        came_on = came_on + "," + day
    of_project = sa.select(came_on).where(
        steps.c.project_id == projects.c.id, steps.c.is_counted.is_(True)
    )
    op.execute(projects.update().values(came_on=of_project.scalar_subquery()))
    with op.batch_alter_table("projects", schema=None) as batch_op:
        batch_op.alter_column("came_on", existing_type=sa.Text(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("projects", schema=None) as batch_op:
        batch_op.drop_column("came_on")
