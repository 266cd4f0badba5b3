"""Stretches of days on which a rung is proved, and held in the park; those that touch are one. In SQL, for many firms.

`level` is the order of the rung. A spell always has an end: _OPEN stands for none, so that ends can be compared.
"""

from datetime import date
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)

from crm.companies.models import Company, Residence
from crm.ladder.history import COUNTED
from crm.ladder.models import Qualification
from crm.ladder.queries import Rows, proves
from crm.ladder.rungs import PROVES, Rung, kinds_of
from crm.ladder.small import is_enterprise, says_either, says_small
from crm.operating.models import OperatingReport

_OPEN = literal(date(9999, 12, 31), Date())


def held_in_the_park(spells: CTE, firms: Rows) -> CTE:
    """Each stretch of days on which a firm held a rung in the park; `number` counts those of one rung."""
    homes = _homes(firms)
    from_on = case((spells.c.from_on < homes.c.from_on, homes.c.from_on), else_=spells.c.from_on)
    to_on = case((spells.c.to_on < homes.c.to_on, spells.c.to_on), else_=homes.c.to_on)
    number = func.row_number().over(
        partition_by=(spells.c.company_id, spells.c.level), order_by=from_on
    )
    return (
        select(
            spells.c.company_id,
            spells.c.level,
            spells.c.spell,
            spells.c.is_moved_in,
            spells.c.from_on.label("proved_from"),
            from_on.label("from_on"),
            func.nullif(to_on, _OPEN).label("to_on"),
            number.label("number"),
        )
        .join(homes, homes.c.company_id == spells.c.company_id)
        .where(spells.c.from_on < homes.c.to_on, homes.c.from_on < spells.c.to_on)
        .cte("held")
    )


def _homes(firms: Rows) -> CTE:
    """Counted residences, those that follow upon each other as one."""
    r = Residence
    last_to_on = func.lag(r.to_on).over(partition_by=r.company_id, order_by=r.from_on)
    marked = (
        select(
            r.company_id,
            r.from_on,
            _end(r.to_on).label("to_on"),
            case((last_to_on == r.from_on, 0), else_=1).label("begins"),
        )
        .join(Company, Company.id == r.company_id)
        .where(r.is_counted, Company.archived_at.is_(None), r.company_id.in_(firms))
        .subquery()
    )
    return _runs(marked, [marked.c.company_id], [marked.c.from_on]).cte("homes")


def spells_of(firms: Rows) -> CTE:
    """The proofs of each rung wherever the firm was, those that touch as one; `spell` counts them from 1.

    `is_moved_in`: nothing but certificates that were brought along began it.
    """
    proofs = union_all(_certified(firms), _small(firms)).subquery()
    of = [proofs.c.company_id, proofs.c.level]
    order = [proofs.c.from_on, proofs.c.is_moved_in, proofs.c.id]
    reach = func.max(proofs.c.to_on).over(partition_by=of, order_by=order, rows=(None, -1))
    reached = select(proofs, reach.label("reach")).subquery()
    begins = case((reached.c.reach >= reached.c.from_on, 0), else_=1)
    marked = select(reached, begins.label("begins")).subquery()
    of = [marked.c.company_id, marked.c.level]
    order = [marked.c.from_on, marked.c.is_moved_in, marked.c.id]
    return _runs(marked, of, order, marked.c.is_moved_in).cte("spells")


def _runs(marked: Subquery, of: list[Any], order: list[Any], *first: Any) -> Rows:
    """Stretches of days as runs: one begins with each stretch whose `begins` is 1; `first` is told of that one only."""
    number = func.sum(marked.c.begins).over(partition_by=of, order_by=order, rows=(None, 0))
    numbered = select(marked, number.label("spell")).subquery()
    of = [numbered.c[column.name] for column in of]
    told = (func.max(numbered.c[c.name] * numbered.c.begins).label(c.name) for c in first)
    return select(
        *of,
        numbered.c.spell,
        func.min(numbered.c.from_on).label("from_on"),
        func.max(numbered.c.to_on).label("to_on"),
        *told,
    ).group_by(*of, numbered.c.spell)


def _certified(firms: Rows) -> Rows:
    q = Qualification
    level = case(*((q.kind.in_(kinds_of(rung)), rung.order) for rung in COUNTED))
    return select(
        q.id,
        q.company_id,
        level.label("level"),
        q.counts_from.label("from_on"),
        _end(q.counts_to).label("to_on"),
        case((q.is_moved_in, 1), else_=0).label("is_moved_in"),
    ).where(
        q.company_id.in_(firms),
        q.kind.in_(PROVES),
        proves(q),
        or_(q.counts_to.is_(None), q.counts_to > q.counts_from),
    )


def _small(firms: Rows) -> Rows:
    """小微 by figures: from a small report with revenue until one that says medium or large."""
    o = OperatingReport
    said = case((says_small(o), 1), else_=0)
    order: dict[str, Any] = {"partition_by": o.company_id, "order_by": o.period_end_on}
    before = func.coalesce(func.lag(said).over(**order), 0)
    reports = (
        select(o.company_id, o.period_end_on, said.label("said"), before.label("before"))
        .join(Company, Company.id == o.company_id)
        .where(is_enterprise(), says_either(o), o.company_id.in_(firms))
        .subquery()
    )
    turns = select(
        reports.c.company_id,
        reports.c.period_end_on,
        reports.c.said,
        func.lead(reports.c.period_end_on)
        .over(partition_by=reports.c.company_id, order_by=reports.c.period_end_on)
        .label("next_on"),
    ).where(reports.c.said != reports.c.before)
    turned = turns.subquery()
    return select(
        literal(0),
        turned.c.company_id,
        literal(Rung.MICRO_SMALL.order),
        turned.c.period_end_on,
        _end(turned.c.next_on),
        literal(0),
    ).where(turned.c.said == 1)


def _end(to_on: Any) -> ColumnElement[date]:
    return func.coalesce(to_on, _OPEN)


def covers_the_eve(stretch: Any, day: Any) -> ColumnElement[bool]:
    """Whether it includes the day before."""
    return and_(stretch.from_on < day, _end(stretch.to_on) >= day)
