"""What a project's timeline tells of its money: what was said, what arrived, what was taken back."""

from collections.abc import Iterator

from sqlalchemy import select

from crm.core.db import session
from crm.core.money import to_wan
from crm.core.registry import TimelineItem
from crm.core.words import N_
from crm.investments.models import PaidInFund
from crm.projects.models import Figure, Project, Valuation

ICON = "chart-bar"


def of_project(project_id: int) -> Iterator[TimelineItem]:
    currency = session.scalar(select(Project.currency).where(Project.id == project_id))
    said = (
        select(Valuation)
        .where(Valuation.project_id == project_id)
        .order_by(Valuation.valid_from, Valuation.id)
    )
    seen: set[Figure] = set()
    for row in session.scalars(said):
        if row.figure in seen:  # the first is part of the registration
            text = (
                N_("%(figure)s改为%(amount)s%(currency)s")
                if row.amount is not None
                else N_("撤回%(figure)s")
            )
            amount = "" if row.amount is None else f"{to_wan(row.amount).normalize():,f}"
            values = (("figure", row.figure), ("amount", amount), ("currency", currency))
            yield TimelineItem(row.valid_from, ICON, text, values, note=row.note)
        seen.add(row.figure)
    for payment in session.scalars(select(PaidInFund).where(PaidInFund.project_id == project_id)):
        arrived = (
            ("source", payment.source),
            ("amount", f"{to_wan(payment.amount).normalize():,f}"),
            ("currency", payment.currency),
        )
        if payment.counts:
            text = N_("%(source)s到账%(amount)s%(currency)s")
            yield TimelineItem(payment.paid_on, ICON, text, arrived, note=payment.voucher)
        elif payment.withdrawn_on:
            text = N_("撤回%(source)s到账%(amount)s%(currency)s")
            yield TimelineItem(
                payment.withdrawn_on, "arrow-back-up", text, arrived, note=payment.withdrawal_reason
            )
