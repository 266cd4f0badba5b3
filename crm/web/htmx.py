"""Answering htmx and plain requests alike."""

from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response


def wants_fragment() -> bool:
    """Whether a fragment is wanted: an htmx request that is not putting an old page back from the history."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"
    )


def go_to(endpoint: str, **values: Any) -> Response:
    """See Other: to another page after a form, the whole page also for htmx."""
    address = url_for(endpoint, **values)
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)
