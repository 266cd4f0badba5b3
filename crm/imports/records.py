"""What rooms share when rows of a spreadsheet become records: compared, held as they were checked, put back as they were."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Date, Select

from crm.audit.services import Actor, Changes, changes_of, record
from crm.core.among import among
from crm.core.bulk import write_many
from crm.core.columns import Choice, ChoiceSet, Hundredths
from crm.core.db import Base, Instant, session
from crm.core.errors import DomainError, StaleRecord
from crm.core.money import Money
from crm.core.references import referred_to
from crm.core.words import N_
from crm.imports.kinds import Draft, Fault, Landed, LookAlike, Outcome, RevertRefused, Verdict
from crm.imports.stored import as_json

R = TypeVar("R", bound=Base)
_SAME: Mapping[str, str] = {}  # a column is called as the field
_NO_TIES = ("last_contacts",)  # repeats what others say of a record


def given(draft: Draft, names: Collection[str]) -> dict[str, Any]:
    """What a row says of these facts: an empty cell says nothing."""
    return {n: v for n, v in draft.values.items() if n in names and v is not None}


def refused(
    draft: Draft, faults: Sequence[Fault], look_alikes: Sequence[LookAlike] = ()
) -> Verdict:
    return Verdict(draft, Outcome.ERROR, faults=tuple(faults), look_alikes=tuple(look_alikes))


def fault_of(error: DomainError, columns: Mapping[str, str] = _SAME) -> Fault:
    """A rule that is broken, at the column of its field; `columns` are those of another name."""
    return Fault(columns.get(error.field or "", error.field), error)


def compared(
    draft: Draft, there: Any, now: Mapping[str, Any], said: Mapping[str, Any], ready: Any = None
) -> Verdict:
    """What a row changes of a record that is there: `now` what it says, `said` what the row says."""
    changes = {n: (now[n], value) for n, value in said.items() if now[n] != value}
    outcome = Outcome.UPDATE if changes else Outcome.UNCHANGED
    return Verdict(draft, outcome, there.id, there.version, changes, ready=ready)


def of(verdicts: Iterable[Verdict], outcome: Outcome) -> list[Verdict]:
    return [verdict for verdict in verdicts if verdict.outcome is outcome]


# Landing


def landed(
    verdicts: Sequence[Verdict],
    records: Select[R],
    create: Callable[[Sequence[Any]], Sequence[int]],
    correct: Callable[[Sequence[tuple[R, Any]]], Iterable[Changes]],
) -> list[Landed]:
    """Write what was checked: `create` is given what is `ready` of the new ones, `correct` the others, held, each with its own.

    Raises StaleRecord where a record is no longer as checked.
    """
    new, other = of(verdicts, Outcome.CREATE), of(verdicts, Outcome.UPDATE)
    there = held(records, other)
    held_ones = [there[verdict.record_id or 0] for verdict in other]
    ids = create([verdict.ready for verdict in new])
    changes = correct([(one, v.ready) for one, v in zip(held_ones, other, strict=True)])
    return [*created(new, ids), *map(changed, other, held_ones, changes)]


def held(records: Select[R], verdicts: Sequence[Verdict]) -> dict[int, R]:
    """The records that rows change, nobody else's until the commit. Raises StaleRecord where one is no longer as checked."""
    wanted = {verdict.record_id: verdict.version for verdict in verdicts if verdict.record_id}
    found = _locked(records, wanted)
    if found.keys() != wanted.keys() or any(_version(found[id_]) != wanted[id_] for id_ in wanted):
        raise StaleRecord
    return found


def created(verdicts: Sequence[Verdict], ids: Sequence[int]) -> list[Landed]:
    """New records, in the order of their rows."""
    return [Landed(v.draft.number, id_, 1, None) for v, id_ in zip(verdicts, ids, strict=True)]


def changed(verdict: Verdict, there: Any, changes: Changes) -> Landed:
    """A record as it is now, with what its columns said before."""
    before = {name: as_json(was) for name, (was, _now) in changes.items()}
    return Landed(verdict.draft.number, there.id, there.version, before)


# Putting back


def untouched(
    records: Select[R],
    landed: Sequence[Landed],
    *,
    subject: str = "",
    besides: Collection[str] = (),
) -> dict[int, R]:
    """The records that were landed, held. Raises RevertRefused with those that were changed or referred to since.

    `subject`: what files and follow-up call such a record; `besides`: tables whose rows came with it.
    """
    rows = {one.record_id: one for one in landed}
    found = _locked(records, rows)
    touched = {
        id_: DomainError(N_("这条记录在导入之后已被修改。"))
        for id_, one in rows.items()
        if id_ not in found or _version(found[id_]) != one.version
    }
    new = [id_ for id_, one in rows.items() if one.before is None]
    known = (*besides, *_NO_TIES)
    for id_ in referred_to(_model(records), new, subject=subject, besides=known) - touched.keys():
        touched[id_] = DomainError(N_("已有其他记录与它关联。"))
    if touched:
        refusals = [(rows[id_].number, error) for id_, error in touched.items()]
        raise RevertRefused(sorted(refusals, key=lambda refusal: refusal[0]))
    return found


def made(landed: Sequence[Landed], there: Mapping[int, R]) -> list[R]:
    """Those that are new with the import."""
    return [there[one.record_id] for one in landed if one.before is None]


def put_back(
    landed: Sequence[Landed],
    there: Mapping[int, R],
    action: str,
    *,
    by: Actor,
    name_of: Callable[[R], str],
) -> None:
    """Give what was changed its columns of before, each with its line in the log."""
    put = [(one, there[one.record_id]) for one in landed if one.before is not None]
    with session.no_autoflush:
        for one, found in put:
            for column, was in before_of(one, found).items():
                setattr(found, column, was)
            record(action, found, by=by, changes=changes_of(found), name=name_of(found))
            found.version += 1  # type: ignore[attr-defined]
    write_many([found for _, found in put])


def before_of(one: Landed, there: Base) -> dict[str, Any]:
    """What the columns of a record said before it was landed."""
    columns = there.__table__.c
    return {name: _read_back(columns[name].type, was) for name, was in (one.before or {}).items()}


def _read_back(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    match kind:
        case Choice():
            return kind.kind(value)
        case ChoiceSet():
            return frozenset(kind.kind(one) for one in value)
        case Money() | Hundredths():
            return Decimal(value)
        case Instant():
            return datetime.fromisoformat(value)
        case Date():
            return date.fromisoformat(value)
    return value


def _locked(records: Select[R], ids: Collection[int | None]) -> dict[int, R]:
    if not ids:
        return {}
    model = _model(records)
    query = records.where(among(model.id, sorted(filter(None, ids)))).order_by(model.id)
    query = query.with_for_update(of=model).execution_options(populate_existing=True)
    return {one.id: one for one in session.scalars(query)}  # type: ignore[attr-defined]


def _model(records: Select[Any]) -> Any:
    return records.column_descriptions[0]["entity"]


def _version(there: Any) -> int:
    return int(there.version)
