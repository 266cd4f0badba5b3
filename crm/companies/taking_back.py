"""Taking back an import of firms: new ones leave the register again, corrected ones are as before.

Both only while nobody has worked with them since. A new firm is taken out, not archived: its code would stay reserved and
the corrected sheet could not be imported. The import keeps its rows, the log the count and the digest.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import delete, func, select

from crm.audit.services import record
from crm.companies import duplicates, grams
from crm.companies.corrections import Correction, changes_many
from crm.companies.duplicate_models import DuplicatePair, LikenessKey
from crm.companies.facts import from_log
from crm.companies.models import Company, Contact, FormerName, Residence
from crm.companies.services import ContactDetails
from crm.core.among import among
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.references import referred_to
from crm.core.words import N_
from crm.imports.kinds import Landed, RevertRefused
from crm.people.models import User

_BELONGINGS = (Contact, Residence, FormerName)
_DERIVED = (LikenessKey, DuplicatePair)  # nobody's work: they go with the firm
_CHANGED = N_("企业资料在导入之后已被修改。")


def take_back(landed: Sequence[Landed], by: User) -> None:
    """Raises RevertRefused with the rows whose firms were worked with since."""
    new = [one for one in landed if one.before is None]
    known = [one for one in landed if one.before is not None]
    ids = [one.record_id for one in landed]
    held = select(Company.id, Company.version).where(among(Company.id, ids)).order_by(Company.id)
    versions = {row.id: row.version for row in session.execute(held.with_for_update())}
    refused = [
        (one.number, DomainError(_CHANGED))
        for one in landed
        if versions.get(one.record_id) != one.version
    ]
    refused += [*_later_work(new), *_later_people(known)]
    if refused:
        raise RevertRefused(sorted(dict(refused).items()))
    if new:
        _take_out([one.record_id for one in new], by)
    if known:
        changes_many([_as_before(one) for one in known], by=by)


def _later_work(new: Sequence[Landed]) -> Iterator[tuple[int, DomainError]]:
    """What was written about firms after they came."""
    ids = [one.record_id for one in new]
    own = [model.__tablename__ for model in (*_BELONGINGS, *_DERIVED)]
    spoken_of = referred_to(Company, ids, subject="company", besides=own)
    belongings: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    for model in _BELONGINGS:
        version = func.max(model.version) if hasattr(model, "version") else func.max(1)
        counted = select(model.company_id, func.count(), version).group_by(model.company_id)
        for id_, count, latest in session.execute(counted.where(among(model.company_id, ids))):
            belongings[model.__tablename__][id_] = (count, latest)
    for one in new:
        if one.record_id in spoken_of:
            yield one.number, DomainError(N_("导入之后已有与该企业关联的记录。"))
        for table, found in belongings.items():
            if found.get(one.record_id, (0, 1)) != (one.made[table], 1):
                yield one.number, DomainError(N_("该企业的联系人、入驻或曾用名在导入之后有变化。"))


def _later_people(known: Sequence[Landed]) -> Iterator[tuple[int, DomainError]]:
    """Contacts that were written along with a correction and changed since."""
    expected = {one.made["contact"][0]: one for one in known if one.made["contact"]}
    found = select(Contact.id, Contact.version).where(among(Contact.id, list(expected)))
    versions = {row.id: row.version for row in session.execute(found)} if expected else {}
    for id_, one in expected.items():
        if versions.get(id_) != one.made["contact"][1]:
            yield one.number, DomainError(N_("联系人在导入之后已被修改。"))


def _take_out(ids: Sequence[int], by: User) -> None:
    repeated = select(Company.id, Company.name, Company.uscc, Company.search_text, Company.unit_id)
    gone = [dict(row) for row in session.execute(repeated.where(among(Company.id, ids))).mappings()]
    grams.replace(session.connection(), gone, ())
    duplicates.take_out(ids)
    for model in _BELONGINGS:
        session.execute(delete(model).where(among(model.company_id, ids)))
    session.execute(delete(Company).where(among(Company.id, ids)))
    told = [[row["id"], row["name"], row["uscc"]] for row in gone]
    digest = hashlib.sha256(json.dumps(told, ensure_ascii=False).encode())
    record("companies.taken_out", None, by=by, count=len(ids), sha256=digest.hexdigest())


def _as_before(one: Landed) -> Correction:
    before: dict[str, Any] = {
        name: from_log(name, value) for name, value in (one.before or {}).items()
    }
    contact_id, was = (one.made["contact"] or (None,))[0], one.made["contact_was"]
    return Correction(
        one.record_id,
        one.version,
        before,
        contact=ContactDetails(**was) if was else None,
        contact_id=contact_id if was else None,
        without_former_names=tuple(one.made["former_names"]),
        without_contact=None if was else contact_id,
    )
