"""The pipeline in one picture, for the first page of who reads reports rather than works on projects."""

from dataclasses import dataclass
from fractions import Fraction

from crm.people.models import User
from crm.people.roles import Role
from crm.people.scope import scope_of
from crm.pipeline import board
from crm.projects.models import PIPELINE
from crm.projects.queries import visible_to

READERS = frozenset({Role.LEADER, Role.UNIT_HEAD, Role.SUPERVISOR, Role.AUDITOR})


@dataclass(frozen=True)
class Bar:
    """One stage; `share` is its length against the longest."""

    column: board.Column
    share: Fraction


def build(user: User) -> tuple[Bar, ...]:
    """The seven stages today; empty for those whose first page is the board itself, or who see no project."""
    if not user.roles & READERS:
        return ()
    heads = board.totals_by_stage(visible_to(scope_of(user)))
    columns = [heads[stage] for stage in PIPELINE]
    longest = max(column.count for column in columns)
    if not longest:
        return ()
    return tuple(Bar(column, Fraction(column.count, longest)) for column in columns)
