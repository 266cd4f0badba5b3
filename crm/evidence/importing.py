"""Evidence out of spreadsheets: what becomes of each row, written and taken back, derived once for all kinds."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Row as Found
from sqlalchemy import select

from crm.companies.residence import scope_for
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.evidence import amending, holders, services
from crm.evidence.holders import Held
from crm.evidence.kind import Kind
from crm.evidence.masking import is_masked
from crm.evidence.services import Row
from crm.imports.kinds import Draft, Fault, ImportKind, Landed, LookAlike, Outcome, Verdict
from crm.people.models import Unit, User
from crm.people.roles import Action
from crm.people.scope import Scope

CHUNK = 5000


def import_kind(kind: Kind) -> ImportKind:
    return ImportKind(
        key=kind.key,
        label=kind.label,
        attributes=kind.attributes,
        natural_key=kind.natural_key,
        action=Action.EVIDENCE_WRITE,
        check=partial(check, kind),
        land=partial(land, kind),
        revert=partial(amending.revert, kind),
        page=f"{kind.address}/",
        list_key=kind.key,
        verifications="/evidence/verification",
        note=N_("导入的记录待他人按来源文件核验后计入。"),
    )


def check(kind: Kind, drafts: Sequence[Draft], by: User) -> list[Verdict]:
    """What would become of each row; the number of statements does not grow with the rows of a chunk."""
    scope = scope_for(by)
    given = [_given(kind, draft) for draft in drafts]
    written, chosen = [values.get("holder") for values in given], [d.chosen for d in drafts]
    held = holders.held_by(kind, written, scope, chosen)
    similar = _similar(kind, drafts, held, written, scope)
    units = _units(given, scope)
    keys = [_key(kind, values, each) for values, each in zip(given, held, strict=True)]
    there = _there(kind, {key for key in keys if isinstance(key, str)}, scope)
    titles = {
        key: str(values.get("title"))
        for key, values in zip(keys, given, strict=True)
        if isinstance(key, str) and key not in there and not key.startswith("0:")
    }
    otherwise = _by_a_later_key(kind, titles, scope)
    keys = [_only(kind, key, otherwise) for key in keys]
    there |= {key: rows[0] for key, rows in otherwise.items()}
    verdicts, first = [], dict[str, int]()
    for draft, values, each, key in zip(drafts, given, held, keys, strict=True):
        alike = similar.get(draft.number)
        if isinstance(key, DomainError):
            verdict = _refused(draft, [*_faults(kind, values, each, alike), key], alike)
        elif key in first:
            twice = DomainError(N_("与第%(row)s行是同一条记录。"), row=first[key])
            verdict = _refused(draft, [twice])
        else:
            verdict = _verdict(kind, draft, values, each, there.get(key), units, by, alike)
            first[key] = draft.number
        verdicts.append(verdict)
    return verdicts


def land(kind: Kind, verdicts: Sequence[Verdict], by: User, source: str) -> list[Landed]:
    """Write what was checked: new records that wait, and changes, each with what was there before."""
    new = [verdict for verdict in verdicts if verdict.outcome is Outcome.CREATE]
    rows = [_with_source(verdict.ready, source) for verdict in new]
    ids = services.save_many(kind, rows, by=by) if rows else []
    landed = [Landed(v.draft.number, id_, 1, None) for v, id_ in zip(new, ids, strict=True)]
    changed = [verdict for verdict in verdicts if verdict.outcome is Outcome.UPDATE]
    amendments = [
        amending.Amendment(
            verdict.record_id or 0,
            verdict.version or 0,
            verdict.ready,
            any(not kind.is_beside(name) for name in verdict.changes),
        )
        for verdict in changed
    ]
    before = amending.amend_many(kind, amendments, by=by) if amendments else {}
    return landed + [
        Landed(v.draft.number, a.record_id, a.version + 1, before[a.record_id])
        for v, a in zip(changed, amendments, strict=True)
    ]


def _with_source(row: Row, source: str) -> Row:
    values = {**row.values, "source": row.values.get("source") or source}
    return replace(row, values=values)


def _given(kind: Kind, draft: Draft) -> dict[str, Any]:
    """What the row says. Personal data that was exported masked says nothing."""
    return {
        name: value
        for name, value in draft.values.items()
        if value is not None and not is_masked(kind.by_name.get(name), value)
    }


def _key(kind: Kind, values: Mapping[str, Any], held: Held) -> str | DomainError:
    try:
        return kind.key_of(values, held.company_id)
    except DomainError as error:
        return error


def _similar(
    kind: Kind,
    drafts: Sequence[Draft],
    held: Sequence[Held],
    written: Sequence[str | None],
    scope: Scope,
) -> dict[int, LookAlike]:
    """By the row: the firm that a holder without one probably means, unless a person has said so already."""
    names = {
        draft.number: next(iter(holders.names_in(text)), "")
        for draft, each, text in zip(drafts, held, written, strict=True)
        if each == Held() and draft.chosen is None and text
    }
    found = holders.alike({name for name in names.values() if name}, scope)
    return {
        number: LookAlike(firm.id, firm.name)
        for number, name in names.items()
        if (firm := found.get(name))
    }


def _verdict(
    kind: Kind,
    draft: Draft,
    values: Mapping[str, Any],
    held: Held,
    there: Found[Any] | None,
    units: Mapping[str, int],
    by: User,
    alike: LookAlike | None,
) -> Verdict:
    faults = list(_faults_of_unit(values, units))
    if there is not None and not there.is_mine:
        faults.append(DomainError(N_("这条记录已由其他单位登记。")))
    stored = {one.name: getattr(there, one.name) for one in kind.stored} if there else {}
    faults += _faults(kind, {**stored, **values}, held, alike)
    if faults:
        return _refused(draft, faults, alike)
    merged = services.completed(kind, {**stored, **values}, held.kind)
    unit_id = units.get(str(values.get("unit")), there.unit_id if there else by.unit_id)
    company_id = held.company_id
    if there and "holder" not in values:
        company_id = there.company_id
    row = Row(merged, company_id, held.others, unit_id)
    if there is None:
        return Verdict(draft, Outcome.CREATE, ready=row)
    changes = {
        name: (stored[name], value)
        for name, value in values.items()
        if name in stored and stored[name] != value
    }
    if company_id != there.company_id:
        changes["holder"] = (there.holder, merged["holder"])
    outcome = Outcome.UPDATE if changes else Outcome.UNCHANGED
    return Verdict(draft, outcome, there.id, there.version, changes, ready=row)


def _faults(
    kind: Kind, values: Mapping[str, Any], held: Held, alike: LookAlike | None
) -> Iterator[DomainError]:
    yield from kind.faults(services.completed(kind, values, held.kind))
    if values.get("holder"):
        yield from holders.faults(kind, held, is_alike=alike is not None)


def _faults_of_unit(values: Mapping[str, Any], units: Mapping[str, int]) -> Iterator[DomainError]:
    if values.get("unit") and values["unit"] not in units:
        yield DomainError(N_("该单位不在您的数据范围内。"), field="unit")


def _refused(
    draft: Draft, errors: Collection[DomainError], alike: LookAlike | None = None
) -> Verdict:
    faults = tuple({error.message: Fault(error.field, error) for error in errors}.values())
    return Verdict(draft, Outcome.ERROR, faults=faults, look_alikes=(alike,) if alike else ())


def _units(given: Sequence[Mapping[str, Any]], scope: Scope) -> dict[str, int]:
    """The units that the rows name, inside the writer's scope."""
    names = {str(values["unit"]) for values in given if values.get("unit")}
    query = select(Unit.name, Unit.id).where(scope.includes(Unit.id))
    return dict(session.execute(query).tuples()) if names else {}


def _there(kind: Kind, keys: Collection[str], scope: Scope) -> dict[str, Found[Any]]:
    """The records of the register with these keys, whoever keeps them."""
    listed, found = sorted(keys), dict[str, Found[Any]]()
    for at in range(0, len(listed), CHUNK):
        some = _records(kind, scope).where(kind.model.natural_key.in_(listed[at : at + CHUNK]))
        found |= {row.natural_key: row for row in session.execute(some)}
    return found


def _by_a_later_key(
    kind: Kind, titles: Mapping[str, str], scope: Scope
) -> dict[str, list[Found[Any]]]:
    """Records that have a surer key than the rows that mean them: a list that is exported masks a number or leaves it out."""
    found: dict[str, list[Found[Any]]] = {}
    surer = dict.fromkeys(name for names in kind.keys[:-1] for name in names)
    without = {name: None for name in surer if name not in kind.keys[-1]}
    listed = sorted(set(titles.values()))
    for at in range(0, len(listed), CHUNK):
        some = _records(kind, scope).where(kind.model.title.in_(listed[at : at + CHUNK]))
        for row in session.execute(some):
            key = kind.key_of({**row._mapping, **without}, row.company_id)
            if key in titles:
                found.setdefault(key, []).append(row)
    return found


def _only(
    kind: Kind, key: str | DomainError, found: Mapping[str, Sequence[Found[Any]]]
) -> str | DomainError:
    """A key that fits several records names none."""
    if not isinstance(key, str) or len(found.get(key, ())) < 2:
        return key
    surest = kind.keys[0][0]
    message = N_("有多条这样的记录，请填写%(what)s。")
    return DomainError(message, field=surest, what=kind.by_name[surest].label)


def _records(kind: Kind, scope: Scope) -> Any:
    model: Any = kind.model
    columns = [getattr(model, one.name) for one in kind.stored]
    return select(
        model.id, model.version, model.natural_key, model.company_id, model.unit_id,
        scope.includes(model.unit_id).label("is_mine"), *columns,
    ).where(model.archived_at.is_(None))  # fmt: skip
