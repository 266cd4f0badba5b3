"""组织申报 of 2018 to 2020: rounds that led to the certificates of the generated firms, and this autumn's still under way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from random import Random

from crm.declarations.models import Category, State
from crm.declarations.services import BatchDetails, DeclarationRow, StepRow
from crm.demo.arrivals import PLAN_YEAR
from crm.demo.names import person
from crm.demo.when import recorded
from crm.ladder.models import QualificationKind

FIRST_YEAR = 2018
LAST_ROUND_ON = date(2020, 12, 2)  # when this autumn's certificates are issued
_NUMERALS = "一二三四五六七八"
_BEFORE_ISSUE = (
    (State.SURVEYED, 125), (State.PLANNED, 110), (State.FILED, 95), (State.ACCEPTED, 70), (State.PUBLICISED, 21),
    (State.RECOGNISED, 0),
)  # fmt: skip
_REASONS = (
    "研发费用归集不足，占比未达标", "知识产权与主营产品关联不够", "科技人员比例不足10%", "创新能力评价未达70分",
)  # fmt: skip
_LEFT_AT = (State.FILED, State.ACCEPTED, State.ACCEPTED, State.PUBLICISED)


@dataclass(frozen=True)
class Firm:
    """A firm that declares: its number and the unit that keeps it."""

    id: int
    unit_id: int


@dataclass(frozen=True)
class Certificate:
    """What a firm got, by which its declaration is known."""

    id: int
    firm: Firm
    issued_on: date


@dataclass(frozen=True)
class Round:
    """A batch and who is in it; the rows get its number once it has one."""

    details: BatchDetails
    rows: list[DeclarationRow] = field(default_factory=list)


class Autumn:
    """All rounds as of a day."""

    def __init__(self, rng: Random, until: date, today: date) -> None:
        self._rng, self._until, self._today = rng, until, today

    def rounds(
        self,
        certificates: Sequence[Certificate],
        *,
        ending: Sequence[Firm],
        others: Sequence[Firm],
        over_the_line: Sequence[Firm],
    ) -> Iterator[Round]:
        """The past rounds, one for each half of a year, from the certificates; this autumn's from firms that end or try."""
        pool = iter(others)
        counted: dict[int, int] = {}
        ordered = sorted(certificates, key=lambda c: (c.issued_on, c.id))
        for (year, _), group in groupby(
            ordered, key=lambda c: (c.issued_on.year, c.issued_on.month > 6)
        ):
            number = counted[year] = counted.get(year, 0) + 1
            yield self._past(number, list(group), pool)
        if date(PLAN_YEAR, 8, 1) <= self._until < LAST_ROUND_ON:
            number = counted.get(PLAN_YEAR, 0) + 1
            yield from self._under_way(number, ending, pool, over_the_line)

    def _past(self, number: int, group: list[Certificate], pool: Iterator[Firm]) -> Round:
        issued_on = group[-1].issued_on
        found = Round(_high_tech(issued_on, number))
        for certificate in group:
            steps = self._steps(certificate.issued_on, State.RECOGNISED)
            found.rows.append(_row(certificate.firm, steps, certificate.id))
        for _, firm in zip(range(len(group) // 4), pool, strict=False):
            steps = self._steps(issued_on, State.ACCEPTED)
            refused_on = issued_on - timedelta(14)
            refused = StepRow(State.REJECTED, refused_on, self._rng.choice(_REASONS))
            found.rows.append(_row(firm, (*steps, refused)))
        return found

    def _under_way(
        self,
        number: int,
        ending: Sequence[Firm],
        pool: Iterator[Firm],
        over_the_line: Sequence[Firm],
    ) -> Iterator[Round]:
        filed = Round(_high_tech(LAST_ROUND_ON, number))
        cut = len(ending) * 3 // 4
        new = [firm for _, firm in zip(range(cut), pool, strict=False)]
        for firm in (*ending[:cut], *new):
            filed.rows.append(_row(firm, self._in_review(self._rng.choice(_LEFT_AT))))
        yield filed
        last = Round(
            BatchDetails(
                Category.ENTERPRISE, PLAN_YEAR, date(2020, 10, 16), QualificationKind.HIGH_TECH,
                number=f"第{_NUMERALS[number]}批", opens_on=date(2020, 9, 1),
            )
        )  # fmt: skip
        late = [firm for _, firm in zip(range(8), pool, strict=False)]
        for firm in (*ending[cut : cut + 2], *late):
            last.rows.append(_row(firm, self._first(self._rng.choice((1, 1, 2)))))
        yield last
        scale = BatchDetails(
            Category.ENTERPRISE, PLAN_YEAR, date(2020, 10, 31), QualificationKind.ABOVE_SCALE,
            number="年度", opens_on=date(2020, 9, 1), note="材料须在9月30日前备齐，10月起报统计部门。",
        )  # fmt: skip
        yield Round(scale, [_row(firm, self._first(1)) for firm in over_the_line])
        yield self._talents(new)

    def _talents(self, firms: Sequence[Firm]) -> Round:
        details = BatchDetails(
            Category.TALENT, PLAN_YEAR, date(2020, 8, 31), programme="龙城英才计划", number="第二批",
            opens_on=date(2020, 7, 1),
        )  # fmt: skip
        rows = [
            _row(firm, self._steps(LAST_ROUND_ON, State.ACCEPTED), applicant=person(self._rng))
            for firm in firms[:4]
        ]
        return Round(details, rows)

    def _steps(self, issued_on: date, last: State) -> tuple[StepRow, ...]:
        """The way as far as `last`, and no further than the world has come."""
        steps = []
        for state, days in _BEFORE_ISSUE:
            on = issued_on - timedelta(days)
            if on > self._until:
                break
            steps.append(StepRow(state, on, recorded_at=recorded(self._rng, on, self._today)))
            if state is last:
                break
        return tuple(steps)

    def _in_review(self, last: State) -> tuple[StepRow, ...]:
        """Under way as far as `last`; the first list was publicised days ago."""
        steps = self._steps(LAST_ROUND_ON, last)
        publicised_on = self._until - timedelta(5)
        is_ripe = bool(steps) and steps[-1].effective_on <= publicised_on
        if last is State.PUBLICISED and is_ripe:
            steps += (StepRow(State.PUBLICISED, publicised_on),)
        return steps

    def _first(self, count: int) -> tuple[StepRow, ...]:
        """摸底 and perhaps 拟报, in the weeks before."""
        days = ((State.SURVEYED, 20), (State.PLANNED, 6))[:count]
        return tuple(StepRow(state, self._until - timedelta(n)) for state, n in days)


def _high_tech(issued_on: date, number: int) -> BatchDetails:
    return BatchDetails(
        Category.ENTERPRISE,
        issued_on.year,
        issued_on - timedelta(90),
        QualificationKind.HIGH_TECH,
        number=f"第{_NUMERALS[number - 1]}批",
        opens_on=issued_on - timedelta(150),
    )


def _row(
    firm: Firm,
    steps: tuple[StepRow, ...],
    qualification_id: int | None = None,
    applicant: str = "",
) -> DeclarationRow:
    return DeclarationRow(0, firm.unit_id, steps, firm.id, applicant, qualification_id)
