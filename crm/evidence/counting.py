"""Where a record counts: in the unit that was its firm's 统计归属 on the record's own day, and nowhere without one.

Set by statements over many rows, whoever changed what: a record, or the residences of a firm.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, select, update

from crm.companies.models import Company
from crm.companies.queries import counted_carrier
from crm.core.db import session
from crm.evidence.kind import Kind
from crm.evidence.kinds import KINDS
from crm.evidence.models import CoHolder
from crm.people.models import Unit, UnitKind

CHUNK = 5000
_OF_CO_HOLDER = ("counted_unit_id", "later_unit_id")  # in the order of Evidence.days()


def recount(company_ids: Collection[int]) -> None:
    """All records of some firms anew, because where they reside, or resided, has changed."""
    for ids in _chunks(company_ids):
        for kind in KINDS.values():
            _place(kind, kind.model.company_id.in_(ids))
            if kind.is_shared:
                _place_co_holders(kind, CoHolder.company_id.in_(ids))


def recount_records(kind: Kind, record_ids: Collection[int]) -> None:
    """Some records that were written or whose day or firm was changed."""
    for ids in _chunks(record_ids):
        _place(kind, kind.model.id.in_(ids))
        if kind.is_shared:
            _place_co_holders(kind, CoHolder.record_id.in_(ids))


def _place(kind: Kind, condition: ColumnElement[bool]) -> None:
    """A firm's record is kept by the unit that keeps the firm; one without a firm counts where it is kept, or nowhere."""
    model: Any = kind.model
    keeper = select(Company.unit_id).where(Company.id == model.company_id).scalar_subquery()
    units = {unit: _home(model.company_id, getattr(model, day)) for day, unit in model.days()}
    session.execute(
        update(model)
        .where(condition, model.company_id.is_not(None))
        .values(unit_id=keeper, **units)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(model)
        .where(condition, model.company_id.is_(None))
        .values(dict.fromkeys(units, model.unit_id if kind.counts_alone else _college(model)))
        .execution_options(synchronize_session=False)
    )


def _college(model: Any) -> ScalarSelect[Any]:
    """The keeping unit where it is a college: it has no record as a firm, and its patents are the park's."""
    is_college = Unit.kind == UnitKind.COLLEGE
    return select(Unit.id).where(Unit.id == model.unit_id, is_college).scalar_subquery()


def _place_co_holders(kind: Kind, condition: ColumnElement[bool]) -> None:
    model: Any = kind.model
    units = {
        own: _home(CoHolder.company_id, _day_of_co_holder(model, day))
        for own, (day, _) in zip(_OF_CO_HOLDER, model.days(), strict=False)
    }  # fmt: skip
    session.execute(
        update(CoHolder)
        .where(condition, CoHolder.kind == kind.key)
        .values(**units)
        .execution_options(synchronize_session=False)
    )


def _day_of_co_holder(model: Any, day: str) -> ScalarSelect[Any]:
    of_it = select(getattr(model, day)).where(model.id == CoHolder.record_id)
    return of_it.correlate_except(model).scalar_subquery()


def _home(company_id: Any, day: Any) -> ScalarSelect[Any]:
    """Correlated by hand: two selects deep SQLAlchemy would name the updated table anew, and ask of all its rows."""
    home, at_home = counted_carrier(company_id, day)
    is_there = select(Company.id).where(Company.id == company_id, Company.archived_at.is_(None))
    is_there = is_there.correlate_except(Company)
    found = select(home.carrier_id).where(at_home, is_there.exists())
    return found.correlate_except(home).scalar_subquery()


def _chunks(ids: Collection[int]) -> Iterator[Sequence[int]]:
    listed = sorted(set(ids))
    return (listed[at : at + CHUNK] for at in range(0, len(listed), CHUNK))
