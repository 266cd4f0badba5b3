"""What we do with saved views: keep, change and put them away."""

from dataclasses import dataclass

from sqlalchemy import update

from crm.audit.services import changes_of, record
from crm.core import clock
from crm.core.db import session
from crm.core.errors import DomainError, NotAllowed
from crm.core.words import N_
from crm.lists.models import SavedView
from crm.people.models import User
from crm.people.roles import Action

LONGEST_NAME = 40
LONGEST_STATE = 4000


@dataclass(frozen=True)
class ViewDetails:
    """What a person gives a view: its name, what it shows, who may use it."""

    name: str
    state: str
    is_shared: bool = False
    is_default: bool = False


def save_view(list_key: str, details: ViewDetails, *, by: User) -> SavedView:
    """Keep a list as it is shown now. Raises DomainError, NotAllowed."""
    _check(details, by)
    view = SavedView(list_key=list_key, owner_id=by.id, **vars(details))
    _one_default(view, by)
    session.add(view)
    record("view.saved", view, by=by, list=list_key, state=view.state, is_shared=view.is_shared)
    return view


def change_view(view: SavedView, details: ViewDetails, *, version: int, by: User) -> None:
    """Another name or content for one's own view. Raises StaleRecord, DomainError, NotAllowed."""
    _expect_owner(view, by)
    _check(details, by)
    view.expect_version(version)
    for name, value in vars(details).items():
        setattr(view, name, value)
    changes = changes_of(view)
    _one_default(view, by)
    record("view.changed", view, by=by, changes=changes)


def archive_view(view: SavedView, *, by: User) -> None:
    """Put one's own view away; others who used a shared one lose it too."""
    _expect_owner(view, by)
    view.archived_at = clock.now()
    view.is_default = False
    record("view.archived", view, by=by)


def _check(details: ViewDetails, by: User) -> None:
    if not details.name:
        raise DomainError(N_("请填写视图名称。"), field="name")
    if len(details.name) > LONGEST_NAME:
        raise DomainError(N_("视图名称不能超过 %(most)s 个字符。"), field="name", most=LONGEST_NAME)
    if len(details.state) > LONGEST_STATE:
        raise DomainError(N_("筛选条件过长，不能保存为视图。"))
    if details.is_shared and not by.may(Action.LISTS_SHARE):
        raise NotAllowed(N_("您的角色不能共享视图。"))


def _expect_owner(view: SavedView, by: User) -> None:
    if view.owner_id != by.id:
        raise NotAllowed(N_("只有建立者可以修改这个视图；您可以另存为自己的视图。"))


def _one_default(view: SavedView, by: User) -> None:
    """A list opens with one view of its reader's at most."""
    if view.is_default:
        others = update(SavedView).where(
            SavedView.owner_id == by.id,
            SavedView.list_key == view.list_key,
            SavedView.is_default,
            SavedView.id != (view.id or 0),
        )
        session.execute(others.values(is_default=False, version=SavedView.version + 1))
