"""A few firms that somebody wrote down a second time: as a team before the licence, with another region, by ear.

They reside nowhere and prove nothing, so that no figure changes.
"""

from collections.abc import Callable
from datetime import date

from sqlalchemy import select

from crm.audit.services import Actor
from crm.companies import duplicates, merging
from crm.companies.models import Company, CompanyKind, Residence
from crm.companies.services import CompanyDetails, ContactDetails, Registration, register_many
from crm.core.db import session
from crm.demo.when import at

_FORM = "有限公司"
_BY_EAR = str.maketrans("澜霖瑄晞曜钧铄琅嵘蓁惟宸翎筠绮", "兰林萱曦耀均硕郎荣臻唯辰玲云琦")
_Variant = Callable[[str], str]
_WAITING: tuple[_Variant, ...] = (
    lambda name: name.removesuffix(_FORM),
    lambda name: name.replace("常州", "江苏", 1),
    lambda name: name.translate(_BY_EAR),
)
_DISMISSED: _Variant = lambda name: name.replace("常州", "常州市", 1)  # noqa: E731
_MERGED: _Variant = lambda name: name.removesuffix(_FORM) + "公司"  # noqa: E731
_LOOKED_AT = 200


def write_twice(on: date, *, by: Actor) -> int:
    """How many records that adds: three pairs wait, one was found to be two firms, one was merged."""
    firms, rows = _originals(), []
    chosen: list[Company] = []
    for written in (*_WAITING, _DISMISSED, _MERGED):
        firm = next((f for f in firms if written(f.name) != f.name and f not in chosen), None)
        if firm is None:
            return 0
        chosen.append(firm)
        rows.append(_again(firm, written(firm.name), on))
    ids = register_many(rows, by=by)
    pair = session.scalars(duplicates.pair_of(chosen[-2].id, ids[-2])).one()
    duplicates.dismiss(pair, by=by)
    kept, other = session.get_one(Company, chosen[-1].id), session.get_one(Company, ids[-1])
    details = merging.defaults(kept, other)
    merging.merge(kept, other, details, version=None, other_version=None, by=by)
    return len(ids)


def _originals() -> list[Company]:
    """Firms in the park, those that were entered first."""
    query = (
        select(Company)
        .join(Residence, Residence.company_id == Company.id)
        .where(
            Company.kind == CompanyKind.ENTERPRISE,
            Company.name.startswith("常州"),
            Company.name.endswith(_FORM),
            Residence.is_counted,
            Residence.to_on.is_(None),
        )
        .order_by(Company.id)
        .limit(_LOOKED_AT)
    )
    return list(session.scalars(query))


def _again(firm: Company, name: str, on: date) -> Registration:
    """The same firm as somebody writes it down who has no licence before him."""
    contact = firm.contacts[0] if firm.contacts else None
    return Registration(
        CompanyDetails(name, CompanyKind.TEAM, industry_code=firm.industry_code),
        ContactDetails(contact.name, phone=contact.phone) if contact else None,
        recorded_at=at(on),
        unit_id=firm.unit_id,
    )
