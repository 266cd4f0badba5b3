"""What the rows of an import of firms are held against, asked at once for all of them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, fields
from datetime import datetime

from sqlalchemy import select

from crm.companies.corrections import contacts_of
from crm.companies.former_names import FormerNameDetails
from crm.companies.models import Company, FormerName, Residence, ResidenceKind
from crm.companies.residence import ResidenceDetails
from crm.companies.services import CompanyDetails, ContactDetails
from crm.core.among import among
from crm.core.db import session
from crm.people.models import Unit, User
from crm.people.queries import carriers, staff
from crm.people.scope import scope_of

_FACTS = tuple(one.name for one in fields(CompanyDetails))
_CONTACT = tuple(one.name for one in fields(ContactDetails))
_RESIDENCE = tuple(one.name for one in fields(ResidenceDetails))


@dataclass
class Known:
    """A firm as the register has it."""

    details: CompanyDetails
    version: int
    unit_id: int
    unit: str
    recorded_at: datetime
    registered_by: tuple[str, ...]  # by name and user name
    former_names: list[FormerNameDetails] = field(default_factory=list)
    contacts: dict[int, ContactDetails] = field(default_factory=dict)
    residences: list[ResidenceDetails] = field(default_factory=list)


class Context:
    """The firms that rows are about, and the carriers and people of the writer's scope by what they are called."""

    usual_residence = ResidenceKind.REGISTERED

    def __init__(self, by: User, company_ids: Collection[int]) -> None:
        scope = scope_of(by)
        units = session.scalars(carriers(scope)).all()
        self.carriers = {name: unit.id for unit in units for name in (unit.code, unit.name)}
        own = [unit.id for unit in units if unit.id == by.unit_id] or [unit.id for unit in units]
        self.own_carrier = own[0] if len(own) == 1 else None
        self.people: dict[str, list[int]] = defaultdict(list)
        for person in session.scalars(staff(scope)):
            for name in {person.name, person.username}:
                self.people[name].append(person.id)
        self.known = _known(sorted(company_ids))


def _known(ids: list[int]) -> dict[int, Known]:
    if not ids:
        return {}
    facts = [getattr(Company, name) for name in _FACTS]
    origin = Company.recorded_at, User.name.label("registrar"), User.username
    found = {}
    for row in session.execute(
        select(
            Company.id, Company.version, Company.unit_id, Unit.name.label("unit"), *origin, *facts
        )
        .join(Unit, Unit.id == Company.unit_id)
        .outerjoin(User, User.id == Company.registered_by_id)
        .where(among(Company.id, ids))
    ):
        id_, version, unit_id, unit, recorded_at, name, username, *values = row
        details = CompanyDetails(**dict(zip(_FACTS, values, strict=True)))
        found[id_] = Known(details, version, unit_id, unit, recorded_at, (name, username))
    for company_id, name, until_on in session.execute(
        select(FormerName.company_id, FormerName.name, FormerName.until_on).where(
            among(FormerName.company_id, ids)
        )
    ):
        found[company_id].former_names.append(FormerNameDetails(name, until_on))
    for row in session.execute(contacts_of(ids).order_by("id")):
        person = ContactDetails(*(getattr(row, name) for name in _CONTACT))
        found[row.company_id].contacts[row.id] = person
    stays = [getattr(Residence, name) for name in _RESIDENCE]
    for company_id, *values in session.execute(
        select(Residence.company_id, *stays).where(among(Residence.company_id, ids))
    ):
        found[company_id].residences.append(ResidenceDetails(*values))
    return found
