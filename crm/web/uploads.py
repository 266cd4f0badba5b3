"""Pages that take files: they may be sent more than other pages."""

from collections.abc import Callable
from contextlib import closing
from typing import Any, TypeVar

from flask import current_app, request

from crm.web.guards import is_signed_in

View = TypeVar("View", bound=Callable[..., Any])

LARGEST_UPLOAD = 32 * 1024 * 1024


def takes_files(view: View) -> View:
    """Files may be posted to it, LARGEST_UPLOAD in all."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def sent_files(name: str) -> list[tuple[str, bytes]]:
    """The files of one field, each with its name; a field that was left empty sends none."""
    sent = []
    for file in request.files.getlist(name):
        with closing(file):
            if file.filename:
                sent.append((file.filename, file.read()))
    return sent


def let_go_of_files(_error: BaseException | None) -> None:
    """Whoever read what was sent, and whether anybody did: large files lie on disk until they are closed."""
    request.close()


def allow_files() -> None:
    """Before anything reads what was sent: more than usual only from who has signed in."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_files", False) and is_signed_in():
        request.max_content_length = LARGEST_UPLOAD
