"""The rooms that projects mean to move into

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "project_rooms",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_project_rooms_project_id_projects")
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["rooms.id"], name=op.f("fk_project_rooms_room_id_rooms")
        ),
        sa.PrimaryKeyConstraint("project_id", "room_id", name=op.f("pk_project_rooms")),
    )
    with op.batch_alter_table("project_rooms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_rooms_room_id"), ["room_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("project_rooms", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_rooms_room_id"))

    op.drop_table("project_rooms")
