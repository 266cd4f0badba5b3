"""Projects of the seven batches: a dated history for each, and the facts that its gates asked for on the way."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from crm.companies.models import FutureIndustry
from crm.demo.facts import facts_for
from crm.demo.names import Namer, person
from crm.demo.office import Office
from crm.demo.records import told
from crm.demo.when import at, recorded
from crm.projects.models import (
    PIPELINE,
    EconomyType,
    LossReason,
    Origin,
    ProjectKind,
    Purpose,
    Stage,
)
from crm.projects.services import ProjectDetails, ProjectRow, StageStep

FIRST_DAY = date(2018, 1, 8)

# share of the projects, usual days until the next stage, days in it so far (most, and the longest)
_STAGES = {
    Stage.LEAD: (20, 25, 20, 75),
    Stage.NEGOTIATING: (17, 50, 35, 130),
    Stage.INTENT: (13, 80, 50, 190),
    Stage.SIGNED: (13, 35, 15, 80),
    Stage.APPROVAL: (9, 110, 60, 240),
    Stage.CONSTRUCTION: (12, 330, 150, 600),
    Stage.COMPLETED: (10, 0, 200, 420),
}
_ORIGINS = {
    Origin.LOCAL: 30,
    Origin.DOMESTIC: 42,
    Origin.SINO_GERMAN: 12,
    Origin.SINO_ISRAEL: 10,
    Origin.OTHER_FOREIGN: 6,
}
_TOPICS = {
    FutureIndustry.ROBOTICS: ("工业机器人", "协作机器人", "精密减速器", "智能装备", "无人搬运车"),
    FutureIndustry.AI: ("机器视觉", "智能语音", "边缘计算", "智能驾驶感知", "医学影像识别"),
    FutureIndustry.NEW_IT: ("工业互联网", "功率半导体", "光通信器件", "物联网终端", "工业软件"),
    FutureIndustry.OTHER: ("高性能材料", "检验检测", "储能系统", "生物试剂", "知识产权服务"),
}
_BUILDINGS = ("产业园", "研发大楼", "总部大厦", "制造基地", "智能工厂")
_ROOMS = ("研发中心", "总部", "创新中心", "应用研究院", "孵化项目", "区域总部")
_PURPOSES = {
    "产业园": Purpose.FACTORY, "制造基地": Purpose.FACTORY, "智能工厂": Purpose.FACTORY,
    "总部大厦": Purpose.OFFICE, "总部": Purpose.OFFICE, "区域总部": Purpose.OFFICE,
}  # fmt: skip
_READY = 0.35  # share of the projects that already show what their next gate asks for
_PAUSES = (
    "投资方内部决策延后",
    "用地指标待落实",
    "等待母公司融资到位",
    "受疫情影响外方人员无法来访",
)
_LOSSES = {
    "投资方选择其他城市": LossReason.ELSEWHERE,
    "未达成政策条件": LossReason.POLICY,
    "投资方调整战略": LossReason.STRATEGY,
    "资金未落实，双方终止": LossReason.FUNDS,
}
_SKIPS = ("双方条件成熟，直接签约", "已有成熟意向，合并办理")
_NEXT = {
    Stage.LEAD: ("首次电话沟通", "约见投资方负责人", "发送园区载体资料"),
    Stage.NEGOTIATING: ("赴投资方总部考察", "商谈载体与政策", "提交项目评审"),
    Stage.INTENT: ("修改协议文本", "安排签约仪式", "核定用房面积"),
    Stage.SIGNED: ("协助办理注册", "启动立项备案", "对接规划方案"),
    Stage.APPROVAL: ("催办环评批复", "办理施工许可", "协调规划许可"),
    Stage.CONSTRUCTION: ("现场查看主体进度", "核对月度投资完成额", "安排竣工验收预查"),
    Stage.COMPLETED: ("办理投用手续", "对接人员招聘"),
    Stage.PAUSED: ("回访投资方，确认是否恢复",),
}
_SOURCES = (
    "以商招商",
    "驻外招商",
    "校友推荐",
    "中介机构推荐",
    "展会对接",
    "上级部门推荐",
    "自行来访",
)


def projects(count: int, office: Office) -> Iterator[ProjectRow]:
    """So many projects, one after the other."""
    weights = [share for share, *_ in _STAGES.values()]
    for number in range(1, count + 1):
        stage = office.rng.choices(tuple(_STAGES), weights)[0]
        yield _project(number, stage, office)


def written(row: ProjectRow, rng: Random, today: date) -> ProjectRow:
    """The row with the instants at which each step was written down, in order."""
    steps, last = [], at(row.steps[0].effective_on)
    for step in row.steps:
        last = max(last, recorded(rng, step.effective_on, today, within=3))
        steps.append(replace(step, recorded_at=last))
    return replace(row, steps=tuple(steps), recorded_at=steps[0].recorded_at)


def _project(number: int, stage: Stage, office: Office) -> ProjectRow:
    rng = office.rng
    owner = rng.choice(office.owners)
    steps = _steps(_path(stage, office), owner, rng)
    details = replace(_details(office), owner_id=owner)
    reached = max(
        (step.to_stage for step in steps if step.to_stage in PIPELINE), key=PIPELINE.index
    )
    details = replace(details, unit_id=_responsible(details, reached, office))
    is_ready = rng.random() < _READY
    details = facts_for(details, steps, number, office, is_ready=is_ready)
    now = steps[-1].to_stage
    details = told(details, now, number, office)
    if now in _NEXT and details.in_use_on is None and rng.random() < 0.8:
        due_on = office.until + timedelta(days=rng.randrange(-15, 40))
        details = replace(details, next_action=rng.choice(_NEXT[now]), next_action_on=due_on)
    return written(ProjectRow(details, steps), rng, office.today)


def _details(office: Office) -> ProjectDetails:
    rng = office.rng
    kind = rng.choices((ProjectKind.MOVE_IN, ProjectKind.CONSTRUCTION), (6, 4))[0]
    origin = rng.choices(tuple(_ORIGINS), tuple(_ORIGINS.values()))[0]
    industry = rng.choice(tuple(FutureIndustry))
    is_building = kind is ProjectKind.CONSTRUCTION
    suffix = rng.choice(_BUILDINGS if is_building else _ROOMS)
    wan = round(rng.lognormvariate(0, 0.8) * (28_000 if is_building else 2_400), -2)
    return ProjectDetails(
        name=f"{office.namer.brand()}{rng.choice(_TOPICS[industry])}{suffix}",
        kind=kind,
        origin=origin,
        unit_id=office.units["investment"],
        investor=_investor(origin, office.namer),
        economy_type=rng.choice(tuple(EconomyType)),
        future_industry=industry,
        purpose=_PURPOSES.get(suffix, Purpose.RESEARCH),
        floor_area=rng.randrange(60, 900) * 100 if is_building else rng.randrange(10, 500) * 10,
        summary="演示项目，由系统生成。",
        source=rng.choice(_SOURCES),
        contact=person(rng),
        expected_investment=Decimal(max(200, int(wan))) * 10_000,
    )


def _investor(origin: Origin, namer: Namer) -> str:
    match origin:
        case Origin.SINO_GERMAN:
            return namer.foreign_investor("德国", "GmbH")
        case Origin.SINO_ISRAEL:
            return namer.foreign_investor("以色列", "Ltd.")
        case Origin.OTHER_FOREIGN:
            return namer.foreign_investor("新加坡", "Pte. Ltd.")
        case _:
            return namer.investor()


def _responsible(details: ProjectDetails, reached: Stage, office: Office) -> int:
    """招商 until it is signed; then who builds, the garden of its origin or the carrier that takes it in."""
    units, rng = office.units, office.rng
    if details.origin.value in units:
        return units[details.origin.value]
    if PIPELINE.index(reached) < PIPELINE.index(Stage.APPROVAL):
        return units["investment"]
    if details.kind is ProjectKind.CONSTRUCTION:
        return units["construction"]
    return units[rng.choice(("ustp", "longcheng", "dut", "investment"))]


def _path(stage: Stage, office: Office) -> list[tuple[Stage, date]]:
    """The stages on the way, dated backwards from the days that it has stood in the last one."""
    rng = office.rng
    _, _, usual, longest = _STAGES[stage]
    day = office.until - timedelta(days=int(rng.triangular(0, longest, usual)))
    earlier = PIPELINE[: PIPELINE.index(stage)]
    days = [max(4.0, _STAGES[before][1] * rng.uniform(0.35, 1.5)) for before in earlier]
    if sum(days) > (room := (day - FIRST_DAY).days):
        days = [each * room / sum(days) * rng.uniform(0.85, 1) for each in days]
    path = [(stage, day)]
    for before, stay in zip(reversed(earlier), reversed(days), strict=True):
        day -= timedelta(days=int(stay))
        path.append((before, day))
    return path[::-1]


def _steps(path: list[tuple[Stage, date]], owner: int, rng: Random) -> tuple[StageStep, ...]:
    """The path with what happens in life: a skip, a step back, a pause, a loss."""
    steps = [StageStep(stage, on, by_id=owner) for stage, on in path]
    last, lot = steps[-1], rng.random()
    if last.to_stage is Stage.COMPLETED or len(steps) < 2:
        return tuple(steps)
    days = (last.effective_on - steps[-2].effective_on).days
    if lot < 0.05:
        why = rng.choice(tuple(_LOSSES))
        steps[-1] = replace(last, to_stage=Stage.LOST, note=why, loss_reason=_LOSSES[why])
    elif lot < 0.09:
        steps[-1] = replace(last, to_stage=Stage.PAUSED, note=rng.choice(_PAUSES))
    elif lot < 0.12 and days > 30:  # paused on the way, and back again
        paused = replace(steps[-2], to_stage=Stage.PAUSED, note=rng.choice(_PAUSES))
        paused = replace(paused, effective_on=paused.effective_on + timedelta(days=10))
        back_on = paused.effective_on + timedelta(days=12)
        back = replace(steps[-2], effective_on=back_on, note="条件落实，恢复推进")
        steps[-1:] = [paused, back, last]
    elif lot < 0.14 and days > 30 and len(steps) > 2:  # one step back, and forward again
        back_on = steps[-2].effective_on + timedelta(days=12)
        back = replace(steps[-3], effective_on=back_on, note="条款需重新商谈，退回上一阶段")
        again = replace(steps[-2], effective_on=back_on + timedelta(days=15))
        steps[-1:] = [back, again, last]
    elif lot < 0.17 and len(steps) > 3:
        del steps[2]
        steps[2] = replace(steps[2], note=rng.choice(_SKIPS))
    return tuple(steps)
