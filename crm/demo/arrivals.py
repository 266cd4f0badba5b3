"""Who comes to the park and when: a growing stream from 2010, and the plan's year as the plan hopes for it."""

from dataclasses import dataclass
from datetime import date
from random import Random

from crm.companies.models import CompanyKind
from crm.demo.when import between

PLAN_YEAR = 2020
ENTRANTS_A_YEAR = 400  # of 360 that the plan asks for; by 30 September about 300
FULL_PARK = 800  # with fewer firms than this, entrants are fewer in proportion

_GROWTH = {2010: 2, 2011: 3, 2012: 4, 2013: 6, 2014: 8, 2015: 10, 2016: 12, 2017: 15, 2018: 18, 2019: 22}  # fmt: skip
_KINDS = {
    CompanyKind.ENTERPRISE: 900,
    CompanyKind.BRANCH: 30,
    CompanyKind.SOLE_TRADER: 20,
    CompanyKind.SERVICE: 20,
    CompanyKind.INSTITUTE: 15,
    CompanyKind.TEAM: 15,
}
_NOT_COUNTED = (
    CompanyKind.TEAM, CompanyKind.BRANCH, CompanyKind.TEAM, CompanyKind.SOLE_TRADER,
    CompanyKind.BRANCH, CompanyKind.INSTITUTE,
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Arrival:
    """One firm's first day in the park. `is_signed`: its agreement was signed by then."""

    on: date
    kind: CompanyKind = CompanyKind.ENTERPRISE
    is_signed: bool = True

    @property
    def is_firm(self) -> bool:
        return self.kind is CompanyKind.ENTERPRISE and self.is_signed


def arrivals(
    companies: int, until: date, rng: Random, *, with_entrants: bool = True
) -> list[Arrival]:
    """As many as asked for, in the order in which they came."""
    entrants = _entrants(companies, until) if with_entrants else 0
    new = [Arrival(day) for day in _days_of_plan_year(entrants, until, rng)]
    others = _days_of_plan_year(len(new) // 16, until, rng)
    for number, day in enumerate(others):
        kind = _NOT_COUNTED[number % len(_NOT_COUNTED)]
        new.append(Arrival(day, kind))
    unsigned = _days_of_plan_year(len(new) // 100, until, rng)
    new += [Arrival(day, is_signed=False) for day in unsigned]
    years = rng.choices(tuple(_GROWTH), tuple(_GROWTH.values()), k=companies - len(new))
    kinds = rng.choices(tuple(_KINDS), tuple(_KINDS.values()), k=len(years))
    old = [
        Arrival(between(rng, date(year, 1, 4), date(year, 12, 24)), kind)
        for year, kind in zip(years, kinds, strict=True)
    ]
    return sorted(old + new)


def _entrants(companies: int, until: date) -> int:
    elapsed = (until - date(PLAN_YEAR, 1, 1)).days + 1
    return round(ENTRANTS_A_YEAR * min(companies, FULL_PARK) / FULL_PARK * elapsed / 366)


def _days_of_plan_year(count: int, until: date, rng: Random) -> list[date]:
    return [between(rng, date(PLAN_YEAR, 1, 2), until) for _ in range(count)]
