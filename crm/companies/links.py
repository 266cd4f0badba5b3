"""Which firm owns which: controlling stakes, shares and branches, each from a day until another.

Links say nothing of rungs: a listed parent does not make its subsidiary 上市 (each stands on its own proofs).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, case, insert, or_, select, text
from sqlalchemy.orm import aliased

from crm.audit.services import Actor, record
from crm.companies.models import Company, CompanyLink, LinkKind
from crm.companies.residence import expect_past
from crm.core import clock
from crm.core.db import BULK, is_writing, session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people.models import Unit
from crm.people.scope import Scope

IDS_ASKED = 10_000  # in one statement: below what either database takes


@dataclass(frozen=True)
class LinkDetails:
    """One firm's hold on another; `share` in per cent."""

    parent_id: int
    child_id: int
    kind: LinkKind
    from_on: date
    share: Decimal | None = None
    to_on: date | None = None

    def overlaps(self, other: "LinkDetails") -> bool:
        """Whether both hold on at least one day."""
        return (self.to_on is None or other.from_on < self.to_on) and (
            other.to_on is None or self.from_on < other.to_on
        )


_OTHER = aliased(Company)  # made once: each new alias looks its columns up anew


def links_of(company_id: int, scope: Scope) -> Select[*tuple[Any, ...]]:
    """A firm's links both ways, open ones first, each with the other firm; `is_mine`: the reader may see that one."""
    other, link = _OTHER, CompanyLink
    other_id = case((link.parent_id == company_id, link.child_id), else_=link.parent_id)
    return (
        select(
            link.id,
            link.kind,
            link.share,
            link.from_on,
            link.to_on,
            link.version,
            (link.parent_id == company_id).label("is_parent"),
            other.id.label("other_id"),
            other.name.label("other"),
            other.archived_at,
            Unit.name.label("unit"),
            scope.includes(other.unit_id).label("is_mine"),
        )
        .join(other, other.id == other_id)
        .join(Unit, Unit.id == other.unit_id)
        .where(or_(link.parent_id == company_id, link.child_id == company_id))
        .order_by(link.to_on.is_not(None), link.from_on.desc(), link.id.desc())
    )


def link_of(company: Company, link_id: int) -> Select[CompanyLink]:
    """One of a firm's links, whichever way."""
    either = or_(CompanyLink.parent_id == company.id, CompanyLink.child_id == company.id)
    return select(CompanyLink).where(CompanyLink.id == link_id, either)


def add_link(company: Company, details: LinkDetails, *, by: Actor) -> None:
    """Link a firm with another one, as its parent or as its child. Raises DomainError."""
    expect_past(details.from_on)
    _insert([details])
    other_id = details.child_id if details.parent_id == company.id else details.parent_id
    record("link.added", company, by=by, kind=details.kind, other_id=other_id)


def link_many(links: Sequence[LinkDetails], *, by: Actor) -> None:
    """Many at once, all or none, by the same rules; one audit entry. Raises DomainError."""
    if links:
        _insert(links)
        record("links.added", None, by=by, count=len(links))


def end_link(link: CompanyLink, company: Company, *, on: date, version: int, by: Actor) -> None:
    """From that day the one holds nothing of the other any more. Raises StaleRecord, DomainError."""
    expect_past(on)
    link.expect_version(version)
    if link.to_on is not None:
        raise DomainError(N_("该关联已于%(on)s结束。"), field="on", on=link.to_on.isoformat())
    if on <= link.from_on:
        raise DomainError(N_("结束日期须晚于开始日期。"), field="on")
    link.to_on = on
    record("link.ended", company, by=by, kind=link.kind, on=on)


def expect_sound_at(into_id: int, of_id: int, links: Sequence[LinkDetails]) -> None:
    """Whether the links of one firm, told here as another's, could stand beside those that the other has. Raises DomainError."""
    if is_writing():
        _one_writer()
    there = _below({into_id, *(end for link in links for end in (link.parent_id, link.child_id))})
    for parent_id, held in there.items():
        there[parent_id] = [link for link in held if of_id not in (link.parent_id, link.child_id)]
    for link in links:
        _expect_sound(link, there)
        there[link.parent_id].append(link)


def _insert(links: Sequence[LinkDetails]) -> None:
    _one_writer()
    there = _below({link.child_id for link in links} | {link.parent_id for link in links})
    for link in links:
        _expect_sound(link, there)
        there[link.parent_id].append(link)
    now = clock.now()
    rows = [{**vars(link), "version": 1, "recorded_at": now} for link in links]
    session.execute(insert(CompanyLink), rows, execution_options=BULK)


def _one_writer() -> None:
    """Until the commit nobody else adds a link: two halves of a loop must not come about at once."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE company_links IN SHARE ROW EXCLUSIVE MODE"))


def _below(firms: set[int]) -> dict[int, list[LinkDetails]]:
    """What these firms hold, and what those hold in turn, by parent: one query for each level."""
    found: dict[int, list[LinkDetails]] = defaultdict(list)
    asked: set[int] = set()
    while firms:
        asked |= firms
        level = [link for some in _slices(firms) for link in _held_by(some)]
        for link in level:
            found[link.parent_id].append(link)
        firms = {link.child_id for link in level} - asked
    return found


def _held_by(firms: Sequence[int]) -> Iterable[LinkDetails]:
    link = CompanyLink
    columns = (link.parent_id, link.child_id, link.kind, link.from_on, link.share, link.to_on)
    for row in session.execute(select(*columns).where(link.parent_id.in_(firms))):
        yield LinkDetails(*row)


def _slices(firms: set[int]) -> Iterable[Sequence[int]]:
    ordered = sorted(firms)
    return (ordered[n : n + IDS_ASKED] for n in range(0, len(ordered), IDS_ASKED))


def _expect_sound(link: LinkDetails, there: dict[int, list[LinkDetails]]) -> None:
    """Refuse a link of a firm with itself, an impossible share, a second link of a pair on one day, and a loop."""
    if link.parent_id == link.child_id:
        raise DomainError(N_("企业不能与自己关联。"), field="other")
    if link.to_on is not None and link.to_on <= link.from_on:
        raise DomainError(N_("结束日期须晚于开始日期。"), field="to_on")
    if link.share is not None and not 0 < link.share <= 100:
        raise DomainError(N_("持股比例应大于0，不超过100。"), field="share")
    beside = [held for held in there[link.parent_id] if held.child_id == link.child_id]
    if any(held.overlaps(link) for held in beside):
        raise DomainError(N_("这两家企业在该期间已有同方向的关联。"), field="from_on")
    reached, to_ask = set[int](), [link.child_id]
    while to_ask:
        for held in there.get(to_ask.pop(), ()):
            if held.overlaps(link) and held.child_id not in reached:
                reached.add(held.child_id)
                to_ask.append(held.child_id)
    if link.parent_id in reached:
        message = N_("会形成循环持有：对方在该期间已直接或间接持有本企业。")
        raise DomainError(message, field="other")
