"""Answering htmx and plain requests alike."""

from typing import Any
from urllib.parse import urlencode

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from crm.web.addresses import safe_address


def wants_fragment() -> bool:
    """Whether a fragment is wanted: an htmx request that is not putting an old page back from the history."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"
    )


def go_to(endpoint: str, **values: Any) -> Response:
    """See Other: to another page after a form, the whole page also for htmx."""
    return _see_other(url_for(endpoint, **values))


def go_back(endpoint: str, **values: Any) -> Response:
    """See Other: to where the form's address says one came from (`next`), else to a page."""
    return _see_other(safe_address(request.args.get("next")) or url_for(endpoint, **values))


def keeping_next(address: str) -> str:
    """An address that leads on to where this page's own address says one came from (`next`), if it says so."""
    back = safe_address(request.args.get("next"))
    return f"{address}?{urlencode({'next': back})}" if back else address


def _see_other(address: str) -> Response:
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)
