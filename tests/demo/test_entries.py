"""The entry desk of the generated park: every state, rules that hold, the same again from the same seed."""

from datetime import date

from sqlalchemy import func, select

from crm.audit.services import SYSTEM
from crm.companies.models import Residence
from crm.core.db import session, writing
from crm.demo import world
from crm.entry.models import EntryApplication, EntryReview, EntryState
from crm.people import park
from crm.plans import planning
from crm.reference import working_days

TODAY = date(2020, 9, 30)


def load() -> world.Summary:
    with writing():
        park.found(by=SYSTEM)
        planning.adopt_plan(2020, by=SYSTEM)
        working_days.seed(by=SYSTEM)
        return world.load(companies=240, projects=8, seed=3, by=SYSTEM, today=TODAY)


def test_the_desk_has_applications_in_every_state_and_some_overdue(app):
    summary = load()
    count = select(EntryApplication.state, func.count()).group_by(EntryApplication.state)
    numbers = dict(session.execute(count).all())
    assert set(numbers) == set(EntryState)
    assert sum(numbers.values()) == summary.applications >= 100
    late = session.scalars(select(EntryApplication).where(EntryApplication.due_on < TODAY)).all()
    assert {application.state for application in late} == {
        EntryState.ACCEPTANCE, EntryState.REVIEW, EntryState.SIGNING,
    }  # fmt: skip


def test_the_generated_applications_keep_the_rules_of_the_desk(app):
    load()
    applications = session.scalars(select(EntryApplication)).all()
    for application in applications:
        days = [step.effective_on for step in application.steps]
        assert days == sorted(days)
        assert days[-1] <= TODAY
        assert application.steps[-1].to_state is application.state
        assert (application.number is None) == (application.state is EntryState.DRAFT)
    reviews = session.execute(
        select(EntryReview.by_id, EntryApplication.received_by_id).join(
            EntryApplication, EntryApplication.id == EntryReview.application_id
        )
    ).all()
    assert reviews
    assert all(reviewer != receiver for reviewer, receiver in reviews)
    for year in {a.year for a in applications if a.year}:
        sequences = sorted(a.sequence for a in applications if a.year == year)
        assert sequences == list(range(1, len(sequences) + 1))


def test_finished_applications_end_on_the_first_day_of_a_residence(app):
    load()
    settled = session.scalars(
        select(EntryApplication).where(EntryApplication.state == EntryState.SETTLED)
    ).all()
    assert settled
    for application in settled:
        found = session.scalars(
            select(Residence).where(
                Residence.company_id == application.company_id, Residence.is_counted
            )
        ).one()
        assert found.from_on == application.steps[-1].effective_on
        assert found.carrier_id == application.carrier_id
        assert not [errand for errand in application.errands if errand.is_open]
