"""What we ask about the library."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from crm.companies.models import Company
from crm.core.db import session
from crm.cultivation.course import Course, course
from crm.cultivation.models import Cultivation
from crm.cultivation.outlook import Outlook, outlook
from crm.ladder.queries import standings_of
from crm.ladder.rungs import Rung, Standing
from crm.people.models import User
from crm.people.scope import Scope
from crm.readiness.criteria import Facts
from crm.readiness.queries import facts_of


def visible_to(scope: Scope) -> Select[Cultivation]:
    """The cultivations of the firms that lie in this scope. Every page, count, search and change starts here."""
    return (
        select(Cultivation)
        .join(Company, Company.id == Cultivation.company_id)
        .where(Company.archived_at.is_(None), scope.includes(Company.unit_id))
        .execution_options(scope=scope)
    )


def of_firm(company_id: int) -> Select[Cultivation]:
    """A firm's cultivations, newest first."""
    return (
        select(Cultivation)
        .where(Cultivation.company_id == company_id)
        .options(joinedload(Cultivation.leader), joinedload(Cultivation.officer))
        .order_by(Cultivation.entered_on.desc(), Cultivation.id.desc())
    )


def looked_after_by(person: User, scope: Scope) -> Select[Cultivation]:
    """What a person is 挂钩领导 or 服务专员 of, that due soonest first."""
    return (
        visible_to(scope)
        .where(
            Cultivation.left_on.is_(None),
            or_(Cultivation.leader_id == person.id, Cultivation.officer_id == person.id),
        )
        .options(joinedload(Cultivation.company))
        .order_by(Cultivation.target_year, Cultivation.id)
    )


@dataclass(frozen=True)
class Progress:
    """Where a firm stands today and how that is to its target. One that has ended keeps no course."""

    standing: Standing
    course: Course | None
    outlook: Outlook = Outlook.UNKNOWN


def progress_of(found: Sequence[Cultivation], today: date) -> dict[int, Progress]:
    """By cultivation: a handful of queries, however many they are."""
    firms = sorted({one.company_id for one in found})
    standings, facts = standings_of(firms, today), facts_of(firms, today)
    return {
        one.id: _progress(one, standings[one.company_id], facts[one.company_id], today)
        for one in found
    }


def courses_of(ids: Sequence[int], today: date) -> dict[int, Course | None]:
    """The course of each of these cultivations, for the list."""
    found = session.scalars(select(Cultivation).where(Cultivation.id.in_(ids))).all()
    return {number: one.course for number, one in progress_of(found, today).items()}


def standings_of_members(ids: Sequence[int], today: date) -> dict[int, Standing]:
    """The rung of each of these cultivations' firms, for the list."""
    found = session.scalars(select(Cultivation).where(Cultivation.id.in_(ids))).all()
    return {number: one.standing for number, one in progress_of(found, today).items()}


def tally(scope: Scope, today: date) -> Mapping[Rung, Mapping[Course, int]]:
    """How many firms of each library are on which course."""
    counts: dict[Rung, dict[Course, int]] = {}
    rows = session.scalars(visible_to(scope).where(Cultivation.left_on.is_(None))).all()
    courses = progress_of(rows, today)
    for one in rows:
        found = courses[one.id].course
        if found:
            line = counts.setdefault(one.target_rung, dict.fromkeys(Course, 0))
            line[found] += 1
    return {rung: counts[rung] for rung in Rung if rung in counts}


def members(rung: Rung, company_ids: Iterable[int]) -> set[int]:
    """Which of these firms are in the library of that rung already."""
    query: Select[Any] = select(Cultivation.company_id).where(
        Cultivation.target_rung == rung,
        Cultivation.left_on.is_(None),
        Cultivation.company_id.in_(company_ids),
    )
    return set(session.scalars(query))


def _progress(one: Cultivation, standing: Standing, facts: Facts, today: date) -> Progress:
    if one.left_on:
        return Progress(standing, None)
    found = outlook(facts, one.target_rung, today)
    to_target = course(standing, one.target_rung, one.target_year, today, found)
    return Progress(standing, to_target, found)
