"""gates in dated versions, the list of approvals as rows, steps that correct others

Revision ID: 0015
Revises: 0014
"""

import re
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

CHUNK = 1000
_DAY = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})")
_WORDS = {
    "filing": "立项", "land": "用地", "planning": "规划", "environment": "环评", "energy": "能评",
    "construction_permit": "施工许可", "fire": "消防", "fit_out": "装修", "licence": "执照",
}  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "gate_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("requirements", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_gate_versions_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_versions")),
    )
    op.create_index(
        "ix_gate_versions_kind_stage_valid_from", "gate_versions", ["kind", "stage", "valid_from"]
    )
    approvals = op.create_table(
        "project_approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=True),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("is_inapplicable", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_project_approvals_project_id_projects")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_project_approvals_recorded_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_approvals")),
        sa.UniqueConstraint(
            "project_id", "kind", "name", name=op.f("uq_project_approvals_project_id_kind_name")
        ),
    )
    _write_the_lists_as_rows(approvals)
    with op.batch_alter_table("projects") as projects:
        projects.drop_column("approvals")

    with op.batch_alter_table("stage_changes") as steps:
        steps.add_column(sa.Column("loss_reason", sa.String(40), nullable=True))
        steps.add_column(sa.Column("corrects_id", sa.Integer(), nullable=True))
        steps.add_column(sa.Column("correction", sa.Text(), nullable=False, server_default=""))
        for name, usual in (("is_withdrawal", sa.false()), ("is_counted", sa.true())):
            steps.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=usual))
        steps.create_foreign_key(
            op.f("fk_stage_changes_corrects_id_stage_changes"),
            "stage_changes", ["corrects_id"], ["id"],
        )  # fmt: skip
        steps.create_unique_constraint(op.f("uq_stage_changes_corrects_id"), ["corrects_id"])
        steps.drop_index("ix_stage_changes_project_id_effective_on")
        steps.drop_index("ix_stage_changes_to_stage_effective_on")
        steps.create_index(
            "ix_stage_changes_of_project", ["project_id", "is_counted", "effective_on", "id"]
        )
        steps.create_index(
            "ix_stage_changes_into_stage",
            ["to_stage", "is_counted", "effective_on", "project_id"],
        )
    op.execute("UPDATE stage_changes SET loss_reason = 'other' WHERE to_stage = 'lost'")


def _write_the_lists_as_rows(approvals: sa.Table) -> None:
    """Each line of a list becomes an item: its sort and time limit where they can be read, the line itself as a note."""
    projects = sa.table("projects", sa.column("id"), sa.column("approvals"))
    query = sa.select(projects.c.id, projects.c.approvals).where(projects.c.approvals != "")
    rows: list[dict[str, Any]] = []
    for project_id, text in op.get_bind().execute(query).all():
        rows += _items(project_id, text)
    for start in range(0, len(rows), CHUNK):
        op.bulk_insert(approvals, rows[start : start + CHUNK])


def _items(project_id: int, text: str) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for line in filter(None, (part.strip() for part in re.split(r"[\n;；]", text))):
        kind = next((kind for kind, word in _WORDS.items() if word in line), "other")
        if (kind, "") in found:
            kind = "other"
        name = line[:80] if kind == "other" else ""
        found[kind, name] = {
            "project_id": project_id, "kind": kind, "name": name, "due_on": _day(line), "granted_on": None,
            "number": "", "is_inapplicable": False, "note": line, "recorded_by_id": None, "version": 1,
            "recorded_at": datetime.now(UTC),
        }  # fmt: skip
    return list(found.values())


def _day(line: str) -> date | None:
    match = _DAY.search(line)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def downgrade() -> None:
    with op.batch_alter_table("stage_changes") as steps:
        steps.drop_index("ix_stage_changes_into_stage")
        steps.drop_index("ix_stage_changes_of_project")
        steps.drop_constraint(op.f("uq_stage_changes_corrects_id"), type_="unique")
        steps.drop_constraint(
            op.f("fk_stage_changes_corrects_id_stage_changes"), type_="foreignkey"
        )
    # what was corrected would count again
    op.execute(sa.text("DELETE FROM stage_changes WHERE is_counted = :no").bindparams(no=False))
    with op.batch_alter_table("stage_changes") as steps:
        for name in ("is_counted", "is_withdrawal", "correction", "corrects_id", "loss_reason"):
            steps.drop_column(name)
        steps.create_index(
            "ix_stage_changes_to_stage_effective_on", ["to_stage", "effective_on", "project_id"]
        )
        steps.create_index(
            "ix_stage_changes_project_id_effective_on", ["project_id", "effective_on", "id"]
        )
    with op.batch_alter_table("projects") as projects:
        projects.add_column(sa.Column("approvals", sa.Text(), nullable=False, server_default=""))
    _write_the_rows_as_lists()
    op.drop_table("project_approvals")
    op.drop_table("gate_versions")


def _write_the_rows_as_lists() -> None:
    rows = sa.table(
        "project_approvals", *map(sa.column, ("id", "project_id", "kind", "name", "note"))
    )
    query = sa.select(rows.c.project_id, rows.c.kind, rows.c.name, rows.c.note).order_by(rows.c.id)
    lists: dict[int, list[str]] = {}
    for project_id, kind, name, note in op.get_bind().execute(query):
        lists.setdefault(project_id, []).append(note or name or _WORDS.get(kind, kind))
    projects = sa.table("projects", sa.column("id"), sa.column("approvals"))
    for project_id, lines in lists.items():
        op.execute(
            projects.update().where(projects.c.id == project_id).values(approvals="\n".join(lines))
        )
