"""The five buildings that the plan of 2020 names, with generated dates, and the milestones that they prove."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from crm.audit.services import Actor
from crm.companies.models import FutureIndustry
from crm.demo.facts import facts_for
from crm.demo.office import Office
from crm.demo.pipeline import written
from crm.demo.records import told
from crm.projects.models import (
    PIPELINE,
    EconomyType,
    Figure,
    KeyLevel,
    Origin,
    Project,
    ProjectKind,
    Purpose,
    Stage,
)
from crm.projects.services import ProjectDetails, ProjectRow, StageStep
from crm.projects.upgrades import upgrade


@dataclass(frozen=True)
class Landmark:
    """A building by its public name; `days` are those of its stages in order, as far as it has come."""

    milestone: str
    name: str
    days: tuple[date, ...]
    floor_area: int
    yi: int  # expected investment in 亿元
    purpose: Purpose = Purpose.OFFICE
    economy_type: EconomyType = EconomyType.HEADQUARTERS
    industry: FutureIndustry = FutureIndustry.AI
    upgraded_on: date | None = None


LANDMARKS = (
    Landmark(
        "M1", "深兰亚太中心",
        (date(2019, 2, 18), date(2019, 3, 25), date(2019, 6, 12), date(2019, 9, 20), date(2019, 11, 28),
         date(2020, 8, 18)),
        86_000, 10,
    ),
    Landmark(
        "M2", "纳恩博南方大厦",
        (date(2019, 4, 10), date(2019, 5, 16), date(2019, 8, 22), date(2020, 1, 9), date(2020, 7, 6)),
        52_000, 6, industry=FutureIndustry.ROBOTICS, upgraded_on=date(2020, 8, 20),
    ),
    Landmark(
        "M3", "高凯科技大厦",
        (date(2019, 6, 5), date(2019, 7, 18), date(2019, 11, 14), date(2020, 8, 27)),
        38_000, 4, industry=FutureIndustry.NEW_IT,
    ),
    Landmark(
        "M4", "青峰创元大厦",
        (date(2018, 2, 6), date(2018, 3, 15), date(2018, 5, 22), date(2018, 7, 19), date(2018, 9, 27),
         date(2019, 3, 12)),
        64_000, 7, economy_type=EconomyType.BUILDING, industry=FutureIndustry.OTHER,
    ),
    Landmark(
        "M5", "人才公寓",
        (date(2019, 9, 4), date(2019, 10, 15), date(2019, 12, 10), date(2020, 4, 21), date(2020, 6, 18)),
        150_000, 9, Purpose.TALENT_HOUSING, EconomyType.BUILDING, FutureIndustry.OTHER,
    ),
)  # fmt: skip


def landmark_row(landmark: Landmark, number: int, office: Office) -> ProjectRow:
    """The building as a project, as far as it has come by the world's last day."""
    rng = office.rng
    owner = rng.choice(office.owners)
    steps = tuple(
        StageStep(stage, on, by_id=owner)
        for stage, on in zip(PIPELINE, landmark.days, strict=False)
        if on <= office.until
    )
    details = ProjectDetails(
        name=landmark.name,
        kind=ProjectKind.CONSTRUCTION,
        origin=Origin.LOCAL if landmark.purpose is Purpose.TALENT_HOUSING else Origin.DOMESTIC,
        unit_id=office.units["construction"],
        investor=f"{landmark.name}投资方（演示）",
        economy_type=landmark.economy_type,
        future_industry=landmark.industry,
        purpose=landmark.purpose,
        owner_id=owner,
        floor_area=landmark.floor_area,
        summary="名称取自公开的年度工作要点；日期、金额和进度均为演示数据。",
        next_action=_next_action(steps[-1].to_stage),
        next_action_on=min(date(2020, 10, 15), date(office.until.year, 12, 31)),
        source="上级部门推荐",
        contact="项目联系人（演示）",
        expected_investment=Decimal(landmark.yi) * 100_000_000,
    )
    details = facts_for(details, steps, number, office)
    details = replace(told(details, steps[-1].to_stage, number, office), key_level=KeyLevel.CITY)
    return written(ProjectRow(details, steps), rng, office.today)


def _next_action(stage: Stage) -> str:
    return {
        Stage.CONSTRUCTION: "现场查看主体进度",
        Stage.APPROVAL: "协调施工许可，确保下半年开工",
        Stage.SIGNED: "启动立项备案和方案审查",
    }.get(stage, "推进商谈")


def upgrade_it(project: Project, on: date, *, by: Actor) -> None:
    """From a building to a headquarters with its own plant, for the same money: no sum is another than before."""
    reason = "增设机器人核心部件研发和中试线，升级为省级重点，投资额不变（演示）"
    upgrade(
        project,
        on=on,
        figure=Figure.AGREED,
        amount=None,
        key_level=KeyLevel.PROVINCE,
        reason=reason,
        by=by,
    )
