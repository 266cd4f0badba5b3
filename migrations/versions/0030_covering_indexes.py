"""What figures of evidence read lies together by state and day, whatever narrows them

Revision ID: 0030
Revises: 0028
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None

PRESENT = sa.text("archived_at IS NULL")
LAST = ("company_id", "archived_at", "id")  # SQLite asks once more whether a row is archived
FIRST_DAY = ("happened_on", "counted_unit_id")

# table, its dates with their units, what narrows its figures (before and now), what is added up
INDEXES: Sequence[
    tuple[str, Sequence[tuple[str, str]], Sequence[str], Sequence[str], Sequence[str]]
] = (
    (
        "patents",
        (FIRST_DAY, ("granted_on", "granted_unit_id")),
        ("kind", "applicant_kind"),
        ("kind", "applicant_kind"),
        (),
    ),
    (
        "talents",
        (FIRST_DAY,),
        ("programme", "nationality"),
        ("programme", "nationality", "way"),
        (),
    ),
    (
        "financings",
        (FIRST_DAY,),
        ("instrument", "investor_kind"),
        ("instrument", "investor_kind"),
        ("amount",),
    ),
    ("contracts", (FIRST_DAY,), ("kind",), ("kind",), ("amount",)),
    ("transformations", (FIRST_DAY,), ("is_high_tech",), ("is_high_tech",), ("output",)),
    (
        "platforms",
        (FIRST_DAY,),
        ("kind", "level", "host_kind"),
        ("kind", "level", "host_kind"),
        ("withdrawn_on",),
    ),
    ("grants", (FIRST_DAY,), ("level",), ("level",), ("amount",)),
    ("incubation_projects", (FIRST_DAY,), ("kind",), ("kind",), ()),
    (
        "events",
        (FIRST_DAY,),
        ("kind", "audience", "programme"),
        ("kind", "audience", "programme"),
        ("persons",),
    ),
    ("press_reports", (FIRST_DAY,), ("level",), ("level",), ()),
)


def upgrade() -> None:
    for table, days, _before, filters, amounts in INDEXES:
        for day, unit in days:
            _replace(table, day, ("state", day, *filters, unit, *amounts, *LAST))
    op.create_index(
        "ix_evidence_co_holders_units",
        "evidence_co_holders",
        ["kind", "record_id", "counted_unit_id", "later_unit_id"],
    )


def downgrade() -> None:
    op.drop_index("ix_evidence_co_holders_units", "evidence_co_holders")
    for table, days, before, _filters, amounts in INDEXES:
        for day, unit in days:
            _replace(table, day, (*before, "state", day, unit, *amounts, "company_id", "id"))


def _replace(table: str, day: str, columns: Sequence[str]) -> None:
    name = f"ix_{table}_counts_{day}"
    op.drop_index(name, table)
    op.create_index(name, table, list(columns), sqlite_where=PRESENT, postgresql_where=PRESENT)
