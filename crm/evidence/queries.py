"""What we ask about evidence."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.core.db import session
from crm.evidence.kind import Kind
from crm.evidence.kinds import KINDS
from crm.evidence.models import CoHolder, Evidence
from crm.people.scope import Scope


def visible_to(kind: Kind, scope: Scope) -> Select[Any]:
    """The records of a kind that units of this scope keep. Every page, count, search and change starts here."""
    model: Any = kind.model
    query = select(model).where(model.archived_at.is_(None), scope.includes(model.unit_id))
    return query.execution_options(scope=scope)


def archived(kind: Kind, scope: Scope) -> Select[Any]:
    """What was taken out of a register, kept to be restored."""
    model: Any = kind.model
    return select(model).where(model.archived_at.is_not(None), scope.includes(model.unit_id))


def co_holders(kind: Kind, record_ids: Collection[int]) -> Sequence[Row[*tuple[Any, ...]]]:
    """The further firms of some records: record_id, company_id, name and the units in which it counts for them."""
    return session.execute(
        select(CoHolder.record_id, CoHolder.company_id, Company.name, CoHolder.counted_unit_id, CoHolder.later_unit_id)
        .join(Company, Company.id == CoHolder.company_id)
        .where(CoHolder.kind == kind.key, CoHolder.record_id.in_(record_ids))
        .order_by(CoHolder.id)
    ).all()  # fmt: skip


def sizes(scope: Scope, year: int) -> Mapping[str, Row[*tuple[Any, ...]]]:
    """By register: how many records, how many of them wait, how many happened this year and count; one statement."""
    parts = []
    for kind in KINDS.values():
        model: Any = kind.model
        is_verified = model.state == VerificationState.VERIFIED
        parts.append(
            visible_to(kind, scope).with_only_columns(
                literal(kind.key).label("kind"),
                func.count().label("number"),
                func.count().filter(model.state == VerificationState.PENDING).label("waiting"),
                func.count()
                .filter(
                    is_verified,
                    model.counted_unit_id.is_not(None),
                    model.happened_on.between(date(year, 1, 1), date(year, 12, 31)),
                )
                .label("counted"),
            )
        )
    return {row.kind: row for row in session.execute(union_all(*parts))}


def counts_of(company_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """How many records of each kind a firm has, and how many of them wait: one statement for all kinds."""
    model_of = {kind.key: kind.model for kind in KINDS.values()}
    waiting = VerificationState.PENDING
    parts = [
        select(
            literal(kind).label("kind"),
            func.count().label("number"),
            func.count().filter(model.state == waiting).label("waiting"),
            func.max(model.happened_on).label("newest"),
        ).where(*_held_by(kind, model, company_id))
        for kind, model in model_of.items()
    ]
    return [row for row in session.execute(union_all(*parts)) if row.number]


def newest_of(company_id: int, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """What a firm's records say, newest first: kind, id, title, happened_on, state."""
    parts = []
    for kind in KINDS.values():
        model: Any = kind.model
        some = (
            select(literal(kind.key).label("kind"), model.id, model.title, model.happened_on, model.state)
            .where(*_held_by(kind.key, model, company_id))
            .order_by(model.happened_on.desc(), model.id.desc())
            .limit(limit)
            .subquery()
        )  # fmt: skip
        parts.append(select(some))
    together = union_all(*parts).subquery()
    newest = select(together).order_by(together.c.happened_on.desc(), together.c.id.desc())
    return session.execute(newest.limit(limit)).all()


def _held_by(kind: str, model: type[Evidence], company_id: int) -> Iterable[ColumnElement[bool]]:
    """A firm's own records and those that it shares."""
    shared = exists().where(
        CoHolder.company_id == company_id, CoHolder.kind == kind, CoHolder.record_id == model.id
    )
    own = model.company_id == company_id
    is_shared = KINDS[kind].is_shared
    return (model.archived_at.is_(None), or_(own, shared) if is_shared else and_(own))
