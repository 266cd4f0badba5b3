"""One change of many firms: seen before it is made, made in one transaction, undone while nobody has touched them since.

The log has one entry for the whole and one for each firm, so that its timeline and a later conflict know of it; the
values before are kept with the BulkChange, from which it is undone.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import selectinload

from crm.audit.services import changes_of, record
from crm.companies import completeness
from crm.companies.models import Company, CompanyKind, FutureIndustry, PartyOrganisation
from crm.companies.services import LICENSED, told
from crm.core import clock
from crm.core.db import session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.lists.models import BulkChange
from crm.people.models import User
from crm.reference import industries

MOST_AT_ONCE = 5000
CHUNK = 500
LIST_KEY = "companies"


@dataclass(frozen=True)
class Editable:
    """A fact that may be set on many firms at once: its value from what a form sends, and which firms refuse it."""

    label: str
    value: Callable[[str], Any]
    refuses: Callable[[Any, Any], str | None] = lambda _row, _value: None


def _industry(code: str) -> str:
    if code and industries.get(code) is None:
        raise ValueError(code)
    return code


def _needs_a_code(row: Any, kind: Any) -> str | None:
    if kind in LICENSED and not row.uscc:
        return N_("没有统一社会信用代码，不能改为企业、分公司或个体户")
    return None


EDITABLE: dict[str, Editable] = {
    "industry_code": Editable(N_("行业"), _industry),
    "future_industry": Editable(
        N_("未来产业"), lambda text: FutureIndustry(text) if text else None
    ),
    "party_organisation": Editable(
        N_("党组织类别"), lambda text: PartyOrganisation(text) if text else None
    ),
    "kind": Editable(N_("类别"), CompanyKind, _needs_a_code),
}


@dataclass(frozen=True)
class Plan:
    """What a bulk edit would do: the rows that change, those that are so already, those that refuse, with the reason.

    `digest` is of what was looked at: a plan that a person has seen is carried out only while it still holds.
    """

    values: Mapping[str, Any]
    changing: Sequence[Row[Any]]
    unchanged: int
    refused: Sequence[tuple[Row[Any], str]] = field(default=())

    @property
    def digest(self) -> str:
        seen = [[row.id, row.version] for row in self.changing]
        return _sha256([{key: str(value) for key, value in self.values.items()}, seen])


@dataclass(frozen=True)
class Undone:
    """How many firms are as before, and which were changed by somebody since and left alone."""

    count: int
    kept: Sequence[tuple[int, str]]


def values_of(typed: Mapping[str, str]) -> dict[str, Any]:
    """What is to be set, from what a form sent. Raises DomainError."""
    found = {}
    for name, text in typed.items():
        try:
            found[name] = EDITABLE[name].value(text)
        except ValueError:
            raise DomainError(
                N_("请选择“%(name)s”。"), field=name, name=EDITABLE[name].label
            ) from None
    if not found:
        raise DomainError(N_("请勾选要修改的内容。"))
    return found


def plan(firms: Select[Any], values: Mapping[str, Any]) -> Plan:
    """What setting these values on these firms would do. Raises DomainError for more than MOST_AT_ONCE."""
    rows = session.execute(_rows_of(firms)).all()
    if len(rows) > MOST_AT_ONCE:
        raise DomainError(N_("一次最多修改 %(most)s 家，请缩小范围分次进行。"), most=MOST_AT_ONCE)
    changing, refused, unchanged = [], [], 0
    for row in rows:
        reason = next(filter(None, (EDITABLE[n].refuses(row, v) for n, v in values.items())), None)
        if reason:
            refused.append((row, reason))
        elif all(getattr(row, name) == value for name, value in values.items()):
            unchanged += 1
        else:
            changing.append(row)
    return Plan(values, changing, unchanged, refused)


def change_many(
    firms: Select[Any], values: Mapping[str, Any], *, seen: str, by: User
) -> BulkChange:
    """Set these values on these firms, those that refuse them left out. `seen` is the digest of the plan that was shown.

    Raises DomainError, Conflict when the firms are no longer as they were shown.
    """
    made = plan(firms.with_for_update(of=Company), values)
    if made.digest != seen:
        raise Conflict(N_("预览之后这些企业又有变化，请核对后再确认。"))
    if not made.changing:
        raise DomainError(N_("没有需要修改的企业。"))
    rows = [
        [row.id, row.version + 1, {name: _stored(getattr(row, name)) for name in values}]
        for row in made.changing
    ]
    _give({row.id: values for row in made.changing}, by=by)
    given = {name: _stored(value) for name, value in values.items()}
    change = BulkChange(
        list_key=LIST_KEY,
        by_id=by.id,
        given=json.dumps(given, ensure_ascii=False),
        count=len(rows),
        before=json.dumps(rows, ensure_ascii=False),
    )
    session.add(change)
    session.flush()  # its number is its address
    digest = _sha256([given, rows])
    record("companies.changed", change, by=by, values=given, count=len(rows), sha256=digest)
    return change


def undo(change: BulkChange, firms: Select[Any], *, by: User) -> Undone:
    """Give firms back the values they had, those that still are as this edit left them; the others are told.

    `firms` are those that the person may change now. Raises DomainError when it was undone before.
    """
    session.refresh(change, with_for_update=True)
    if change.undone_at is not None:
        raise DomainError(N_("这次修改已经撤销。"))
    before = {id_: (version, values) for id_, version, values in json.loads(change.before)}
    now: dict[int, Row[Any]] = {}
    for ids in _chunks(list(before)):
        chosen = _rows_of(firms.where(Company.id.in_(ids)).with_for_update(of=Company))
        now |= {row.id: row for row in session.execute(chosen)}
    free = [id_ for id_, row in now.items() if row.version == before[id_][0]]
    _give({id_: _read_back(before[id_][1]) for id_ in free}, by=by)
    change.undone_at = clock.now()
    record("companies.change_undone", change, by=by, count=len(free), sha256=_sha256(sorted(free)))
    kept = [(id_, row.name) for id_, row in now.items() if id_ not in set(free)]
    return Undone(len(free), kept)


def _give(values: Mapping[int, Mapping[str, Any]], *, by: User) -> None:
    """Set values on firms by their ids, checked before."""
    for ids in _chunks(sorted(values)):
        found = select(Company).where(Company.id.in_(ids)).options(selectinload(Company.contacts))
        for company in session.scalars(found):
            for name, value in values[company.id].items():
                setattr(company, name, value)
            company.version += 1
            completeness.refresh(company)
            changes = told(changes_of(company))
            record("company.changed", company, by=by, changes=changes, version=company.version)
        session.flush()


def _rows_of(firms: Select[Any]) -> Select[Any]:
    columns = [getattr(Company, name) for name in EDITABLE]
    some = firms.with_only_columns(
        Company.id, Company.name, Company.uscc, Company.version, *columns
    )
    return some.order_by(None).order_by(Company.id).limit(MOST_AT_ONCE + 1)


def _stored(value: Any) -> str:
    """As the form would send it, so that `Editable.value` reads it back."""
    return "" if value is None else str(getattr(value, "value", value))


def _read_back(stored: Mapping[str, str]) -> dict[str, Any]:
    return {name: EDITABLE[name].value(text) for name, text in stored.items()}


def _chunks(ids: Sequence[int]) -> Sequence[Sequence[int]]:
    return [ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK)]


def _sha256(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
