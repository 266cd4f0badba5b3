"""The pairs of firms that may be one, kept up as firms are written, and what people say of them.

Firms are brought together by the keys that they share (resemblance.py), so that one firm costs a few look-ups and many
cost as many statements. A key that very many share says nothing: a name such as 科技, the telephone of an agent.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from crm.audit.services import Actor, record
from crm.companies.duplicate_models import DuplicatePair, LikenessKey, PairState
from crm.companies.models import Company, Contact, FormerName
from crm.companies.resemblance import Face, keys_of, reasons_for, score, seen
from crm.core import clock
from crm.core.among import among
from crm.core.bulk import insert_many
from crm.core.db import session
from crm.core.errors import Conflict
from crm.core.words import N_

SLICE = 2000
MOST_ALIKE = 6  # firms that share a key

Pair = tuple[int, int]


def look_again(*companies: Company) -> None:
    """Bring the pairs of firms up to date after their name, code, telephones or state were written."""
    session.flush()
    look_again_many([company.id for company in companies])


def look_again_many(company_ids: Sequence[int]) -> None:
    """The same for any number of firms, a few statements for each SLICE."""
    for ids in _slices(company_ids):
        write_keys(ids)
    for ids in _slices(company_ids):
        pair_up(ids)


def take_in(faces: Sequence[Face]) -> None:
    """Firms that have just been registered: they are told here, not read again."""
    _insert_keys(faces)
    pair_up([face.id for face in faces], are_new=True)


def take_out(company_ids: Sequence[int]) -> None:
    """Firms that are about to leave the register altogether (taking_back.py), and what was said of their likeness."""
    session.execute(delete(LikenessKey).where(among(LikenessKey.company_id, company_ids)))
    for column in (DuplicatePair.lower_id, DuplicatePair.higher_id):
        session.execute(delete(DuplicatePair).where(among(column, company_ids)))


def write_keys(company_ids: Sequence[int]) -> None:
    """What these firms can be found by; nothing where they are archived."""
    session.execute(delete(LikenessKey).where(LikenessKey.company_id.in_(company_ids)))
    _insert_keys(_faces(company_ids).values())


def pair_up(company_ids: Sequence[int], *, are_new: bool = False) -> None:
    """The pairs of these firms as their keys say: new ones, changed ones; those that resemble each other no more go.

    Firms that `are_new` are in no pair yet.
    """
    alike = _sharing(company_ids)
    faces = _faces({id_ for pair in alike for id_ in pair})
    found = {}
    for pair in alike:
        one, other = (faces[id_] for id_ in pair)
        if reasons := reasons_for(one, other):
            points = score(reasons, one, other)
            found[pair] = {"reasons": reasons, "score": points, "seen": seen(one, other)}
    known, gone, changed = set(), [], []
    for row in () if are_new else session.execute(_pairs_of(company_ids)):
        pair = (row.lower_id, row.higher_id)
        known.add(pair)
        now = found.get(pair)
        if now is None:
            gone += [row.id] if row.state == PairState.OPEN else []
        elif row.state == PairState.OPEN or (
            row.state == PairState.DISMISSED and row.seen != now["seen"]
        ):
            changed.append({"id": row.id, "state": PairState.OPEN, **now})
    new = [
        {"lower_id": pair[0], "higher_id": pair[1], "state": PairState.OPEN, "recorded_at": clock.now(), **now}
        for pair, now in sorted(found.items())
        if pair not in known
    ]  # fmt: skip
    if gone:
        session.execute(delete(DuplicatePair).where(DuplicatePair.id.in_(gone)))
    if changed:
        session.execute(update(DuplicatePair), changed)
    if new:  # of two who write both firms at once, the second finds the pair there
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        session.execute(dialect.insert(DuplicatePair).on_conflict_do_nothing(), new)


def slices(last: int = 0) -> Iterator[Sequence[int]]:
    """The ids of all firms after one, for a full run in transactions of its own."""
    query = select(Company.id).order_by(Company.id).limit(SLICE)
    while ids := session.scalars(query.where(Company.id > last)).all():
        yield ids
        last = ids[-1]


def dismiss(pair: DuplicatePair, *, by: Actor) -> None:
    """Two firms indeed; the pair comes back only when a name or a code of theirs changes. Raises Conflict."""
    _decide(pair, PairState.OPEN, PairState.DISMISSED, by)
    record("duplicate.dismissed", pair, by=by, name=_name_of(pair))


def reopen(pair: DuplicatePair, *, by: Actor) -> None:
    """Take that back. Raises Conflict."""
    _decide(pair, PairState.DISMISSED, PairState.OPEN, by)
    record("duplicate.reopened", pair, by=by, name=_name_of(pair))


def dismiss_all(company: Company, others: Collection[int], *, by: Actor) -> None:
    """Of a firm that somebody registers although these resemble it: he has said that it is another one."""
    either = or_(DuplicatePair.lower_id.in_(others), DuplicatePair.higher_id.in_(others))
    query = select(DuplicatePair).where(_touches([company.id]), either)
    for pair in session.scalars(query.where(DuplicatePair.state == PairState.OPEN)):
        dismiss(pair, by=by)


def pair_of(one_id: int, other_id: int) -> Select[DuplicatePair]:
    lower, higher = sorted((one_id, other_id))
    return select(DuplicatePair).where(
        DuplicatePair.lower_id == lower, DuplicatePair.higher_id == higher
    )


def _decide(pair: DuplicatePair, before: PairState, after: PairState, by: Actor) -> None:
    session.refresh(pair, with_for_update={"of": DuplicatePair})
    if pair.state != before:
        raise Conflict(N_("这一对企业刚刚已由他人处理，请刷新后查看。"))
    pair.state = after
    is_decided = after != PairState.OPEN
    pair.decided_by_id = by.id if is_decided else None
    pair.decided_at = clock.now() if is_decided else None


def _name_of(pair: DuplicatePair) -> str:
    ids = (pair.lower_id, pair.higher_id)
    return " / ".join(
        session.scalars(select(Company.name).where(Company.id.in_(ids)).order_by(Company.id))
    )


def _insert_keys(faces: Iterable[Face]) -> None:
    rows = [{"key": key, "company_id": face.id} for face in faces for key in keys_of(face)]
    insert_many(LikenessKey, rows)


def _sharing(company_ids: Sequence[int]) -> set[Pair]:
    """Pairs of one of these firms and any other that share a key which few have."""
    mine, other, all_ = aliased(LikenessKey), aliased(LikenessKey), aliased(LikenessKey)
    sharers = select(func.count()).where(all_.key == mine.key).correlate(mine).scalar_subquery()
    query = (
        select(mine.company_id, other.company_id)
        .join(other, and_(other.key == mine.key, other.company_id != mine.company_id))
        .where(mine.company_id.in_(company_ids), sharers <= MOST_ALIKE)
    )
    return {(min(ids), max(ids)) for ids in session.execute(query)}


def _faces(company_ids: Collection[int]) -> dict[int, Face]:
    """What is compared of these firms, the archived ones left out: three statements for each SLICE."""
    faces = {}
    for ids in _slices(list(company_ids)):
        former, phones = defaultdict(list), defaultdict(list)
        names = select(FormerName.company_id, FormerName.name).order_by(FormerName.id)
        for id_, name in session.execute(names.where(FormerName.company_id.in_(ids))):
            former[id_].append(name)
        numbers = select(Contact.company_id, Contact.phone).order_by(Contact.id)
        is_told = and_(Contact.archived_at.is_(None), Contact.phone != "")
        numbers = numbers.where(is_told, Contact.company_id.in_(ids))
        for id_, phone in session.execute(numbers):
            phones[id_].append(phone)
        firms = select(Company.id, Company.name, Company.uscc)
        firms = firms.where(Company.id.in_(ids), Company.archived_at.is_(None))
        for id_, name, uscc in session.execute(firms):
            faces[id_] = Face(id_, name, uscc, tuple(former[id_]), tuple(phones[id_]))
    return faces


def _pairs_of(company_ids: Sequence[int]) -> Select[*tuple[int, int, int, PairState, str]]:
    pair = DuplicatePair
    columns = (pair.id, pair.lower_id, pair.higher_id, pair.state, pair.seen)
    return select(*columns).where(_touches(company_ids))


def _touches(company_ids: Sequence[int]) -> ColumnElement[bool]:
    return or_(DuplicatePair.lower_id.in_(company_ids), DuplicatePair.higher_id.in_(company_ids))


def _slices(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + SLICE] for start in range(0, len(ids), SLICE))
