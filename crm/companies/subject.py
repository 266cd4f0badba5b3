"""A firm as something that activities, tasks and instructions are about, and what of its own room hangs on it."""

from collections.abc import Collection

from crm.companies import lookup
from crm.companies.lookup import Firm, Found, Named
from crm.companies.models import Company
from crm.companies.queries import visible_to
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.identifiers import is_uscc
from crm.core.registry import ChildKind, Meant, Subject, SubjectRef
from crm.core.words import N_
from crm.people.scope import Scope


def find_many(ids: Collection[int], scope: Scope) -> dict[int, SubjectRef]:
    query = visible_to(scope).where(Company.id.in_(ids))
    rows = session.execute(query.with_only_columns(Company.id, Company.name, Company.unit_id))
    return {
        row.id: SubjectRef(row.id, row.name, row.unit_id, f"/companies/{row.id}") for row in rows
    }


def find_named(names: Collection[str], scope: Scope) -> dict[str, Meant]:
    """By name, former name or code."""
    listed = list(names)
    asked = [Named(uscc=text) if is_uscc(text) else Named(text) for text in listed]
    return dict(zip(listed, map(_meant, lookup.find(asked, scope)), strict=True))


def _meant(found: Found) -> Meant:
    try:
        return Meant(_ref(lookup.expect(found)))
    except DomainError as error:
        return Meant(alike=tuple(_ref(firm) for firm in found.alike if firm.is_mine), error=error)


def _ref(firm: Firm) -> SubjectRef:
    return SubjectRef(firm.id, firm.name, firm.unit_id, f"/companies/{firm.id}")


COMPANY = Subject(N_("企业"), "building", find_many, find_named=find_named)
CHILDREN = {
    "contacts": ChildKind(N_("联系人"), same=("name", "phone", "archived_at"), is_kept=True),
    "former_names": ChildKind(N_("曾用名"), same=("name",), is_kept=True),
    "company_links": ChildKind(N_("关联企业"), href="/companies/{parent_id}#links"),
    "residences": ChildKind(N_("入驻记录"), href="/companies/{company_id}#residences"),
    "residence_moves": ChildKind(N_("入驻变动")),
    "attachments": ChildKind(N_("附件")),
}
