"""By which day a 规上 firm counts: that of the approval, the first reporting month or the entry on the register.

The office decides, in dated versions; one holds for what was approved from its day on, so a new one alters no past year.
Where the day asked for was not recorded the approval stands in for it. Every figure asks the same `counts_from`.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, case, func, null, or_, select, update

from crm.audit.services import Actor, record
from crm.core.db import session
from crm.ladder.models import Qualification, QualificationKind
from crm.reference.counting import expect_open_year
from crm.reference.models import AboveScaleRule, CountsBy

STANDARD = CountsBy.APPROVED


class Dated(Protocol):
    """A proof with the days that may count."""

    @property
    def issued_on(self) -> date: ...
    @property
    def reports_from_on(self) -> date | None: ...
    @property
    def received_on(self) -> date | None: ...


def versions() -> Select[AboveScaleRule]:
    """All versions, the newest first; before the first STANDARD holds."""
    return select(AboveScaleRule).order_by(AboveScaleRule.valid_from.desc())


def counts_by(approved_on: date, rules: Sequence[AboveScaleRule]) -> CountsBy:
    """What is in force for an approval of that day; `rules` as versions() has them."""
    found = (rule.counts_by for rule in rules if rule.valid_from <= approved_on)
    return next(found, STANDARD)


def first_day(proof: Dated, rules: Sequence[AboveScaleRule]) -> date:
    """The day from which a 规上 firm counts."""
    match counts_by(proof.issued_on, rules):
        case CountsBy.REPORTS:
            return proof.reports_from_on or proof.issued_on
        case CountsBy.ENTERED:
            return proof.received_on or proof.issued_on
        case _:
            return proof.issued_on


def decide(by_which: CountsBy, *, valid_from: date, by: Actor) -> int:
    """A version from a day on, or another word for the one that begins that day. Returns how many proofs count otherwise.

    Raises DomainError for a day in a past year.
    """
    expect_open_year(valid_from)
    rules = session.scalars(versions()).all()
    before = counts_by(valid_from, rules)
    rule = next((rule for rule in rules if rule.valid_from == valid_from), None)
    rule = rule or AboveScaleRule(valid_from=valid_from)
    rule.counts_by, rule.changed_by_id = by_which, by.id
    session.add(rule)
    until = min(
        (other.valid_from for other in rules if other.valid_from > valid_from), default=None
    )
    number = _recount(by_which, valid_from, until)
    changes = {"counts_by": (before, by_which)}
    record(
        "rule.changed",
        rule,
        by=by,
        name="规上企业的统计日期",
        changes=changes,
        valid_from=valid_from,
        count=number,
    )
    return number


def _recount(by_which: CountsBy, from_on: date, to_on: date | None) -> int:
    """One statement for all that were approved while the version holds; the SQL twin of first_day and period."""
    q = Qualification
    first: ColumnElement[Any] = {
        CountsBy.APPROVED: q.issued_on.expression,
        CountsBy.REPORTS: func.coalesce(q.reports_from_on, q.issued_on),
        CountsBy.ENTERED: func.coalesce(q.received_on, q.issued_on),
    }[by_which]
    last = case((q.revoked_on.is_(None), null()), (q.revoked_on < first, first), else_=q.revoked_on)
    query = (
        update(q)
        .where(
            q.kind == QualificationKind.ABOVE_SCALE,
            q.issued_on >= from_on,
            or_(q.counts_from != first, q.counts_to.is_distinct_from(last)),
        )
        .values(counts_from=first, counts_to=last, version=q.version + 1)
    )
    if to_on is not None:
        query = query.where(q.issued_on < to_on)
    return len(session.execute(query.returning(q.id)).all())
