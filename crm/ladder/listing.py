"""What the ladder adds to the list of firms: each firm's rung, and filters by it and by the proofs it holds."""

from collections.abc import Callable, Sequence
from functools import cache

from sqlalchemy import ColumnElement, and_, not_, select

from crm.companies.models import Company
from crm.core import clock
from crm.core.words import N_
from crm.ladder import pyramid, queries
from crm.ladder.models import Qualification, QualificationKind
from crm.ladder.rungs import Rung, Standing
from crm.lists.fields import Field, Kind, Operator, members
from crm.web.locale import label


def _holds(operator: Operator, kinds: Sequence[str]) -> ColumnElement[bool]:
    """Whether a proof of one of these kinds counts today, while the firm is in the park: as the board counts them."""
    today = clock.today()
    counts = queries.counts_on(Qualification, today)
    holders = select(Qualification.company_id).where(Qualification.kind.in_(kinds), counts)
    found = and_(pyramid.resides(today), Company.id.in_(holders))
    return found if operator == Operator.IS else not_(found)


def _stands(operator: Operator, rungs: Sequence[str]) -> ColumnElement[bool]:
    """Whether one of these is the firm's highest rung today."""
    found = pyramid.stands_on([Rung(rung) for rung in rungs], clock.today())
    return found if operator == Operator.IS else not_(found)


def read_place() -> Callable[[Standing], str]:
    word = cache(label)
    return lambda standing: str(word(standing.label))


FIELDS = (
    Field(
        "rung", N_("梯度"), Kind.CHOICE, choices=members(Rung), look_up=queries.standings_of,
        face="rung", position=-1, reading=read_place, condition=_stands,
        operators=(Operator.IS, Operator.NOT), is_default=True, width=12,
    ),
    Field(
        "qualification", N_("持有资质（今天有效、在园）"), Kind.CHOICE,
        choices=members(QualificationKind), condition=_holds,
        operators=(Operator.IS, Operator.NOT),
    ),
)  # fmt: skip
