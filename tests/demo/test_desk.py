"""A clerk's desk in the generated park: what each page of it needs to have something to show, and no figure changed."""

from typing import Any

from sqlalchemy import select

from crm.core.db import session
from crm.demo import desk
from crm.evidence.kinds import KINDS
from crm.files.models import Attachment
from crm.imports.models import Import, ImportState
from crm.jobs.models import Job, JobState
from crm.people.models import User
from crm.people.queries import unit_by_code
from crm.people.roles import Right, Role
from tests import factories
from tests.demo.test_world import load


def test_something_was_landed_something_waits_and_a_file_was_made(app: Any, tmp_path: Any) -> None:
    load()
    unit = unit_by_code("ustp")
    assert unit is not None
    clerk = factories.make_user(Role.INCUBATOR_STAFF, unit=unit, rights=(Right.EXPORT,))
    before = _counted()
    desk.lay_out(session.get_one(User, clerk.id))
    assert _counted() == before
    landed, waiting = session.scalars(select(Import).order_by(Import.id))
    assert (landed.state, landed.updates, landed.errors) == (ImportState.LANDED, 2, 0)
    assert (waiting.state, waiting.updates, waiting.errors) == (ImportState.CHECKED, 1, 3)
    assert [job.state for job in session.scalars(select(Job))] == [JobState.DONE]
    assert session.scalars(select(Attachment)).all()


def _counted() -> dict[str, int]:
    session.rollback()
    return {key: len(session.scalars(select(kind.model.id)).all()) for key, kind in KINDS.items()}
