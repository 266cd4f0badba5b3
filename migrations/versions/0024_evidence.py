"""Evidence: ten registers of one shape, and the further firms that share a record

Revision ID: 0024
Revises: 0023
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

PRESENT = sa.text("archived_at IS NULL")


def upgrade() -> None:
    _create(
        "patents",
        _text("number", 20),
        _text("kind"),
        _text("applicant_kind", nullable=True),
        _text("inventors", 200),
        _text("publication_number", 20),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=True),
        sa.Column("granted_unit_id", sa.Integer(), nullable=True),
        _text("status", nullable=True),
        filters=("kind", "applicant_kind"),
        orders=("granted_on", "number"),
        later=("granted_on", "granted_unit_id"),
    )
    _create(
        "talents",
        _text("programme"),
        _text("level", nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        _text("way"),
        _text("nationality"),
        _text("role", 60),
        _text("id_number", 30),
        _text("phone", 30),
        filters=("programme", "nationality"),
        orders=("year",),
    )
    _create(
        "financings",
        _text("instrument"),
        _text("round", 20),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        _text("investor_kind", nullable=True),
        _text("fund", 120),
        filters=("instrument", "investor_kind"),
        amounts=("amount",),
        orders=("amount",),
    )
    _create(
        "contracts",
        _text("kind", nullable=True),
        _text("registration_number"),
        _text("counterpart", 200),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        filters=("kind",),
        amounts=("amount",),
        orders=("amount",),
    )
    _create(
        "transformations",
        _text("origin", 200),
        _text("way", nullable=True),
        sa.Column("is_high_tech", sa.Boolean(), nullable=False),
        sa.Column("output", sa.BigInteger(), nullable=True),
        filters=("is_high_tech",),
        amounts=("output",),
        orders=("output",),
    )
    _create(
        "platforms",
        _text("kind"),
        _text("level"),
        _text("host_kind", nullable=True),
        _text("partner", 200),
        _text("authority", 80),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        filters=("kind", "level", "host_kind"),
        amounts=("withdrawn_on",),
        orders=("withdrawn_on",),
    )
    _create(
        "grants",
        _text("number", 60),
        _text("level"),
        _text("programme", 120),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        filters=("level",),
        amounts=("amount",),
        orders=("amount",),
    )
    _create(
        "incubation_projects",
        _text("kind"),
        _text("leader"),
        _text("future_industry", nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        filters=("kind",),
    )
    _create(
        "events",
        _text("kind"),
        _text("audience", nullable=True),
        _text("programme"),
        _text("place", 80),
        sa.Column("persons", sa.Integer(), nullable=True),
        sa.Column("attendances", sa.Integer(), nullable=True),
        filters=("kind", "audience", "programme"),
        amounts=("persons",),
        orders=("persons",),
    )
    _create(
        "press_reports",
        _text("outlet", 80),
        _text("level"),
        _text("address", 300),
        filters=("level",),
    )
    op.create_table(
        "evidence_co_holders",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("kind"),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("counted_unit_id", sa.Integer(), nullable=True),
        sa.Column("later_unit_id", sa.Integer(), nullable=True),
        _foreign("evidence_co_holders", "company_id", "companies"),
        _foreign("evidence_co_holders", "counted_unit_id", "units"),
        _foreign("evidence_co_holders", "later_unit_id", "units"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_co_holders")),
        sa.UniqueConstraint(
            "kind",
            "record_id",
            "company_id",
            name=op.f("uq_evidence_co_holders_kind_record_id_company_id"),
        ),
    )
    op.create_index(
        "ix_evidence_co_holders_company_id",
        "evidence_co_holders",
        ["company_id", "kind", "record_id"],
    )


def downgrade() -> None:
    op.drop_table("evidence_co_holders")
    for name in (
        "press_reports", "events", "incubation_projects", "grants", "platforms", "transformations", "contracts",
        "financings", "talents", "patents",
    ):  # fmt: skip
        op.drop_table(name)


def _create(
    name: str,
    *own: sa.Column[Any],
    filters: Sequence[str],
    amounts: Sequence[str] = (),
    orders: Sequence[str] = (),
    later: tuple[str, str] | None = None,
) -> None:
    """A register: what all have, its own columns, and its indexes."""
    units = ["unit_id", "counted_unit_id", *([later[1]] if later else [])]
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        _text("title", 200),
        _text("holder", 300),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("counted_unit_id", sa.Integer(), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=False),
        _text("natural_key", 400),
        _text("source", 120),
        _text("author", 60),
        _text("note", 400),
        _text("state"),
        sa.Column("reported_by_id", sa.Integer(), nullable=True),
        sa.Column("verified_by_id", sa.Integer(), nullable=True),
        _text("review_note", 200),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        *own,
        _foreign(name, "company_id", "companies"),
        *(_foreign(name, column, "units") for column in units),
        _foreign(name, "reported_by_id", "users"),
        _foreign(name, "verified_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    _present(f"uq_{name}_natural_key", name, ["natural_key"], unique=True)
    for day, unit in (("happened_on", "counted_unit_id"), *([later] if later else [])):
        columns = [*filters, "state", day, unit, *amounts, "company_id", "id"]
        _present(f"ix_{name}_counts_{day}", name, columns)
    op.create_index(f"ix_{name}_waiting", name, ["state", "source", "id"])
    op.create_index(f"ix_{name}_company_id", name, ["company_id", "state"])
    op.create_index(f"ix_{name}_unit_id", name, ["unit_id", "id"])
    for column in ("title", "happened_on", "recorded_at", *orders):
        op.create_index(f"ix_{name}_{column}", name, [column, "id"])


def _present(name: str, table: str, columns: list[str], *, unique: bool = False) -> None:
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=PRESENT, postgresql_where=PRESENT
    )


def _text(name: str, length: int = 40, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _foreign(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))
