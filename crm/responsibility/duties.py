"""The plan's tasks with who answers for them and how their targets and milestones stand."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from crm.core.db import session
from crm.people.models import Unit
from crm.responsibility import queries
from crm.responsibility.models import TaskDuty
from crm.targets.board import Board
from crm.targets.milestones import MilestoneRow
from crm.targets.models import PlanTask
from crm.targets.pace import Light
from crm.targets.standing import Row

WORST_FIRST = (Light.RED, Light.YELLOW, Light.GREEN, Light.DONE, Light.NONE)


@dataclass(frozen=True)
class TaskRow:
    """One task; `rows` are the targets that it states, repeats as what they repeat."""

    task: PlanTask
    duty: TaskDuty | None
    rows: tuple[Row, ...]
    milestones: tuple[MilestoneRow, ...]

    @property
    def joint_units(self) -> Sequence[Unit]:
        return self.duty.joint_units if self.duty else ()

    @property
    def lights(self) -> list[tuple[Light, int]]:
        """How many targets and milestones show each light, the worst first."""
        shown = [row.light for row in self.rows] + [one.light for one in self.milestones]
        return [(light, shown.count(light)) for light in WORST_FIRST if light in shown]


def task_rows(board: Board) -> list[TaskRow]:
    """All tasks of the plan, as the board's scope sees their targets."""
    stated: dict[int | None, list[Row]] = defaultdict(list)
    for row in board.rows:
        for mention in row.indicator.mentions if row.is_visible else ():
            stated[mention.task_id].append(row)
    promised: dict[int | None, list[MilestoneRow]] = defaultdict(list)
    for one in board.milestones:
        if one.is_visible:
            promised[one.milestone.task_id].append(one)
    duties = queries.duties(board.plan)
    return [
        TaskRow(task, duties.get(task.id), tuple(stated[task.id]), tuple(promised[task.id]))
        for task in session.scalars(queries.tasks(board.plan))
    ]


def led_by(rows: Sequence[TaskRow], leader_id: int) -> list[TaskRow]:
    return [row for row in rows if row.duty and row.duty.leader_id == leader_id]


def of_unit(rows: Sequence[TaskRow], unit: Unit) -> list[TaskRow]:
    """The tasks that a unit leads or takes part in."""
    return [row for row in rows if row.task.unit_id == unit.id or unit in row.joint_units]
