"""Published lists: read in, matched, looked through by a person; what is confirmed becomes proofs that wait for verification.

Nothing is written to a firm before that.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from crm.audit.services import record
from crm.companies.models import Company
from crm.companies.queries import visible_to
from crm.core.clock import today
from crm.core.db import BULK, session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.files.queries import attachments_of
from crm.files.services import attach, attach_to_many
from crm.files.store import Kept
from crm.ladder import matching
from crm.ladder.matching import Found
from crm.ladder.models import (
    Match,
    OfficialList,
    OfficialRow,
    Qualification,
    QualificationKind,
    QualificationLabel,
    RowState,
)
from crm.ladder.reading import Line, code_in
from crm.ladder.services import CHUNK, QualificationDetails, award_many
from crm.people.models import User
from crm.people.scope import Scope

KINDS = (
    QualificationKind.HIGH_TECH,
    QualificationKind.TECH_SME,
    QualificationKind.ABOVE_SCALE,
    QualificationKind.LABEL,
)
SUBJECT = "official_list"
SURE = (Match.USCC, Match.NAME, Match.FORMER, Match.BY_HAND)


@dataclass(frozen=True)
class ListTerms:
    """What a published list says of all its firms together."""

    kind: QualificationKind
    name: str
    issued_on: date
    label_id: int | None = None
    authority: str = ""
    batch: str = ""
    announced_on: date | None = None


def visible_lists(scope: Scope) -> Select[OfficialList]:
    """The lists that people of a scope read in, the newest first."""
    query = select(OfficialList).where(scope.includes(OfficialList.unit_id))
    return query.order_by(OfficialList.id.desc())


def listed(query: Select[OfficialList]) -> Select[*tuple[Any, ...]]:
    """What the page of lists shows of them, as plain rows."""
    return (
        query.outerjoin(QualificationLabel, QualificationLabel.id == OfficialList.label_id)
        .outerjoin(User, User.id == OfficialList.read_by_id)
        .with_only_columns(
            OfficialList.id,
            OfficialList.name,
            OfficialList.kind,
            QualificationLabel.name.label("label"),
            OfficialList.issued_on,
            OfficialList.recorded_at,
            User.name.label("reader"),
        )
    )


def counts_of(list_ids: Collection[int]) -> dict[tuple[int, RowState], int]:
    """How many names of each list are in each state."""
    query = (
        select(OfficialRow.list_id, OfficialRow.state, func.count())
        .where(OfficialRow.list_id.in_(list_ids))
        .group_by(OfficialRow.list_id, OfficialRow.state)
    )
    return {(number, state): count for number, state, count in session.execute(query)}


def rows_of(official: OfficialList) -> Select[OfficialRow]:
    query = select(OfficialRow).where(OfficialRow.list_id == official.id)
    return query.order_by(OfficialRow.position)


def read_in(
    terms: ListTerms,
    lines: Sequence[Line],
    found: Sequence[Found],
    kept: Kept | None,
    *,
    by: User,
    file_name: str = "",
) -> tuple[OfficialList, bool]:
    """Keep a list with what its names were matched to, its file as evidence. The same list again is the one that is there.

    Returns it, and whether it is new. Raises DomainError.
    """
    if terms.kind not in KINDS or (terms.kind == QualificationKind.LABEL) != bool(terms.label_id):
        raise DomainError(N_("请选择资质种类。"), field="what")
    if terms.issued_on > today():
        raise DomainError(N_("日期不能晚于今天。"), field="issued_on")
    key = _key(terms, lines)
    same = select(OfficialList).where(OfficialList.unit_id == by.unit_id, OfficialList.key == key)
    if (there := session.scalar(same)) is not None:
        return there, False
    new = OfficialList(key=key, unit_id=by.unit_id, read_by_id=by.id, **vars(terms))
    try:
        with session.begin_nested():
            session.add(new)
    except IntegrityError:
        return session.scalars(same).one(), False
    rows = [
        {
            "list_id": new.id,
            "position": position,
            "match": one.match,
            "company_id": one.company_id,
            **asdict(line),
        }
        for position, (line, one) in enumerate(zip(lines, found, strict=True), 1)
    ]
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        session.execute(insert(OfficialRow), chunk, execution_options=BULK)
    if kept:
        attach(SUBJECT, new.id, kept, name=file_name, by=by)
    record("official.read", new, by=by, count=len(rows), sha256=key, issued_on=terms.issued_on)
    return new, True


def _key(terms: ListTerms, lines: Sequence[Line]) -> str:
    said = [terms.kind, terms.label_id, terms.issued_on, terms.batch, *map(asdict, lines)]
    return hashlib.sha256(json.dumps(said, default=str, ensure_ascii=False).encode()).hexdigest()


def held_by(official: OfficialList, company_ids: Collection[int]) -> dict[int, list[Qualification]]:
    """The proofs of the list's kind that these firms have, whatever their state, oldest first."""
    query = (
        select(Qualification)
        .where(
            Qualification.company_id.in_(company_ids),
            Qualification.kind == official.kind,
            Qualification.label_id.is_not_distinct_from(official.label_id),
        )
        .order_by(Qualification.issued_on, Qualification.id)
    )
    found: dict[int, list[Qualification]] = {}
    for proof in session.scalars(query):
        found.setdefault(proof.company_id, []).append(proof)
    return found


def same_proof(
    official: OfficialList, row: OfficialRow, proofs: Sequence[Qualification]
) -> Qualification | None:
    """The one among a firm's proofs that this name of the list speaks of: given that day, or of that number."""
    return next(
        (
            proof
            for proof in proofs
            if proof.issued_on == official.issued_on or (row.number and proof.number == row.number)
        ),
        None,
    )


def confirm(
    official: OfficialList, row_ids: Collection[int], scope: Scope, *, by: User
) -> tuple[int, int]:
    """Make proofs of the names that were ticked, in the caller's one transaction, with the list as their evidence.

    A firm that has this very proof gets no second one. Returns how many are new, and how many were there. Raises DomainError.
    """
    rows = _open_rows(official, OfficialRow.id.in_(row_ids))
    firms = _firms({row.company_id for row in rows if row.company_id}, scope)
    rows = [row for row in rows if row.company_id in firms]
    if not rows:
        raise DomainError(N_("请先勾选要确认的企业。"))
    held = held_by(official, firms.keys())
    new: dict[int, OfficialRow] = {}
    there = 0
    for row in rows:
        company_id = row.company_id or 0
        proof = same_proof(official, row, held.get(company_id, ()))
        row.state = RowState.TAKEN
        if proof or company_id in new:
            row.qualification_id = proof.id if proof else None
            there += 1
        else:
            new[company_id] = row
    details = [(id_, _details(official, row, held.get(id_, ()))) for id_, row in new.items()]
    if details:
        award_many(details, by=by)
        _bind(official, new, by)
    record("official.confirmed", official, by=by, count=len(new))
    return len(new), there


def _details(
    official: OfficialList, row: OfficialRow, held: Sequence[Qualification]
) -> QualificationDetails:
    is_again = any(proof.issued_on < official.issued_on for proof in held)
    return QualificationDetails(
        kind=official.kind,
        label_id=official.label_id,
        number=row.number or official.issued_on.isoformat(),
        issued_on=official.issued_on,
        announced_on=official.announced_on,
        name_on_it=row.name,
        authority=official.authority,
        batch=official.batch,
        is_renewal=is_again and official.kind == QualificationKind.HIGH_TECH,
        source=official.name,
    )


def _bind(official: OfficialList, new: Mapping[int, OfficialRow], by: User) -> None:
    """The new proofs to their names on the list, and the list's file to each of them."""
    for company_id, proofs in held_by(official, new.keys()).items():
        proof = same_proof(official, new[company_id], proofs)
        new[company_id].qualification_id = proof.id if proof else None
    ids = [row.qualification_id for row in new.values() if row.qualification_id]
    for attachment in session.scalars(attachments_of(SUBJECT, (official.id,))).all():
        attach_to_many(attachment, "qualification", ids, by=by)


def set_aside(official: OfficialList, row_ids: Collection[int] | None, *, by: User) -> int:
    """Say of names that they are no firms of ours (None: of all that nothing was found for). Returns how many."""
    chosen = OfficialRow.company_id.is_(None) if row_ids is None else OfficialRow.id.in_(row_ids)
    rows = _open_rows(official, chosen)
    if not rows:
        raise DomainError(N_("请先勾选企业。"))
    ids = [row.id for row in rows]
    session.execute(
        update(OfficialRow).where(OfficialRow.id.in_(ids)).values(state=RowState.NOT_OURS)
    )
    record("official.set_aside", official, by=by, count=len(rows))
    return len(rows)


def match_again(official: OfficialList, scope: Scope, *, by: User) -> int:
    """Look anew for the names that nothing was found for: firms were registered since. Returns how many were found."""
    rows = _open_rows(official, OfficialRow.company_id.is_(None))
    found = matching.match([Line(row.name, row.uscc, row.number) for row in rows], scope)
    number = 0
    for row, one in zip(rows, found, strict=True):
        if one.company_id:
            row.match, row.company_id = one.match, one.company_id
            number += 1
    if number:
        record("official.matched", official, by=by, count=number)
    return number


def assign(
    official: OfficialList, position: int, firm: str, scope: Scope, *, by: User
) -> OfficialRow:
    """Say which firm a name of the list is, by its name or code. Raises DomainError where there is none."""
    row = next(iter(_open_rows(official, OfficialRow.position == position)), None)
    if row is None:
        raise DomainError(N_("没有这一行，或已经处理。"), field="position")
    found = matching.match([Line(firm, code_in(firm))], scope)[0]
    if found.company_id is None or found.match == Match.ALIKE:
        message = N_("您的数据范围内没有这个名称或信用代码的企业。")
        raise DomainError(message, field="firm")
    row.match, row.company_id = Match.BY_HAND, found.company_id
    record("official.matched", official, by=by, count=1)
    return row


def _open_rows(official: OfficialList, which: ColumnElement[bool]) -> list[OfficialRow]:
    """Rows that nobody has settled, held until the commit: of two who do it at once the second finds none."""
    query = rows_of(official).where(OfficialRow.state == RowState.OPEN, which)
    return list(session.scalars(query.with_for_update()))


def _firms(ids: Collection[int], scope: Scope) -> dict[int, Any]:
    query = visible_to(scope).where(Company.id.in_(ids))
    return {firm.id: firm for firm in session.execute(query.with_only_columns(Company.id))}
