"""Deadlines of batches in 待办: what of one's own firms is still to be filed."""

from collections.abc import Iterator
from datetime import timedelta

from crm.core import clock
from crm.core.db import session
from crm.core.registry import TODOS_OF_A_SOURCE, Todo
from crm.core.words import N_
from crm.declarations.models import called
from crm.declarations.queries import not_filed
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of

AHEAD, BEHIND = timedelta(days=45), timedelta(days=90)


def todos(reader: User) -> Iterator[Todo]:
    """One line for each batch that is due soon, or was of late, for who can file."""
    if not reader.may(Action.COMPANIES_WRITE):
        return
    today = clock.today()
    query = not_filed(scope_of(reader), today - BEHIND, today + AHEAD)
    for row in session.execute(query.limit(TODOS_OF_A_SOURCE)):
        yield Todo(
            row.due_on,
            "clipboard-list",
            N_("%(year)s年%(what)s%(number)s截止，还有%(left)s项未报"),
            "",
            f"/declarations/batches/{row.id}",
            (
                ("year", row.year),
                ("what", called(row.kind, row.programme)),
                ("number", row.number),
                ("left", row.left),
            ),
        )
