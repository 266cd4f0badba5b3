"""Taking a merge back: each row to the record it came from, with what was changed in it since.

Refused where the merge's own writing was overwritten since, and where the firm has moved since; what was added since stays
with the firm that went on, which a person must have seen. Merges are undone in the reverse order.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, record
from crm.companies import completeness, duplicates
from crm.companies.duplicate_models import Merge, PairState
from crm.companies.facts import FIELDS
from crm.companies.ledger import Ledger, Values, Written
from crm.companies.merge_children import Reference, references
from crm.companies.merge_plan import Obstacle
from crm.companies.merging import COMPANIES
from crm.companies.models import Company
from crm.companies.names import name_key, search_text
from crm.companies.residence import tell_of
from crm.core import clock
from crm.core.db import Base, session
from crm.core.errors import Conflict
from crm.core.words import N_
from crm.people.scope import Scope

_STEPS = ("residences", "residence_moves")


@dataclass(frozen=True)
class Added:
    """How many rows of one kind came to the firm after the merge: whose they are nobody can tell but a person."""

    label: str
    count: int


@dataclass
class Undoing:
    """What stands against undoing a merge, and what would stay with the firm that went on."""

    obstacles: list[Obstacle] = field(default_factory=list)
    added: list[Added] = field(default_factory=list)


class UnmergeRefused(Conflict):
    """Later edits would be lost, or what came later has not been looked at."""

    def __init__(self, undoing: Undoing) -> None:
        number = len(undoing.obstacles) + len(undoing.added)
        super().__init__(N_("合并之后又有 %(n)s 处变动，请核对下列内容。"), n=number)
        self.undoing = undoing


@dataclass(frozen=True)
class Told:
    """What a merge did: how many rows of each kind moved or were joined, and which facts of the firm changed."""

    moved: Mapping[str, int]
    facts: Sequence[str]


def told(merge: Merge, scope: Scope) -> Told:
    """As a person of this scope may know it."""
    rows = Ledger.load(merge.written).rows
    firms = [row for row in rows if row.table == COMPANIES.name]
    facts = [name for name in FIELDS if name in firms[0].after]
    moved: dict[Reference, list[Values]] = defaultdict(list)
    for row in rows:
        if row.table != COMPANIES.name:
            moved[_reference(row)].append(row.key)
    counts: dict[str, int] = Counter()
    for reference, keys in moved.items():
        counts[reference.kind.label] += reference.shown(keys, scope)
    return Told({label: count for label, count in counts.items() if count}, facts)


def undoing(merge: Merge) -> Undoing:
    """Asked of the present rows; nothing is written."""
    found = Undoing()
    later = _later(merge)
    if later:
        message = N_("之后又将“%(name)s”并入了这家企业，请先撤销那一次。")
        href = f"/companies/merges/{later.id}"
        found.obstacles.append(Obstacle(message, {"name": later.loser.name}, href))
    ledger = Ledger.load(merge.written)
    for written, columns in ledger.overtaken():
        found.obstacles.append(_overwritten(written, columns, merge))
    for label, count, is_step in _added(merge, ledger):
        if is_step:
            message = N_("合并之后又办理了 %(n)s 项入驻变动，请先撤销或更正。")
            href = f"/companies/{merge.winner_id}#residences"
            found.obstacles.append(Obstacle(message, {"n": count}, href))
        else:
            found.added.append(Added(label, count))
    return found


def undo(merge: Merge, *, by: Actor, despite_added: bool = False) -> None:
    """Both records as they were. Raises UnmergeRefused, Conflict.

    `despite_added`: somebody has seen that what was added since stays with the firm that went on.
    """
    winner, loser = merge.winner, merge.loser
    for firm in sorted((winner, loser), key=lambda firm: firm.id):
        firm.expect_version(None)
    session.refresh(merge, with_for_update={"of": Merge})
    _expect_undoable(merge)
    found = undoing(merge)
    if found.obstacles or (found.added and not despite_added):
        raise UnmergeRefused(found)
    ledger = Ledger.load(merge.written)
    session.flush()
    ledger.put_back(leave_out=COMPANIES.name)
    session.expire_all()
    firms = {firm.id: firm for firm in (winner, loser)}
    try:
        for written in ledger.rows:  # the winner first: it gives back the code
            if written.table == COMPANIES.name:
                for name, value in written.before.items():
                    setattr(firms[written.key["id"]], name, value)
                session.flush()
    except IntegrityError as error:
        message = N_("“%(name)s”原来的统一社会信用代码已由其他企业登记，不能恢复。")
        raise Conflict(message, name=loser.name) from error
    session.expire_all()
    for firm in (winner, loser):
        _derive(firm)
    merge.undone_at, merge.undone_by_id = clock.now(), by.id
    pair = session.scalar(duplicates.pair_of(winner.id, loser.id))
    if pair is not None:
        pair.state, pair.decided_by_id, pair.decided_at = PairState.OPEN, None, None
    duplicates.look_again(winner, loser)
    for firm in (winner, loser):
        tell_of(firm)
    record("company.unmerged", winner, by=by, other=loser.name, merge_id=merge.id)
    record("company.unmerged_away", loser, by=by, into=winner.name, merge_id=merge.id)


def _expect_undoable(merge: Merge) -> None:
    if merge.undone_at is not None:
        raise Conflict(N_("这次合并已经撤销。"))
    if merge.winner.merged_into:
        message = N_("“%(name)s”后来又并入了“%(into)s”，请先撤销那一次合并。")
        into = merge.winner.merged_into.name
        raise Conflict(message, name=merge.winner.name, into=into)


def _later(merge: Merge) -> Merge | None:
    return session.scalar(
        select(Merge)
        .where(Merge.winner_id == merge.winner_id, Merge.id > merge.id, Merge.undone_at.is_(None))
        .order_by(Merge.id.desc())
        .limit(1)
    )


def _overwritten(written: Written, columns: Sequence[str], merge: Merge) -> Obstacle:
    if written.table == COMPANIES.name:
        names = [FIELDS[name] for name in columns if name in FIELDS] or [N_("统计归属")]
        message = N_("“%(field)s”在合并之后又有修改，撤销会丢失这次修改。")
        return Obstacle(message, {"field": names[0]}, f"/companies/{merge.winner_id}")
    kind = _reference(written).kind
    message = N_("一项“%(kind)s”在合并之后已改动或移走，无法归还。")
    href = kind.href.format_map({**written.key, **written.after})
    return Obstacle(message, {"kind": kind.label}, href)


def _reference(written: Written) -> Reference:
    return Reference(Base.metadata.tables[written.table], next(iter(written.after)))


def _added(merge: Merge, ledger: Ledger) -> list[tuple[str, int, bool]]:
    """What has come to the firm since, by kind; whether it is a step of its coming and going."""
    found = []
    for reference in references():
        mark = ledger.marks.get(reference.table.name)
        if mark is not None and (count := _count(reference, merge.winner_id, mark)):
            found.append((reference.kind.label, count, reference.table.name in _STEPS))
    return found


def _count(reference: Reference, company_id: int, mark: int) -> int:
    table = reference.table
    query = select(func.count()).where(reference.to(company_id), table.c.id > mark)
    return session.scalar(query.select_from(table)) or 0


def _derive(firm: Company) -> None:
    """What repeats the rest of the firm's record."""
    firm.name_key = name_key(firm.name)
    firm.search_text = search_text(
        firm.name,
        firm.uscc,
        former_names=[former.name for former in firm.former_names],
        people=[contact.name for contact in firm.contacts],
        former_codes=firm.former_codes,
    )
    completeness.refresh(firm)
