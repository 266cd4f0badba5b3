"""An answer that does not come is put before more people: the unit's head, 督查, the leader; after how many days is a setting."""

from datetime import date, timedelta

from crm.audit.services import SYSTEM
from crm.core import clock
from crm.core.db import session, writing
from crm.core.words import N_, LabelledEnum
from crm.people.models import User
from crm.people.scope import WHOLE_PARK_SCOPE, Scope, scope_of
from crm.reference import settings
from crm.supervision import queries, services
from crm.supervision.models import SupervisionOrder


class Level(LabelledEnum):
    """Before whom an overdue order has come."""

    HEAD = "head", N_("单位负责人")
    SUPERVISOR = "supervisor", N_("督查专员")
    LEADER = "leader", N_("领导")


def level_of(days_overdue: int) -> int:
    """How many steps of escalation so many days make: 0 for none, 3 for the leader's."""
    limits = settings.get("supervision.escalation_days")
    return sum(days_overdue >= limits[level.value] for level in Level)


def before_the_leader(reader: User) -> list[SupervisionOrder]:
    """The orders overdue for so long that a leader is told, the longest first."""
    days = settings.get("supervision.escalation_days")[Level.LEADER.value]
    since = clock.today() - timedelta(days - 1)
    return list(session.scalars(queries.overdue_since(scope_of(reader), since)))


def note_daily() -> None:
    """What the worker does once a day: an event for each step that an overdue order has gone up."""
    with writing():
        note(clock.today())


def note(day: date) -> int:
    """How many orders went up. The park's sealed ones too: an event names nobody else."""
    everything = Scope(None, WHOLE_PARK_SCOPE.label, unsealed=None)
    count = 0
    for order in session.scalars(queries.overdue_since(everything, day)):
        steps = level_of(services.course_of(order).days_overdue(day)) - order.escalation
        for _ in range(steps):
            services.escalate(order, day, by=SYSTEM)
        count += steps > 0
    return count
