"""The projects behind a number of a chart: the same condition that counted them, as rows and as their total."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from crm.core.db import session
from crm.people.models import Unit, User
from crm.pipeline.paths import Meant, day_before_today
from crm.pipeline.queries import amount_in, standing_on
from crm.projects.models import Project


@dataclass(frozen=True)
class Standing:
    """The projects that are meant as they stood on a day, to be narrowed further; `stage` is a column of the query."""

    query: Select[Any]
    stage: Any

    def narrowed(self, *conditions: ColumnElement[bool]) -> "Standing":
        """Those for whom more holds."""
        return replace(self, query=self.query.where(*conditions))

    def with_column(self, column: Any) -> "Standing":
        return replace(self, query=self.query.add_columns(column))

    @property
    def count(self) -> int:
        return session.scalar(select(func.count()).select_from(self.query.subquery())) or 0


def standing(meant: Meant, on: date) -> Standing:
    past = day_before_today(on)
    source, stage, entered_on = standing_on(past)
    query = (
        select(
            Project.id,
            Project.name,
            Project.investor,
            Project.kind,
            Project.currency,
            stage.label("stage"),
            entered_on.label("entered_on"),
            amount_in(past, stage).label("amount"),
            Unit.name.label("unit"),
            User.name.label("owner"),
        )
        .select_from(source)
        .join(Unit, Unit.id == Project.unit_id)
        .outerjoin(User, User.id == Project.owner_id)
        .where(meant.condition)
    )
    return Standing(query, stage)
