"""What everybody has to do as of today: cultivation, visits due, requests, instructions, the entry desk."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from crm.companies.models import Company, CompanyKind, Residence
from crm.core.db import session
from crm.cultivation.services import take_in_many
from crm.demo import entries, followups, nursery
from crm.demo.arrivals import PLAN_YEAR
from crm.demo.ground import Ground, Summary
from crm.demo.staff import has_clerks
from crm.entry import intake
from crm.followup import requests
from crm.followup.instructions import InstructionRow, give_many
from crm.followup.tasks import add_many
from crm.people.queries import carriers
from crm.people.roles import Role
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.projects.models import Project
from crm.reference.working_days import calendar

_FOLLOWED_FIRMS, _INSTRUCTED = 12, 8


def write_cultivation(ground: Ground, written: Summary) -> Summary:
    rows = nursery.cultivations(
        ground.leader().id, ground.clerks(), ground.rng("nursery"), ground.today
    )
    return replace(written, cultivations=take_in_many(list(rows), by=ground.by))


def write_work(ground: Ground, written: Summary) -> Summary:
    """What everybody has to do as of today."""
    clerks = [followups.Clerk(id_, unit) for unit, id_ in ground.clerks().items() if id_]
    firms = {clerk.unit_id: _firms_of(ground, clerk.unit_id) for clerk in clerks}
    owners = [
        followups.Clerk(id_, ground.units["investment"].id)
        for id_ in ground.staff.investors(ground.units["investment"])
    ]
    rng, queue, asked = ground.rng("work"), [], []
    for clerk in clerks:
        about = [("company", number) for number in firms[clerk.unit_id]]
        queue += list(followups.tasks(clerk, about, ground.today))
        asked += list(followups.requests(clerk, firms[clerk.unit_id], rng, ground.today))
    for unit in ground.units.values():
        for role in (Role.UNIT_STAFF, Role.UNIT_HEAD):
            if person := ground.staff.find(unit, role):
                queue += list(followups.tasks(followups.Clerk(person, unit.id), [], ground.today))
    return replace(
        written,
        tasks=add_many(queue, by=ground.by),
        requests=requests.receive_many(asked, by=ground.by),
        instructions=give_many(_instructions(ground, clerks, firms, owners), by=ground.by),
    )


def _instructions(
    ground: Ground,
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
    leader = followups.Clerk(ground.leader().id, ground.units["park"].id)
    rng = ground.rng("instructions")
    return list(
        followups.instructions(leader, ground.supervisor().id, to, subjects, rng, ground.today)
    )


def _firms_of(ground: Ground, unit_id: int) -> list[int]:
    """Some firms that a unit keeps."""
    query = select(Company.id).where(Company.unit_id == unit_id).order_by(Company.id.desc())
    return list(session.scalars(query.limit(_FOLLOWED_FIRMS)))


def write_applications(ground: Ground, written: Summary) -> Summary:
    """The entry desk, once: the firms that came last, and what is still on the way."""
    rng = ground.rng("applications")
    places = [u for u in session.scalars(carriers(WHOLE_PARK_SCOPE)) if has_clerks(u)]
    desk = entries.Desk(
        rng=rng,
        namer=ground.namer,
        clerks={
            unit.id: entries.Clerks(*ground.staff.several(unit, Role.INCUBATOR_STAFF, 2)[:2])
            for unit in places
        },
        calendar=calendar(PLAN_YEAR - 1, ground.today.year),
        today=ground.until,
    )
    rows = entries.applications(_newest_entrants(ground), desk)
    ids = intake.receive_many(rows, by=ground.by)
    ground.tell("applications", len(ids))
    return replace(written, applications=len(ids))


def _newest_entrants(ground: Ground) -> list[entries.Settled]:
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
