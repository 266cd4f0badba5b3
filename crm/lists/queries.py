"""What we ask about saved views and bulk edits."""

from typing import Any

from sqlalchemy import Select, or_, select

from crm.lists.models import BulkChange, SavedView
from crm.people.models import User


def visible_to(user: User) -> Select[SavedView]:
    """A person's own views and the shared ones."""
    mine = or_(SavedView.owner_id == user.id, SavedView.is_shared)
    return select(SavedView).where(SavedView.archived_at.is_(None), mine)


def of_list(list_key: str, user: User) -> Select[*tuple[Any, ...]]:
    """The views of one list with their owners' names, one's own first; plain rows, since every list's page asks."""
    view = SavedView
    columns = (view.id, view.name, view.state, view.is_shared, view.is_default, view.owner_id)
    return (
        visible_to(user)
        .where(view.list_key == list_key)
        .join(User, User.id == view.owner_id)
        .with_only_columns(*columns, User.name.label("owner"))
        .order_by(view.owner_id != user.id, view.name, view.id)
    )


def changes_by(user: User) -> Select[BulkChange]:
    """A person's own bulk edits: nobody else undoes them."""
    return select(BulkChange).where(BulkChange.by_id == user.id)
