"""What was corrected on a record, from its log, as lines of its timeline."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from crm.audit.models import AuditEntry
from crm.audit.queries import details_of, history_of
from crm.core.clock import park_date
from crm.core.db import Base, session
from crm.core.registry import TimelineItem
from crm.core.words import N_

CORRECTIONS_SHOWN = 200


def corrections(
    subject: Base,
    action: str,
    fields: Mapping[str, str],
    readable: Callable[[str, Any], Any],
) -> Iterator[TimelineItem]:
    """One line for each field that `action` changed, newest first: its label, and both values as people read them."""
    changed = history_of(subject).where(AuditEntry.action == action)
    for entry in session.scalars(changed.limit(CORRECTIONS_SHOWN)):
        yield from corrected(entry, fields, readable)


def corrected(
    entry: AuditEntry, fields: Mapping[str, str], readable: Callable[[str, Any], Any]
) -> Iterator[TimelineItem]:
    """The same of one entry that was read already."""
    for field, (before, after) in details_of(entry).get("changes", {}).items():
        yield TimelineItem(
            on=park_date(datetime.fromisoformat(entry.at)),
            icon="edit",
            text=N_("%(field)s由“%(before)s”改为“%(after)s”"),
            values=(
                ("field", fields.get(field, field)),
                ("before", readable(field, before)),
                ("after", readable(field, after)),
            ),
            by=entry.actor,
        )
