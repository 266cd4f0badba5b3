"""Who takes part in a project beside its investor."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, insert, select

from crm.audit.services import Actor, record, record_many
from crm.core import clock
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.projects.models import PartnerRole, Project, ProjectPartner

ALL_OF_IT = Decimal(100)


@dataclass(frozen=True)
class PartnerDetails:
    """A partner's name, what it is to the project, its share in per cent."""

    name: str
    role: PartnerRole
    share: Decimal | None = None


def take_in(project: Project, details: PartnerDetails, *, by: Actor) -> ProjectPartner:
    """Raises DomainError when the shares would be more than the whole."""
    held = select(func.sum(ProjectPartner.share)).where(
        ProjectPartner.project_id == project.id, ProjectPartner.left_on.is_(None)
    )
    if (session.scalar(held) or 0) + (details.share or 0) > ALL_OF_IT:
        raise DomainError(N_("各合作方份额之和超过了全部投资，请核对。"), field="share")
    partner = ProjectPartner(project_id=project.id, **asdict(details))
    session.add(partner)
    record("project.partner_added", project, by=by, partner=details.name, role=details.role)
    return partner


def take_in_many(rows: Sequence[tuple[int, PartnerDetails]], *, by: Actor) -> int:
    """Partners in bulk, each with its project's number. Returns how many."""
    if rows:
        now = clock.now()
        values = [{"project_id": of, "recorded_at": now, **asdict(one)} for of, one in rows]
        session.execute(insert(ProjectPartner), values)
        record_many("project.partners_added", rows, by=by)
    return len(rows)


def let_go(partner: ProjectPartner, *, on: date, by: Actor) -> None:
    """It takes part no more; that it did stays on the record. Raises DomainError."""
    if partner.left_on is not None:
        raise DomainError(N_("该合作方已退出。"))
    partner.left_on = on
    project = session.get_one(Project, partner.project_id)
    record("project.partner_left", project, by=by, partner=partner.name, left_on=on)
