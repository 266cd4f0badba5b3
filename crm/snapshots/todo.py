"""A snapshot that waits for approval, as a to-do of those who may approve it."""

from collections.abc import Iterator
from datetime import timedelta

from crm.core import registry
from crm.core.db import session
from crm.core.words import N_
from crm.people.models import User
from crm.people.roles import Action
from crm.snapshots import queries

DUE_WITHIN = timedelta(days=2)


def todos(reader: User) -> Iterator[registry.Todo]:
    if not reader.may(Action.SNAPSHOTS_APPROVE):
        return
    for one in session.scalars(queries.awaiting(reader).limit(registry.TODOS_OF_A_SOURCE)):
        yield registry.Todo(
            (one.submitted_on or one.as_of) + DUE_WITHIN,
            "report",
            N_("审定指标快照"),
            one.title,
            f"/targets/snapshots/{one.id}",
        )
