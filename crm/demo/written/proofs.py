"""What proves the year's targets: reports by hand, the registers of evidence, the snapshots, and what came after them."""

from dataclasses import replace

from sqlalchemy import select

from crm.companies.models import Company, Residence
from crm.core.db import session
from crm.demo import evidence, frozen, reported
from crm.demo.ground import Ground, Summary
from crm.evidence.kinds import KINDS
from crm.evidence.services import save_many
from crm.ladder import queries as ladder
from crm.ladder.models import QualificationKind
from crm.people.models import Unit, UnitKind
from crm.targets import services as target_services
from crm.targets.models import Indicator, ProgressReport

_PROVING = 4000  # firms over which the evidence is spread


def write_reports(ground: Ground, written: Summary) -> Summary:
    plan = ground.plan
    found = select(ProgressReport.id).join(Indicator).where(Indicator.plan_id == plan.id)
    if session.scalar(found.limit(1)):
        return written
    rng = ground.rng("reports")
    rows: list[target_services.ReportRow] = []
    for indicator in plan.indicators:
        if indicator.code in reported.SERIES and not indicator.is_computed:
            people = ground.people_of(indicator.unit)
            rows += reported.reports(indicator.code, indicator.id, people, rng, ground.today)
    for milestone in ground.milestones():
        if milestone.code in reported.MILESTONES:
            people = ground.people_of(milestone.unit)
            rows += reported.milestone_report(milestone.code, milestone.id, people, ground.today)
    in_time, ground.late_reports = frozen.told_late(rows, {i.id: i.code for i in plan.indicators})
    target_services.report_many(in_time, by=ground.by)
    ground.tell("reports", len(rows))
    return replace(written, progress_reports=len(rows))


def write_evidence(ground: Ground, written: Summary) -> Summary:
    """The registers that prove the year's targets, over the firms that are there."""
    units = [(unit, (unit.id, unit.name)) for unit in ground.units.values()]
    registers = evidence.Registers(
        ground.rng("evidence"),
        _homes(ground),
        evidence.Keepers(
            colleges=[pair for unit, pair in units if unit.kind is UnitKind.COLLEGE],
            carriers=[pair for unit, pair in units if unit.is_national_incubator],
            office=(ground.units["party"].id, ground.units["party"].name),
        ),
        verifier=ground.supervisor().id,
        until=ground.until,
        today=ground.today,
        share=min(written.companies / evidence.FULL_PARK, 1),
    )
    count = 0
    for key, rows in registers.rows():
        known, ground.late_evidence[key] = frozen.held_back(rows)
        count += len(save_many(KINDS[key], known, by=ground.by))
        count += len(ground.late_evidence[key])
    ground.tell("evidence", count)
    return replace(written, evidence=count)


def _homes(ground: Ground) -> list[evidence.Home]:
    clerks = ground.clerks()
    certified = ladder.holders(QualificationKind.HIGH_TECH, ground.until).subquery()
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


def write_snapshots(ground: Ground) -> None:
    """The snapshots of the year so far."""
    frozen.freeze(ground.plan, ground.supervisor(), ground.leader(), ground.today)


def write_late(ground: Ground) -> None:
    """What was written down after them."""
    target_services.report_many(ground.late_reports, by=ground.by)
    for key, rows in ground.late_evidence.items():
        if rows:
            save_many(KINDS[key], rows, by=ground.by)
