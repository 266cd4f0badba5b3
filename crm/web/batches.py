"""A source document before the second person, who confirms it as it was seen but for the exceptions that are ticked off."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from crm.core.db import writing
from crm.core.errors import DomainError
from crm.web.guards import me
from crm.web.htmx import go_to
from crm.web.locale import sentence

LONGEST_SOURCE, LONGEST_REASON = 120, 200


@dataclass(frozen=True)
class Verdict:
    """What was sent of a batch: which, as it was seen, what goes back and why."""

    source: str
    seen: str = ""
    exceptions: frozenset[int] = frozenset()
    reason: str = ""


def asked_for() -> Verdict:
    """Nothing is said yet of the source document in the address."""
    return Verdict(_source(request.args))


def confirm(
    verify: Callable[..., tuple[int, int]], page: Callable[[Verdict, str], str | None], back: str
) -> Any:
    """Do what was sent by `verify` (batches.Queue.verify); where it is refused show the `page` again as it was sent.

    Goes `back` to an endpoint, and says how many were verified and returned.
    """
    form = request.form
    verdict = Verdict(
        _source(form),
        form.get("seen", ""),
        frozenset(form.getlist("exception", type=int)),
        " ".join(form.get("reason", "").split())[:LONGEST_REASON],
    )
    try:
        with writing():
            verified, returned = verify(
                verdict.source,
                seen=verdict.seen,
                by=me(),
                exceptions=verdict.exceptions,
                reason=verdict.reason,
            )
    except DomainError as error:
        again = page(verdict, sentence(error))
        if again is None:
            raise
        return again, error.status
    flash(_("已核验 %(n)s 项，退回 %(m)s 项。", n=verified, m=returned), "success")
    return go_to(back)


def _source(sent: MultiDict[str, str]) -> str:
    return sent.get("source", "")[:LONGEST_SOURCE]
