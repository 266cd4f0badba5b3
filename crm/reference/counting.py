"""Counting rules: what counts in a figure, in dated versions, so that a new rule never alters a past year.

The figures join to the version in force on a fact's own day (crm/carriers/movements.py); the sentence beside a figure is
written from that same version.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from crm.audit.services import Actor, record
from crm.core import clock
from crm.core.db import session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.reference.models import EntrantRule


@dataclass(frozen=True)
class EntrantTerms:
    """What counts as 新增入驻企业: the kinds of bodies (their values), and what must be at hand."""

    kinds: frozenset[str] = frozenset({"enterprise"})
    needs_licence: bool = True
    needs_agreement: bool = True
    counts_returns: bool = False


STANDARD = EntrantTerms()


def versions() -> Select[EntrantRule]:
    """All versions, the newest first; before the first STANDARD holds."""
    return select(EntrantRule).order_by(EntrantRule.valid_from.desc())


def terms_on(day: date) -> EntrantTerms:
    """What is in force on a day."""
    found = session.scalar(versions().where(EntrantRule.valid_from <= day).limit(1))
    return terms_of(found) if found else STANDARD


def terms_of(rule: EntrantRule) -> EntrantTerms:
    return EntrantTerms(
        frozenset(rule.kinds.split()), rule.needs_licence, rule.needs_agreement, rule.counts_returns
    )


def in_force(day: ColumnElement[Any] | date) -> tuple[type[EntrantRule], ColumnElement[bool]]:
    """A fresh alias and the condition on which to outer-join the version in force on a day (none: STANDARD)."""
    rule, older = aliased(EntrantRule), aliased(EntrantRule)
    newest = select(func.max(older.valid_from)).where(older.valid_from <= day).scalar_subquery()
    return rule, rule.valid_from == newest


def decree(terms: EntrantTerms, *, valid_from: date, by: Actor) -> EntrantRule:
    """A new version from a day on. Raises DomainError for a day in a past year, Conflict where one begins that day."""
    expect_open_year(valid_from)
    before = terms_on(valid_from)
    rule = EntrantRule(valid_from=valid_from)
    _write(rule, terms, by)
    try:
        with session.begin_nested():
            session.add(rule)
    except IntegrityError:
        message = N_("从%(day)s起已有一个版本，请打开它修改。")
        raise Conflict(message, field="valid_from", day=valid_from.isoformat()) from None
    _log(rule, before, terms, by)
    return rule


def amend(rule: EntrantRule, terms: EntrantTerms, *, version: int | None, by: Actor) -> None:
    """Change a version that has altered no past year. Raises StaleRecord, DomainError."""
    rule.expect_version(version)
    expect_open_year(rule.valid_from)
    before = terms_of(rule)
    _write(rule, terms, by)
    _log(rule, before, terms, by)


def expect_open_year(day: date) -> None:
    """Raises DomainError for a day in a past year."""
    if day.year < clock.today().year:
        message = N_("口径只能从%(year)s年1月1日或以后起生效，以往年度的数字不得改变。")
        raise DomainError(message, field="valid_from", year=clock.today().year)


def can_amend(rule: EntrantRule) -> bool:
    return rule.valid_from.year >= clock.today().year


def _write(rule: EntrantRule, terms: EntrantTerms, by: Actor) -> None:
    if not terms.kinds:
        raise DomainError(N_("请至少选择一类。"), field="kinds")
    rule.kinds = " ".join(sorted(terms.kinds))
    rule.needs_licence, rule.needs_agreement = terms.needs_licence, terms.needs_agreement
    rule.counts_returns = terms.counts_returns
    rule.changed_by_id = by.id


def _log(rule: EntrantRule, before: EntrantTerms, after: EntrantTerms, by: Actor) -> None:
    old, new = asdict(before), asdict(after)
    changes = {name: (old[name], new[name]) for name in new if old[name] != new[name]}
    day = rule.valid_from
    record("rule.changed", rule, by=by, name="新增入驻企业", changes=changes, valid_from=day)
