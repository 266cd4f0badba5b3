"""qualifications are verified, labels beside those of the ladder, evidence files, published lists

Revision ID: 0009
Revises: 0008
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NAMES = (
    "review_note",
    "verified_by_id",
    "reported_by_id",
    "state",
    "specialty",
    "reports_from_on",
    "renewal_filed_on",
    "received_on",
    "announced_on",
    "level",
    "label_id",
)
LABELS = (
    ("创新型中小企业", "省工业和信息化主管部门", "provincial", "years", 3),
    ("专精特新中小企业", "省工业和信息化主管部门", "provincial", "years", 3),
    ("专精特新“小巨人”企业", "工业和信息化部", "national", "years", 3),
    ("雏鹰企业", "省科技主管部门", "provincial", "years", 3),
    ("瞪羚企业", "省科技主管部门", "provincial", "years", 3),
    ("潜在独角兽企业", "省科技主管部门", "provincial", "years", 3),
    ("独角兽企业", "省科技主管部门", "provincial", "years", 3),
    ("新四板挂牌", "江苏股权交易中心", "provincial", "open", None),
)
"""What most parks of the province count; an administrator changes them (authority, level, validity)."""


def upgrade() -> None:
    op.create_table(
        "qualification_labels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("authority", sa.String(length=80), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("validity", sa.String(length=40), nullable=False),
        sa.Column("years", sa.Integer(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(validity = 'years') = (years IS NOT NULL)",
            name=op.f("ck_qualification_labels_years_where_asked"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification_labels")),
        sa.UniqueConstraint("name", name=op.f("uq_qualification_labels_name")),
    )
    op.create_table(
        "stored_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_files")),
        sa.UniqueConstraint("sha256", name=op.f("uq_stored_files_sha256")),
    )
    op.create_table(
        "attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("attached_by_id", sa.Integer(), nullable=True),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["attached_by_id"], ["users.id"], name=op.f("fk_attachments_attached_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_attachments_file_id_stored_files")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    with op.batch_alter_table("attachments") as table:
        table.create_index(op.f("ix_attachments_file_id"), ["file_id"], unique=False)
        table.create_index("ix_attachments_subject", ["subject_type", "subject_id"], unique=False)

    op.create_table(
        "official_lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("authority", sa.String(length=80), nullable=False),
        sa.Column("batch", sa.String(length=60), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=True),
        sa.Column("read_by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["label_id"],
            ["qualification_labels.id"],
            name=op.f("fk_official_lists_label_id_qualification_labels"),
        ),
        sa.ForeignKeyConstraint(
            ["read_by_id"], ["users.id"], name=op.f("fk_official_lists_read_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_official_lists_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official_lists")),
        sa.UniqueConstraint("unit_id", "key", name=op.f("uq_official_lists_unit_id_key")),
    )
    op.create_table(
        "official_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("match", sa.String(length=40), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("qualification_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_official_rows_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["official_lists.id"], name=op.f("fk_official_rows_list_id_official_lists")
        ),
        sa.ForeignKeyConstraint(
            ["qualification_id"],
            ["qualifications.id"],
            name=op.f("fk_official_rows_qualification_id_qualifications"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official_rows")),
    )
    with op.batch_alter_table("official_rows") as table:
        table.create_index(op.f("ix_official_rows_company_id"), ["company_id"], unique=False)
        table.create_index(
            "ix_official_rows_list_id_state", ["list_id", "state", "position"], unique=False
        )

    with op.batch_alter_table("qualifications") as table:
        table.add_column(sa.Column("label_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("level", sa.String(length=40), nullable=True))
        table.add_column(sa.Column("announced_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("received_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("renewal_filed_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("reports_from_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("specialty", sa.String(length=40), nullable=True))
        # what was recorded before verification began has been relied on all along
        table.add_column(
            sa.Column("state", sa.String(length=40), nullable=False, server_default="verified")
        )
        table.add_column(sa.Column("reported_by_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("verified_by_id", sa.Integer(), nullable=True))
        table.add_column(
            sa.Column("review_note", sa.String(length=200), nullable=False, server_default="")
        )
        table.drop_index(op.f("ix_qualifications_counts_to"))
        table.create_index("ix_qualifications_counts_to", ["counts_to", "id"], unique=False)
        table.drop_index(op.f("ix_qualifications_kind_counts"))
        table.create_index(
            "ix_qualifications_kind_counts",
            ["kind", "state", "counts_from", "counts_to", "company_id"],
            unique=False,
        )
        table.drop_constraint(op.f("uq_qualifications_company_id_kind_number"), type_="unique")
        table.create_index(
            "uq_qualifications_company_id_kind_number",
            ["company_id", "kind", "number"],
            unique=True,
            sqlite_where=sa.text("label_id IS NULL"),
            postgresql_where=sa.text("label_id IS NULL"),
        )
        table.create_index("ix_qualifications_batch", ["batch", "id"], unique=False)
        table.create_index("ix_qualifications_issued_on", ["issued_on", "id"], unique=False)
        table.create_index(op.f("ix_qualifications_label_id"), ["label_id"], unique=False)
        table.create_index("ix_qualifications_number", ["number", "id"], unique=False)
        table.create_index("ix_qualifications_recorded_at", ["recorded_at", "id"], unique=False)
        table.create_index("ix_qualifications_source", ["source", "id"], unique=False)
        table.create_index("ix_qualifications_state", ["state", "id"], unique=False)
        table.create_unique_constraint(
            op.f("uq_qualifications_company_id_label_id_number"),
            ["company_id", "label_id", "number"],
        )
        table.create_foreign_key(
            op.f("fk_qualifications_label_id_qualification_labels"),
            "qualification_labels",
            ["label_id"],
            ["id"],
        )
        table.create_foreign_key(
            op.f("fk_qualifications_verified_by_id_users"), "users", ["verified_by_id"], ["id"]
        )
        table.create_foreign_key(
            op.f("fk_qualifications_reported_by_id_users"), "users", ["reported_by_id"], ["id"]
        )

    with op.batch_alter_table("qualifications") as table:
        table.alter_column("state", server_default=None)
        table.alter_column("review_note", server_default=None)
    _keep_the_usual_labels()


def _keep_the_usual_labels() -> None:
    labels = sa.table(
        "qualification_labels",
        *(
            sa.column(name)
            for name in ("name", "authority", "level", "validity", "years", "version")
        ),
        sa.column("recorded_at", sa.DateTime(timezone=True)),
    )
    at = datetime.now(UTC)
    rows = [
        {
            "name": name,
            "authority": authority,
            "level": level,
            "validity": validity,
            "years": years,
            "version": 1,
            "recorded_at": at,
        }
        for name, authority, level, validity, years in LABELS
    ]
    op.bulk_insert(labels, rows)


def downgrade() -> None:
    op.execute("DELETE FROM attachments")
    op.execute("DELETE FROM official_rows")
    op.execute(
        "DELETE FROM qualifications WHERE kind = 'label'"
    )  # the older schema has no such kind
    with op.batch_alter_table("qualifications") as table:
        table.drop_constraint(op.f("fk_qualifications_reported_by_id_users"), type_="foreignkey")
        table.drop_constraint(op.f("fk_qualifications_verified_by_id_users"), type_="foreignkey")
        table.drop_constraint(
            op.f("fk_qualifications_label_id_qualification_labels"), type_="foreignkey"
        )
        table.drop_constraint(op.f("uq_qualifications_company_id_label_id_number"), type_="unique")
        table.drop_index("ix_qualifications_state")
        table.drop_index("ix_qualifications_source")
        table.drop_index("ix_qualifications_recorded_at")
        table.drop_index("ix_qualifications_number")
        table.drop_index(op.f("ix_qualifications_label_id"))
        table.drop_index("ix_qualifications_issued_on")
        table.drop_index("ix_qualifications_batch")
        table.drop_index(
            "uq_qualifications_company_id_kind_number",
            sqlite_where=sa.text("label_id IS NULL"),
            postgresql_where=sa.text("label_id IS NULL"),
        )
        table.create_unique_constraint(
            op.f("uq_qualifications_company_id_kind_number"), ["company_id", "kind", "number"]
        )
        table.drop_index("ix_qualifications_kind_counts")
        table.create_index(
            op.f("ix_qualifications_kind_counts"),
            ["kind", "counts_from", "counts_to", "company_id"],
            unique=False,
        )
        table.drop_index("ix_qualifications_counts_to")
        table.create_index(op.f("ix_qualifications_counts_to"), ["counts_to"], unique=False)
        for name in NAMES:
            table.drop_column(name)

    with op.batch_alter_table("official_rows") as table:
        table.drop_index("ix_official_rows_list_id_state")
        table.drop_index(op.f("ix_official_rows_company_id"))

    op.drop_table("official_rows")
    op.drop_table("official_lists")
    with op.batch_alter_table("attachments") as table:
        table.drop_index("ix_attachments_subject")
        table.drop_index(op.f("ix_attachments_file_id"))

    op.drop_table("attachments")
    op.drop_table("stored_files")
    op.drop_table("qualification_labels")
