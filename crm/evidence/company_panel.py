"""What a firm's page shows of its evidence: how much of each kind, and what came last."""

from collections.abc import Iterator
from typing import Any

from flask import render_template

from crm.audit.verification import VerificationState
from crm.companies.pages import company_in_scope
from crm.core import registry
from crm.core.registry import Panel, TimelineItem
from crm.core.words import N_
from crm.evidence import queries
from crm.evidence.kinds import KINDS
from crm.evidence.pages import bp
from crm.people.roles import Action
from crm.web.guards import needs
from crm.web.htmx import wants_fragment

NEWEST_SHOWN = 5
IN_TIMELINE = 200


@bp.get("/companies/<int:record_id>")
@needs(Action.EVIDENCE_READ)
def of_company(record_id: int) -> Any:
    firm = company_in_scope(record_id)
    template = "evidence/_company.html" if wants_fragment() else "evidence/company.html"
    return render_template(
        template,
        firm=firm,
        kinds=KINDS,
        counts=queries.counts_of(firm.id),
        newest=queries.newest_of(firm.id, NEWEST_SHOWN),
    )


def timeline(company_id: int) -> Iterator[TimelineItem]:
    """Verified records of a firm, each on the day it happened."""
    for row in queries.newest_of(company_id, IN_TIMELINE):
        if row.state == VerificationState.VERIFIED:
            kind = KINDS[row.kind]
            values = (("kind", kind.label), ("title", row.title))
            yield TimelineItem(row.happened_on, kind.icon, N_("%(kind)s：%(title)s"), values)


def init_app() -> None:
    reading = Action.EVIDENCE_READ.value
    registry.panels.append(Panel("company", N_("证明材料"), "evidence.of_company", reading, 22))
    registry.timeline_sources.setdefault("company", []).append(timeline)
