"""Ten registers of evidence, so that the year's figures lie where such a park's would; written once, whatever its size.

How many of a kind there are goes by `_YEARLY`, a full year of a park of a thousand firms; smaller parks have fewer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from crm.audit.verification import VerificationState
from crm.companies.models import CompanyKind, FutureIndustry
from crm.core.identifiers import patent_check_character
from crm.demo.names import person
from crm.demo.when import between, recorded
from crm.evidence.kinds.contracts import ContractKind
from crm.evidence.kinds.events import Audience, EventKind, Origin
from crm.evidence.kinds.financings import Instrument, InvestorKind
from crm.evidence.kinds.incubation_projects import VentureKind
from crm.evidence.kinds.patents import ApplicantKind, PatentKind
from crm.evidence.kinds.platforms import HostKind, PlatformKind, PlatformLevel
from crm.evidence.kinds.press_reports import PressLevel
from crm.evidence.kinds.talents import Programme, Way
from crm.evidence.kinds.transformations import Transfer
from crm.evidence.services import Row
from crm.ladder.models import Level

FIRST_YEAR, FULL_PARK = 2018, 1000
_GROWTH = {2018: 0.72, 2019: 0.86}  # of a full year now
_WAITING = timedelta(days=12)  # what happened so lately nobody has verified yet
_LONGEST_GRANT = 700  # days from an application to its grant
_TRIES = 8

_THINGS = (
    "机器人关节减速装置", "视觉定位系统", "伺服驱动控制方法", "锂电池热管理结构", "激光焊接工装", "柔性夹爪",
    "数控机床主轴", "工业数据采集网关", "图像缺陷检测方法", "高分子涂层材料", "智能仓储输送线", "传感器标定装置",
    "医用康复外骨骼", "无人机巡检方法", "光伏组件清洗设备", "边缘计算调度方法",
)  # fmt: skip
_OF = ("一种", "基于深度学习的", "一种高精度", "一种低功耗", "一种自适应", "面向产线的")
_INSTITUTES = (
    "常州大学",
    "河海大学",
    "江苏理工学院",
    "东南大学",
    "南京理工大学",
    "中国科学院合肥物质研究院",
)
_OUTLETS = {
    PressLevel.NATIONAL: ("科技日报", "光明日报", "中国教育报", "经济日报"),
    PressLevel.PROVINCIAL: ("新华日报", "江苏经济报", "江苏卫视"),
    PressLevel.MUNICIPAL: ("常州日报", "常州晚报", "武进日报", "常州电视台"),
}
_FUND = "常州科教城产业引导基金"


@dataclass(frozen=True)
class Home:
    """A firm at the carrier that is its 统计归属 for a while."""

    company_id: int
    name: str
    kind: CompanyKind
    is_national: bool
    from_on: date
    to_on: date | None
    is_high_tech: bool
    clerk_id: int | None  # who keeps its records

    def covers(self, day: date) -> bool:
        return self.from_on <= day and (self.to_on is None or self.to_on > day)


@dataclass(frozen=True)
class Keepers:
    """Units that keep records without a firm, by what they keep: colleges, the carriers, the park's offices."""

    colleges: Sequence[tuple[int, str]]
    carriers: Sequence[tuple[int, str]]
    office: tuple[int, str]


class Registers:
    """The rows of every register, in the order of kinds; the same random numbers give the same."""

    def __init__(
        self, rng: Random, homes: Sequence[Home], keepers: Keepers, *, verifier: int, until: date, today: date, share: float
    ) -> None:  # fmt: skip
        self._rng, self._keepers, self._verifier = rng, keepers, verifier
        self._until, self._today, self._share = until, today, share
        firms = [home for home in homes if home.kind is CompanyKind.ENTERPRISE]
        self._national = [home for home in firms if home.is_national] or firms
        self._others = [home for home in firms if not home.is_national] or firms
        self._firms = firms
        self._high_tech = [home for home in firms if home.is_high_tech] or firms
        self._institutes = [h for h in homes if h.kind is CompanyKind.INSTITUTE] or firms
        self._serial = 0

    def rows(self) -> Iterator[tuple[str, list[Row]]]:
        """Register → its rows."""
        makers: Mapping[str, Callable[[], Iterator[Row]]] = {
            "patents": self._patents, "talents": self._talents, "financings": self._financings,
            "contracts": self._contracts, "transformations": self._transformations, "platforms": self._platforms,
            "grants": self._grants, "incubation_projects": self._incubation_projects, "events": self._events,
            "press_reports": self._press_reports,
        }  # fmt: skip
        for key, make in makers.items():
            yield key, list(make())

    def _days(self, yearly: int, *, at_least: int = 0) -> Iterator[tuple[date, int]]:
        """Days of records, `yearly` of them in a full year now, and their number in all so far."""
        for year in range(FIRST_YEAR, self._until.year + 1):
            growth = _GROWTH.get(year, 1) * self._rng.uniform(0.97, 1.03)
            for _ in range(max(at_least, round(yearly * self._share * growth))):
                day = between(self._rng, date(year, 1, 2), date(year, 12, 31))
                self._serial += 1
                if day <= self._until:
                    yield day, self._serial

    def _row(self, values: dict[str, Any], day: date, source: str, **whose: Any) -> Row:
        is_waiting = day > self._until - _WAITING
        state = VerificationState.PENDING if is_waiting else VerificationState.VERIFIED
        return Row(
            {"happened_on": day, "source": f"{day.year}年{day.month}月{source}（演示）", **values},
            state=state,
            verified_by_id=None if is_waiting else self._verifier,
            recorded_at=recorded(self._rng, day, self._today),
            **whose,
        )

    def _firm(self, homes: Sequence[Home], day: date) -> Home:
        """One that was there on the day, nearly always."""
        found = [self._rng.choice(homes) for _ in range(_TRIES)]
        return next((home for home in found if home.covers(day)), found[0])

    def _of_firm(self, homes: Sequence[Home], day: date, source: str, **values: Any) -> Row:
        home = self._firm(homes, day)
        whose = {"company_id": home.company_id, "reported_by_id": home.clerk_id}
        return self._row({"holder": home.name, **values}, day, source, **whose)

    def _thing(self) -> str:
        return f"{self._rng.choice(_OF)}{self._rng.choice(_THINGS)}"

    def _wan(self, least: int, most: int) -> Decimal:
        return Decimal(self._rng.randrange(least, most)) * 10_000

    def _patents(self) -> Iterator[Row]:
        """Most inventions come from the colleges, then from firms; every twentieth has two firms for applicants."""
        for yearly, homes, kind in (
            (1900, (), ApplicantKind.COLLEGE), (75, self._institutes, ApplicantKind.INSTITUTE),
            (460, self._national, ApplicantKind.FIRM), (320, self._others, ApplicantKind.FIRM),
        ):  # fmt: skip
            for day, serial in self._days(yearly):
                yield self._patent(day, serial, homes, kind, is_invention=True)
        for day, serial in self._days(900):
            yield self._patent(day, serial, self._firms, ApplicantKind.FIRM, is_invention=False)

    def _patent(
        self, day: date, serial: int, homes: Sequence[Home], applicant: ApplicantKind, *, is_invention: bool
    ) -> Row:  # fmt: skip
        digits = f"{day.year}{1 if is_invention else 2}{serial:07d}"
        granted = day + timedelta(self._rng.randrange(120, _LONGEST_GRANT if is_invention else 330))
        values: dict[str, Any] = {
            "number": f"{digits}.{patent_check_character(digits)}",
            "title": self._thing(),
            "kind": PatentKind.INVENTION if is_invention else PatentKind.UTILITY_MODEL,
            "applicant_kind": applicant,
            "granted_on": granted if granted <= self._until and self._rng.random() < 0.8 else None,
            "inventors": "；".join(person(self._rng) for _ in range(2)),
        }
        source = "专利数据导出"
        if not homes:
            unit_id, name = self._rng.choice(self._keepers.colleges)
            return self._row({**values, "holder": name}, day, source, unit_id=unit_id)
        first = self._firm(homes, day)
        second = self._firm(self._firms, day) if serial % 20 == 0 else first
        if second.company_id == first.company_id:
            whose = {"company_id": first.company_id, "reported_by_id": first.clerk_id}
            return self._row({**values, "holder": first.name}, day, source, **whose)
        return self._row(
            {**values, "holder": f"{first.name}；{second.name}"}, day, source, company_id=first.company_id,
            co_holder_ids=(second.company_id,),
        )  # fmt: skip

    def _talents(self) -> Iterator[Row]:
        for yearly, programme in (
            (4, Programme.NATIONAL), (8, Programme.DOUBLE_CREATION), (13, Programme.LONGCHENG),
            (40, Programme.GOLDEN_PHOENIX), (650, Programme.SCIENCE), (2, Programme.EXPERT),
            (14, Programme.BROKER), (110, Programme.SERVICE),
        ):  # fmt: skip
            for day, serial in self._days(yearly, at_least=2):
                is_foreign = programme is Programme.EXPERT
                is_trained = programme in (Programme.BROKER, Programme.SERVICE) or serial % 3 == 0
                yield self._of_firm(
                    self._firms, day, f"{programme.label}名单", title=person(self._rng) + f"{serial % 97:02d}",
                    programme=programme, year=day.year, way=Way.TRAINED if is_trained else Way.BROUGHT_IN,
                    nationality="德国" if is_foreign else "中国", role="工程技术专家" if is_foreign else "研发",
                )  # fmt: skip

    def _financings(self) -> Iterator[Row]:
        kinds = (
            (Instrument.SUKE, InvestorKind.BANK, "江苏银行常州分行"), (Instrument.KEBAO, InvestorKind.BANK, "常州科技保险支公司"),
            (Instrument.ANGEL, InvestorKind.FUND, "常州天使创业投资基金"),
            (Instrument.VENTURE, InvestorKind.FUND, "江苏智造创业投资基金"),
        )  # fmt: skip
        for day, serial in self._days(64):
            homes, (instrument, investor, name) = self._firms, kinds[serial % len(kinds)]
            if serial % 32 == 0:
                homes, name = self._high_tech, _FUND
                instrument, investor = Instrument.FUND, InvestorKind.GUIDANCE_FUND
            yield self._of_firm(
                homes, day, "融资台账", title=name, instrument=instrument, investor_kind=investor,
                amount=self._wan(50, 900) + serial,
            )  # fmt: skip

    def _contracts(self) -> Iterator[Row]:
        for day, serial in self._days(372):
            yield self._of_firm(
                self._firms, day, "技术合同登记清单", registration_number=f"{day.year}320412{serial:06d}",
                title=f"{self._thing()}联合开发", kind=self._rng.choice(tuple(ContractKind)),
                counterpart=self._rng.choice(_INSTITUTES), amount=self._wan(10, 143),
            )  # fmt: skip

    def _transformations(self) -> Iterator[Row]:
        for day, serial in self._days(44):
            yield self._of_firm(
                self._firms, day, "成果转化台账", title=f"{self._thing()}（{serial}）", origin=self._rng.choice(_INSTITUTES),
                way=self._rng.choice(tuple(Transfer)), is_high_tech=serial % 6 != 0, output=self._wan(200, 6000),
            )  # fmt: skip

    def _platforms(self) -> Iterator[Row]:
        """A stock of three dozen, a few more in each year; one was withdrawn."""
        plan = [
            (PlatformKind.PUBLIC_RESEARCH, PlatformLevel.MUNICIPAL, HostKind.INSTITUTE, 14),
            (PlatformKind.FIRM_RESEARCH, PlatformLevel.MUNICIPAL, HostKind.FIRM, 14),
            (PlatformKind.FIRM_RESEARCH, PlatformLevel.PROVINCIAL, HostKind.FIRM, 6),
            (PlatformKind.PUBLIC_RESEARCH, PlatformLevel.PROVINCIAL_FIRST, HostKind.INSTITUTE, 3),
            (PlatformKind.WORKSTATION, PlatformLevel.PROVINCIAL, HostKind.FIRM, 5),
            (PlatformKind.TRANSFER_BODY, PlatformLevel.NATIONAL, HostKind.PARK, 1),
        ]  # fmt: skip
        for kind, level, host, number in plan:
            for place in range(number):
                year = (
                    FIRST_YEAR + 2 * (place % 3 == 0)
                    if level is not PlatformLevel.MUNICIPAL
                    else FIRST_YEAR
                )
                day = between(self._rng, date(year, 3, 1), date(year, 8, 31))
                homes = self._institutes if host is HostKind.INSTITUTE else self._firms
                withdrawn = date(2019, 11, 4) if place == 13 and host is HostKind.FIRM else None
                if day <= self._until:
                    yield self._of_firm(
                        homes, day, "平台认定文件", title=f"{self._rng.choice(_THINGS)}{kind.label}{place + 1}", kind=kind,
                        level=level, host_kind=host, withdrawn_on=withdrawn,
                    )  # fmt: skip

    def _grants(self) -> Iterator[Row]:
        programmes = ("省重点研发计划", "市科技支撑计划", "国家重点研发计划课题", "区科技创新专项")
        levels = (Level.PROVINCIAL, Level.MUNICIPAL, Level.NATIONAL, Level.DISTRICT)
        for day, serial in self._days(124):
            at = serial % len(levels)
            yield self._of_firm(
                self._firms, day, "立项文件", number=f"BE{day.year}{serial:05d}", title=f"{self._thing()}研发",
                level=levels[at], programme=programmes[at], amount=self._wan(20, 320),
            )  # fmt: skip

    def _incubation_projects(self) -> Iterator[Row]:
        for day, serial in self._days(316):
            unit_id, name = self._rng.choice(self._keepers.carriers)
            is_firm = serial % 3 == 0
            values = {
                "title": f"{self._rng.choice(_THINGS)}创业项目{serial}", "holder": f"{person(self._rng)}团队",
                "kind": VentureKind.TEAM, "leader": person(self._rng),
                "future_industry": self._rng.choice(tuple(FutureIndustry)),
            }  # fmt: skip
            if is_firm:
                values["kind"] = VentureKind.FIRM
                del values["holder"]
                yield self._of_firm(self._national, day, "入孵项目月报", **values)
            else:
                yield self._row(values, day, f"{name}入孵项目月报", unit_id=unit_id)

    def _events(self) -> Iterator[Row]:
        for yearly, kind, audience, origin, persons in (
            (13, EventKind.TRAINING, Audience.STUDENTS, Origin.GERMAN, (30, 62)),
            (4, EventKind.TRAINING, Audience.TEACHERS, Origin.GERMAN, (9, 18)),
            (9, EventKind.TEACHERS, Audience.TEACHERS, Origin.OWN, (20, 60)),
            (24, EventKind.MATCHING, Audience.FIRMS, Origin.OWN, (20, 120)),
            (10, EventKind.ROADSHOW, Audience.FIRMS, Origin.ISRAELI, (20, 80)),
        ):  # fmt: skip
            for day, serial in self._days(yearly, at_least=yearly):
                unit_id, name = self._rng.choice(self._keepers.colleges)
                number = self._rng.randrange(*persons)
                yield self._row(
                    {
                        "title": f"{origin.label}{kind.label}（第{serial}期）", "holder": name, "kind": kind,
                        "audience": audience, "programme": origin, "persons": number, "attendances": number * 3,
                    },
                    day, "签到与总结", unit_id=unit_id,
                )  # fmt: skip

    def _press_reports(self) -> Iterator[Row]:
        for yearly, level in (
            (13, PressLevel.NATIONAL), (19, PressLevel.PROVINCIAL), (385, PressLevel.MUNICIPAL),
        ):  # fmt: skip
            for day, serial in self._days(yearly, at_least=yearly // 4):
                unit_id, name = self._keepers.office
                yield self._row(
                    {
                        "title": f"科教城{self._rng.choice(_THINGS)}走上产线（{serial}）", "holder": name,
                        "outlet": self._rng.choice(_OUTLETS[level]), "level": level,
                    },
                    day, "媒体报道剪报目录", unit_id=unit_id,
                )  # fmt: skip
