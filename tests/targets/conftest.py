import pytest

from crm.audit.services import SYSTEM
from crm.core.db import session, writing
from crm.people.models import Unit, UnitKind
from crm.targets.planfile import read_plan
from crm.targets.planning import adopt_plan
from tests import factories


@pytest.fixture
def plan(cast):
    """The plan of 2020, adopted; units by code."""
    file = read_plan(2020)
    codes = {entry.responsible_unit for entry in (*file.indicators, *file.milestones)}
    for code in sorted(codes - set(session.scalars(_codes()))):
        factories.make_unit(f"{code}处", cast.park, code=code, kind=UnitKind.OFFICE)
    with writing():
        return adopt_plan(2020, by=SYSTEM)


def _codes():
    from sqlalchemy import select

    return select(Unit.code)
