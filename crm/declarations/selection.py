"""Which declarations of a batch a form means: those that are ticked, or all that a list finds, each as it was seen."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from werkzeug.datastructures import MultiDict

from crm.core.db import session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.declarations.models import Declaration, State
from crm.declarations.queries import visible_declarations
from crm.lists.seen import digest
from crm.people.scope import Scope

AT_ONCE = 2000


class Picked(NamedTuple):
    """A declaration, and the version that the page showed."""

    id: int
    version: int


@dataclass(frozen=True)
class Whole:
    """All that a list finds, over its pages: how many, and a digest of what they were."""

    number: int
    seen: str


def whole(batch_id: int, scope: Scope, state: State | None) -> Whole | None:
    """All of a batch, or of one column of it; None where they are more than go at once."""
    rows = _rows(batch_id, scope, state)
    return Whole(len(rows), digest(rows)) if len(rows) <= AT_ONCE else None


def chosen(values: MultiDict[str, str], batch_id: int, scope: Scope) -> list[Picked]:
    """What a form means: `pick=7-1` for each box, or `all` with the `state` of the list and what was `seen` of it.

    Raises DomainError for none, or too many; Conflict where the list is not what was seen.
    """
    if not values.get("all"):
        return _ticked(values.getlist("pick"))
    state = next((s for s in State if s.value == values.get("state")), None)
    rows = _rows(batch_id, scope, state)
    if len(rows) > AT_ONCE:
        raise DomainError(N_("一次最多办理%(n)s项。"), n=AT_ONCE)
    if digest(rows) != values.get("seen"):
        raise Conflict(N_("这些申报在您打开之后有增减或变动，请重新核对。"))
    return rows


def _ticked(boxes: Sequence[str]) -> list[Picked]:
    found = {}
    for text in boxes:
        if match := re.fullmatch(r"(\d{1,10})-(\d{1,9})", text):
            found[int(match[1])] = int(match[2])
    if not found:
        raise DomainError(N_("请先勾选要办理的申报。"))
    if len(found) > AT_ONCE:
        raise DomainError(N_("一次最多办理%(n)s项。"), n=AT_ONCE)
    return [Picked(*pair) for pair in found.items()]


def _rows(batch_id: int, scope: Scope, state: State | None) -> list[Picked]:
    query = visible_declarations(scope).where(Declaration.batch_id == batch_id)
    if state:
        query = query.where(Declaration.state == state)
    columns = query.with_only_columns(Declaration.id, Declaration.version)
    rows = session.execute(columns.order_by(Declaration.id).limit(AT_ONCE + 1))
    return [Picked(*row) for row in rows]
