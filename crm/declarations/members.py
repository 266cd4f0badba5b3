"""Who can be put into a batch: firms that were ticked, and lines of names or codes that are looked up in the scope."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from crm.companies.models import Company
from crm.companies.queries import visible_to
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.declarations.models import Category, Declaration, DeclarationBatch, State
from crm.declarations.services import DeclarationRow, StepRow, declare_many
from crm.people.models import User
from crm.people.scope import scope_of

MOST, _LONGEST = 2000, 120

Member = tuple[str, int | None]  # the applicant's name, and the firm


@dataclass(frozen=True)
class Added:
    """How many came in, and how many were there already."""

    added: int
    were_there: int


def add_members(
    batch: DeclarationBatch,
    company_ids: Sequence[int],
    lines: Iterable[Sequence[str]],
    *,
    on: date,
    by: User,
) -> Added:
    """Into the batch as 摸底, those who are not in it yet. Raises DomainError with every line that names no firm.

    A firm's batch takes a name or a code in each line; the others the applicant and, if there is one, the firm.
    """
    rows = list(lines)
    if len(rows) + len(company_ids) > MOST:
        raise DomainError(N_("一次最多添加%(n)s项。"), field="lines", n=MOST)
    wanted = _wanted(batch, company_ids, rows, by)
    if not wanted:
        raise DomainError(N_("请勾选企业或填写名单。"), field="lines")
    there = _there(batch)
    step = StepRow(State.SURVEYED, on, by_id=by.id)
    new = [
        DeclarationRow(batch.id, unit_id, (step,), company_id, applicant)
        for (applicant, company_id), unit_id in wanted.items()
        if (applicant, company_id) not in there
    ]
    return Added(declare_many(new, by=by), len(wanted) - len(new))


def _wanted(
    batch: DeclarationBatch, company_ids: Sequence[int], rows: Sequence[Sequence[str]], by: User
) -> dict[Member, int]:
    """Who is meant, each with the unit that keeps it."""
    if batch.category is Category.ENTERPRISE:
        pairs = [("", row[0]) for row in rows]
    else:
        company_ids, pairs = (), [(row[0][:_LONGEST], _second(row)) for row in rows]
    firms = _firms(company_ids, [called for _, called in pairs], by)
    unknown = [called for _, called in pairs if called and called not in firms]
    if unknown:
        message = N_("在您的数据范围内没有找到：%(names)s。")
        raise DomainError(message, field="lines", names="、".join(unknown[:20]))
    ticked = [firms[number] for number in company_ids if number in firms]
    found: dict[Member, int] = {("", firm.id): firm.unit_id for firm in ticked}
    for applicant, called in pairs:
        firm = firms.get(called)
        if firm or applicant:
            found[applicant, firm.id if firm else None] = firm.unit_id if firm else by.unit_id
    return found


def _second(row: Sequence[str]) -> str:
    return row[1] if len(row) > 1 else ""


def _firms(company_ids: Sequence[int], called: Sequence[str], by: User) -> dict[object, Company]:
    """The firms of the scope by their number, name and code."""
    named = [text for text in called if text]
    if not (company_ids or named):
        return {}
    query = visible_to(scope_of(by)).where(
        or_(Company.id.in_(company_ids), Company.name.in_(named), Company.uscc.in_(named))
    )
    found: dict[object, Company] = {}
    for firm in session.scalars(query):
        found |= {firm.id: firm, firm.name: firm, firm.uscc: firm}
    return found


def _there(batch: DeclarationBatch) -> set[Member]:
    query = select(Declaration.applicant, Declaration.company_id)
    return {
        (row.applicant, row.company_id)
        for row in session.execute(query.where(Declaration.batch_id == batch.id))
    }
