"""The panels of other rooms on a record's page, as far as the reader may open them."""

from typing import Any

from flask import url_for

from crm.core import registry
from crm.web.guards import may


def panels_on(page: str, record_id: int, **more: Any) -> list[tuple[str, str]]:
    """Label and address of each; `more` goes along in the address."""
    return [
        (panel.label, url_for(panel.endpoint, record_id=record_id, **more))
        for panel in registry.panels_of(page)
        if may(panel.action)
    ]
