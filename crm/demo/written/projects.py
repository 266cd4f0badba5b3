"""The projects: the plan's own buildings and many others, with money, permits, promises, problems and progress."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import select

from crm.carriers.models import Building, Let, Room
from crm.carriers.queries import holds_on, visible_rooms
from crm.companies.models import Company, CompanyKind
from crm.core.db import session
from crm.core.money import Currency
from crm.demo import invested, landmarks, permits, underway
from crm.demo.ground import Ground, Summary
from crm.demo.names import Namer
from crm.demo.office import Builder, Office
from crm.demo.pipeline import projects as pipeline
from crm.demo.records import added, housed
from crm.investments import services as investments
from crm.investments.rates import quote
from crm.milestones.problems import raise_many
from crm.milestones.services import promise_many
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.plans.planning import bind_milestone
from crm.progress.services import write_many
from crm.projects import approvals, partners
from crm.projects import services as project_services
from crm.projects.details import ProjectRow
from crm.projects.models import Project

_BUILDERS = 2000
_HOUSED = 3  # projects that mean to have a room of the ledger


def write_projects(ground: Ground, count: int, written: Summary) -> Summary:
    office = _office(ground)
    milestones = {m.code: m for m in ground.milestones() if m.project_id is None}
    buildings = [b for b in landmarks.LANDMARKS if b.milestone in milestones]
    rows = [landmarks.landmark_row(b, n, office) for n, b in enumerate(buildings, 1)]
    ids = project_services.register_many(rows, by=ground.by)
    for building, project_id in zip(buildings, ids, strict=True):
        project = session.get_one(Project, project_id)
        bind_milestone(milestones[building.milestone], project, by=ground.by)
        if building.upgraded_on and building.upgraded_on <= ground.until:
            landmarks.upgrade_it(project, building.upgraded_on, by=ground.by)
    others = list(pipeline(count - len(rows), office))
    if ids:
        others = added(others, ids[0], rows[0])
    others = housed(others, _free_rooms(ground))
    ids += project_services.register_many(others, by=ground.by)
    pairs = list(zip(ids, [*rows, *others], strict=True))
    _invest(ground, pairs)
    lists = permits.lists(pairs, ground.rng("permits"), ground.until)
    approvals.add_approvals_many(list(lists), by=ground.by)
    _under_way(ground, pairs, office.units)
    ground.tell("projects", len(ids))
    return replace(written, projects=len(ids))


def _free_rooms(ground: Ground) -> Sequence[str]:
    """A few rooms of 国家大学科技园 that nobody has."""
    free = visible_rooms(WHOLE_PARK_SCOPE).where(
        Building.carrier_id == ground.units["ustp"].id,
        Room.id.not_in(select(Let.room_id).where(holds_on(ground.until))),
    )
    names = free.with_only_columns(Building.name + Room.number)
    return session.scalars(names.order_by(Room.id.desc()).limit(_HOUSED)).all()


def _under_way(
    ground: Ground, pairs: list[tuple[int, ProjectRow]], unit_ids: dict[str, int]
) -> None:
    """What the projects have promised, met with and reported."""
    rng = ground.rng("underway")
    promise_many(list(underway.milestones(pairs, rng, ground.until)), by=ground.by)
    raise_many(list(underway.problems(pairs, unit_ids, rng, ground.until)), by=ground.by)
    write_many(list(underway.notes(pairs, rng, ground.until)), by=ground.by)


def _invest(ground: Ground, projects: list[tuple[int, ProjectRow]]) -> None:
    found = invested.money(
        projects, Namer(ground.rng("partners")), ground.rng("money"), ground.until
    )
    partners.take_in_many(found.partners, by=ground.by)
    checked_by = ground.supervisor()
    investments.pay_in_many(found.payments, by=ground.by, verified_by=checked_by)
    investments.plan_many(found.plans, by=ground.by)
    investments.report_works_many(found.works, by=ground.by)
    for valid_from, per_hundred in invested.RATES:
        if ground.present == 0 and valid_from <= ground.until:
            quote(
                Currency.USD,
                valid_from=valid_from,
                per_hundred=Decimal(per_hundred),
                source=invested.RATE_SOURCE,
                by=ground.by,
            )


def _office(ground: Ground) -> Office:
    able = (
        select(Company.id, Company.established_on)
        .where(Company.kind == CompanyKind.ENTERPRISE, Company.established_on.is_not(None))
        .order_by(Company.id.desc() if ground.present else Company.id)
        .limit(_BUILDERS)
    )
    return Office(
        rng=ground.rng("projects"),
        namer=ground.namer,
        units={code: unit.id for code, unit in ground.units.items()},
        owners=ground.staff.investors(ground.units["investment"]),
        builders=[Builder(id_, day) for id_, day in session.execute(able) if day],
        today=ground.today,
        until=ground.until,
        leader=ground.leader().id,
    )
