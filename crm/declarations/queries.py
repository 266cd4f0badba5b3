"""What we ask about batches and declarations."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from crm.companies.models import Company
from crm.companies.queries import visible_to
from crm.core.db import session
from crm.declarations.models import (
    Category,
    Declaration,
    DeclarationBatch,
    DeclarationStep,
    State,
)
from crm.people.models import Unit, User
from crm.people.scope import Scope

Counts = dict[int, dict[State, int]]


def visible_declarations(scope: Scope) -> Select[Declaration]:
    """Those of the scope's firms, wherever they were when declared, and its units' persons and teams without a firm."""
    firm = visible_to(scope).where(Company.id == Declaration.company_id).correlate(Declaration)
    return select(Declaration).where(
        or_(
            firm.exists(),
            and_(Declaration.company_id.is_(None), scope.includes(Declaration.unit_id)),
        )
    )


def batches(year: int | None = None) -> Select[DeclarationBatch]:
    """The park's batches, the last due first."""
    query = select(DeclarationBatch).order_by(
        DeclarationBatch.due_on.desc(), DeclarationBatch.id.desc()
    )
    return query if year is None else query.where(DeclarationBatch.year == year)


def years() -> Select[int]:
    return select(DeclarationBatch.year).distinct().order_by(DeclarationBatch.year.desc())


def open_batches(on: date) -> Select[DeclarationBatch]:
    """Batches of firms that are not over yet: what a firm can still be added to."""
    return batches().where(
        DeclarationBatch.category == Category.ENTERPRISE, DeclarationBatch.due_on >= on
    )


def counts(batch_ids: Collection[int], scope: Scope) -> Counts:
    """How many of the scope stand where, by batch."""
    query = (
        visible_declarations(scope)
        .where(Declaration.batch_id.in_(batch_ids))
        .with_only_columns(Declaration.batch_id, Declaration.state, func.count())
        .group_by(Declaration.batch_id, Declaration.state)
    )
    found: Counts = {number: dict.fromkeys(State, 0) for number in batch_ids}
    for batch_id, state, number in session.execute(query):
        found[batch_id][state] = number
    return found


def first_of_each_state(batch_id: int, scope: Scope, most: int) -> Select[Declaration]:
    """The newest declarations of each column of the board."""
    place = func.row_number().over(
        partition_by=Declaration.state, order_by=(Declaration.state_on.desc(), Declaration.id)
    )
    numbered = (
        visible_declarations(scope)
        .where(Declaration.batch_id == batch_id)
        .with_only_columns(Declaration.id, place.label("place"))
        .subquery()
    )
    first = select(numbered.c.id).where(numbered.c.place <= most)
    return (
        select(Declaration)
        .where(Declaration.id.in_(first))
        .options(joinedload(Declaration.unit))
        .order_by(Declaration.state_on.desc(), Declaration.id)
    )


def listed(batch_id: int, scope: Scope) -> Select[*tuple[Any, ...]]:
    """A batch's declarations as plain rows."""
    firm = aliased(Company)
    return (
        visible_declarations(scope)
        .where(Declaration.batch_id == batch_id)
        .outerjoin(firm, firm.id == Declaration.company_id)
        .join(Unit, Unit.id == Declaration.unit_id)
        .with_only_columns(
            Declaration.id,
            Declaration.version,
            Declaration.applicant,
            Declaration.company_id,
            firm.name.label("company"),
            Unit.name.label("unit"),
            Declaration.state,
            Declaration.state_on,
        )
    )


def of_company(company_id: int) -> Select[Declaration]:
    """A firm's declarations, newest first."""
    return (
        select(Declaration)
        .where(Declaration.company_id == company_id)
        .options(joinedload(Declaration.qualification))
        .order_by(Declaration.id.desc())
    )


def steps_of(declaration_ids: Iterable[int]) -> Select[*tuple[Any, ...]]:
    """The steps of some declarations, each with who took it, oldest first."""
    return (
        select(DeclarationStep, User.name)
        .outerjoin(User, User.id == DeclarationStep.by_id)
        .where(DeclarationStep.declaration_id.in_(declaration_ids))
        .order_by(DeclarationStep.id)
    )


def not_filed(scope: Scope, due_from: date, due_to: date) -> Select[*tuple[Any, ...]]:
    """Batches due within the days, with how many of the scope are still to be filed in them."""
    return (
        visible_declarations(scope)
        .join(DeclarationBatch, DeclarationBatch.id == Declaration.batch_id)
        .where(
            DeclarationBatch.due_on.between(due_from, due_to),
            Declaration.state.in_((State.SURVEYED, State.PLANNED)),
        )
        .with_only_columns(
            DeclarationBatch.id,
            DeclarationBatch.year,
            DeclarationBatch.kind,
            DeclarationBatch.programme,
            DeclarationBatch.number,
            DeclarationBatch.due_on,
            func.count().label("left"),
        )
        .group_by(*DeclarationBatch.__table__.primary_key, *_TOLD)
        .order_by(DeclarationBatch.due_on, DeclarationBatch.id)
    )


_TOLD = (
    DeclarationBatch.year,
    DeclarationBatch.kind,
    DeclarationBatch.programme,
    DeclarationBatch.number,
    DeclarationBatch.due_on,
)
