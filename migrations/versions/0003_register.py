"""the register, complete

Revision ID: 0003
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LISTED_BY = ("completeness", "party_organisation", "is_safety_focus", "is_environment_focus")


_LICENSED = ("enterprise", "branch", "sole_trader")
_WITH_LICENCE_DATA = (*_LICENSED, "institute", "college", "service")
# What each kind was asked for when the column came, of what the table held by then: column, weight, kinds.
_ASKED = (
    ("uscc", 15, _LICENSED),
    ("legal_representative", 10, _WITH_LICENCE_DATA),
    ("registered_capital", 10, ("enterprise",)),
    ("established_on", 10, _WITH_LICENCE_DATA),
    ("industry_code", 10, (*_WITH_LICENCE_DATA, "team")),
    ("future_industry", 5, ("enterprise", "team")),
)
_CONTACT = 15
_IN_ALL = {
    "enterprise": 100, "branch": 80, "sole_trader": 80, "institute": 65, "college": 60, "service": 65, "team": 35,
}  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "company_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("share", sa.BigInteger(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("parent_id <> child_id", name=op.f("ck_company_links_joins_two")),
        sa.CheckConstraint(
            "to_on IS NULL OR to_on > from_on", name=op.f("ck_company_links_ends_after_it_begins")
        ),
        sa.ForeignKeyConstraint(
            ["child_id"], ["companies.id"], name=op.f("fk_company_links_child_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["companies.id"], name=op.f("fk_company_links_parent_id_companies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_links")),
    )
    with op.batch_alter_table("company_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_company_links_child_id"), ["child_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_company_links_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "former_names",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_key", sa.String(length=120), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_former_names_has_a_name")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_former_names_company_id_companies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_names")),
    )
    with op.batch_alter_table("former_names", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_former_names_company_id"), ["company_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_former_names_name_key"), ["name_key"], unique=False)

    with op.batch_alter_table("companies", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("economy_types", sa.Text(), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("party_organisation", sa.String(length=40), nullable=True))
        batch_op.add_column(
            sa.Column(
                "registered_address", sa.String(length=200), nullable=False, server_default=""
            )
        )
        batch_op.add_column(
            sa.Column("business_scope", sa.Text(), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("is_safety_focus", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(
            sa.Column(
                "is_environment_focus", sa.Boolean(), nullable=False, server_default=sa.false()
            )
        )
        batch_op.add_column(
            sa.Column("focus_note", sa.String(length=200), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("staff_contact_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("completeness", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(sa.Column("archived_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("archive_reason", sa.String(length=200), nullable=False, server_default="")
        )
        batch_op.create_index(batch_op.f("ix_companies_archived_at"), ["archived_at"], unique=False)
        for column in LISTED_BY:
            batch_op.create_index(f"ix_companies_{column}", [column, "id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_companies_archived_by_id_users"), "users", ["archived_by_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_companies_staff_contact_id_users"), "users", ["staff_contact_id"], ["id"]
        )

    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("id_number", sa.String(length=20), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("is_primary", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))

    _choose_primary_contacts()
    _measure_completeness()


def _choose_primary_contacts() -> None:
    contacts = sa.table(
        "contacts", sa.column("id"), sa.column("company_id"), sa.column("is_primary")
    )
    first = sa.select(sa.func.min(contacts.c.id)).group_by(contacts.c.company_id)
    op.execute(contacts.update().where(contacts.c.id.in_(first)).values(is_primary=sa.true()))


def _measure_completeness() -> None:
    contacts = sa.table("contacts", sa.column("company_id"), sa.column("phone", sa.String))
    columns = (sa.column(name, sa.String) for name, _weight, _kinds in _ASKED)
    companies = sa.table(
        "companies",
        sa.column("id"),
        sa.column("kind", sa.String),
        sa.column("completeness", sa.Integer),
        *columns,
    )
    callable_firms = sa.select(contacts.c.company_id).where(contacts.c.phone != "")
    given = sa.case((companies.c.id.in_(callable_firms), _CONTACT), else_=0)
    for name, weight, kinds in _ASKED:
        column = companies.c[name]
        is_given = sa.and_(
            column.is_not(None), sa.cast(column, sa.String) != "", companies.c.kind.in_(kinds)
        )
        given += sa.case((is_given, weight), else_=0)
    in_all = sa.case(_IN_ALL, value=companies.c.kind, else_=100)
    op.execute(companies.update().values(completeness=given * 100 // in_all))


def downgrade() -> None:
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.drop_column("archived_at")
        batch_op.drop_column("is_primary")
        batch_op.drop_column("id_number")

    with op.batch_alter_table("companies", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_companies_staff_contact_id_users"), type_="foreignkey"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_companies_archived_by_id_users"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_companies_archived_at"))
        for column in LISTED_BY:
            batch_op.drop_index(f"ix_companies_{column}")
        batch_op.drop_column("archive_reason")
        batch_op.drop_column("archived_by_id")
        batch_op.drop_column("completeness")
        batch_op.drop_column("staff_contact_id")
        batch_op.drop_column("focus_note")
        batch_op.drop_column("is_environment_focus")
        batch_op.drop_column("is_safety_focus")
        batch_op.drop_column("business_scope")
        batch_op.drop_column("registered_address")
        batch_op.drop_column("party_organisation")
        batch_op.drop_column("economy_types")

    with op.batch_alter_table("former_names", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_former_names_name_key"))
        batch_op.drop_index(batch_op.f("ix_former_names_company_id"))

    op.drop_table("former_names")
    with op.batch_alter_table("company_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_company_links_parent_id"))
        batch_op.drop_index(batch_op.f("ix_company_links_child_id"))

    op.drop_table("company_links")
