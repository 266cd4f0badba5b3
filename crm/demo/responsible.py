"""Who answers for the plan's tasks, how its main targets are split, what units expect, and the monthly rounds so far."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal

from sqlalchemy import select

from crm.audit.services import Actor
from crm.core.db import session
from crm.demo.arrivals import PLAN_YEAR
from crm.demo.staff import Staff
from crm.demo.when import at
from crm.metrics.figures import figures
from crm.people.models import Unit, UnitKind
from crm.people.roles import Role
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.responsibility import queries, rounds, services, shares, stating
from crm.responsibility.models import Expectation, StatedBy
from crm.responsibility.rounds import DueRow, RoundRow
from crm.responsibility.services import DutyDetails, Part
from crm.responsibility.splitting import by_weight, evenly, to_share_out
from crm.responsibility.stating import Statement
from crm.targets.board import done_days
from crm.targets.models import AnnualPlan, Indicator, PlanTask, ProgressReport
from crm.targets.queries import milestones
from crm.targets.services import counts_in_parts
from crm.targets.standing import question_of

LEADERS = 3
SPLIT = ("T01", "T02", "T06", "T26", "T30", "T35")
UNSHARED = "T02"  # a tenth of it is nobody's yet
STATED = {"T01": (340, 380), "T02": (130, 145), "T03": (2500, 2800)}  # 市下达, 自加压
EXPECTED = {"T03": "2740", "T06": "372", "T07": "2.8", "T08": "262", "T26": "306", "T37": "2150"}
FIRST_ROUND = 6
STATED_ON, DECLARED_ON = date(PLAN_YEAR, 3, 16), date(PLAN_YEAR, 9, 25)


@dataclass(frozen=True)
class Answering:
    """The plan's year with its people, as of the world's last day."""

    plan: AnnualPlan
    units: Mapping[str, Unit]
    staff: Staff
    until: date
    by: Actor

    def write(self) -> None:
        """All of it, once."""
        indicators = {one.code: one for one in self.plan.indicators}
        services.set_duties_many(list(self._duties()), by=self.by)
        services.split_many(dict(self._splits(indicators)), by=self.by)
        stating.state_many(list(self._levels(indicators)), by=self.by)
        stating.expect_many(list(self._expectations(indicators)), by=self.by)
        rounds.open_many(self.plan, list(self._rounds()), by=self.by)

    def _duties(self) -> Iterator[tuple[PlanTask, DutyDetails]]:
        """Each leader a run of chapters; beside the lead unit one or two offices that help."""
        leaders = self.staff.several(self.units["park"], Role.LEADER, LEADERS)
        helpers = [
            unit for unit in self.units.values() if unit.kind in (UnitKind.OFFICE, UnitKind.CENTRE)
        ]
        for n, task in enumerate(session.scalars(queries.tasks(self.plan))):
            joint = {helpers[(n * 3 + k) % len(helpers)].id for k in range(1 + n % 2)}
            yield (
                task,
                DutyDetails(
                    leader_id=leaders[task.chapter.position % LEADERS],
                    unit_id=task.unit_id,
                    joint_unit_ids=tuple(sorted(joint - {task.unit_id})),
                    starts_on=date(PLAN_YEAR, 1, 1),
                    due_on=date(PLAN_YEAR, 12, 31),
                ),
            )

    def _splits(
        self, indicators: Mapping[str, Indicator]
    ) -> Iterator[tuple[int, Mapping[int, Part]]]:
        """By what each place came to last year, or evenly over the incubators where no record says so."""
        places = [
            unit
            for unit in self.units.values()
            if unit.kind in (UnitKind.CARRIER, UnitKind.GARDEN, UnitKind.COLLEGE)
        ]
        incubators = [unit.id for unit in places if unit.is_national_incubator]
        for code in SPLIT:
            one = indicators[code]
            whole = shares.split_of(one, self.until, WHOLE_PARK_SCOPE).whole.value
            if whole is None:
                continue
            pieces = 2 if counts_in_parts(one) else 0
            all_of_it = to_share_out(one, whole, pieces)
            shared = all_of_it - whole // 10 if code == UNSHARED else all_of_it
            weights = shares.last_year(one, places)
            parts = by_weight(shared, weights, pieces) or evenly(shared, incubators, pieces)
            yield one.id, {number: Part(value) for number, value in parts.items() if value}

    def _levels(
        self, indicators: Mapping[str, Indicator]
    ) -> Iterator[tuple[int, StatedBy, Statement, bool]]:
        if self.until < STATED_ON:
            return
        for code, (city, own) in STATED.items():
            one = indicators[code]
            plan = Statement(one.target, self.plan.name, self.plan.issued_on)
            assigned = Statement(
                Decimal(city), "市年度目标任务分解（演示）", date(PLAN_YEAR, 2, 20)
            )
            pushed = Statement(Decimal(own), "园区自加压目标（演示）", STATED_ON)
            yield one.id, StatedBy.CITY, assigned, False
            yield one.id, StatedBy.PLAN, plan, True
            yield one.id, StatedBy.OWN, pushed, False

    def _expectations(self, indicators: Mapping[str, Indicator]) -> Iterator[Expectation]:
        """Declared in September; the last one still waits for its head."""
        if self.until < DECLARED_ON:
            return
        for code, value in EXPECTED.items():
            one, is_last = indicators[code], code == list(EXPECTED)[-1]
            head = None if is_last else self.staff.of(one.unit, Role.UNIT_HEAD)
            yield Expectation(
                indicator_id=one.id,
                value=Decimal(value),
                note="按在手项目和往年四季度情况测算（演示）",
                declared_on=DECLARED_ON,
                declared_by_id=self.staff.of(one.unit, Role.UNIT_STAFF),
                signed_by_id=head,
                signed_on=None if is_last else DECLARED_ON + timedelta(days=1),
                recorded_at=at(DECLARED_ON, time(15, 20)),
            )

    def _rounds(self) -> Iterator[RoundRow]:
        """Those of the last months are closed; of the month that has just ended nothing is confirmed yet."""
        for month in range(FIRST_ROUND, 13):
            ends_on = date(PLAN_YEAR + month // 12, month % 12 + 1, 1) - timedelta(days=1)
            if ends_on > self.until:
                return
            closing = ends_on + timedelta(days=28)
            if closing > self.until:
                yield RoundRow(ends_on, ends_on, rounds.dues_of(self.plan, ends_on))
            else:
                yield RoundRow(ends_on, ends_on, self._answered(ends_on), at(closing))

    def _answered(self, ends_on: date) -> Sequence[DueRow]:
        """What was reported of that month, and the computed ones: some confirmed late, one forgotten."""
        told = select(ProgressReport.indicator_id).where(ProgressReport.as_of_on == ends_on)
        reported = set(session.scalars(told))
        computed = [one for one in self.plan.indicators if one.is_computed]
        questions = [question_of(one, PLAN_YEAR, ends_on, WHOLE_PARK_SCOPE) for one in computed]
        dues = [DueRow(one.id, one.unit_id) for one in self.plan.indicators if one.id in reported]
        for n, (one, figure) in enumerate(zip(computed, figures(questions), strict=True)):
            day = ends_on + timedelta(days=22 if (n + ends_on.month) % 7 == 0 else 9 + n % 6)
            is_forgotten = (n + ends_on.month) % 19 == 8  # noqa: PLR2004 - any will do
            dues.append(
                DueRow(
                    one.id,
                    one.unit_id,
                    is_computed=True,
                    confirmed_at=None if is_forgotten else at(day, time(10, 30)),
                    confirmed_by_id=None
                    if is_forgotten
                    else self.staff.of(one.unit, Role.UNIT_STAFF),
                    figure=None if is_forgotten else figure,
                )
            )
        return dues + list(self._milestones(ends_on))

    def _milestones(self, ends_on: date) -> Iterator[DueRow]:
        """Those that the round asked for, all confirmed in time."""
        asked = [due.milestone_id for due in rounds.dues_of(self.plan, ends_on) if due.milestone_id]
        promised = [one for one in session.scalars(milestones(self.plan)) if one.id in asked]
        days = done_days(promised, ends_on)
        for one in promised:
            yield DueRow(
                None,
                one.unit_id,
                is_computed=True,
                confirmed_at=at(ends_on + timedelta(days=9), time(10, 30)),
                confirmed_by_id=self.staff.of(one.unit, Role.UNIT_STAFF),
                milestone_id=one.id,
                done_on=days[one.id],
            )
