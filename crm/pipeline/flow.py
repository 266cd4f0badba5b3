"""What moved between two days: for each stage opening + came − went + revalued = closing, in projects and in each currency.

A step is counted each time it is taken: a project that moved twice stands in both. All amounts are those of the
step's own day; what was said anew of a figure in between is a term of its own (投资额变动).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, or_, select

from crm.audit.remembered import remembered
from crm.core import clock
from crm.core.errors import DomainError
from crm.core.words import N_, LabelledEnum
from crm.pipeline import queries
from crm.pipeline.amounts import figure_of, plain
from crm.pipeline.passing import Period, Tally
from crm.pipeline.paths import Meant
from crm.projects.amounts import Sums, sums_of
from crm.projects.models import PIPELINE, Figure, Stage

EARLIEST = date(1900, 1, 1)


class PeriodRefused(DomainError):
    """The two days make no period."""


class MoveKind(LabelledEnum):
    """What a step means for the pipeline."""

    NEW = "new", N_("新增")
    ADVANCE = "advance", N_("推进")
    BACK = "back", N_("后退")
    RETURN = "return", N_("恢复")
    PAUSE = "pause", N_("暂停")
    LOSS = "loss", N_("流失")


def kind_of(from_stage: Stage | None, to_stage: Stage) -> MoveKind:
    if from_stage is None:
        return MoveKind.NEW
    if to_stage == Stage.PAUSED:
        return MoveKind.PAUSE
    if to_stage == Stage.LOST:
        return MoveKind.LOSS
    if from_stage not in PIPELINE:
        return MoveKind.RETURN
    is_ahead = PIPELINE.index(to_stage) > PIPELINE.index(from_stage)
    return MoveKind.ADVANCE if is_ahead else MoveKind.BACK


class Term(LabelledEnum):
    """What a stage's projects at the end are made of."""

    OPENING = "opening", N_("期初")
    CAME = "came", N_("进入")
    WENT = "went", N_("离开")
    REVALUED = "revalued", N_("投资额变动")
    CLOSING = "closing", N_("期末")


@dataclass(frozen=True)
class Amount:
    """How many projects or steps, and their sums."""

    count: int
    sums: Sums


NOTHING = Amount(0, {})


@dataclass(frozen=True)
class Passage:
    """The steps from one stage (None: newly reported) to another: what they took out of the one and brought to the other."""

    from_stage: Stage | None
    to_stage: Stage
    left: Amount
    came: Amount

    @property
    def kind(self) -> MoveKind:
        return kind_of(self.from_stage, self.to_stage)


@dataclass(frozen=True)
class StageFlow:
    """A stage over the period; `came` and `went` by what the steps mean. `stage` is None for all seven together."""

    stage: Stage | None
    opening: Amount
    came: Mapping[MoveKind, Amount]
    went: Mapping[MoveKind, Amount]
    revalued: Amount
    closing: Amount

    @property
    def figure(self) -> Figure | None:
        return figure_of(self.stage)

    def of(self, term: Term, kinds: Collection[MoveKind] = ()) -> Amount:
        """One term; of what came or went only these kinds of steps, where some are named."""
        match term:
            case Term.OPENING:
                return self.opening
            case Term.CLOSING:
                return self.closing
            case Term.REVALUED:
                return self.revalued
        steps = self.came if term == Term.CAME else self.went
        return _together(steps[kind] for kind in steps if kind in kinds or not kinds)


@dataclass(frozen=True)
class Flow:
    """Every stage over a period, what all seven make together (in projects only: their figures differ), the passages."""

    since: date
    until: date
    stages: Mapping[Stage, StageFlow]
    total: StageFlow
    passages: tuple[Passage, ...]


def usual_since(until: date) -> date:
    """The end of the month before: what a day is compared with where nobody says."""
    return until.replace(day=1) - timedelta(days=1)


def period(until: date, since: date | None) -> tuple[date, date]:
    """The two days, the first one the usual where it is not given. Raises PeriodRefused."""
    if until > clock.today():
        raise PeriodRefused(N_("统计截止日期不能晚于今天。"), field="as_of")
    if until <= EARLIEST:
        raise PeriodRefused(N_("年份不合理，请核对。"), field="as_of")
    since = since or usual_since(until)
    if not EARLIEST <= since < until:
        raise PeriodRefused(N_("对比日期须早于统计截止日期。"), field="since")
    return since, until


@remembered
def build(meant: Meant, since: date, until: date) -> Flow:
    """What moved among the projects that are meant after a day through another. Raises PeriodRefused.

    The opening is reckoned back from the closing.
    """
    since, until = period(until, since)
    moved = Period(meant.query, since, until)
    passages, closing, revalued = (
        _passages(moved),
        list(moved.closing()),
        list(moved.revaluations()),
    )
    stages = {}
    for stage in Stage:
        came = _by_kind((p.kind, p.came) for p in passages if p.to_stage == stage)
        went = _by_kind((p.kind, p.left) for p in passages if p.from_stage == stage)
        end, said = (
            _amount([tally for tally in tallies if tally.to_stage == stage])
            for tallies in (closing, revalued)
        )
        start = _before(end, came.values(), went.values(), said)
        stages[stage] = StageFlow(stage, start, came, went, said, end)
    return Flow(since, until, stages, _total([stages[stage] for stage in PIPELINE]), passages)


def _before(
    closing: Amount, came: Iterable[Amount], went: Iterable[Amount], revalued: Amount
) -> Amount:
    """What stood there before all this; a revaluation changes sums only, and a sum of nothing is none."""
    more, less = _together([closing, *went]), _together(came)
    sums = dict(more.sums)
    for of in (less.sums, revalued.sums):
        for currency, amount in of.items():
            sums[currency] = sums.get(currency, Decimal(0)) - amount
    known = {currency: amount for currency, amount in sums.items() if amount}
    return Amount(more.count - less.count, known)


def _passages(moved: Period) -> tuple[Passage, ...]:
    """The steps by the stages that they join."""
    found: dict[tuple[Stage | None, Stage | None], list[Tally]] = {}
    for tally in moved.steps():
        found.setdefault((tally.from_stage, tally.to_stage), []).append(tally)
    return tuple(
        Passage(from_stage, to_stage, _amount(some, 0), _amount(some, 1))
        for from_stage in (None, *Stage)
        for to_stage in Stage
        if (some := found.get((from_stage, to_stage)))
    )


def _amount(tallies: Sequence[Tally], which: int = 0) -> Amount:
    return Amount(
        sum(tally.count for tally in tallies),
        sums_of((tally.currency, tally.sums[which]) for tally in tallies),
    )


def _by_kind(parts: Iterable[tuple[MoveKind, Amount]]) -> dict[MoveKind, Amount]:
    found: dict[MoveKind, Amount] = {}
    for kind, amount in parts:
        found[kind] = _together([found.get(kind, NOTHING), amount])
    return found


def _together(amounts: Iterable[Amount]) -> Amount:
    amounts = tuple(amounts)
    return Amount(
        sum(amount.count for amount in amounts),
        sums_of(pair for amount in amounts for pair in amount.sums.items()),
    )


def _total(stages: Sequence[StageFlow]) -> StageFlow:
    """What came to the seven stages from outside and left them; what moved within is no term of theirs."""

    def over(terms: str, *kinds: MoveKind) -> dict[MoveKind, Amount]:
        return {
            kind: Amount(sum(getattr(s, terms).get(kind, NOTHING).count for s in stages), {})
            for kind in kinds
        }

    return StageFlow(
        None,
        Amount(sum(s.opening.count for s in stages), {}),
        over("came", MoveKind.NEW, MoveKind.RETURN),
        over("went", MoveKind.PAUSE, MoveKind.LOSS),
        NOTHING,
        Amount(sum(s.closing.count for s in stages), {}),
    )


def behind(
    found: Select[Any],
    flow: tuple[date, date],
    stage: Stage,
    term: Term,
    kinds: Collection[MoveKind] = (),
    other: Stage | None = None,
) -> Select[*tuple[Any, ...]]:
    """The rows that StageFlow.of counts: project_id, name, currency, on, amount, note. `other`: only from or to this stage."""
    since, until = flow
    match term:
        case Term.OPENING:
            return queries.standing(found, since, stage)
        case Term.CLOSING:
            return queries.standing(found, until, stage)
        case Term.REVALUED:
            said = queries.revaluations(found, since, until).subquery()
            return select(said).where(said.c.stage == stage)
    steps = queries.steps(found, since, until).order_by(None).subquery()
    is_in = term == Term.CAME
    here, there = steps.c.from_stage, steps.c.to_stage
    if is_in:
        here, there = there, here
    query = select(steps, (steps.c.came if is_in else steps.c.left).label("amount"))
    if kinds:
        meant = [
            each
            for each in Stage
            if (kind_of(each, stage) if is_in else kind_of(stage, each)) in kinds
        ]
        is_meant = there.in_(meant)
        query = query.where(or_(is_meant, there.is_(None)) if MoveKind.NEW in kinds else is_meant)
    if other:
        query = query.where(there == other)
    return query.where(here == stage)


def as_dict(flow: Flow) -> dict[str, Any]:
    """As plain values, for programs. Amounts are yuan or dollars, by currency; a day is text like 2020-09-30."""
    return {
        "from": flow.since.isoformat(),
        "to": flow.until.isoformat(),
        "stages": [_line_as_dict(line) for line in flow.stages.values()],
        "total": _line_as_dict(flow.total),
        "passages": [
            {
                "from": passage.from_stage,
                "to": passage.to_stage,
                "kind": passage.kind,
                "count": passage.came.count,
                "left": plain(passage.left.sums),
                "came": plain(passage.came.sums),
            }
            for passage in flow.passages
        ],
    }


def _line_as_dict(line: StageFlow) -> dict[str, Any]:
    def terms(amounts: Mapping[MoveKind, Amount]) -> dict[str, Any]:
        return {kind.value: _amount_as_dict(amount) for kind, amount in amounts.items()}

    return {
        "stage": line.stage,
        "figure": line.figure,
        "opening": _amount_as_dict(line.opening),
        "came": terms(line.came),
        "went": terms(line.went),
        "revalued": _amount_as_dict(line.revalued),
        "closing": _amount_as_dict(line.closing),
    }


def _amount_as_dict(amount: Amount) -> dict[str, Any]:
    return {"count": amount.count, "amounts": plain(amount.sums)}
