"""What a snapshot says: the promise of each target, its three figures, how it stood. Frozen, it is this dataclass as JSON."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from crm.core import stored
from crm.people.scope import Scope
from crm.snapshots import promised
from crm.snapshots.models import Snapshot, SnapshotFigure, SnapshotState
from crm.snapshots.promised import MilestoneLine
from crm.snapshots.rows import Binding
from crm.targets.pace import Comparator, Kind, Limits, Standing, Terms, assess


@dataclass(frozen=True)
class Part:
    """What a unit with those below it added to a figure."""

    unit_id: int
    value: Decimal


@dataclass(frozen=True)
class Said:
    """What people put beside the system's figure: 上报数, 外部权威数 with its source, and why they differ."""

    reported: Decimal | None
    authority: Decimal | None = None
    authority_source: str = ""
    authority_on: date | None = None
    reason: str = ""


@dataclass(frozen=True)
class Line:
    """One target. Names as of targets.models.Indicator, so that the park's sentences are made of it as well.

    `standing` is that of the figure that was reported: it lights the lamp. `is_part`: seen by a unit that is not the park.
    """

    indicator_id: int
    code: str
    name: str
    name_en: str
    unit_word: str
    unit_word_en: str
    modal: str
    kind: Kind
    comparator: Comparator
    target: Decimal
    target_to: Decimal | None
    opening: Decimal | None
    baseline: Decimal | None
    starts_on: date
    due_on: date
    curve: tuple[str, ...] | None
    limits: Limits
    under_way: bool
    unit_id: int
    unit: str
    binding: Binding
    rule: str  # the versions of what counts that were in force
    system: Decimal | None
    parts: tuple[Part, ...]
    row_count: int
    rows_sha256: str
    said: Said
    standing: Standing
    is_part: bool = False

    @property
    def is_computed(self) -> bool:
        return bool(self.binding.metric)

    @property
    def terms(self) -> Terms:
        curve = tuple(Fraction(share) for share in self.curve) if self.curve else None
        return Terms(
            self.kind, self.comparator, self.target, self.target_to, self.opening, self.baseline,
            self.starts_on, self.due_on, curve,
        )  # fmt: skip


@dataclass(frozen=True)
class Paper:
    """A whole snapshot."""

    plan: str
    year: int
    title: str
    as_of: date
    taken_at: datetime
    taken_by: str
    replaces: str  # the snapshot that it corrects
    approved_by: str
    approved_at: datetime | None
    is_demo: bool
    lines: tuple[Line, ...]
    milestones: tuple[MilestoneLine, ...] = ()  # papers of before they were kept have none


def line_of(figure: SnapshotFigure, as_of: date) -> Line:
    """As it is stored now, with what was filled in."""
    line = stored.loads(Line, figure.line)
    said = Said(
        figure.reported,
        figure.authority,
        figure.authority_source,
        figure.authority_on,
        figure.reason,
    )
    return line if said == line.said else with_said(line, said, as_of)


def with_said(line: Line, said: Said, as_of: date) -> Line:
    standing = assess(line.terms, said.reported, as_of, line.limits, under_way=line.under_way)
    return replace(line, said=said, standing=standing)


def paper_of(found: Snapshot, *, is_demo: bool) -> Paper:
    """An approved one as it was approved; any other as it stands."""
    if found.state == SnapshotState.APPROVED:
        return stored.loads(Paper, found.content)
    return Paper(
        plan=found.plan.name,
        year=found.plan.year,
        title=found.title,
        as_of=found.as_of,
        taken_at=found.recorded_at,
        taken_by=found.created_by.name if found.created_by else "",
        replaces=found.replaces.title if found.replaces else "",
        approved_by="",
        approved_at=None,
        is_demo=is_demo,
        lines=tuple(line_of(figure, found.as_of) for figure in found.figures),
        milestones=tuple(promised.line_of(one, found.as_of) for one in found.milestones),
    )


def for_reader(paper: Paper, scope: Scope, units: frozenset[int] | None) -> Paper:
    """What of it a reader may see (`units` are those of the scope): the park's figures, or a unit's own."""
    lines = (seen_from(line, scope, units) for line in paper.lines)
    return replace(
        paper,
        lines=tuple(line for line in lines if line is not None),
        milestones=tuple(one for one in paper.milestones if units is None or one.unit_id in units),
    )


def seen_from(line: Line, scope: Scope, units: frozenset[int] | None) -> Line | None:
    """As a board shows it: a computed figure is a unit's own part, without a light; a reported one is its unit's."""
    if units is None:
        return line
    if not line.is_computed:
        return line if line.unit_id in units else None
    own = sum((part.value for part in line.parts if part.unit_id == _root(scope)), Decimal(0))
    return replace(line, system=own, said=Said(None), standing=Standing(own), is_part=True)


def _root(scope: Scope) -> int:
    """The unit whose people see this scope: the last number in its path; 0 for who sees nothing."""
    return int(scope.prefixes[0].strip("/").rsplit("/", 1)[-1]) if scope.prefixes else 0
