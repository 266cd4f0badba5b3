"""The generated park as a whole, written through the services that imports use, in the caller's one transaction."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import islice
from random import Random
from typing import Any, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from crm.audit.services import Actor
from crm.carriers.letting import lets_many
from crm.carriers.models import Building, Let, Room
from crm.carriers.queries import holds_on, visible_rooms
from crm.carriers.services import rooms_many
from crm.companies.links import link_many
from crm.companies.models import Company, CompanyKind, Residence
from crm.companies.residence import ResidenceDetails
from crm.companies.services import register_many
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.money import Currency
from crm.core.words import N_
from crm.cultivation.services import take_in_many
from crm.demo import (
    autumn,
    entries,
    evidence,
    followups,
    frozen,
    invested,
    kin,
    landmarks,
    leaving,
    nursery,
    permits,
    published,
    reported,
    responsible,
    space,
    supervised,
    underway,
)
from crm.demo.arrivals import PLAN_YEAR, arrivals
from crm.demo.careers import careers
from crm.demo.firms import Carrier, Firm, Makers, firms
from crm.demo.names import Namer
from crm.demo.office import Builder, Office
from crm.demo.pipeline import projects as pipeline
from crm.demo.records import added, housed
from crm.demo.returns import Returns, rounds
from crm.demo.staff import Staff, has_clerks
from crm.demo.twice import write_twice
from crm.entry import intake
from crm.evidence.kinds import KINDS
from crm.evidence.services import Row, save_many
from crm.followup import requests
from crm.followup.instructions import InstructionRow, give_many
from crm.followup.services import record_many
from crm.followup.tasks import add_many
from crm.investments import services as investments
from crm.investments.rates import quote
from crm.ladder import labels, revocations
from crm.ladder import queries as ladder
from crm.ladder.models import QualificationKind
from crm.ladder.services import award_many
from crm.milestones.problems import raise_many
from crm.milestones.services import promise_many
from crm.operating.rounds import open_round
from crm.operating.services import report_many
from crm.people.models import Unit, UnitKind, User
from crm.people.queries import carriers, units
from crm.people.roles import Role
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.plans.planning import bind_milestone
from crm.progress.services import write_many
from crm.projects import approvals, partners
from crm.projects import services as project_services
from crm.projects.details import ProjectRow
from crm.projects.models import Project
from crm.reference import settings
from crm.reference.working_days import calendar
from crm.targets import services as target_services
from crm.targets.models import Indicator, PlanMilestone, ProgressReport
from crm.targets.queries import plan_of

BLOCK = 4000  # firms made, written and forgotten together
FEWEST_COMPANIES, FEWEST_PROJECTS = 20, len(landmarks.LANDMARKS)
_BUILDERS, _FOLLOWED_FIRMS, _INSTRUCTED = 2000, 12, 8
_PROVING = 4000  # firms over which the evidence is spread
_HOUSED = 3  # projects that mean to have a room of the ledger

Item = TypeVar("Item")
Told = Callable[[str, int], None]


@dataclass(frozen=True)
class Summary:
    """How much was written."""

    companies: int = 0
    qualifications: int = 0
    operating_reports: int = 0
    projects: int = 0
    progress_reports: int = 0
    applications: int = 0
    people: int = 0
    rooms: int = 0
    lets: int = 0
    activities: int = 0
    tasks: int = 0
    requests: int = 0
    instructions: int = 0
    cultivations: int = 0
    declarations: int = 0
    evidence: int = 0
    orders: int = 0
    written_twice: int = 0  # records beside the firms


def load(*, companies: int, projects: int, seed: int, by: Actor, today: date) -> Summary:
    """Write a generated park of this size as of today; the same seed and day give the same park.

    Needs the park's units and the plan of 2020. Firms and projects are added to those that are there; the plan's own
    buildings and reports are written once. Raises DomainError when a size or the day is out of range.
    """
    return World(seed, today, by=by).write(companies=companies, projects=projects)


class World:
    """One park while it is made; `tell` hears what has been written so far."""

    def __init__(
        self, seed: int, today: date, *, by: Actor, tell: Told = lambda what, count: None
    ) -> None:
        if today.year < PLAN_YEAR:
            raise DomainError(
                N_("演示数据从%(year)s年开始，请将业务日期设在其后。"), year=PLAN_YEAR
            )
        self._seed, self._today, self._by, self._tell = seed, today, by, tell
        self._until = min(today, date(PLAN_YEAR, 12, 31))
        self._units = {unit.code: unit for unit in session.scalars(units())}
        self._present = session.scalar(select(func.count()).select_from(Company)) or 0
        self._staff = Staff(self._rng("staff"), by=by)
        self._links_rng = self._rng("links")
        taken = session.scalars(select(Company.name)) if self._present else ()
        self._clerk_of: dict[int, int | None] | None = None
        self._namer = Namer(self._rng("names"), taken)
        self._late_reports: list[target_services.ReportRow] = []  # written after the snapshots
        self._late_evidence: dict[str, list[Row]] = {}

    def write(self, *, companies: int, projects: int) -> Summary:
        """All of it. Raises DomainError when there are too few for the plan's own buildings and firms."""
        if companies < FEWEST_COMPANIES or projects < FEWEST_PROJECTS:
            raise DomainError(
                N_("演示数据至少需要%(companies)s家企业和%(projects)s个项目。"),
                companies=FEWEST_COMPANIES,
                projects=FEWEST_PROJECTS,
            )
        written = self._companies(companies)
        written = self._reports(self._projects(projects, written))
        if self._present == 0:  # everybody's work of the day is made once
            for details in rounds(self._until):
                open_round(self._units["park"], details, by=self._by)
            written = self._applications(self._work(self._cultivate(written)))
            written = self._evidence(written)
            self._freeze()
            answering = responsible.Answering(
                plan_of(PLAN_YEAR), self._units, self._staff, self._until, self._by
            )
            answering.write()
            supervisor = session.get_one(User, self._supervisor())
            published.read_in(self._labels(), supervisor, self._until)
            revocations.report_many(leaving.ends(self._until), by=self._by)
            declared = autumn.declare(
                self._rng("declarations"), self._until, self._today, by=self._by
            )
            twice = write_twice(self._until, by=self._by)
            orders = supervised.supervise(
                plan_of(PLAN_YEAR), self._until, people_of=self._people_of, by=self._by
            )
            written = replace(written, declarations=declared, written_twice=twice, orders=orders)
        self._write_late()
        written = replace(written, people=self._staff.engaged)
        before = settings.get("demo_data") or {}
        sizes = {name: before.get(name, 0) + count for name, count in asdict(written).items()}
        about = {"seed": self._seed, "on": self._today.isoformat(), **sizes}
        settings.put("demo_data", about, by=self._by)
        return written

    def _companies(self, count: int) -> Summary:
        is_first = settings.get("demo_data") is None  # the plan's own numbers are made once
        stream = arrivals(count, self._until, self._rng("arrivals"), with_entrants=is_first)
        climbing = careers(stream, self._rng("careers")) if is_first else {}
        made = firms(stream, climbing, self._makers())
        written, stays = Summary(), []
        for block in _blocks(made, BLOCK):
            ids = register_many([firm.registration for firm in block], by=self._by)
            pairs = list(zip(ids, block, strict=True))
            stays += [(id_, stay) for id_, firm in pairs for stay in firm.registration.residences]
            written = self._write_block(pairs, written)
            self._tell("companies", written.companies)
        return self._space(stays, written)

    def _write_block(self, pairs: list[tuple[int, Firm]], written: Summary) -> Summary:
        link_many(list(kin.links(pairs, self._links_rng, self._until)), by=self._by)
        proofs = [(id_, proof) for id_, firm in pairs for proof in firm.proofs]
        reports = [(id_, report) for id_, firm in pairs for report in firm.reports]
        homes = [(id_, firm.registration.residences) for id_, firm in pairs]
        clerks = self._clerks()
        said = list(
            followups.activities(homes, clerks, self._rng(f"activities{pairs[0][0]}"), self._today)
        )
        return replace(
            written,
            companies=written.companies + len(pairs),
            activities=written.activities + len(record_many(said, by=self._by)),
            qualifications=written.qualifications + len(award_many(proofs, by=self._by)),
            operating_reports=written.operating_reports + len(report_many(reports, by=self._by)),
        )

    def _space(self, stays: list[tuple[int, ResidenceDetails]], written: Summary) -> Summary:
        there = {
            space.Place(carrier_id, building, number): id_
            for carrier_id, building, number, id_ in session.execute(
                select(Building.carrier_id, Building.name, Room.number, Room.id).join(Building)
            )
        }
        plan = space.plan(stays, there, self._rng("space"), self._today)
        there |= dict(zip(plan.places, rooms_many(plan.rooms, by=self._by), strict=True))
        lets = [(there[place], details) for place, details in plan.lets]
        self._tell("rooms", len(plan.rooms))
        count = lets_many(lets, by=self._by)
        return replace(written, rooms=len(plan.rooms), lets=count)

    def _projects(self, count: int, written: Summary) -> Summary:
        office = self._office()
        milestones = {m.code: m for m in self._milestones() if m.project_id is None}
        buildings = [b for b in landmarks.LANDMARKS if b.milestone in milestones]
        rows = [landmarks.landmark_row(b, n, office) for n, b in enumerate(buildings, 1)]
        ids = project_services.register_many(rows, by=self._by)
        for building, project_id in zip(buildings, ids, strict=True):
            project = session.get_one(Project, project_id)
            bind_milestone(milestones[building.milestone], project, by=self._by)
            if building.upgraded_on and building.upgraded_on <= self._until:
                landmarks.upgrade_it(project, building.upgraded_on, by=self._by)
        others = list(pipeline(count - len(rows), office))
        if ids:
            others = added(others, ids[0], rows[0])
        others = housed(others, self._free_rooms())
        ids += project_services.register_many(others, by=self._by)
        pairs = list(zip(ids, [*rows, *others], strict=True))
        self._invest(pairs)
        lists = permits.lists(pairs, self._rng("permits"), self._until)
        approvals.add_approvals_many(list(lists), by=self._by)
        self._under_way(pairs, office.units)
        self._tell("projects", len(ids))
        return replace(written, projects=len(ids))

    def _free_rooms(self) -> Sequence[str]:
        """A few rooms of 国家大学科技园 that nobody has."""
        free = visible_rooms(WHOLE_PARK_SCOPE).where(
            Building.carrier_id == self._units["ustp"].id,
            Room.id.not_in(select(Let.room_id).where(holds_on(self._until))),
        )
        names = free.with_only_columns(Building.name + Room.number)
        return session.scalars(names.order_by(Room.id.desc()).limit(_HOUSED)).all()

    def _under_way(self, pairs: list[tuple[int, ProjectRow]], unit_ids: dict[str, int]) -> None:
        """What the projects have promised, met with and reported."""
        rng = self._rng("underway")
        promise_many(list(underway.milestones(pairs, rng, self._until)), by=self._by)
        raise_many(list(underway.problems(pairs, unit_ids, rng, self._until)), by=self._by)
        write_many(list(underway.notes(pairs, rng, self._until)), by=self._by)

    def _invest(self, projects: list[tuple[int, ProjectRow]]) -> None:
        found = invested.money(
            projects, Namer(self._rng("partners")), self._rng("money"), self._until
        )
        partners.take_in_many(found.partners, by=self._by)
        checked_by = session.get_one(User, self._supervisor())
        investments.pay_in_many(found.payments, by=self._by, verified_by=checked_by)
        investments.plan_many(found.plans, by=self._by)
        investments.report_works_many(found.works, by=self._by)
        for valid_from, per_hundred in invested.RATES:
            if self._present == 0 and valid_from <= self._until:
                quote(
                    Currency.USD,
                    valid_from=valid_from,
                    per_hundred=Decimal(per_hundred),
                    source=invested.RATE_SOURCE,
                    by=self._by,
                )

    def _reports(self, written: Summary) -> Summary:
        plan = plan_of(PLAN_YEAR)
        found = select(ProgressReport.id).join(Indicator).where(Indicator.plan_id == plan.id)
        if session.scalar(found.limit(1)):
            return written
        rng = self._rng("reports")
        rows: list[target_services.ReportRow] = []
        for indicator in plan.indicators:
            if indicator.code in reported.SERIES and not indicator.is_computed:
                people = self._people_of(indicator.unit)
                rows += reported.reports(indicator.code, indicator.id, people, rng, self._today)
        for milestone in self._milestones():
            if milestone.code in reported.MILESTONES:
                people = self._people_of(milestone.unit)
                rows += reported.milestone_report(milestone.code, milestone.id, people, self._today)
        in_time, self._late_reports = frozen.told_late(
            rows, {i.id: i.code for i in plan.indicators}
        )
        target_services.report_many(in_time, by=self._by)
        self._tell("reports", len(rows))
        return replace(written, progress_reports=len(rows))

    def _cultivate(self, written: Summary) -> Summary:
        leader = self._staff.of(self._units["park"], Role.LEADER)
        rows = nursery.cultivations(leader, self._clerks(), self._rng("nursery"), self._today)
        return replace(written, cultivations=take_in_many(list(rows), by=self._by))

    def _work(self, written: Summary) -> Summary:
        """What everybody has to do as of today."""
        clerks = [followups.Clerk(id_, unit) for unit, id_ in self._clerks().items() if id_]
        firms = {clerk.unit_id: self._firms_of(clerk.unit_id) for clerk in clerks}
        owners = [
            followups.Clerk(id_, self._units["investment"].id)
            for id_ in self._staff.investors(self._units["investment"])
        ]
        rng, queue, asked = self._rng("work"), [], []
        for clerk in clerks:
            about = [("company", number) for number in firms[clerk.unit_id]]
            queue += list(followups.tasks(clerk, about, self._today))
            asked += list(followups.requests(clerk, firms[clerk.unit_id], rng, self._today))
        for unit in self._units.values():
            for role in (Role.UNIT_STAFF, Role.UNIT_HEAD):
                if person := self._staff.find(unit, role):
                    queue += list(
                        followups.tasks(followups.Clerk(person, unit.id), [], self._today)
                    )
        return replace(
            written,
            tasks=add_many(queue, by=self._by),
            requests=requests.receive_many(asked, by=self._by),
            instructions=give_many(self._instructions(clerks, firms, owners), by=self._by),
        )

    def _instructions(
        self,
        clerks: Sequence[followups.Clerk],
        firms: Mapping[int, Sequence[int]],
        owners: Sequence[followups.Clerk],
    ) -> list[InstructionRow]:
        """On firms, to who keeps them, and on projects, to who owns them, in turn."""
        subjects, to = [], []
        own = select(Project.id, Project.unit_id, Project.owner_id).order_by(Project.id.desc())
        by_id = {owner.user_id: owner for owner in owners}
        for project in session.execute(own.limit(_INSTRUCTED)):
            if project.owner_id in by_id:
                subjects.append(("project", project.id, project.unit_id))
                to.append(by_id[project.owner_id])
        for clerk in clerks:
            for number in firms[clerk.unit_id][:2]:
                subjects.append(("company", number, clerk.unit_id))
                to.append(clerk)
        park = self._units["park"]
        leader = followups.Clerk(self._staff.of(park, Role.LEADER), park.id)
        rng = self._rng("instructions")
        return list(
            followups.instructions(leader, self._supervisor(), to, subjects, rng, self._today)
        )

    def _firms_of(self, unit_id: int) -> list[int]:
        """Some firms that a unit keeps."""
        query = select(Company.id).where(Company.unit_id == unit_id).order_by(Company.id.desc())
        return list(session.scalars(query.limit(_FOLLOWED_FIRMS)))

    def _applications(self, written: Summary) -> Summary:
        """The entry desk, once: the firms that came last, and what is still on the way."""
        rng = self._rng("applications")
        places = [u for u in session.scalars(carriers(WHOLE_PARK_SCOPE)) if has_clerks(u)]
        desk = entries.Desk(
            rng=rng,
            namer=self._namer,
            clerks={
                unit.id: entries.Clerks(*self._staff.several(unit, Role.INCUBATOR_STAFF, 2)[:2])
                for unit in places
            },
            calendar=calendar(PLAN_YEAR - 1, self._today.year),
            today=self._until,
        )
        rows = entries.applications(self._newest_entrants(), desk)
        ids = intake.receive_many(rows, by=self._by)
        self._tell("applications", len(ids))
        return replace(written, applications=len(ids))

    def _evidence(self, written: Summary) -> Summary:
        """The registers that prove the year's targets, over the firms that are there."""
        units = [(unit, (unit.id, unit.name)) for unit in self._units.values()]
        registers = evidence.Registers(
            self._rng("evidence"),
            self._homes(),
            evidence.Keepers(
                colleges=[pair for unit, pair in units if unit.kind is UnitKind.COLLEGE],
                carriers=[pair for unit, pair in units if unit.is_national_incubator],
                office=(self._units["party"].id, self._units["party"].name),
            ),
            verifier=self._supervisor(),
            until=self._until,
            today=self._today,
            share=min(written.companies / evidence.FULL_PARK, 1),
        )
        count = 0
        for key, rows in registers.rows():
            known, self._late_evidence[key] = frozen.held_back(rows)
            count += len(save_many(KINDS[key], known, by=self._by))
            count += len(self._late_evidence[key])
        self._tell("evidence", count)
        return replace(written, evidence=count)

    def _freeze(self) -> None:
        """The snapshots of the year so far."""
        leader = session.get_one(User, self._staff.of(self._units["park"], Role.LEADER))
        supervisor = session.get_one(User, self._supervisor())
        frozen.freeze(plan_of(PLAN_YEAR), supervisor, leader, self._today)

    def _write_late(self) -> None:
        """What was written down after them."""
        target_services.report_many(self._late_reports, by=self._by)
        for key, rows in self._late_evidence.items():
            if rows:
                save_many(KINDS[key], rows, by=self._by)

    def _homes(self) -> list[evidence.Home]:
        clerks = self._clerks()
        certified = ladder.holders(QualificationKind.HIGH_TECH, self._until).subquery()
        query = (
            select(
                Company.id, Company.name, Company.kind, Unit.is_national_incubator, Residence.from_on, Residence.to_on,
                Company.id.in_(select(certified.c.company_id)), Residence.carrier_id,
            )
            .join(Residence, Residence.company_id == Company.id)
            .join(Unit, Unit.id == Residence.carrier_id)
            .where(Residence.is_counted)
            .order_by(Residence.id)
            .limit(_PROVING)
        )  # fmt: skip
        return [
            evidence.Home(*row[:-1], clerk_id=clerks.get(row.carrier_id))
            for row in session.execute(query)
        ]

    def _newest_entrants(self) -> list[entries.Settled]:
        """Firms that came this year and stayed where they came."""
        first = aliased(Residence)
        came_on = select(func.min(first.from_on)).where(first.company_id == Company.id)
        query: Select[*tuple[Any, ...]] = (
            select(
                Company.id, Company.name, Company.kind, Company.uscc, Residence.carrier_id, Residence.from_on,
                Residence.agreement_number, Residence.agreement_on, Residence.rooms, Company.industry_code,
                Company.future_industry,
            )
            .join(Residence, Residence.company_id == Company.id)
            .where(
                Residence.is_counted,
                Residence.from_on >= date(PLAN_YEAR, 3, 1),
                Residence.agreement_on.is_not(None),
                Residence.to_on.is_(None),
                Residence.from_on == came_on.scalar_subquery(),
                Company.kind != CompanyKind.COLLEGE,
            )
            .order_by(Residence.from_on.desc(), Residence.id.desc())
            .limit(entries.SETTLED_SIZE)
        )  # fmt: skip
        return [entries.Settled(*row) for row in session.execute(query)]

    def _makers(self) -> Makers:
        places = list(session.scalars(carriers(WHOLE_PARK_SCOPE)))
        returns = Returns(
            self._rng("returns"),
            clerks=self._clerks(),
            verifier=self._supervisor(),
            until=self._until,
            today=self._today,
        )
        return Makers(
            rng=self._rng("firms"),
            namer=self._namer,
            carriers=[Carrier(u.id, u.code, u.is_national_incubator) for u in places],
            returns=returns,
            today=self._today,
            until=self._until,
            first_serial=self._present + 1,
            labels=self._labels(),
        )

    def _labels(self) -> dict[str, int]:
        return {one.name: one.id for one in session.scalars(labels.offered())}

    def _office(self) -> Office:
        able = (
            select(Company.id, Company.established_on)
            .where(Company.kind == CompanyKind.ENTERPRISE, Company.established_on.is_not(None))
            .order_by(Company.id.desc() if self._present else Company.id)
            .limit(_BUILDERS)
        )
        return Office(
            rng=self._rng("projects"),
            namer=self._namer,
            units={code: unit.id for code, unit in self._units.items()},
            owners=self._staff.investors(self._units["investment"]),
            builders=[Builder(id_, day) for id_, day in session.execute(able) if day],
            today=self._today,
            until=self._until,
            leader=self._staff.of(self._units["park"], Role.LEADER),
        )

    def _clerks(self) -> dict[int, int | None]:
        """Who keeps the firms of each carrier, by the carrier."""
        if self._clerk_of is None:
            places = session.scalars(carriers(WHOLE_PARK_SCOPE))
            self._clerk_of = {unit.id: self._clerk(unit) for unit in places}
        return self._clerk_of

    def _clerk(self, unit: Unit) -> int | None:
        return self._staff.of(unit, Role.INCUBATOR_STAFF) if has_clerks(unit) else None

    def _supervisor(self) -> int:
        return self._staff.supervisor(self._units["office"])

    def _people_of(self, unit: Unit) -> reported.People:
        liaison, head = (self._staff.of(unit, role) for role in (Role.UNIT_STAFF, Role.UNIT_HEAD))
        return reported.People(liaison, head, self._supervisor())

    def _milestones(self) -> list[PlanMilestone]:
        query = select(PlanMilestone).where(PlanMilestone.plan_id == plan_of(PLAN_YEAR).id)
        return list(session.scalars(query.order_by(PlanMilestone.code)))

    def _rng(self, topic: str) -> Random:
        """A stream of its own for each topic, so that one grows without disturbing the others."""
        return Random(f"{self._seed}:{self._present}:{topic}")


def _blocks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    remaining = iter(items)
    while block := list(islice(remaining, size)):
        yield block
