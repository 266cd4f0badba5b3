"""The parts a pipeline report is made of, each a frozen dataclass; every figure is a sum over its ProjectLines."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from statistics import median

from crm.companies.models import FutureIndustry
from crm.core.money import Currency
from crm.pipeline.amounts import AGREED_STAGES, EXPECTED_STAGES
from crm.pipeline.breakdowns import ECONOMY, INDUSTRY, ORIGIN, UNIT, Dimension
from crm.pipeline.flow import MoveKind, Passage, kind_of
from crm.projects.amounts import sums_of
from crm.projects.models import PIPELINE, EconomyType, LossReason, Origin, ProjectKind, Stage


@dataclass(frozen=True)
class ProjectLine:
    """One project behind the figures. `usual_days`: how long its stage usually lasts, None for no limit."""

    id: int
    name: str
    kind: ProjectKind
    stage: Stage
    entered_on: date
    days: int
    usual_days: int | None
    investor: str
    currency: Currency
    expected_investment: Decimal | None  # both as they were said to be on the day
    agreed_investment: Decimal | None
    origin: Origin
    economy_type: EconomyType | None
    future_industry: FutureIndustry | None
    unit_id: int
    unit: str
    owner: str | None
    next_action: str
    next_action_on: date | None

    @property
    def is_stalled(self) -> bool:
        return self.usual_days is not None and self.days > self.usual_days

    @cached_property
    def expected(self) -> Decimal | None:
        """What the sum of expected investment counts: until 意向."""
        return self.expected_investment if self.stage in EXPECTED_STAGES else None

    @cached_property
    def agreed(self) -> Decimal | None:
        """What the sum of agreed investment counts: from 签约."""
        return self.agreed_investment if self.stage in AGREED_STAGES else None


@dataclass(frozen=True)
class Movement:
    """One step of one project within the period."""

    project_id: int
    project: str
    from_stage: Stage | None
    to_stage: Stage
    on: date
    note: str
    loss_reason: LossReason | None = None  # reports that were issued early do not say it

    @property
    def kind(self) -> MoveKind:
        return kind_of(self.from_stage, self.to_stage)


@dataclass(frozen=True)
class Figures:
    """How many projects, and the two investment figures apart in yuan, None where no project has the figure.

    Those in dollars are in no sum of yuan. `without_amount`: how many projects of the seven stages lack
    theirs and so are in no sum at all.
    """

    count: int
    expected: Decimal | None
    agreed: Decimal | None
    expected_usd: Decimal | None
    agreed_usd: Decimal | None
    without_amount: int


def figures(lines: Iterable[ProjectLine]) -> Figures:
    lines = tuple(lines)
    expected, agreed = (
        sums_of(pairs)
        for pairs in (
            [(line.currency, line.expected) for line in lines],
            [(line.currency, line.agreed) for line in lines],
        )
    )
    return Figures(
        count=len(lines),
        expected=expected.get(Currency.CNY),
        agreed=agreed.get(Currency.CNY),
        expected_usd=expected.get(Currency.USD),
        agreed_usd=agreed.get(Currency.USD),
        without_amount=sum(
            line.stage in PIPELINE and line.expected is None and line.agreed is None
            for line in lines
        ),
    )


@dataclass(frozen=True)
class StageLine:
    """A stage over the period, in steps: opening + entered − left = now.count. `stage` is None for the total."""

    stage: Stage | None
    opening: int
    entered: int
    moved_on: int
    moved_back: int
    set_aside: int  # to 暂停 or 流失
    returned: int  # from 暂停 or 流失 to the pipeline
    now: Figures
    median_days: Decimal | None

    @property
    def left(self) -> int:
        return self.moved_on + self.moved_back + self.set_aside + self.returned


def stage_line(
    stage: Stage, opening: int, lines: Iterable[ProjectLine], passages: Iterable[Passage]
) -> StageLine:
    """One stage from its projects at the end and what passed between the stages in the period."""
    lines = [line for line in lines if line.stage == stage]
    passages = tuple(passages)
    left: Counter[MoveKind] = Counter()
    for passage in passages:
        if passage.from_stage == stage:
            left[passage.kind] += passage.left.count
    return StageLine(
        stage=stage,
        opening=opening,
        entered=sum(passage.came.count for passage in passages if passage.to_stage == stage),
        moved_on=left[MoveKind.ADVANCE],
        moved_back=left[MoveKind.BACK],
        set_aside=left[MoveKind.PAUSE] + left[MoveKind.LOSS],
        returned=left[MoveKind.RETURN],
        now=figures(lines),
        median_days=median(Decimal(line.days) for line in lines) if lines else None,
    )


def total_of(stages: Iterable[StageLine], lines: Iterable[ProjectLine]) -> StageLine:
    """The line under the stages: each column's sum."""
    stages, lines = tuple(stages), tuple(lines)
    return StageLine(
        stage=None,
        opening=sum(line.opening for line in stages),
        entered=sum(line.entered for line in stages),
        moved_on=sum(line.moved_on for line in stages),
        moved_back=sum(line.moved_back for line in stages),
        set_aside=sum(line.set_aside for line in stages),
        returned=sum(line.returned for line in stages),
        now=figures(lines),
        median_days=median(Decimal(line.days) for line in lines) if lines else None,
    )


@dataclass(frozen=True)
class Change:
    """How many projects made a kind of step within the period, and how many steps they made."""

    kind: MoveKind
    projects: int
    steps: int


def changes_by_kind(movements: Iterable[Movement]) -> tuple[Change, ...]:
    found: dict[MoveKind, list[int]] = {kind: [] for kind in MoveKind}
    for movement in movements:
        found[movement.kind].append(movement.project_id)
    return tuple(Change(kind, len(set(ids)), len(ids)) for kind, ids in found.items())


@dataclass(frozen=True)
class Part:
    """One part of a breakdown; `key` is empty where the fact is not filled in."""

    key: str
    label: str
    now: Figures


@dataclass(frozen=True)
class Breakdown:
    """The projects of the seven stages by one fact about them; the largest part first."""

    name: str
    label: str
    parts: tuple[Part, ...]


DIMENSIONS = (INDUSTRY, ORIGIN, UNIT, ECONOMY)


def part_of(dimension: Dimension, line: ProjectLine) -> tuple[str, str]:
    """Key and label of the part that a project is in."""
    return dimension.part_of(getattr(line, dimension.column.key), {line.unit_id: line.unit})


def breakdown(dimension: Dimension, lines: Iterable[ProjectLine]) -> Breakdown:
    found: dict[tuple[str, str], list[ProjectLine]] = {}
    for line in lines:
        found.setdefault(part_of(dimension, line), []).append(line)
    parts = [Part(key, label, figures(members)) for (key, label), members in found.items()]
    parts.sort(key=lambda part: (not part.key, -part.now.count, part.key))
    return Breakdown(dimension.name, dimension.label, tuple(parts))
