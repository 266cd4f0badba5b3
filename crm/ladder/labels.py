"""Other qualifications that a park counts (专精特新, 雏鹰, 瞪羚 …): kept by an administrator, offered in the forms."""

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import Actor, changes_of, record
from crm.core import clock
from crm.core.db import session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.ladder.models import Level, QualificationLabel, Validity


class LabelExists(Conflict):
    """There is one of this name."""


@dataclass(frozen=True)
class LabelDetails:
    """What an administrator says of a label; `years` where the validity asks for them."""

    name: str
    level: Level
    validity: Validity
    authority: str = ""
    years: int | None = None


def every() -> Select[QualificationLabel]:
    """All labels, retired ones last."""
    retired = QualificationLabel.archived_at.is_not(None)
    return select(QualificationLabel).order_by(retired, QualificationLabel.id)


def offered() -> Select[QualificationLabel]:
    return every().where(QualificationLabel.archived_at.is_(None))


def add(details: LabelDetails, *, by: Actor) -> QualificationLabel:
    """Raises LabelExists, DomainError."""
    _check(details)
    new = QualificationLabel(**vars(details))
    changes = changes_of(new)
    _save(new)
    record("label.added", new, by=by, changes=changes)
    return new


def change(
    found: QualificationLabel, details: LabelDetails, *, version: int | None, by: Actor
) -> None:
    """What was awarded before keeps the validity it was awarded with. Raises StaleRecord, LabelExists, DomainError."""
    _check(details)
    found.expect_version(version)
    for name, value in vars(details).items():
        setattr(found, name, value)
    changes = changes_of(found)
    _save(found)
    record("label.changed", found, by=by, changes=changes)


def retire(found: QualificationLabel, *, by: Actor) -> None:
    """No longer offered; where it is retired already, offered again. What firms hold stays."""
    found.archived_at = None if found.archived_at else clock.now()
    found.version += 1
    record("label.retired" if found.archived_at else "label.restored", found, by=by)


def _check(details: LabelDetails) -> None:
    if not details.name:
        raise DomainError(N_("请填写名称。"), field="name")
    if details.validity == Validity.YEARS and not details.years:
        raise DomainError(N_("请填写有效年数。"), field="years")
    if details.validity != Validity.YEARS and details.years:
        raise DomainError(N_("这种有效期不填年数。"), field="years")


def _save(label: QualificationLabel) -> None:
    try:
        with session.begin_nested():
            session.add(label)
    except IntegrityError:
        raise LabelExists(N_("已有同名的资质种类。"), field="name") from None
