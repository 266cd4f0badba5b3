"""What projects under way have promised, met with and reported: milestones with slips, problems, notes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from crm.demo.when import at
from crm.milestones.models import PROVED, MilestoneDate, MilestoneKind
from crm.milestones.problems import ProblemDetails, ProblemRow
from crm.milestones.services import MilestoneDetails, MilestoneRow, Slip
from crm.progress.models import Cadence
from crm.progress.periods import Period, period_of
from crm.progress.services import NoteRow, NoteTexts
from crm.projects.details import ProjectRow
from crm.projects.models import PIPELINE, ProjectKind, Stage

Pairs = Sequence[tuple[int, ProjectRow]]

_FROM_INTENT = PIPELINE[PIPELINE.index(Stage.INTENT) :]
_REPORTING = _FROM_INTENT[:-1]
_MONTHS, _WEEKS, _REPORTED = 4, 2, 0.75  # periods back; share of the last one that is reported

# the stage that a milestone goes with, and days from its entry until it is reached
_BUILDING = (
    (MilestoneKind.AGREEMENT, Stage.SIGNED, 0), (MilestoneKind.FILING, Stage.APPROVAL, 25),
    (MilestoneKind.PERMIT, Stage.CONSTRUCTION, -6), (MilestoneKind.START, Stage.CONSTRUCTION, 0),
    (MilestoneKind.TOPPED_OUT, Stage.CONSTRUCTION, 190), (MilestoneKind.ACCEPTANCE, Stage.COMPLETED, 0),
    (MilestoneKind.IN_USE, Stage.COMPLETED, 45),
)  # fmt: skip
_MOVE_IN = (
    (MilestoneKind.AGREEMENT, Stage.SIGNED, 0), (MilestoneKind.START, Stage.CONSTRUCTION, 0),
    (MilestoneKind.IN_USE, Stage.COMPLETED, 0),
)  # fmt: skip
_APART = 75  # days between two milestones that are still to come
_WHY = (
    "设计方案调整，图审重新报送",
    "施工许可证补件",
    "疫情影响，材料到货推迟",
    "投资方内部审批延后",
    "雨季影响基础施工",
)
_PROBLEMS = (
    ("用地指标尚未落实，影响立项", "请协调年度用地指标"),
    ("临时用电容量不足，影响主体施工", "请协调供电部门增容"),
    ("规划条件与投资方方案不一致", "请召集规划部门会商"),
    ("项目贷款审批未完成，资金不到位", "请出面与银行总行对接"),
    ("市政道路未通，大型设备无法进场", "请协调市政道路年内贯通"),
)
_SOLVED = "已召开协调会，问题解决。"
_DONE = {
    Stage.INTENT: ("就载体和政策条款第二轮商谈，双方意见基本一致。", "投资方完成尽职调查，协议文本已交法务审核。"),
    Stage.SIGNED: ("项目公司已核名，正在办理注册。", "立项材料已报送，规划方案进入初审。"),
    Stage.APPROVAL: ("规划许可已受理，环评报告编制完成。", "施工图审查通过一审，施工许可材料准备中。"),
    Stage.CONSTRUCTION: ("主体结构施工至三层，本月完成混凝土浇筑两次。", "二次结构砌筑完成六成，机电安装进场。"),
}  # fmt: skip
_NEXT = {
    Stage.INTENT: "月内定稿协议文本，安排签约。",
    Stage.SIGNED: "完成注册，取得立项备案。",
    Stage.APPROVAL: "取得施工许可证，组织进场。",
    Stage.CONSTRUCTION: "继续主体和安装施工，做好安全检查。",
}
_HINDERED = ("部分材料供应偏紧。", "投资方人员到场受限，沟通以视频为主。", "周边管线资料不全，需现场复核。")  # fmt: skip
_WANTED = "请协调相关部门加快审批。"


def milestones(pairs: Pairs, rng: Random, until: date) -> Iterator[MilestoneRow]:
    """For every project that has come to 意向: what is done was planned somewhat earlier, what is to come may have slipped."""
    for id_, row in pairs:
        entered = _entered(row)
        if Stage.INTENT not in entered or row.steps[-1].to_stage == Stage.LOST:
            continue
        promised_on, owner = entered[Stage.INTENT], row.details.owner_id
        is_building = row.details.kind is ProjectKind.CONSTRUCTION
        coming, is_next = until - timedelta(days=rng.randrange(25)), True
        for kind, stage, days in _BUILDING if is_building else _MOVE_IN:
            reached = _reached(kind, entered.get(stage), days, row)
            if reached is not None and reached <= until:
                planned = reached - timedelta(days=rng.randrange(-10, 40))
                is_typed = kind not in PROVED
                details = MilestoneDetails(kind, planned, done_on=reached if is_typed else None)
                slips: tuple[Slip, ...] = ()
            else:
                coming += timedelta(days=rng.randrange(_APART // 3, _APART))
                details, slips = _to_come(kind, coming, promised_on, until, owner, rng, is_next)
                is_next = False
            yield MilestoneRow(id_, details, promised_on, slips, owner, at(promised_on))


def _entered(row: ProjectRow) -> dict[Stage, date]:
    """When each stage was first entered."""
    entered: dict[Stage, date] = {}
    for step in row.steps:
        entered.setdefault(step.to_stage, step.effective_on)
    return entered


def _reached(
    kind: MilestoneKind, entered_on: date | None, days: int, row: ProjectRow
) -> date | None:
    if kind is MilestoneKind.ACCEPTANCE:
        return row.details.accepted_on
    if kind is MilestoneKind.IN_USE:
        return row.details.in_use_on
    return entered_on + timedelta(days=days) if entered_on else None


def _to_come(
    kind: MilestoneKind,
    due_on: date,
    promised_on: date,
    until: date,
    owner: int | None,
    rng: Random,
    is_next: bool,
) -> tuple[MilestoneDetails, tuple[Slip, ...]]:
    lot = rng.random()
    if lot < 0.2 and is_next:  # overdue, and nobody has said when
        return MilestoneDetails(kind, until - timedelta(days=rng.randrange(1, 30))), ()
    if lot < 0.4:
        planned = due_on - timedelta(days=rng.randrange(10, _APART // 3))
        said_on = max(promised_on, until - timedelta(days=rng.randrange(5, 60)))
        slip = Slip(MilestoneDate.FORECAST, due_on, said_on, rng.choice(_WHY), owner)
        return MilestoneDetails(kind, planned), (slip,)
    return MilestoneDetails(kind, due_on), ()


def problems(
    pairs: Pairs, units: Mapping[str, int], rng: Random, until: date
) -> Iterator[ProblemRow]:
    """One project in five from 签约 to 在建 has one; of each five the first is before the leaders, the fourth solved."""
    met = [(id_, row) for id_, row in pairs if row.steps[-1].to_stage in _REPORTING[1:]]
    for number, (id_, row) in enumerate(met[::5]):
        what, asked = rng.choice(_PROBLEMS)
        raised_on = max(row.steps[-1].effective_on, until - timedelta(days=rng.randrange(10, 60)))
        unit_id = units[rng.choice(("construction", "investment"))]
        details = ProblemDetails(what, unit_id, until + timedelta(days=rng.randrange(-8, 30)))
        problem = ProblemRow(
            id_, details, raised_on, row.details.owner_id, recorded_at=at(raised_on)
        )
        if number % 5 == 3:
            yield replace(problem, solved_on=until, solution=_SOLVED)
        elif number % 5 == 0:
            yield replace(problem, escalated_on=until, asked=asked)
        else:
            yield problem


def notes(pairs: Pairs, rng: Random, until: date) -> Iterator[NoteRow]:
    """Of the last months, and for what is built of the last weeks; some of the present ones are still owing."""
    months = _back(period_of(Cadence.MONTH, until), _MONTHS)
    weeks = _back(period_of(Cadence.WEEK, until), _WEEKS)
    for id_, row in pairs:
        is_built = row.steps[-1].to_stage == Stage.CONSTRUCTION
        for period in (*months, *(weeks if is_built else ())):
            day = min(period.ends_on, until)
            stage = _stage_on(row, day)
            is_owing = period.ends_on >= until and rng.random() >= _REPORTED
            if stage in _REPORTING and not is_owing:
                texts = _texts(stage, rng)
                yield NoteRow(id_, period, texts, day, row.details.owner_id, at(day))


def _back(period: Period, count: int) -> tuple[Period, ...]:
    found = [period]
    for _ in range(count - 1):
        found.append(found[-1].previous)
    return tuple(found)


def _stage_on(row: ProjectRow, day: date) -> Stage | None:
    return next((step.to_stage for step in reversed(row.steps) if step.effective_on <= day), None)


def _texts(stage: Stage, rng: Random) -> NoteTexts:
    return NoteTexts(
        rng.choice(_DONE[stage]),
        rng.choice(_HINDERED) if rng.random() < 0.4 else "",
        _NEXT[stage],
        _WANTED if rng.random() < 0.15 else "",
    )
