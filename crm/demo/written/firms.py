"""The firms, block by block, with what each brings: links, certificates, operating figures, visits; then their rooms."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from random import Random

from sqlalchemy import select

from crm.carriers.letting import lets_many
from crm.carriers.models import Building, Room
from crm.carriers.services import rooms_many
from crm.companies.links import link_many
from crm.companies.residence import ResidenceDetails
from crm.companies.services import register_many
from crm.core.db import session
from crm.demo import followups, kin, space
from crm.demo.arrivals import arrivals
from crm.demo.careers import careers
from crm.demo.firms import Carrier, Firm, Makers, firms
from crm.demo.ground import Ground, Summary
from crm.demo.returns import Returns
from crm.followup.services import record_many
from crm.ladder.services import award_many
from crm.operating.services import report_many
from crm.people.queries import carriers
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.reference import settings

BLOCK = 4000  # firms made, written and forgotten together


def write_firms(ground: Ground, count: int) -> Summary:
    is_first = settings.get("demo_data") is None  # the plan's own numbers are made once
    stream = arrivals(count, ground.until, ground.rng("arrivals"), with_entrants=is_first)
    climbing = careers(stream, ground.rng("careers")) if is_first else {}
    made = firms(stream, climbing, _makers(ground))
    links_rng, written, stays = ground.rng("links"), Summary(), []
    for block in _blocks(made, BLOCK):
        ids = register_many([firm.registration for firm in block], by=ground.by)
        pairs = list(zip(ids, block, strict=True))
        stays += [(id_, stay) for id_, firm in pairs for stay in firm.registration.residences]
        written = _write_block(ground, pairs, links_rng, written)
        ground.tell("companies", written.companies)
    return _space(ground, stays, written)


def _write_block(
    ground: Ground, pairs: list[tuple[int, Firm]], links_rng: Random, written: Summary
) -> Summary:
    link_many(list(kin.links(pairs, links_rng, ground.until)), by=ground.by)
    proofs = [(id_, proof) for id_, firm in pairs for proof in firm.proofs]
    reports = [(id_, report) for id_, firm in pairs for report in firm.reports]
    homes = [(id_, firm.registration.residences) for id_, firm in pairs]
    clerks = ground.clerks()
    said = list(
        followups.activities(homes, clerks, ground.rng(f"activities{pairs[0][0]}"), ground.today)
    )
    return replace(
        written,
        companies=written.companies + len(pairs),
        activities=written.activities + len(record_many(said, by=ground.by)),
        qualifications=written.qualifications + len(award_many(proofs, by=ground.by)),
        operating_reports=written.operating_reports + len(report_many(reports, by=ground.by)),
    )


def _space(ground: Ground, stays: list[tuple[int, ResidenceDetails]], written: Summary) -> Summary:
    there = {
        space.Place(carrier_id, building, number): id_
        for carrier_id, building, number, id_ in session.execute(
            select(Building.carrier_id, Building.name, Room.number, Room.id).join(Building)
        )
    }
    plan = space.plan(stays, there, ground.rng("space"), ground.today)
    there |= dict(zip(plan.places, rooms_many(plan.rooms, by=ground.by), strict=True))
    lets = [(there[place], details) for place, details in plan.lets]
    ground.tell("rooms", len(plan.rooms))
    count = lets_many(lets, by=ground.by)
    return replace(written, rooms=len(plan.rooms), lets=count)


def _makers(ground: Ground) -> Makers:
    places = list(session.scalars(carriers(WHOLE_PARK_SCOPE)))
    returns = Returns(
        ground.rng("returns"),
        clerks=ground.clerks(),
        verifier=ground.supervisor().id,
        until=ground.until,
        today=ground.today,
    )
    return Makers(
        rng=ground.rng("firms"),
        namer=ground.namer,
        carriers=[Carrier(u.id, u.code, u.is_national_incubator) for u in places],
        returns=returns,
        today=ground.today,
        until=ground.until,
        first_serial=ground.present + 1,
        labels=ground.labels(),
    )


def _blocks(items: Iterable[Firm], size: int) -> Iterator[list[Firm]]:
    remaining = iter(items)
    while block := list(islice(remaining, size)):
        yield block
