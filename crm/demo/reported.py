"""人工填报: what units would have reported by hand in the plan's year, where no record proves it; the rest is in evidence.py.

On 30 September (planned share 75 %): most green, T08 and T12 yellow, T09 done; T20 has no report at all, T41 and T48 one
that nobody has verified yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import ROUND_FLOOR, Decimal
from random import Random

from crm.demo.arrivals import PLAN_YEAR
from crm.demo.when import at
from crm.targets.models import ReviewState
from crm.targets.services import ReportRow

_PART = Decimal(9)  # the months by which `by_september` is reached
_SEPTEMBER, _DECEMBER = 9, 12


@dataclass(frozen=True)
class Series:
    """One indicator's cumulative figure: what it came to by September and by the year's end, how often it is told."""

    by_september: str
    by_december: str
    source: str
    every: int = 1  # months between two reports
    opening: str = "0"
    latest: ReviewState = ReviewState.VERIFIED  # the state of the newest report
    is_corrected: bool = False  # a report was sent back and entered again

    def value(self, month: int) -> Decimal:
        """The figure at the end of a month, with as many places as are given for September."""
        opening, september = Decimal(self.opening), Decimal(self.by_september)
        if month <= _SEPTEMBER:
            value = opening + (september - opening) * month / _PART
        else:
            rest = (Decimal(self.by_december) - september) / (_DECEMBER - _SEPTEMBER)
            value = september + rest * (month - _SEPTEMBER)
        exponent = september.as_tuple().exponent
        return value.quantize(Decimal(1).scaleb(int(exponent)), ROUND_FLOOR)


SERIES = {
    "T08": Series("192.3", "264.5", "园区企业统计月报，营业收入累计", latest=ReviewState.SUBMITTED),
    "T09": Series("1", "1", "落户协议一份", every=3),
    "T11": Series("405", "602", "各院校中德项目学员名册汇总", every=3, is_corrected=True),
    "T12": Series("36", "60", "师资培训班结业名册", every=3),
    "T37": Series("1610", "2115", "公司财务报表，未经审计"),
    "T38": Series("905", "1216", "公司财务报表，物业收入科目"),
    "T39": Series("9", "13", "实训基地验收单", every=3),
    "T40": Series("43", "56", "教学模块开发清单", latest=ReviewState.SUBMITTED),
    "T41": Series("20", "23", "公选课开课目录", every=9, latest=ReviewState.SIGNED),
    "T42": Series("1500", "1740", "跨校选课系统导出"),
    "T48": Series("1", "2", "调研报告印发稿", every=9, latest=ReviewState.SUBMITTED),
    "T49": Series("168", "226", "市级信息录用情况通报"),
}
MILESTONES = {"M7": (date(2020, 8, 28), "集聚发展区验收意见书（演示）")}


@dataclass(frozen=True)
class People:
    """Who enters, signs and verifies for one unit."""

    liaison: int
    head: int
    supervisor: int


def reports(
    code: str, indicator_id: int, people: People, rng: Random, today: date
) -> Iterator[ReportRow]:
    """One indicator's reports through the last month that has ended by today."""
    series = SERIES[code]
    months = [m for m in range(series.every, _DECEMBER + 1, series.every) if _end(m) <= today]
    for month in months:
        is_newest = month == months[-1]
        row = ReportRow(
            indicator_id=indicator_id,
            milestone_id=None,
            as_of_on=_end(month),
            value=series.value(month),
            note=f"来源：{series.source}（演示，截至{month}月底）。",
            reported_by_id=people.liaison,
            recorded_at=_office_hour(_end(month), rng, today),
        )
        if series.is_corrected and is_newest:
            yield _sent_back(row, people)
        yield _reviewed(row, series.latest if is_newest else ReviewState.VERIFIED, people, today)


def milestone_report(
    code: str, milestone_id: int, people: People, today: date
) -> Iterator[ReportRow]:
    """That a milestone was reached, once it was."""
    done_on, note = MILESTONES[code]
    if done_on > today:
        return
    row = ReportRow(
        indicator_id=None,
        milestone_id=milestone_id,
        as_of_on=done_on,
        value=Decimal(1),
        note=f"来源：{note}。",
        reported_by_id=people.liaison,
        recorded_at=at(min(done_on + timedelta(days=3), today), time(10, 5)),
    )
    yield _reviewed(row, ReviewState.VERIFIED, people, today)


def _end(month: int) -> date:
    return date(PLAN_YEAR + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _office_hour(day: date, rng: Random, today: date) -> datetime:
    """Entered within days of the month's end; on the month's last day itself, in the morning."""
    entered_on = min(day + timedelta(days=rng.randrange(1, 8)), today)
    return at(entered_on, time(rng.randrange(9, 12), rng.randrange(60)))


def _reviewed(row: ReportRow, state: ReviewState, people: People, today: date) -> ReportRow:
    """The report on its way as far as `state`."""
    if state is ReviewState.SUBMITTED:
        return row
    assert row.recorded_at is not None
    reviewed_at = min(row.recorded_at + timedelta(hours=5), at(today))
    is_verified = state is ReviewState.VERIFIED
    return replace(
        row,
        state=state,
        signed_by_id=people.head,
        verified_by_id=people.supervisor if is_verified else None,
        reviewed_at=reviewed_at,
    )


def _sent_back(row: ReportRow, people: People) -> ReportRow:
    assert row.recorded_at is not None
    return replace(
        row,
        value=row.value + 27,
        state=ReviewState.RETURNED,
        signed_by_id=people.head,
        reviewed_at=row.recorded_at,
        recorded_at=row.recorded_at - timedelta(minutes=40),
        review_note="含重复人员27人，请按人数而非人次核对后重报。",
    )
