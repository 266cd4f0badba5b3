"""指标快照: those of June and August as they were approved, and what was reported only after them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from crm.core.db import session
from crm.demo.when import at
from crm.evidence.services import Row
from crm.people.models import User
from crm.snapshots import services
from crm.snapshots.models import Snapshot
from crm.snapshots.paper import Line, Said, line_of
from crm.snapshots.taking import take
from crm.targets.models import AnnualPlan
from crm.targets.services import ReportRow

_HELD_BACK = 2  # of each register


@dataclass(frozen=True)
class Notice:
    """A month's notice: as of its end, taken, submitted and approved in the month after."""

    month: int
    as_of: date
    taken_on: date

    @property
    def late_on(self) -> date:
        """When what the notice lacks was written down."""
        return self.taken_on + timedelta(days=5)


NOTICES = (
    Notice(6, date(2020, 6, 30), date(2020, 7, 10)),
    Notice(8, date(2020, 8, 31), date(2020, 9, 10)),
)
_REPORTED_LATE = {("T06", 6), ("T37", 6), ("T42", 6), ("T37", 8), ("T45", 8)}
_AUTHORITIES = {
    "T04": ("市知识产权局", "0.985", "权威数按公告月份统计，尚有公告未计入"),
    "T08": ("市统计局", "0.970", "权威数只含规上企业，系统数含规下企业填报"),
}


def told_late(
    rows: Iterable[ReportRow], codes: Mapping[int | None, str]
) -> tuple[list[ReportRow], list[ReportRow]]:
    """The reports that came in time, and those that came after their month's notice; `codes` of the targets by number."""
    in_time, late = [], []
    for row in rows:
        notice = next((one for one in NOTICES if one.as_of == row.as_of_on), None)
        if notice and (codes.get(row.indicator_id, ""), notice.month) in _REPORTED_LATE:
            late_at = at(notice.late_on)
            late.append(replace(row, recorded_at=late_at, reviewed_at=late_at))
        else:
            in_time.append(row)
    return in_time, late


def held_back(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """A register's records without the few of spring that came after the notice of June, and those."""
    first = NOTICES[0]
    spring = [row for row in rows if row.values["happened_on"] <= first.as_of]
    late = spring[-_HELD_BACK:]
    kept = [row for row in rows if not any(row is one for one in late)]
    return kept, [replace(row, recorded_at=at(first.late_on)) for row in late]


def freeze(plan: AnnualPlan, supervisor: User, leader: User, today: date) -> None:
    """The notices that were approved by today."""
    for notice in NOTICES:
        if notice.taken_on + timedelta(days=2) <= today:
            _freeze(plan, notice, supervisor, leader)


def _freeze(plan: AnnualPlan, notice: Notice, supervisor: User, leader: User) -> None:
    taken = replace(take(plan, notice.as_of), taken_at=at(notice.taken_on))
    made = services.keep(taken, title=f"{notice.month}月份指标通报", by=supervisor)
    said = dict(_said(made, notice))
    services.fill_in(made, said, by=supervisor)
    services.submit(made, by=supervisor, on=notice.taken_on)
    session.flush()
    services.approve(made, by=leader, at=at(notice.taken_on + timedelta(days=2)))


def _said(made: Snapshot, notice: Notice) -> Iterator[tuple[int, Said]]:
    lines: Iterable[Line] = (line_of(figure, made.as_of) for figure in made.figures)
    for line in lines:
        if line.code in _AUTHORITIES and line.system:
            source, share, reason = _AUTHORITIES[line.code]
            theirs = (line.system * Decimal(share)).quantize(line.system)
            day = notice.taken_on - timedelta(days=2)
            yield line.indicator_id, Said(line.system, theirs, source, day, reason)
