"""What coming and going adds to a firm's timeline beside the residences: reasons given, steps undone, corrections old → new."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.audit.corrections import corrections
from crm.companies.models import Company, EndReason, ResidenceMove
from crm.core.clock import park_date
from crm.core.db import session
from crm.core.registry import TimelineItem
from crm.core.words import N_

FIELDS = {
    "from_on": N_("入驻日期"),
    "to_on": N_("结束日期"),
    "reason": N_("结束原因"),
    "agreement_number": N_("入驻协议编号"),
    "agreement_on": N_("协议签订日期"),
    "rooms": N_("用房"),
}


def of_company(company_id: int) -> Iterator[TimelineItem]:
    """Each step with a reason, each step undone, each correction of a residence."""
    moves = select(ResidenceMove).where(ResidenceMove.company_id == company_id)
    people = (joinedload(ResidenceMove.made_by), joinedload(ResidenceMove.undone_by))
    for move in session.scalars(moves.options(*people)):
        if move.undone_at:
            yield TimelineItem(
                on=park_date(move.undone_at),
                icon="arrow-back-up",
                text=N_("撤销“%(step)s”（%(day)s）"),
                values=(("step", move.kind), ("day", move.happened_on.isoformat())),
                by=move.undone_by.name if move.undone_by else "",
            )
        elif move.note:
            yield TimelineItem(
                on=move.happened_on,
                icon="notes",
                text=N_("%(step)s的说明"),
                values=(("step", move.kind),),
                note=move.note,
                by=move.made_by.name if move.made_by else "",
            )
    company = session.get_one(Company, company_id)
    yield from corrections(company, "company.residence_corrected", FIELDS, readable)


def readable(field: str, value: Any) -> Any:
    """A field's stored value as people read it."""
    if value is None or value == "":
        return "–"
    return EndReason(value) if field == "reason" else str(value)
