"""Follow-up of the generated park: visits and calls through the year, and work that is late, due and coming on the day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from crm.companies.residence import ResidenceDetails
from crm.demo.when import between, recorded
from crm.followup.instructions import InstructionDetails, InstructionRow
from crm.followup.models import ActivityKind, RequestCategory, TaskOrigin
from crm.followup.requests import RequestDetails, RequestRow
from crm.followup.services import ActivityDetails, ActivityRow
from crm.followup.tasks import TaskDetails, TaskRow

Item = TypeVar("Item")

_FOLLOWED = 10  # one firm in so many has activities
_YEAR = timedelta(days=365)

_SAID = {
    ActivityKind.VISIT: (
        "走访企业，了解订单和用工情况，企业运行正常。",
        "实地查看研发进度，样机已完成联调，计划年内送检。",
        "走访了解复工情况，现有员工已全部到岗。",
        "查看安全生产台账，消防通道堆物已当场整改。",
    ),
    ActivityKind.CALL: (
        "电话核对二季度经营数据，企业补报研发投入。",
        "电话通知高企申报培训时间，企业确认参加。",
        "电话询问续租意向，企业希望再租一年。",
    ),
    ActivityKind.MEETING: (
        "召开银企对接会，企业与两家银行约定尽调时间。",
        "组织科技政策辅导会，企业准备申报科技型中小企业。",
    ),
    ActivityKind.MESSAGE: ("微信发送人才项目申报通知，企业已收到。", "微信确认开票信息和房租缴纳时间。"),
    ActivityKind.NOTE: ("企业计划明年新增产线，需要关注用房。", "财务负责人已更换，联系人待更新。"),
}  # fmt: skip
_MET = ("总经理", "财务负责人", "行政主管", "研发负责人", "")

# days from today until it is due, what, how often it was postponed
_TASKS = (
    (-12, "补交二季度经营数据", 1), (-5, "回复企业关于房租减免的疑问", 0), (-1, "收齐高企申报材料", 2),
    (0, "上门送达安全检查整改通知", 0), (0, "联系企业确认培训名单", 0), (2, "陪同投资机构走访", 0),
    (4, "核对企业用房面积", 0), (6, "跟进专利申请进度", 0), (15, "了解企业明年用房需求", 0), (40, "续签入驻协议", 0),
)  # fmt: skip
_DONE = (("整理走访记录", "已归档到企业资料。"), ("通知企业参加路演", "企业已报名。"))

_ASKED = (
    (RequestCategory.SPACE, "希望在同一楼层再租200平方米办公用房。"),
    (RequestCategory.FINANCING, "需要一笔三百万元的流动资金贷款，希望园区推荐担保机构。"),
    (RequestCategory.TALENT, "急需两名嵌入式软件工程师，希望对接高校招聘。"),
    (RequestCategory.POLICY, "咨询研发费用补贴的申报条件和时间。"),
    (RequestCategory.QUALIFICATION, "准备申报高新技术企业，希望辅导知识产权材料。"),
    (RequestCategory.SERVICES, "员工停车位不足，希望增加周边停车位。"),
)
_ANSWERS = ("已与企业对接，方案企业认可。", "已协调相关部门，按企业要求落实。")

_INSTRUCTIONS = {
    "company": (
        "请跟踪这家企业的融资进展，一周内报告。",
        "请实地了解企业扩产需要，提出用房方案。",
        "请了解企业用工困难，会同人才工作处拿出办法。",
        "请核实企业反映的消防整改问题。",
    ),
    "project": (
        "请说明进度落后的原因和下步措施。",
        "这个项目要加快，遇到的问题列清单报我。",
        "请与投资方商定下次会谈的时间和议题。",
        "请落实项目选址，比较两个方案。",
    ),
}
_DONE_SO = "已落实，进展和下步打算已当面汇报。"


@dataclass(frozen=True)
class Clerk:
    """Who keeps the firms of a unit."""

    user_id: int
    unit_id: int


def activities(
    firms: Sequence[tuple[int, Sequence[ResidenceDetails]]],
    clerks: dict[int, int | None],
    rng: Random,
    today: date,
) -> Iterator[ActivityRow]:
    """One to three in the last year, for a tenth of the firms that are in the park, by their unit's clerk."""
    for company_id, residences in firms:
        here = [r for r in residences if r.is_counted and r.to_on is None]
        if not here or rng.randrange(_FOLLOWED):
            continue
        home = here[-1]
        for _ in range(rng.randrange(1, 4)):
            kind = rng.choice(list(_SAID))
            on = between(rng, max(home.from_on, today - _YEAR), today)
            said = ActivityDetails(kind, on, rng.choice(_SAID[kind]), rng.choice(_MET))
            yield ActivityRow(
                "company", company_id, home.carrier_id, said, clerks.get(home.carrier_id), recorded(rng, on, today)
            )  # fmt: skip


def tasks(clerk: Clerk, subjects: Sequence[tuple[str, int]], today: date) -> Iterator[TaskRow]:
    """One person's queue: some late, some due today, some coming, some done."""
    about = _in_turn(subjects)
    for days, what, postponed in _TASKS:
        origin = TaskOrigin.SUGGESTION if days == 6 else TaskOrigin.FOLLOW_UP
        details = TaskDetails(what, today + timedelta(days), clerk.user_id, next(about), origin)
        yield TaskRow(details, clerk.unit_id, clerk.user_id, postponed=postponed)
    for number, (what, result) in enumerate(_DONE, start=1):
        day = today - timedelta(number * 6)
        details = TaskDetails(what, day, clerk.user_id, next(about))
        yield TaskRow(details, clerk.unit_id, clerk.user_id, done_on=day, result=result)


def requests(
    clerk: Clerk, company_ids: Sequence[int], rng: Random, today: date
) -> Iterator[RequestRow]:
    """Two that are closed, one that waits for the call back, three that are open, one of them late."""
    about = _in_turn(company_ids)
    for number, (category, text) in enumerate(_ASKED):
        received_on = today - timedelta((3, 25, 8, 60, 130, 1)[number])
        company_id = next(about)
        if company_id is None:
            return
        row = RequestRow(
            "company",
            company_id,
            clerk.unit_id,
            RequestDetails(
                received_on, category, text, clerk.user_id, "总经理", is_urgent=number == 1
            ),
            clerk.unit_id,
            recorded(rng, received_on, today),
            is_taken_up=number in (0, 1),
        )
        if number in (2, 3, 4):
            row = replace(row, answer=rng.choice(_ANSWERS), answered_on=received_on + timedelta(5))
        if number in (3, 4):
            row = replace(row, closed_on=received_on + timedelta(9))
        yield row


def instructions(
    leader: Clerk,
    supervisor_id: int,
    owners: Sequence[Clerk],
    subjects: Sequence[tuple[str, int, int]],
    rng: Random,
    today: date,
) -> Iterator[InstructionRow]:
    """In turn: open, late, answered, closed; every second one entered by 督查 on the leader's behalf."""
    for number, ((kind, record_id, unit_id), owner) in enumerate(
        zip(subjects, owners, strict=True)
    ):
        given_on = today - timedelta((4, 30, 12, 90)[number % 4])
        due_on = given_on + timedelta((10, 20, 10, 14)[number % 4])
        is_entered = number % 2 == 1
        details = InstructionDetails(
            leader.user_id,
            given_on,
            _INSTRUCTIONS[kind][number % 4],
            owner.user_id,
            due_on,
            f"科教城批示件2020-{number + 11}号，机要室" if is_entered else "",
        )
        row = InstructionRow(
            kind, record_id, unit_id, details, owner.unit_id,
            supervisor_id if is_entered else leader.user_id, recorded(rng, given_on, today),
        )  # fmt: skip
        if number % 4 in (2, 3):
            row = replace(row, answer=_DONE_SO, answered_on=given_on + timedelta(11))
        if number % 4 == 3:
            row = replace(row, closed_on=given_on + timedelta(13))
        yield row


def _in_turn(items: Sequence[Item]) -> Iterator[Item | None]:
    """Again and again; nothing, where there is nothing."""
    turn: Sequence[Item | None] = items or [None]
    while True:
        yield from turn
