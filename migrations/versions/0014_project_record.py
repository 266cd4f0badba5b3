"""the whole record of a project: level, nature, place, partners, the firm it became; plans by quarter

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

from crm.companies.names import name_key

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TO = {
    "leader_id": "users",
    "reporting_unit_id": "units",
    "adds_to_id": "projects",
    "carrier_id": "units",
    "became_id": "companies",
}
_KEYS = ("name_key", "investor_key")
_INDEXED = ("adds_to_id", "became_id", *_KEYS)
_OTHERS = ("key_level", "nature", "upgraded_on", "became_on", "rooms", "plot", "land_area")
_PEOPLE = {"recorded_by_id": "reported_by_id", "reviewed_by_id": "verified_by_id"}


def upgrade() -> None:
    with op.batch_alter_table("projects") as projects:
        for name, table in _TO.items():
            projects.add_column(sa.Column(name, sa.Integer(), nullable=True))
            projects.create_foreign_key(f"fk_projects_{name}_{table}", table, [name], ["id"])
        projects.add_column(sa.Column("key_level", sa.String(40), nullable=True))
        projects.add_column(
            sa.Column("nature", sa.String(40), nullable=False, server_default="new")
        )
        projects.add_column(sa.Column("upgraded_on", sa.Date(), nullable=True))
        projects.add_column(sa.Column("became_on", sa.Date(), nullable=True))
        projects.add_column(sa.Column("rooms", sa.String(120), nullable=False, server_default=""))
        projects.add_column(sa.Column("plot", sa.String(120), nullable=False, server_default=""))
        projects.add_column(sa.Column("land_area", sa.BigInteger(), nullable=True))
        for name in _KEYS:
            projects.add_column(sa.Column(name, sa.String(120), nullable=False, server_default=""))
        for name in _INDEXED:
            projects.create_index(f"ix_projects_{name}", [name])
    _fill_keys()
    op.create_table(
        "project_partners",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("share", sa.BigInteger(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_partners")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_project_partners_project_id_projects")
        ),
    )
    op.create_index(op.f("ix_project_partners_project_id"), "project_partners", ["project_id"])
    with op.batch_alter_table("investment_plans") as plans:
        for quarter in (1, 2, 3):
            plans.add_column(sa.Column(f"through_q{quarter}", sa.BigInteger(), nullable=True))
    _name_people(_PEOPLE)
    with op.batch_alter_table("paid_in_funds") as funds:
        funds.add_column(
            sa.Column("withdrawal_reason", sa.String(200), nullable=False, server_default="")
        )


def downgrade() -> None:
    with op.batch_alter_table("paid_in_funds") as funds:
        funds.drop_column("withdrawal_reason")
    _name_people({after: before for before, after in _PEOPLE.items()})
    with op.batch_alter_table("investment_plans") as plans:
        for quarter in (1, 2, 3):
            plans.drop_column(f"through_q{quarter}")
    op.drop_table("project_partners")
    with op.batch_alter_table("projects") as projects:
        for name in _INDEXED:
            projects.drop_index(f"ix_projects_{name}")
        for name, table in _TO.items():
            projects.drop_constraint(f"fk_projects_{name}_{table}", type_="foreignkey")
        for name in (*_TO, *_KEYS, *_OTHERS):
            projects.drop_column(name)


def _fill_keys() -> None:
    projects = sa.table("projects", *(sa.column(c) for c in ("id", "name", "investor", *_KEYS)))
    connection = op.get_bind()
    rows = connection.execute(sa.select(projects.c.id, projects.c.name, projects.c.investor)).all()
    if rows:
        keyed = sa.update(projects).where(projects.c.id == sa.bindparam("of"))
        connection.execute(
            keyed.values(name_key=sa.bindparam("name"), investor_key=sa.bindparam("investor")),
            [
                {"of": row.id, "name": name_key(row.name), "investor": name_key(row.investor)}
                for row in rows
            ],
        )


def _name_people(names: dict[str, str]) -> None:
    """Payments are checked as other records are, by the columns that crm.audit.verification knows."""
    with op.batch_alter_table("paid_in_funds") as funds:
        for before, after in names.items():
            funds.drop_constraint(f"fk_paid_in_funds_{before}_users", type_="foreignkey")
            funds.alter_column(before, new_column_name=after)
    with op.batch_alter_table("paid_in_funds") as funds:
        for after in names.values():
            funds.create_foreign_key(f"fk_paid_in_funds_{after}_users", "users", [after], ["id"])
