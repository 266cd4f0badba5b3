"""Which of a list's rows a form means: some by their ids, or all that its filter finds. Always inside the reader's scope."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import request
from werkzeug.datastructures import MultiDict

from crm.core.errors import DomainError
from crm.core.words import N_
from crm.lists.asking import Asked, ask_as_shown
from crm.lists.fields import Listing
from crm.web.addresses import record_number
from crm.web.guards import my_scope

MOST_SELECTED = 5000


@dataclass(frozen=True)
class Selection:
    """Rows of a list as a form carries them: `ids`, or all that are found by `state`. `asked` is their query."""

    asked: Asked
    ids: tuple[int, ...] | None

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """As hidden inputs, so that the next form means the same rows."""
        state = ("state", self.asked.state.text)
        if self.ids is None:
            return [state, ("all", "1")]
        return [state, ("ids", ",".join(map(str, self.ids)))]


def of_request(listing: Listing) -> Selection:
    """The rows that a posted form selects: `all=1`, or `ids=1,2,3`, or one `id` for each box that is ticked.

    Raises DomainError where none is, and for more than MOST_SELECTED ids.
    """
    form = request.form
    ids = None if form.get("all") == "1" else _ids(form)
    return chosen(listing, form.get("state", ""), ids)


def chosen(listing: Listing, state: str, ids: Sequence[int] | None) -> Selection:
    """All that a state finds, or the rows with these ids, for who asks now. Raises DomainError as `of_request`."""
    asked = ask_as_shown(listing, state)
    if ids is None:
        return Selection(asked, None)
    if not ids:
        raise DomainError(N_("请先选择记录。"))
    if len(ids) > MOST_SELECTED:
        message = N_("一次最多选择 %(most)s 条；请改用筛选后“选择全部”。")
        raise DomainError(message, most=MOST_SELECTED)
    query = listing.visible(my_scope()).where(listing.model.id.in_(ids))
    return Selection(replace(asked, query=query), tuple(ids))


def _ids(form: MultiDict[str, str]) -> Sequence[int]:
    texts = [*form.get("ids", "").split(","), *form.getlist("id")]
    found = []
    for text in texts:
        try:
            found.append(record_number(text))
        except ValueError:
            continue
    return list(dict.fromkeys(found))
