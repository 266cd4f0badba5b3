"""The generated park as a whole, written through the services that imports use, in the caller's one transaction."""

from dataclasses import asdict, replace
from datetime import date

from crm.audit.services import Actor
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.demo import autumn, landmarks, leaving, published, responsible, supervised
from crm.demo.ground import Ground, Summary, Told
from crm.demo.returns import rounds
from crm.demo.twice import write_twice
from crm.demo.written.firms import write_firms
from crm.demo.written.projects import write_projects
from crm.demo.written.proofs import write_evidence, write_late, write_reports, write_snapshots
from crm.demo.written.work import write_applications, write_cultivation, write_work
from crm.ladder import revocations
from crm.operating.rounds import open_round
from crm.reference import settings

FEWEST_COMPANIES, FEWEST_PROJECTS = 20, len(landmarks.LANDMARKS)


def load(
    *,
    companies: int,
    projects: int,
    seed: int,
    by: Actor,
    today: date,
    tell: Told = lambda *_: None,
) -> Summary:
    """Write a generated park of this size as of today; the same seed and day give the same park.

    Needs the park's units and the plan of 2020. Firms and projects are added to those that are there; the plan's own
    buildings and reports are written once. `tell` hears what has been written so far. Raises DomainError when a size or
    the day is out of range.
    """
    ground = Ground(seed, today, by=by, tell=tell)
    if companies < FEWEST_COMPANIES or projects < FEWEST_PROJECTS:
        raise DomainError(
            N_("演示数据至少需要%(companies)s家企业和%(projects)s个项目。"),
            companies=FEWEST_COMPANIES,
            projects=FEWEST_PROJECTS,
        )
    written = write_projects(ground, projects, write_firms(ground, companies))
    written = write_reports(ground, written)
    if ground.present == 0:
        written = _write_once(ground, written)
    write_late(ground)
    written = replace(written, people=ground.staff.engaged)
    before = settings.get("demo_data") or {}
    sizes = {name: before.get(name, 0) + count for name, count in asdict(written).items()}
    about = {"seed": seed, "on": today.isoformat(), **sizes}
    settings.put("demo_data", about, by=by)
    return written


def _write_once(ground: Ground, written: Summary) -> Summary:
    """Everybody's work of the day, and what it rests on."""
    for details in rounds(ground.until):
        open_round(ground.units["park"], details, by=ground.by)
    for write in (write_cultivation, write_work, write_applications, write_evidence):
        written = write(ground, written)
    write_snapshots(ground)
    responsible.Answering(ground.plan, ground.units, ground.staff, ground.until, ground.by).write()
    published.read_in(ground.labels(), ground.supervisor(), ground.until)
    revocations.report_many(leaving.ends(ground.until), by=ground.by)
    return replace(
        written,
        declarations=autumn.declare(
            ground.rng("declarations"), ground.until, ground.today, by=ground.by
        ),
        written_twice=write_twice(ground.until, by=ground.by),
        orders=supervised.supervise(
            ground.plan, ground.until, people_of=ground.people_of, by=ground.by
        ),
    )
