"""What the pages of the pipeline's charts share: whom they are about, and the projects behind a number."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from flask import render_template, request
from sqlalchemy import Row

from crm.core.errors import DomainError
from crm.lists import state
from crm.lists.asking import Asked, ask, units_seen
from crm.lists.fields import Listing
from crm.pipeline.behind import Standing
from crm.pipeline.paths import Meant
from crm.projects.models import Project
from crm.web import paging
from crm.web.guards import my_scope


def asked_of(face: Listing) -> Asked:
    """What the address of something on a face is narrowed to."""
    return ask(state.read(face, request.args, unit_ids=units_seen()))


def meant_by(asked: Asked) -> Meant:
    return Meant(my_scope(), state.query_string(asked.state.pairs()), asked.query)


def with_status(answer: Any, error: DomainError | None) -> Any:
    """A page that says why it has nothing to draw, with the status of that; a fragment is swapped in as it is."""
    return (answer[0], error.status) if error and isinstance(answer, tuple) else answer


def answer_rows(
    found: Standing,
    on: date,
    *,
    title: str,
    back: str,
    back_title: str,
    chance_of: Callable[[Row[Any]], Fraction] | None = None,
) -> str:
    """The projects behind a number of a chart, newest first, with the very same total."""
    return render_template(
        "pipeline/behind.html",
        page=paging.page(found.query, Project.id),
        count=found.count,
        on=on,
        title=title,
        back=back,
        back_title=back_title,
        chance_of=chance_of,
    )
