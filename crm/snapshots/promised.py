"""The milestones of a snapshot: the promise, the day on which it was kept as the system knows it and as it is reported."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from crm.core import stored
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.snapshots.models import SnapshotMilestone
from crm.targets.milestones import MilestoneRow
from crm.targets.pace import Light, assess_milestone


@dataclass(frozen=True)
class Told:
    """What people put beside the system's day: the day that is reported (none: not done), and why it is another."""

    on: date | None
    reason: str = ""


@dataclass(frozen=True)
class MilestoneLine:
    """One milestone, with names as of targets.models.PlanMilestone. `light` is that of the day that is reported."""

    milestone_id: int
    code: str
    name: str
    name_en: str
    event: str
    not_before: date
    due_on: date
    under_way: bool
    unit_id: int
    unit: str
    system_on: date | None
    told: Told
    light: Light


def taken(row: MilestoneRow) -> MilestoneLine:
    """As the board shows it now; what is reported is the same until somebody says otherwise."""
    one = row.milestone
    return MilestoneLine(
        milestone_id=one.id,
        code=one.code,
        name=one.name,
        name_en=one.name_en,
        event=one.event,
        not_before=one.not_before,
        due_on=one.due_on,
        under_way=row.light is not Light.YELLOW,
        unit_id=one.unit_id,
        unit=one.unit.name,
        system_on=row.done_on,
        told=Told(row.done_on),
        light=row.light,
    )


def line_of(kept: SnapshotMilestone, as_of: date) -> MilestoneLine:
    """As it is stored now, with what was filled in."""
    line, told = stored.loads(MilestoneLine, kept.line), Told(kept.reported_on, kept.reason)
    if told == line.told:
        return line
    light = assess_milestone(line.not_before, line.due_on, told.on, as_of, line.under_way)
    return replace(line, told=told, light=light)


def moved(lines: Iterable[MilestoneLine], rows: Iterable[MilestoneRow]) -> dict[str, date | None]:
    """Of those that are known now to be done on another day than then, or on none: that day, by the code."""
    now = {row.milestone.code: row.done_on for row in rows}
    return {line.code: now.get(line.code) for line in lines if now.get(line.code) != line.system_on}


def faults(line: MilestoneLine, told: Told, as_of: date) -> Iterator[DomainError]:
    """What is wrong with what was put beside the system's day, each with the field to mend."""
    if told.on is not None and told.on > as_of:
        yield DomainError(N_("完成日期不能晚于截至日期。"), field="reported_on")
    if told.on != line.system_on and not told.reason:
        yield DomainError(N_("与系统的完成日期不一致，请写明原因。"), field="reason")
