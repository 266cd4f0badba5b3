"""What the ladder adds to the list of firms: each firm's rung, and a filter by the proofs it holds."""

from collections.abc import Callable, Sequence
from functools import cache

from sqlalchemy import ColumnElement, not_, select

from crm.companies.models import Company
from crm.core import clock
from crm.core.words import N_
from crm.ladder import queries
from crm.ladder.models import Qualification, QualificationKind
from crm.ladder.rungs import Standing
from crm.lists.fields import Field, Kind, Operator, members
from crm.web.locale import label


def _holds(operator: Operator, kinds: Sequence[str]) -> ColumnElement[bool]:
    """Whether a proof of one of these kinds counts today."""
    counts = queries.counts_on(Qualification, clock.today())
    holders = select(Qualification.company_id).where(Qualification.kind.in_(kinds), counts)
    found = Company.id.in_(holders)
    return found if operator == Operator.IS else not_(found)


def _read_place() -> Callable[[Standing], str]:
    word = cache(label)
    return lambda standing: str(word(standing.label))


FIELDS = (
    Field(
        "rung", N_("梯度"), Kind.TEXT, look_up=queries.standings_of, face="rung", position=-1,
        reading=_read_place, is_filterable=False, is_default=True, width=12,
    ),
    Field(
        "qualification", N_("持有资质（今天有效）"), Kind.CHOICE,
        choices=members(QualificationKind), condition=_holds,
        operators=(Operator.IS, Operator.NOT),
    ),
)  # fmt: skip
