"""认定: a selection gets its numbers and dates, and with them its qualification, talent or grant, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from crm.audit.services import Actor
from crm.core import clock
from crm.core.db import session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.declarations.models import Category, Declaration, DeclarationBatch, State
from crm.declarations.proofs import record_results
from crm.declarations.services import Fault, StepsRefused, faults_of, take_step
from crm.ladder.models import Qualification, QualificationKind
from crm.ladder.qualifications import RULES
from crm.ladder.queries import proves
from crm.ladder.services import EARLIEST, QualificationDetails, award_many


@dataclass(frozen=True)
class Recognition:
    """What one of them got: a firm a number, a person or a project a level and an amount (yuan)."""

    on: date
    number: str = ""
    level: str = ""
    amount: Decimal | None = None


def recognise_many(
    declarations: Sequence[Declaration],
    results: Mapping[int, Recognition],
    *,
    on: date,
    source: str = "",
    versions: Mapping[int, int],
    by: Actor,
) -> None:
    """认定 of a selection of one batch, all or none; the caller holds the rows. Raises StepsRefused with every fault."""
    faults = faults_of(declarations, State.RECOGNISED, on=on, versions=versions)
    batch = declarations[0].batch
    faults += _faults_of_results(declarations, results, batch)
    if faults:
        raise StepsRefused(faults)
    if batch.category is Category.ENTERPRISE:
        _award(declarations, results, batch, source, by)
    for declaration in declarations:
        result = results[declaration.id]
        declaration.result_on = result.on
        declaration.level, declaration.amount = result.level, result.amount
    record_results(declarations, results, batch, source, by)
    take_step(declarations, State.RECOGNISED, on=on, note=source, by=by)


def _faults_of_results(
    declarations: Sequence[Declaration],
    results: Mapping[int, Recognition],
    batch: DeclarationBatch,
) -> list[Fault]:
    kind = batch.kind
    numbers = [result.number for result in results.values() if result.number]
    there = _proofs_there(declarations, batch).keys()
    found = []
    for declaration in declarations:
        result = results[declaration.id]
        try:
            _check_result(result, kind)
            if (declaration.company_id, result.number) in there:
                raise Conflict(N_("这家企业已登记过相同编号的%(kind)s。"), kind=batch.what)
            if kind and RULES[kind].is_number_required and numbers.count(result.number) > 1:
                raise DomainError(N_("编号%(number)s填给了不止一家企业。"), number=result.number)
        except DomainError as error:
            found.append(Fault(declaration.name, error))
    return found


def _check_result(result: Recognition, kind: QualificationKind | None) -> None:
    if kind and RULES[kind].is_number_required and not result.number:
        raise DomainError(N_("请填写编号。"))
    if not EARLIEST <= result.on <= clock.today():
        raise DomainError(N_("认定日期不能晚于今天，也不能早于1990年。"))


def _proofs_there(
    declarations: Sequence[Declaration], batch: DeclarationBatch
) -> dict[tuple[int, str], int]:
    """(firm, number) → the proof, of what the batch is for, where they are registered."""
    query = select(Qualification.company_id, Qualification.number, Qualification.id).where(
        Qualification.kind == batch.kind,
        Qualification.label_id.is_not_distinct_from(batch.label_id),
        Qualification.company_id.in_([d.company_id for d in declarations]),
    )
    return {(row.company_id, row.number): row.id for row in session.execute(query)}


def _award(
    declarations: Sequence[Declaration],
    results: Mapping[int, Recognition],
    batch: DeclarationBatch,
    source: str,
    by: Actor,
) -> None:
    assert batch.kind is not None
    renewing = _renewing([d.company_id for d in declarations], batch)
    rows = []
    for declaration in declarations:
        assert declaration.company is not None
        result = results[declaration.id]
        details = QualificationDetails(
            batch.kind,
            result.number,
            result.on,
            label_id=batch.label_id,
            name_on_it=declaration.company.name,
            batch=f"{batch.year}年{batch.number}",
            is_renewal=declaration.company_id in renewing,
            source=source,
        )
        rows.append((declaration.company.id, details))
    award_many(rows, by=by)
    _link(declarations, results, batch)


def _renewing(company_ids: Sequence[int | None], batch: DeclarationBatch) -> set[int]:
    """Whose 高企 certificate ends in the batch's year or later: for them this one is 重新认定."""
    if batch.kind is not QualificationKind.HIGH_TECH:
        return set()
    query = select(Qualification.company_id).where(
        Qualification.kind == batch.kind,
        Qualification.company_id.in_(company_ids),
        proves(Qualification),
        Qualification.revoked_on.is_(None),
        Qualification.counts_to > date(batch.year, 1, 1),
    )
    return set(session.scalars(query))


def _link(
    declarations: Sequence[Declaration],
    results: Mapping[int, Recognition],
    batch: DeclarationBatch,
) -> None:
    """Each declaration names what it brought."""
    made = _proofs_there(declarations, batch)
    for declaration in declarations:
        result = results[declaration.id]
        number = result.number or result.on.isoformat()  # as award_many numbers what has no number
        declaration.qualification_id = made[declaration.company_id or 0, number]
