"""Views of lists that people keep, and what a bulk edit changed, so that it can be undone."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.db import Base, Recorded, Versioned
from crm.people.models import User


class SavedView(Versioned, Recorded, Base):
    """A list's filter, order and columns under a name. `state` is the query string of the list's own address.

    A shared view is everybody's to use and its owner's to change; what it shows is always cut to the reader's scope.
    """

    __tablename__ = "saved_views"
    __table_args__ = (
        Index("ix_saved_views_list_key_owner_id", "list_key", "owner_id"),
        Index("ix_saved_views_list_key_is_shared", "list_key", "is_shared"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    list_key: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(40))
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    state: Mapped[str] = mapped_column(Text, default="")
    is_shared: Mapped[bool] = mapped_column(default=False)
    is_default: Mapped[bool] = mapped_column(default=False)  # its owner's list opens with it
    archived_at: Mapped[datetime | None]

    owner: Mapped[User] = relationship()


class BulkChange(Recorded, Base):
    """One edit of many records. `given` is JSON: {field: value}, `before` too: [[id, version given, {field: value}], …]."""

    __tablename__ = "bulk_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    list_key: Mapped[str] = mapped_column(String(40))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    given: Mapped[str] = mapped_column(Text)
    count: Mapped[int]
    before: Mapped[str] = mapped_column(Text)
    undone_at: Mapped[datetime | None]
