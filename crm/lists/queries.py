"""What we ask about saved views and bulk edits."""

from sqlalchemy import Select, or_, select

from crm.lists.models import BulkChange, SavedView
from crm.people.models import User


def visible_to(user: User) -> Select[SavedView]:
    """A person's own views and the shared ones."""
    mine = or_(SavedView.owner_id == user.id, SavedView.is_shared)
    return select(SavedView).where(SavedView.archived_at.is_(None), mine)


def of_list(list_key: str, user: User) -> Select[SavedView]:
    """The views of one list, one's own first."""
    own_first = (SavedView.owner_id != user.id, SavedView.name, SavedView.id)
    return visible_to(user).where(SavedView.list_key == list_key).order_by(*own_first)


def changes_by(user: User) -> Select[BulkChange]:
    """A person's own bulk edits: nobody else undoes them."""
    return select(BulkChange).where(BulkChange.by_id == user.id)
