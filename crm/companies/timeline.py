"""What the register itself adds to a firm's timeline: registration, names, residence, links, contacts, corrections old → new."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import or_, select

from crm.audit.corrections import corrected
from crm.audit.models import AuditEntry
from crm.audit.queries import details_of, history_of
from crm.companies.facts import FIELDS, readable
from crm.companies.models import Company, CompanyLink
from crm.core.clock import park_date
from crm.core.db import session
from crm.core.registry import TimelineItem
from crm.core.words import N_

LOGGED_SHOWN = 400
_CHANGED = "company.changed"
_LOGGED = {
    "contact.added": ("user", N_("新增联系人“%(contact)s”")),
    "contact.changed": ("user", N_("修改联系人“%(contact)s”")),
    "contact.archived": ("user", N_("移除联系人“%(contact)s”")),
    "company.merged": ("copy", N_("并入重复登记的“%(other)s”")),
    "company.unmerged": ("arrow-back-up", N_("撤销并入“%(other)s”")),
    "company.archived": ("archive", N_("归档")),
    "company.restored": ("arrow-back-up", N_("恢复")),
}


def of_company(company_id: int) -> Iterator[TimelineItem]:
    """All of it, in no order."""
    company = session.get_one(Company, company_id)
    yield TimelineItem(
        on=park_date(company.recorded_at),
        icon="plus",
        text=N_("登记建档"),
        by=company.registered_by.name if company.registered_by else "",
    )
    for former in company.former_names:
        yield TimelineItem(
            on=former.until_on,
            icon="tag",
            text=N_("更名，此前称“%(name)s”"),
            values=(("name", former.name),),
            note=former.reason,
        )
    yield from _residences(company)
    yield from _links(company)
    yield from _logged(company)


def _residences(company: Company) -> Iterator[TimelineItem]:
    for residence in company.residences:
        yield TimelineItem(
            on=residence.from_on,
            icon="map-pin",
            text=N_("入驻%(carrier)s（%(kind)s）"),
            values=(("carrier", residence.carrier.name), ("kind", residence.kind)),
        )
        if residence.to_on:
            yield TimelineItem(
                on=residence.to_on,
                icon="logout",
                text=N_("离开%(carrier)s"),
                values=(("carrier", residence.carrier.name),),
                note=residence.reason.label if residence.reason else "",
            )


def _links(company: Company) -> Iterator[TimelineItem]:
    """Without the other firm's name: not every reader may see it; the card of related firms decides that."""
    mine = or_(CompanyLink.parent_id == company.id, CompanyLink.child_id == company.id)
    for link in session.scalars(select(CompanyLink).where(mine)):
        values = (("kind", link.kind),)
        yield TimelineItem(link.from_on, "link", N_("建立关联（%(kind)s）"), values)
        if link.to_on:
            yield TimelineItem(link.to_on, "unlink", N_("结束关联（%(kind)s）"), values)


def _logged(company: Company) -> Iterator[TimelineItem]:
    told = AuditEntry.action.in_((_CHANGED, *_LOGGED))
    for entry in session.scalars(history_of(company).where(told).limit(LOGGED_SHOWN)):
        if entry.action == _CHANGED:
            yield from corrected(entry, FIELDS, readable)
            continue
        icon, words = _LOGGED[entry.action]
        details = details_of(entry)
        yield TimelineItem(
            on=park_date(datetime.fromisoformat(entry.at)),
            icon=icon,
            text=words,
            values=tuple((name, details[name]) for name in ("contact", "other") if name in details),
            by=entry.actor,
            note=details.get("reason", ""),
        )
