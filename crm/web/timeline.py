"""A record's timeline in the reader's language, put together from what every feature knows of it."""

from typing import Any

from flask_babel import gettext

from crm.core import registry
from crm.web.locale import label


def timeline(page: str, record_id: int) -> list[dict[str, Any]]:
    """What the macro `timeline` shows for one record of `page` ("company", "project"), newest first."""
    return [as_shown(item) for item in registry.timeline_of(page, record_id)]


def as_shown(item: registry.TimelineItem) -> dict[str, Any]:
    """One line in the reader's language."""
    return {
        "on": item.on,
        "icon": item.icon,
        "title": gettext(item.text, **{name: label(value) for name, value in item.values})
        if item.values
        else gettext(item.text),
        "note": label(item.note),
        "by": item.by,
        "is_void": item.is_void,
    }
