"""What was done to a target itself: adopted, bound, its terms and levels changed. From the log."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from crm.audit.queries import details_of, history_of
from crm.audit.words import action_word, field_word
from crm.core.clock import park_date
from crm.core.db import session
from crm.targets.models import Indicator
from crm.web.filters import NONE
from crm.web.locale import label

MOST = 30


def history(indicator: Indicator) -> list[dict[str, Any]]:
    """The entries of the log for the macro `timeline`, newest first."""
    entries = session.scalars(history_of(indicator).limit(MOST))
    return [
        {
            "on": park_date(datetime.fromisoformat(entry.at)),
            "icon": "history",
            "title": label(action_word(entry.action)),
            "note": "；".join(_changes(details_of(entry).get("changes"))),
            "by": entry.actor,
        }
        for entry in entries
    ]


def _changes(changes: Any) -> Iterator[str]:
    """Each field with what it was and what it is."""
    if isinstance(changes, dict):
        for name, (before, after) in changes.items():
            yield f"{label(field_word(name))} {_word(before)} → {_word(after)}"


def _word(value: Any) -> str:
    return NONE if value in (None, "", []) else str(value)
