"""The register of qualifications as a list: every proof of every firm in scope, whatever its state."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, not_, select

from crm.audit.verification import VerificationState
from crm.companies import queries as companies
from crm.companies.models import Company
from crm.core.db import session
from crm.core.words import N_
from crm.ladder import labels
from crm.ladder.models import Level, Qualification, QualificationKind, Specialty
from crm.lists.asking import unit_names
from crm.lists.fields import Field, Kind, Listing, Operator, members
from crm.people.roles import Action
from crm.people.scope import Scope

Q = Qualification


def visible(scope: Scope) -> Select[Qualification]:
    """Proofs of firms that the reader sees; the firm is joined (outer as in crm.lists.walking) for its name and carrier."""
    return (
        select(Q)
        .outerjoin(Company, Company.id == Q.company_id)
        .where(Company.archived_at.is_(None), scope.includes(Company.unit_id))
        .execution_options(scope=scope)
    )


def search(query: Select[Any], words: str) -> Select[Any]:
    """By the beginning of a number, else by the firm as its own list finds it."""
    starts = words.strip().upper()
    if starts[:2].isascii() and any(sign.isdigit() for sign in starts) and len(starts) < 18:
        return query.where(Q.number.startswith(starts, autoescape=True))
    return companies.search(query, words)


def _label_names() -> Mapping[str, str]:
    return {str(one.id): one.name for one in session.scalars(labels.every())}


def _read_label() -> Callable[[int], str]:
    names = _label_names()
    return lambda number: names.get(str(number), "")


def _is_label(operator: Operator, values: Sequence[str]) -> ColumnElement[bool]:
    found = Q.label_id.in_([int(value) for value in values])
    return found if operator == Operator.IS else not_(found)


def _named(operator: Operator, values: Sequence[str]) -> ColumnElement[bool]:
    if operator == Operator.IS:
        return Company.name == values[0]
    found = companies.search(select(Company.id), values[0])
    return Q.company_id.in_(found)


NAME = Field(
    "company", N_("企业名称"), Kind.TEXT, Company.name, condition=_named, width=34, is_sortable=False,
    operators=(Operator.HAS, Operator.IS),
)  # fmt: skip
STARTS = (Operator.IS, Operator.EMPTY, Operator.FILLED)
FIELDS = (
    Field("kind", N_("资质"), Kind.CHOICE, Q.kind, members(QualificationKind), is_sortable=False,
          is_default=True, width=18),
    Field("label", N_("资质种类"), Kind.CHOICE, Q.label_id, _label_names, condition=_is_label,
          reading=_read_label, operators=(Operator.IS, Operator.NOT), is_sortable=False,
          is_default=True, width=18),
    Field("number", N_("编号"), Kind.TEXT, Q.number, operators=(Operator.IS,), is_default=True, width=20),
    Field("issued_on", N_("取得日期"), Kind.DATE, Q.issued_on, is_default=True, width=12),
    Field("counts_to", N_("失效日"), Kind.DATE, Q.counts_to, is_default=True, width=12),
    Field("state", N_("核验"), Kind.CHOICE, Q.state, members(VerificationState), is_default=True, width=10),
    Field("unit", N_("统计归属"), Kind.UNIT, Company.unit_id, unit_names, is_default=True,
          is_sortable=False, width=22),
    Field("level", N_("级别"), Kind.CHOICE, Q.level, members(Level), is_sortable=False, width=10),
    Field("batch", N_("批次"), Kind.TEXT, Q.batch, operators=STARTS, width=16),
    Field("source", N_("依据来源"), Kind.TEXT, Q.source, operators=STARTS, width=30),
    Field("authority", N_("发证机关"), Kind.TEXT, Q.authority, is_filterable=False, is_sortable=False,
          width=26),
    Field("name_on_it", N_("证书上的企业名称"), Kind.TEXT, Q.name_on_it, is_filterable=False,
          is_sortable=False, width=34),
    Field("announced_on", N_("公示日期"), Kind.DATE, Q.announced_on, is_sortable=False, width=12),
    Field("received_on", N_("领证日期"), Kind.DATE, Q.received_on, is_sortable=False, width=12),
    Field("revoked_on", N_("终止日期"), Kind.DATE, Q.revoked_on, is_sortable=False, width=12),
    Field("renewal_filed_on", N_("重新认定申报日期"), Kind.DATE, Q.renewal_filed_on, is_sortable=False,
          width=16),
    Field("reports_from_on", N_("起报月"), Kind.DATE, Q.reports_from_on, is_sortable=False, width=12),
    Field("specialty", N_("专业"), Kind.CHOICE, Q.specialty, members(Specialty), is_sortable=False, width=18),
    Field("is_renewal", N_("重新认定"), Kind.BOOL, Q.is_renewal, is_sortable=False, width=10),
    Field("is_moved_in", N_("整体迁移带入"), Kind.BOOL, Q.is_moved_in, is_sortable=False, width=12),
    Field("recorded_at", N_("登记日期"), Kind.MOMENT, Q.recorded_at, width=12),
)  # fmt: skip


QUALIFICATIONS = Listing(
    key="qualifications",
    label=N_("资质名册"),
    address="/ladder/qualifications",
    model=Qualification,
    title=NAME,
    fields=FIELDS,
    visible=visible,
    search=search,
    action=Action.COMPANIES_READ,
    joins=((Company, Company.id == Q.company_id),),
    unit=Company.unit_id,
)
