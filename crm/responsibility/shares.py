"""How shares stand as of a day: each unit's own figure against its own part, with pace and light of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from crm.core.db import session
from crm.metrics.figures import Question, figures
from crm.people.models import Unit
from crm.people.scope import WHOLE_PARK_SCOPE, Scope
from crm.responsibility import queries
from crm.responsibility.models import IndicatorShare
from crm.responsibility.splitting import Whole, nested, total, whole_of
from crm.targets.models import AnnualPlan, Indicator, ProgressReport, ReviewState
from crm.targets.pace import Comparator, Kind, Light, Standing, Terms, assess
from crm.targets.standing import pace_limits, question_of, terms_of


@dataclass(frozen=True)
class ShareRow:
    """One unit's part. `is_inner`: a part of another unit's part (其中), not added."""

    share: IndicatorShare
    standing: Standing
    opening: Decimal | None
    is_inner: bool
    unverified: ProgressReport | None = None

    @property
    def light(self) -> Light:
        return self.standing.light


@dataclass(frozen=True)
class Split:
    """A target with its parts. `gap` is what is not shared out yet, negative where the parts exceed the whole; None where
    not all parts are seen."""

    indicator: Indicator
    whole: Whole
    rows: tuple[ShareRow, ...]
    total: Decimal | None
    gap: Decimal | None


def split_of(indicator: Indicator, as_of: date, scope: Scope) -> Split:
    """One target's parts as far as a scope sees them."""
    found = session.scalars(
        queries.shares(scope, IndicatorShare.indicator_id == indicator.id)
    ).all()
    return _split(indicator, rows_of(found, as_of), scope)


def splits(plan: AnnualPlan, as_of: date, scope: Scope) -> list[Split]:
    """Every target of a plan that is split, in a number of queries that does not grow with them."""
    rows = rows_of(
        session.scalars(queries.shares(scope, Indicator.plan_id == plan.id)).all(), as_of
    )
    by_target: dict[int, list[ShareRow]] = {}
    for row in rows:
        by_target.setdefault(row.share.indicator_id, []).append(row)
    return [_split(some[0].share.indicator, some, scope) for some in by_target.values()]


def shares_of(unit: Unit, plan: AnnualPlan, as_of: date) -> list[ShareRow]:
    """A unit's own shares in a plan."""
    which = (Indicator.plan_id == plan.id, IndicatorShare.unit_id == unit.id)
    return rows_of(session.scalars(queries.shares(WHOLE_PARK_SCOPE, *which)).all(), as_of)


def rows_of(shares: Sequence[IndicatorShare], as_of: date) -> list[ShareRow]:
    """How some shares stand: two statements, however many they are."""
    computed = _computed(shares, as_of)
    reports = _Own([s.indicator_id for s in shares if not s.indicator.is_computed], as_of)
    inner = _inner(shares)
    limits = pace_limits()
    rows = []
    for share in shares:
        actual: Decimal | None
        waiting = None
        if share.indicator.is_computed:
            actual, opening = computed[share.id]
        else:
            verified, waiting = reports.of(share)
            actual, opening = verified.value if verified else None, share.opening
        standing = assess(_terms(share, opening), actual, as_of, limits)
        rows.append(ShareRow(share, standing, opening, share.id in inner, waiting))
    return rows


def last_year(indicator: Indicator, units: Sequence[Unit]) -> Mapping[int, Fraction]:
    """What each unit came to in the year before; nothing where no record says so."""
    if not indicator.is_computed or not units:
        return {}
    year = indicator.plan.year
    asked = [_question(indicator, unit, date(year, 12, 31)).opening for unit in units]
    return {
        unit.id: Fraction(value) for unit, value in zip(units, figures(asked), strict=True) if value
    }


def _question(indicator: Indicator, unit: Unit, as_of: date) -> Question:
    return question_of(indicator, indicator.plan.year, as_of, WHOLE_PARK_SCOPE.within(unit))


def _computed(
    shares: Sequence[IndicatorShare], as_of: date
) -> Mapping[int, tuple[Decimal, Decimal | None]]:
    """The computed figures and opening stocks, in one statement."""
    asked = {
        share.id: _question(share.indicator, share.unit, as_of)
        for share in shares
        if share.indicator.is_computed
    }
    stocks = [number for number, question in asked.items() if question.metric.is_stock]
    answers = figures([*asked.values(), *(asked[number].opening for number in stocks)])
    actual = dict(zip(asked, answers, strict=False))
    opening = dict(zip(stocks, answers[len(asked) :], strict=True))
    return {number: (actual[number], opening.get(number)) for number in asked}


def _terms(share: IndicatorShare, opening: Decimal | None) -> Terms:
    """A share is a floor in pieces: of a growth target what it comes to, of a stock the stock at the year's end."""
    terms = terms_of(share.indicator, opening)
    curve = tuple(Fraction(part) for part in share.curve) if share.curve else terms.curve
    return Terms(
        kind=Kind.STOCK if terms.kind == Kind.STOCK else Kind.FLOW,
        comparator=Comparator.AT_LEAST,
        target=share.value,
        target_to=None,
        opening=opening,
        baseline=None,
        starts_on=terms.starts_on,
        due=terms.due,
        curve=curve,
    )


class _Own:
    """What units reported of their own shares: the latest verified, and one after it that waits."""

    def __init__(self, indicator_ids: Sequence[int], as_of: date) -> None:
        self._verified: dict[tuple[int | None, int | None], ProgressReport] = {}
        self._waiting: dict[tuple[int | None, int | None], ProgressReport] = {}
        if not indicator_ids:
            return
        for report in session.scalars(queries.own_reports(indicator_ids, as_of)):
            key = report.indicator_id, report.unit_id
            if report.state == ReviewState.VERIFIED:
                self._verified[key] = report
                self._waiting.pop(key, None)
            else:
                self._waiting[key] = report

    def of(self, share: IndicatorShare) -> tuple[ProgressReport | None, ProgressReport | None]:
        key = share.indicator_id, share.unit_id
        return self._verified.get(key), self._waiting.get(key)


def _inner(shares: Sequence[IndicatorShare]) -> set[int]:
    """The shares that are parts of another share of the same target."""
    units: dict[int, dict[int, str]] = {}
    for share in shares:
        units.setdefault(share.indicator_id, {})[share.unit_id] = share.unit.path
    below = {number: nested(paths) for number, paths in units.items()}
    return {share.id for share in shares if share.unit_id in below[share.indicator_id]}


def _split(indicator: Indicator, rows: Sequence[ShareRow], scope: Scope) -> Split:
    whole = whole_of(indicator, _floor(indicator))
    if not scope.is_whole_park or not rows:
        return Split(indicator, whole, tuple(rows), None, None)
    together = total(
        {row.share.unit_id: row.share.value for row in rows},
        {row.share.unit_id: row.share.unit.path for row in rows},
    )
    gap = None if whole.value is None else whole.value - together
    return Split(indicator, whole, tuple(rows), together, gap)


def _floor(indicator: Indicator) -> Decimal | None:
    """What a growth target comes to in pieces."""
    return assess(terms_of(indicator, None), Decimal(0), indicator.due_on).floor
