"""督查 of the plan's year: some forty orders from every source, in every state, and two bulletins that went out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from itertools import cycle
from typing import Any

from sqlalchemy import select

from crm.audit.services import Actor
from crm.core.db import session
from crm.demo.reported import People
from crm.demo.when import at
from crm.followup.models import Instruction
from crm.people.models import Unit, User
from crm.supervision import bulletins, escalation
from crm.supervision.docketing import ActRow, OrderDetails, OrderRow, docket_many
from crm.supervision.loop import Act
from crm.supervision.models import Source, StepKind
from crm.supervision.queries import promises
from crm.targets.models import AnnualPlan, PlanMilestone

_RED = ("T10", "T16", "T32")
_K = StepKind
_TAKEN = ((0, _K.ISSUED), (1, _K.RECEIVED))
_WORKED = (*_TAKEN, (5, _K.NOTED))
_ANSWERED = (*_WORKED, (12, _K.ANSWERED))
_SIGNED = (*_ANSWERED, (13, _K.SIGNED))
_RETURNED = (*_SIGNED, (15, _K.RETURNED))
_CLOSED = (*_SIGNED, (15, _K.CLOSED))


@dataclass(frozen=True)
class Scene:
    """How far an order has come: begun so many days ago, due after so many; each step so many days after 立项."""

    ago: int
    limit: int
    steps: tuple[tuple[int, StepKind], ...]


_SCENES = (
    Scene(3, 30, ()),
    Scene(2, 30, ((0, _K.ISSUED),)),
    Scene(12, 30, _WORKED),
    Scene(18, 30, (*_WORKED, (12, _K.CONTRIBUTED), (14, _K.ANSWERED))),
    Scene(20, 30, _SIGNED),
    Scene(24, 30, _RETURNED),
    Scene(70, 30, _CLOSED),
    Scene(120, 20, (*_CLOSED, (40, _K.ARCHIVED))),
    Scene(62, 10, _CLOSED),
    Scene(95, 30, (*_RETURNED, (22, _K.ANSWERED), (23, _K.SIGNED), (25, _K.CLOSED))),
    Scene(110, 10, (*_WORKED, (6, _K.EXTENSION_ASKED), (8, _K.EXTENSION_GRANTED), *_CLOSED[3:])),
    Scene(20, 30, (*_WORKED, (18, _K.EXTENSION_ASKED))),
    Scene(36, 10, (*_WORKED, (14, _K.REMINDED))),
    Scene(26, 20, _WORKED),
    Scene(50, 15, (*_TAKEN, (10, _K.EXTENSION_ASKED), (12, _K.EXTENSION_REFUSED))),
    Scene(80, 30, ((0, _K.ISSUED), (2, _K.WITHDRAWN))),
)  # fmt: skip
_EXTENDED_BY = 20
_BULLETINS = ((150, 61, 58), (60, 31, 29))  # from, until, issued: so many days ago

_SAID = {
    _K.NOTED: "已召开专题会，明确了分工和完成时间，正在逐项落实。",
    _K.CONTRIBUTED: "我单位承担的部分已经完成，材料已送牵头单位。",
    _K.ANSWERED: "已按要求办理，主要任务完成，相关材料附后。",
    _K.SIGNED: "",
    _K.RETURNED: "没有说明存在的问题和完成时间，请补充后重新反馈。",
    _K.CLOSED: "材料齐全，同意销号。",
    _K.EXTENSION_ASKED: "受疫情影响，合作方现场考察推迟。",
    _K.EXTENSION_REFUSED: "理由不充分，按原时限办理。",
    _K.REMINDED: "请于三日内反馈。",
    _K.WITHDRAWN: "与另一件督办单重复。",
}
_CITY = (
    "市政府重点工作：科教城创新资源集聚", "市级科技金融试点方案落实", "安全生产专项整治三年行动",
    "长三角产业协同创新合作事项", "市优化营商环境任务清单",
)  # fmt: skip
_MEETING = (
    "落实研发用房二期装修方案", "协调园区公交线路调整", "制定人才公寓分配办法", "推进智慧园区平台上线",
    "核实存量用房清退情况", "筹备秋季科技成果对接会", "完善企业服务专员制度", "落实冬季防疫物资储备",
)  # fmt: skip
_PROPOSALS = (
    "关于扩大产学研合作资金规模的提案",
    "关于完善园区托幼配套的建议",
    "关于加强知识产权保护的提案",
)
_PETITIONS = ("企业反映停车位不足", "职工反映夜间施工噪声", "租户反映空调计费问题")


@dataclass(frozen=True)
class Desk:
    """The units that lead, in turn, and the people who act for them."""

    units: Sequence[Unit]
    people_of: Callable[[Unit], People]
    until: date
    _turn: Iterator[Scene] = field(default_factory=lambda: cycle(_SCENES))

    def rows(
        self, matters: Sequence[tuple[dict[str, Any], Unit | None, date | None]]
    ) -> Iterator[OrderRow]:
        """Each with its own scene; one that came from something never begins before it."""
        others = cycle(self.units)
        for given, unit, earliest in matters:
            scene = next(self._turn)
            lead = unit if unit and unit in self.units else next(others)
            joint = next(one for one in others if one is not lead)
            docketed_on = max(self.until - timedelta(scene.ago), earliest or date.min)
            details = OrderDetails(
                unit_id=lead.id, joint_unit_ids=(joint.id,), due_on=docketed_on + timedelta(scene.limit), **given
            )  # fmt: skip
            yield self._row(details, docketed_on, scene, lead, joint)

    def _row(
        self, details: OrderDetails, docketed_on: date, scene: Scene, lead: Unit, joint: Unit
    ) -> OrderRow:
        people = self.people_of(lead)
        who = dict.fromkeys(StepKind, people.supervisor)
        who |= dict.fromkeys(
            (_K.RECEIVED, _K.NOTED, _K.ANSWERED, _K.EXTENSION_ASKED), people.liaison
        )
        who |= {_K.SIGNED: people.head, _K.CONTRIBUTED: self.people_of(joint).liaison}
        acts = []
        for days, kind in scene.steps:
            day = docketed_on + timedelta(days)
            if day > self.until:
                break
            act = Act(kind, day, _SAID.get(kind, ""))
            if kind is _K.EXTENSION_ASKED and details.due_on:
                act = replace(act, new_on=details.due_on + timedelta(_EXTENDED_BY))
            acts.append(ActRow(act, who[kind], at(day, time(10, days % 60))))
        return OrderRow(
            details, docketed_on, people.supervisor, tuple(acts), at(docketed_on, time(9))
        )


def supervise(
    plan: AnnualPlan, until: date, *, people_of: Callable[[Unit], People], by: Actor
) -> int:
    """How many orders; the bulletins and the steps of escalation follow from them."""
    units = list(dict.fromkeys(indicator.unit for indicator in plan.indicators))
    desk = Desk(units, people_of, until)
    rows = sorted(desk.rows(list(_matters(plan))), key=lambda row: row.docketed_on)
    count = docket_many(rows, by=by)
    supervisor = session.get_one(User, people_of(units[0]).supervisor)
    for first, last, on in _BULLETINS:
        period = (until - timedelta(first), until - timedelta(last))
        bulletins.issue(*period, by=supervisor, on=until - timedelta(on))
    escalation.note(until)
    return count


def _matters(plan: AnnualPlan) -> Iterator[tuple[dict[str, Any], Unit | None, date | None]]:
    """What each order is about, which unit leads it, and the day before which there was nothing to order."""
    basis = {"basis": plan.name, "basis_on": plan.issued_on}
    by_code = {indicator.code: indicator for indicator in plan.indicators}
    for code in _RED:
        target = by_code[code]
        about: dict[str, Any] = {"source": Source.RED_LIGHT, "indicator_id": target.id}
        about["title"] = f"{code} {target.name}进度滞后，请分析原因并整改"
        yield about | basis, target.unit, None
    for task in session.scalars(promises(plan)).all()[:10]:
        about = {"source": Source.PROMISE, "title": task.name, "requirement": task.summary}
        yield about | {"plan_task_id": task.id} | basis, task.unit, None
    for source, document, titles in (
        (Source.CITY, "市政府重点工作任务分解", _CITY),
        (Source.MEETING, "主任办公会议纪要", _MEETING),
        (Source.PROPOSAL, "市政协提案交办单", _PROPOSALS),
        (Source.PETITION, "来信来访登记", _PETITIONS),
    ):
        for title in titles:
            yield {"source": source, "title": title, "basis": document}, None, None
    proved = select(PlanMilestone).where(
        PlanMilestone.plan_id == plan.id, PlanMilestone.project_id.is_not(None)
    )
    for mark in session.scalars(proved.order_by(PlanMilestone.code).limit(4)):
        about = {"source": Source.KEY_PROJECT, "title": f"{mark.name}{mark.event}"}
        yield about | {"project_id": mark.project_id}, mark.unit, None
    for given in session.scalars(select(Instruction).order_by(Instruction.id).limit(4)):
        about = {"source": Source.INSTRUCTION, "title": given.text, "instruction_id": given.id}
        if given.subject_type == "project":
            about["project_id"] = given.subject_id
        yield about | {"basis_on": given.given_on}, None, given.given_on
