"""What we ask of the pairs of firms that may be one. Both firms must lie in the reader's scope; of a pair with one firm
outside it, the reader of the other one learns which unit keeps it, no more.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, case, cast, func, or_, select
from sqlalchemy.orm import aliased

from crm.companies.duplicate_models import DuplicatePair, Merge, PairState, Reason
from crm.companies.models import Company
from crm.companies.queries import visible_to
from crm.companies.resemblance import LIKELY
from crm.core.db import session
from crm.people.models import Unit, User
from crm.people.scope import Scope


def visible_pairs(scope: Scope) -> Select[DuplicatePair]:
    """Pairs of two firms of this scope that are both in the register."""
    mine = visible_to(scope).with_only_columns(Company.id)
    return select(DuplicatePair).where(
        DuplicatePair.lower_id.in_(mine), DuplicatePair.higher_id.in_(mine)
    )


def waiting(scope: Scope) -> Select[DuplicatePair]:
    return visible_pairs(scope).where(DuplicatePair.state == PairState.OPEN)


def merged(scope: Scope) -> Select[DuplicatePair]:
    """Pairs of which one firm went on, and lies in this scope."""
    mine = visible_to(scope).with_only_columns(Company.id)
    either = or_(DuplicatePair.lower_id.in_(mine), DuplicatePair.higher_id.in_(mine))
    return select(DuplicatePair).where(DuplicatePair.state == PairState.MERGED, either)


def likely(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return query.where(DuplicatePair.score >= LIKELY)


def because(reason: Reason) -> ColumnElement[bool]:
    """The condition that a pair has this reason; reasons are kept as words with spaces between."""
    words = " " + cast(DuplicatePair.reasons, Text) + " "
    return words.contains(f" {reason.value} ")


def listed(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Pairs as plain rows, with what tells their firms apart."""
    pair, lower, higher = DuplicatePair, aliased(Company), aliased(Company)
    lower_unit, higher_unit = aliased(Unit), aliased(Unit)
    return (
        query.join(lower, lower.id == pair.lower_id)
        .join(higher, higher.id == pair.higher_id)
        .join(lower_unit, lower_unit.id == lower.unit_id)
        .join(higher_unit, higher_unit.id == higher.unit_id)
        .outerjoin(User, User.id == pair.decided_by_id)
        .with_only_columns(
            pair.id,
            pair.reasons,
            pair.score,
            pair.state,
            pair.decided_at,
            User.name.label("decided_by"),
            lower.id.label("lower_id"),
            lower.name.label("lower"),
            lower.uscc.label("lower_uscc"),
            lower_unit.name.label("lower_unit"),
            higher.id.label("higher_id"),
            higher.name.label("higher"),
            higher.uscc.label("higher_uscc"),
            higher_unit.name.label("higher_unit"),
            merge_of(lower.id, higher.id).label("merge_id"),
        )
    )


def merge_of(lower_id: Any, higher_id: Any) -> ColumnElement[int | None]:
    """The merge of two firms that holds."""
    ends = (Merge.winner_id, Merge.loser_id)
    found = select(func.max(Merge.id)).where(
        Merge.undone_at.is_(None), *(end.in_((lower_id, higher_id)) for end in ends)
    )
    return found.scalar_subquery()


def of_company(company_id: int, scope: Scope) -> Select[*tuple[Any, ...]]:
    """The likely pairs of one firm that wait, each with the other firm; `is_mine`: the reader may see that one."""
    pair, other = DuplicatePair, aliased(Company)
    other_id = case((pair.lower_id == company_id, pair.higher_id), else_=pair.lower_id)
    return (
        select(
            pair.id,
            pair.reasons,
            pair.score,
            other.id.label("other_id"),
            other.name.label("other"),
            other.uscc,
            Unit.name.label("unit"),
            scope.includes(other.unit_id).label("is_mine"),
        )
        .join(other, other.id == other_id)
        .join(Unit, Unit.id == other.unit_id)
        .where(*waiting_of(company_id))
        .order_by(pair.score.desc(), pair.id)
    )


def number_of(company_id: int) -> int:
    """How many firms this one may be, in the whole park."""
    return session.scalar(select(func.count()).where(*waiting_of(company_id))) or 0


def waiting_of(company_id: int) -> Sequence[ColumnElement[bool]]:
    pair = DuplicatePair
    return (
        or_(pair.lower_id == company_id, pair.higher_id == company_id),
        pair.state == PairState.OPEN,
        pair.score >= LIKELY,
    )


def merges_into(company_id: int) -> Select[Merge]:
    """What was merged into a firm and still is, newest first."""
    return (
        select(Merge)
        .where(Merge.winner_id == company_id, Merge.undone_at.is_(None))
        .order_by(Merge.id.desc())
    )


def merges_visible_to(scope: Scope) -> Select[Merge]:
    """Merges of two firms of this scope, archived since or undone or not."""
    mine = select(Company.id).where(scope.includes(Company.unit_id))
    return select(Merge).where(Merge.winner_id.in_(mine), Merge.loser_id.in_(mine))
