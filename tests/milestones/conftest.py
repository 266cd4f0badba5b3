"""A project of the office with a maker of promises."""

from datetime import date
from typing import Any

import pytest

from crm.core.db import writing
from crm.milestones import services
from crm.milestones.models import Milestone, MilestoneKind
from crm.milestones.services import MilestoneDetails
from crm.projects.models import Stage
from tests import factories


@pytest.fixture
def project(cast: factories.Cast) -> Any:
    stages = (Stage.LEAD, date(2020, 1, 6)), (Stage.APPROVAL, date(2020, 6, 1))
    return factories.make_project(cast.office, "深蓝大厦", *stages, owner=cast.investment)


@pytest.fixture
def promise(project: Any, cast: factories.Cast) -> Any:
    """promise(kind, planned_on, …) is a new milestone of the project."""

    def make(kind: MilestoneKind, planned_on: date, **values: Any) -> Milestone:
        details = MilestoneDetails(kind, planned_on, **values)
        with writing():
            return services.promise(project, details, by=cast.investment)

    return make
