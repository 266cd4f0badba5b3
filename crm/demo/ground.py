"""What every part of the generated park stands on: its units and people, its days, and a stream of chance for each topic."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

from sqlalchemy import func, select

from crm.audit.services import Actor
from crm.companies.models import Company
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.demo import reported
from crm.demo.arrivals import PLAN_YEAR
from crm.demo.names import Namer
from crm.demo.staff import Staff, has_clerks
from crm.evidence.services import Row
from crm.ladder import labels
from crm.people.models import Unit, User
from crm.people.queries import carriers, units
from crm.people.roles import Role
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.targets.models import AnnualPlan, PlanMilestone
from crm.targets.queries import plan_of
from crm.targets.services import ReportRow

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


class Ground:
    """One park while it is made; `tell` hears what has been written so far. Raises DomainError for a day before the plan."""

    def __init__(self, seed: int, today: date, *, by: Actor, tell: Told) -> None:
        if today.year < PLAN_YEAR:
            raise DomainError(
                N_("演示数据从%(year)s年开始，请将业务日期设在其后。"), year=PLAN_YEAR
            )
        self.seed, self.today, self.by, self.tell = seed, today, by, tell
        self.until = min(today, date(PLAN_YEAR, 12, 31))
        self.units = {unit.code: unit for unit in session.scalars(units())}
        self.present = session.scalar(select(func.count()).select_from(Company)) or 0
        self.staff = Staff(self.rng("staff"), by=by)
        taken = session.scalars(select(Company.name)) if self.present else ()
        self.namer = Namer(self.rng("names"), taken)
        self.late_reports: list[ReportRow] = []  # what is written down after the snapshots
        self.late_evidence: dict[str, list[Row]] = {}
        self._clerk_of: dict[int, int | None] | None = None

    def rng(self, topic: str) -> Random:
        """A stream of its own for each topic, so that one grows without disturbing the others."""
        return Random(f"{self.seed}:{self.present}:{topic}")

    @property
    def plan(self) -> AnnualPlan:
        return plan_of(PLAN_YEAR)

    def milestones(self) -> list[PlanMilestone]:
        query = select(PlanMilestone).where(PlanMilestone.plan_id == self.plan.id)
        return list(session.scalars(query.order_by(PlanMilestone.code)))

    def labels(self) -> dict[str, int]:
        return {one.name: one.id for one in session.scalars(labels.offered())}

    def clerks(self) -> dict[int, int | None]:
        """Who keeps the firms of each carrier, by the carrier."""
        if self._clerk_of is None:
            places = session.scalars(carriers(WHOLE_PARK_SCOPE))
            self._clerk_of = {unit.id: self._clerk(unit) for unit in places}
        return self._clerk_of

    def _clerk(self, unit: Unit) -> int | None:
        return self.staff.of(unit, Role.INCUBATOR_STAFF) if has_clerks(unit) else None

    def supervisor(self) -> User:
        return session.get_one(User, self.staff.supervisor(self.units["office"]))

    def leader(self) -> User:
        return session.get_one(User, self.staff.of(self.units["park"], Role.LEADER))

    def people_of(self, unit: Unit) -> reported.People:
        liaison, head = (self.staff.of(unit, role) for role in (Role.UNIT_STAFF, Role.UNIT_HEAD))
        return reported.People(liaison, head, self.supervisor().id)
