"""The firms that a person is 挂钩领导 or 服务专员 of, on the home page; those most in need first."""

from dataclasses import dataclass

from crm.core import clock
from crm.core.db import session
from crm.cultivation import queries
from crm.cultivation.course import Course
from crm.cultivation.models import Cultivation
from crm.cultivation.queries import Progress
from crm.people.models import User
from crm.people.scope import scope_of

SHOWN = 8
_URGENCY = (Course.OVERDUE, Course.BEHIND, Course.REACHED, Course.ON_COURSE)


@dataclass(frozen=True)
class Mine:
    """Some of them, of `total`; `href` is the list of all."""

    rows: list[tuple[Cultivation, Progress]]
    total: int
    href: str


def build(user: User) -> Mine | None:
    """No card for who looks after none."""
    found = session.scalars(queries.looked_after_by(user, scope_of(user))).all()
    if not found:
        return None
    progress = queries.progress_of(found, clock.today())
    rows = [(one, progress[one.id]) for one in found]
    rows.sort(key=lambda row: _URGENCY.index(row[1].course or Course.ON_COURSE))
    me = f"any;leader:is:{user.id};officer:is:{user.id}"
    return Mine(rows[:SHOWN], len(rows), f"/cultivation?where={me}&where=is_open:is:1")
