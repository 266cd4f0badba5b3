"""The firm that a row of a spreadsheet is of: the columns that name it, and what is wrong where it is not sure."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm.companies.lookup import Firm, Found, Named, expect, find
from crm.companies.models import Company
from crm.companies.queries import visible_to
from crm.core.among import among
from crm.core.attributes import Attribute, Sort
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.identifiers import clean_uscc
from crm.core.words import N_
from crm.imports.kinds import Draft, Fault, LookAlike
from crm.people.scope import Scope

COMPANY = Attribute(
    "company", N_("企业名称"), Sort.COMPANY, width=34, example="常州光合智能装备有限公司",
    headings=("单位名称", "公司名称", "企业全称", "企业", "单位", "公司", "名称", "客户名称"),
)  # fmt: skip
USCC = Attribute(
    "uscc", N_("统一社会信用代码"), Sort.CODE, clean=clean_uscc, width=22,
    headings=("信用代码", "社会信用代码", "统一信用代码", "社会统一信用代码", "税号"),
    help=N_("与企业名称填一项即可，两项都填时以代码为准。"),
)  # fmt: skip


@dataclass(frozen=True)
class FirmOf:
    """The firm of a row, or what is wrong, with the firms that it may mean."""

    id: int = 0
    faults: tuple[Fault, ...] = ()
    look_alikes: tuple[LookAlike, ...] = ()


def firms_of(drafts: Sequence[Draft], scope: Scope) -> list[FirmOf]:
    """For each row the firm in the register, in the scope, that its columns name or a person chose."""
    named = [
        Named(draft.values.get(COMPANY.name) or "", draft.values.get(USCC.name) or "")
        for draft in drafts
    ]
    mine = _of_scope({draft.chosen for draft in drafts if draft.chosen}, scope)
    return [
        FirmOf(draft.chosen or 0) if draft.chosen in mine else _firm_of(one, found)
        for draft, one, found in zip(drafts, named, find(named, scope), strict=True)
    ]


def _firm_of(named: Named, found: Found) -> FirmOf:
    try:
        if not (named.name or named.uscc):
            raise DomainError(N_("请填写企业名称或统一社会信用代码。"))
        return FirmOf(expect(found).id)
    except DomainError as error:
        return FirmOf(0, (Fault(COMPANY.name, error),), _alike(found.alike))


def _alike(firms: Sequence[Firm]) -> tuple[LookAlike, ...]:
    return tuple(LookAlike(f.id, f.name, f.uscc or "") for f in firms if f.is_mine)


def _of_scope(ids: set[int], scope: Scope) -> set[int | None]:
    if not ids:
        return set()
    query = visible_to(scope).where(among(Company.id, sorted(ids)))
    return set(session.scalars(query.with_only_columns(Company.id)))
