"""What a rule says of a firm: criterion by criterion met, not met or no data, each with its figure, limit and source.

Pure, as the files of the kinds are: no database, no words but marked ones.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from crm.core.words import N_, LabelledEnum
from crm.ladder.models import QualificationKind
from crm.ladder.rungs import Reason
from crm.reference.size_classes import SizeClass


class Verdict(LabelledEnum):
    """What can be said of one criterion."""

    MET = "met", N_("满足")
    NOT_MET = "not_met", N_("不满足")
    NO_DATA = "no_data", N_("缺数据")


class Measure(StrEnum):
    """What kind of figure is shown; money is in yuan."""

    MONEY = "money"
    SHARE = "share"
    COUNT = "count"
    DAY = "day"
    WORD = "word"


@dataclass(frozen=True)
class Criterion:
    """One condition. `is_figure`: drawn from an operating report, for who may see figures; `tick` where a person says.

    What is decisive has to be known and met before a firm is called ready; the rest may still be open.
    """

    key: str
    label: str
    verdict: Verdict
    source: str
    measure: Measure = Measure.WORD
    figure: Any = None
    sign: str = ""
    limit: Any = None
    note: Reason | None = None
    is_figure: bool = False
    is_pending: bool = False  # from a report that nobody has verified yet
    is_decisive: bool = True
    can_tick: bool = False
    tick: "Tick | None" = None


@dataclass(frozen=True)
class Tick:
    """A person's word on a criterion."""

    is_met: bool
    note: str
    on: date
    by: str = ""


@dataclass(frozen=True)
class YearFigures:
    """A firm's latest cumulative figures of one year, in yuan."""

    year: int
    through_month: int
    is_verified: bool = True
    revenue: Decimal | None = None
    assets: Decimal | None = None
    staff: int | None = None
    tech_staff: int | None = None
    r_and_d: Decimal | None = None
    high_tech_income: Decimal | None = None
    size_class: SizeClass | None = None

    @property
    def is_whole_year(self) -> bool:
        return self.through_month == 12


@dataclass(frozen=True)
class Facts:
    """What is known of a firm as of a day: all that the rules ask for."""

    industry_code: str = ""
    established_on: date | None = None
    years: Mapping[int, YearFigures] = field(default_factory=dict)
    holds: Mapping[QualificationKind, date | None] = field(default_factory=dict)
    """Valid proofs of that day, each with the first day on which it no longer counts."""
    incubated_from: date | None = None
    inventions: int = 0  # granted and in force, by verified records
    other_patents: int = 0
    risk_capital: Decimal | None = None  # from angels and venture capital, by verified records
    ticks: Mapping[str, Tick] = field(default_factory=dict)

    def whole_year(self, year: int) -> YearFigures | None:
        found = self.years.get(year)
        return found if found and found.is_whole_year else None

    def newest(self, on: date) -> YearFigures | None:
        """The latest figures of this year, or of last year where this one has none yet."""
        return self.years.get(on.year) or self.years.get(on.year - 1)


@dataclass(frozen=True)
class Judgement:
    """A firm before one rule. Ready: every decisive criterion is met and no other is not; or any, where one is enough."""

    criteria: Sequence[Criterion]
    is_one_enough: bool = False
    warnings: Sequence[Reason] = ()
    due_on: date | None = None

    def count(self, verdict: Verdict) -> int:
        return sum(criterion.verdict is verdict for criterion in self.criteria)

    @property
    def is_ready(self) -> bool:
        if self.is_one_enough:
            return self.count(Verdict.MET) > 0
        is_known = all(c.verdict is Verdict.MET for c in self.criteria if c.is_decisive)
        return is_known and self.count(Verdict.NOT_MET) == 0

    @property
    def order(self) -> tuple[int, int, int]:
        """Ready firms first, then those that lack the least and of whom most is known."""
        met, not_met = self.count(Verdict.MET), self.count(Verdict.NOT_MET)
        return (0 if self.is_ready else 1, not_met, -met)

    def figures(self) -> str:
        """A digest of what the suggestion rests on: it changes when a figure, a limit or a verdict does."""
        text = "|".join(f"{c.key}={c.verdict.value}:{c.figure}:{c.limit}" for c in self.criteria)
        return hashlib.sha256(text.encode()).hexdigest()


def at_least(figure: Any, limit: Any) -> Verdict:
    return _verdict(figure, lambda: figure >= limit)


def at_most(figure: Any, limit: Any) -> Verdict:
    return _verdict(figure, lambda: figure <= limit)


def _verdict(figure: Any, is_met: Callable[[], bool]) -> Verdict:
    if figure is None:
        return Verdict.NO_DATA
    return Verdict.MET if is_met() else Verdict.NOT_MET


def share(part: Decimal | int | None, whole: Decimal | int | None) -> Fraction | None:
    """A part of a whole; None where either is unknown or the whole is nothing."""
    return Fraction(part) / Fraction(whole) if part is not None and whole else None


def said(
    facts: Facts, key: str, label: str, source: str, *, is_decisive: bool = False
) -> Criterion:
    """A criterion that no record proves yet: no data until a person ticks it."""
    tick = facts.ticks.get(key)
    blank = Criterion(
        key, label, Verdict.NO_DATA, source, is_decisive=is_decisive, can_tick=True, tick=tick
    )
    if tick is None:
        return blank
    return replace(blank, verdict=Verdict.MET if tick.is_met else Verdict.NOT_MET)


def shown(blank: Criterion, figure: Any, measure: Measure, sign: str, limit: Any) -> Criterion:
    """One that records may prove and a person may say: what was said stands, and no record is no proof of the contrary."""
    told = replace(blank, figure=figure, measure=measure, sign=sign, limit=limit)
    if blank.tick is not None or figure is None:
        return told
    is_met = figure > limit if sign == ">" else figure >= limit
    return replace(told, verdict=Verdict.MET) if is_met else told


def years_after(day: date, years: int) -> date:
    """The same day so many years on; of 29 February the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
