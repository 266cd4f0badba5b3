"""What the desk does with an application beside moving it: write it down, tick materials, do errands, hand it over."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from crm.audit.services import changes_of, record
from crm.companies.models import FutureIndustry
from crm.companies.names import search_text
from crm.companies.residence import expect_carrier_in
from crm.core import clock
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.identifiers import clean_uscc
from crm.core.words import N_
from crm.entry import checklists
from crm.entry.models import (
    CLOSED,
    EntrantKind,
    EntryApplication,
    EntryErrand,
    EntryMaterial,
    EntryState,
    EntryStep,
)
from crm.people.models import User
from crm.people.scope import scope_of

PERSONAL = ("contact_name", "contact_position", "contact_phone", "contact_email")
CHECKED_IN = (
    EntryState.DRAFT,
    EntryState.ACCEPTANCE,
    EntryState.CORRECTION,
    EntryState.REVIEW,
)


class EntryRefused(DomainError):
    """The desk cannot do that with an application as it stands."""


@dataclass(frozen=True)
class ApplicationDetails:
    """All that people write about an application; its fields are the columns of EntryApplication. Money in yuan."""

    name: str
    kind: EntrantKind
    carrier_id: int
    uscc: str | None = None
    space_wish: str = ""
    industry_code: str = ""
    future_industry: FutureIndustry | None = None
    business_plan: str = ""
    expected_capital: Decimal | None = None
    expected_staff: int | None = None
    intended_on: date | None = None
    is_workstation: bool = False
    is_cluster_registered: bool = False
    contact_name: str = ""
    contact_position: str = ""
    contact_phone: str = ""
    contact_email: str = ""


def draft(details: ApplicationDetails, *, by: User) -> EntryApplication:
    """A new application, as far as it is known: whatever is missing may come before it is handed in."""
    expect_carrier_in(scope_of(by), details.carrier_id)
    today = clock.today()
    application = EntryApplication(
        **columns_of(details, None), state=EntryState.DRAFT, state_entered_on=today, owner_id=by.id
    )
    application.materials = _materials(checklists.on_day(details.kind, today), [])
    application.steps = [EntryStep(to_state=EntryState.DRAFT, effective_on=today, by_id=by.id)]
    session.add(application)
    record("entry.drafted", application, by=by, changes=_told(changes_of(application)))
    session.flush()
    return application


def change(
    application: EntryApplication, details: ApplicationDetails, *, version: int, by: User
) -> None:
    """Write new facts over the old ones. Kind and carrier stay once it was handed in. Raises StaleRecord, EntryRefused."""
    application.expect_version(version)
    _expect_open(application)
    is_draft = application.state is EntryState.DRAFT
    if not is_draft and (application.kind, application.carrier_id) != (
        details.kind,
        details.carrier_id,
    ):
        raise EntryRefused(
            N_("提交受理后不能再改申请人类别和意向载体；请撤回后重新申请。"), field="kind"
        )
    if is_draft:
        expect_carrier_in(scope_of(by), details.carrier_id)
        if details.kind != application.kind:
            checklist = checklists.on_day(details.kind, clock.today())
            application.materials = _materials(checklist, application.materials)
    for column, value in columns_of(details, application.number).items():
        setattr(application, column, value)
    changes = _told(changes_of(application))
    record("entry.changed", application, by=by, changes=changes)


def columns_of(details: ApplicationDetails, number: str | None) -> dict[str, Any]:
    """The columns that details give, with what is derived from them."""
    if not details.name:
        raise EntryRefused(N_("请填写申请人名称。"), field="name")
    columns = {field.name: getattr(details, field.name) for field in fields(details)}
    columns["uscc"] = uscc = clean_uscc(details.uscc) if details.uscc else None
    columns["search_text"] = searched(details.name, uscc, number)
    return columns


def searched(name: str, uscc: str | None, number: str | None) -> str:
    """What the desk's search runs through: the name with its initials, the code, the number."""
    return " ".join(filter(None, (search_text(name, uscc), number)))


def details_of(application: EntryApplication) -> ApplicationDetails:
    """What the application says now."""
    return ApplicationDetails(
        **{field.name: getattr(application, field.name) for field in fields(ApplicationDetails)}
    )


@dataclass(frozen=True)
class Receipt:
    """Whether a material was handed in and when, where the paper is, a note."""

    received_on: date | None
    kept_at: str = ""
    note: str = ""


def tick(material: EntryMaterial, receipt: Receipt, *, by: User) -> None:
    """Note what became of one material. Two people at two materials do not disturb each other: no version is asked for.

    Raises EntryRefused once the review is over.
    """
    application = material.application
    _hold(application)
    if application.state not in CHECKED_IN:
        raise EntryRefused(N_("申请已过评审，材料清单不再变动。"))
    if receipt.received_on and receipt.received_on > clock.today():
        raise EntryRefused(N_("日期不能晚于今天。"), field="received_on")
    for column, value in asdict(receipt).items():
        setattr(material, column, value)
    material.received_by_id = by.id if receipt.received_on else None
    if changes := changes_of(material):
        record("entry.material_noted", application, by=by, changes=changes, material=material.name)


def carry_out(
    errand: EntryErrand, application: EntryApplication, *, on: date, note: str, by: User
) -> None:
    """One of the errands is done. Raises EntryRefused."""
    _hold(application)
    _expect_errand(errand, application)
    if on > clock.today():
        raise EntryRefused(N_("日期不能晚于今天。"), field="on")
    errand.done_on, errand.is_skipped, errand.by_id, errand.note = on, False, by.id, note
    record("entry.errand_done", application, by=by, errand=errand.name, on=on, note=note)


def skip(
    errands: Sequence[EntryErrand], application: EntryApplication, *, reason: str, by: User
) -> None:
    """Errands that need not be done, since the entrant has its licence already. Raises EntryRefused without a reason."""
    if not reason:
        raise EntryRefused(N_("请填写不需要办理的原因。"), field="reason")
    _hold(application)
    for errand in errands:
        _expect_errand(errand, application)
        errand.done_on, errand.is_skipped, errand.by_id, errand.note = None, True, by.id, reason
    names = "、".join(errand.name for errand in errands)
    record("entry.errand_skipped", application, by=by, errand=names, reason=reason)


def take_over(application: EntryApplication, *, version: int | None, by: User) -> None:
    """The person keeps the application from now on. Raises StaleRecord, EntryRefused."""
    application.expect_version(version)
    _expect_open(application)
    before, application.owner_id = application.owner_id, by.id
    record("entry.taken_over", application, by=by, changes={"owner_id": (before, by.id)})


def _hold(application: EntryApplication) -> None:
    """Keep it from moving on until the commit."""
    session.refresh(application, with_for_update={"of": EntryApplication})


def _expect_open(application: EntryApplication) -> None:
    if application.state in CLOSED:
        message = N_("申请已“%(state)s”，不能再修改。")
        raise EntryRefused(message, state=application.state)


def _expect_errand(errand: EntryErrand, application: EntryApplication) -> None:
    if application.state is not EntryState.ERRANDS or errand.application_id != application.id:
        raise EntryRefused(N_("只有处于“代办”的申请可以登记代办事项。"))


def _materials(
    checklist: checklists.Checklist, present: Sequence[EntryMaterial]
) -> list[EntryMaterial]:
    """The checklist's items as rows; what was handed in under the same name stays so."""
    by_name = {material.name: material for material in present}
    rows = []
    for position, item in enumerate(checklist.materials, 1):
        row = EntryMaterial(position=position, **asdict(item))
        if kept := by_name.get(item.name):
            row.received_on, row.received_by_id = kept.received_on, kept.received_by_id
            row.kept_at, row.note = kept.kept_at, kept.note
        rows.append(row)
    return rows


def _told(changes: dict[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    """Changes as the log may keep them: of personal data only that it changed."""
    hidden = {name: ("***", "***") for name in PERSONAL if name in changes}
    return {k: v for k, v in {**changes, **hidden}.items() if k != "search_text"}
