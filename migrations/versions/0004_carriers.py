"""carriers: space, steps of coming and going, the counting rule

Revision ID: 0004
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "buildings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("carrier_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=120), nullable=False),
        sa.Column("floors", sa.Integer(), nullable=True),
        sa.Column("total_area", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["carrier_id"], ["units.id"], name=op.f("fk_buildings_carrier_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buildings")),
        sa.UniqueConstraint("carrier_id", "name", name=op.f("uq_buildings_carrier_id_name")),
    )
    op.create_table(
        "entrant_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("kinds", sa.String(length=200), nullable=False),
        sa.Column("needs_licence", sa.Boolean(), nullable=False),
        sa.Column("needs_agreement", sa.Boolean(), nullable=False),
        sa.Column("counts_returns", sa.Boolean(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["users.id"], name=op.f("fk_entrant_rules_changed_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entrant_rules")),
        sa.UniqueConstraint("valid_from", name=op.f("uq_entrant_rules_valid_from")),
    )
    op.create_table(
        "rooms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("building_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=True),
        sa.Column("area", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("area > 0", name=op.f("ck_rooms_has_an_area")),
        sa.ForeignKeyConstraint(
            ["building_id"], ["buildings.id"], name=op.f("fk_rooms_building_id_buildings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms")),
        sa.UniqueConstraint("building_id", "number", name=op.f("uq_rooms_building_id_number")),
    )
    op.create_table(
        "residence_moves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("unit_before_id", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_residence_moves_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["users.id"], name=op.f("fk_residence_moves_made_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["users.id"], name=op.f("fk_residence_moves_undone_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["unit_before_id"], ["units.id"], name=op.f("fk_residence_moves_unit_before_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residence_moves")),
    )
    with op.batch_alter_table("residence_moves", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_residence_moves_company_id"), ["company_id"], unique=False
        )

    op.create_table(
        "lets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("agreed_to_on", sa.Date(), nullable=True),
        sa.Column("area", sa.BigInteger(), nullable=False),
        sa.Column("desks", sa.Integer(), nullable=True),
        sa.Column("rent_note", sa.String(length=120), nullable=False),
        sa.Column("ended_with_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("area >= 0", name=op.f("ck_lets_takes_no_less_than_nothing")),
        sa.CheckConstraint(
            "to_on IS NULL OR to_on > from_on", name=op.f("ck_lets_ends_after_it_begins")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_lets_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["ended_with_id"],
            ["residence_moves.id"],
            name=op.f("fk_lets_ended_with_id_residence_moves"),
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_lets_room_id_rooms")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lets")),
    )
    with op.batch_alter_table("lets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lets_company_id"), ["company_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lets_ended_with_id"), ["ended_with_id"], unique=False)
        batch_op.create_index("ix_lets_room_id_from_on", ["room_id", "from_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_lets_to_on"), ["to_on"], unique=False)

    with op.batch_alter_table("residences", schema=None) as batch_op:
        batch_op.add_column(sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("begun_with_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("ended_with_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.create_index(
            batch_op.f("ix_residences_begun_with_id"), ["begun_with_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_residences_ended_with_id"), ["ended_with_id"], unique=False
        )
        batch_op.create_index("ix_residences_to_on_reason", ["to_on", "reason"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_residences_ended_with_id_residence_moves"),
            "residence_moves",
            ["ended_with_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_residences_begun_with_id_residence_moves"),
            "residence_moves",
            ["begun_with_id"],
            ["id"],
        )

    # the rows that are there began with 1; new ones say so themselves
    with op.batch_alter_table("residences", schema=None) as batch_op:
        batch_op.alter_column(
            "version", existing_type=sa.Integer(), existing_nullable=False, server_default=None
        )


def downgrade() -> None:
    with op.batch_alter_table("residences", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_residences_begun_with_id_residence_moves"), type_="foreignkey"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_residences_ended_with_id_residence_moves"), type_="foreignkey"
        )
        batch_op.drop_index("ix_residences_to_on_reason")
        batch_op.drop_index(batch_op.f("ix_residences_ended_with_id"))
        batch_op.drop_index(batch_op.f("ix_residences_begun_with_id"))
        batch_op.drop_column("version")
        batch_op.drop_column("ended_with_id")
        batch_op.drop_column("begun_with_id")
        batch_op.drop_column("corrected_at")

    with op.batch_alter_table("lets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lets_to_on"))
        batch_op.drop_index("ix_lets_room_id_from_on")
        batch_op.drop_index(batch_op.f("ix_lets_ended_with_id"))
        batch_op.drop_index(batch_op.f("ix_lets_company_id"))

    op.drop_table("lets")
    with op.batch_alter_table("residence_moves", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_residence_moves_company_id"))

    op.drop_table("residence_moves")
    op.drop_table("rooms")
    op.drop_table("entrant_rules")
    op.drop_table("buildings")
