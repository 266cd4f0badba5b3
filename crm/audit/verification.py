"""What is reported or recorded is checked by a second person: 待核 → 已核 or 退回."""

from typing import Any, Protocol

from crm.audit.services import Actor, changes_of
from crm.audit.services import record as note
from crm.core.errors import Conflict, DomainError, NotAllowed
from crm.core.words import N_, LabelledEnum


class VerificationState(LabelledEnum):
    """How far a record is to be relied on."""

    PENDING = "pending", N_("待核")
    VERIFIED = "verified", N_("已核")
    RETURNED = "returned", N_("退回")


class SamePerson(NotAllowed):
    """A record is verified by somebody other than who entered it."""


class Verifiable(Protocol):
    """A record with a state, who entered it and who looked at it; `expect_version` as in core.db.Versioned."""

    state: VerificationState
    reported_by_id: int | None
    verified_by_id: int | None

    def expect_version(self, version: int | None) -> None: ...


def review(record: Verifiable, state: VerificationState, *, by: Actor, version: int | None) -> None:
    """Confirm or return a record that waits. Raises SamePerson, Conflict where it does not wait any more, StaleRecord."""
    if record.reported_by_id is not None and record.reported_by_id == by.id:
        raise SamePerson(N_("填报人不能核验自己填报的数据，请由他人核验。"))
    if record.state != VerificationState.PENDING:
        raise Conflict(N_("这条记录的状态是“%(state)s”，无须再次核验。"), state=record.state)
    record.expect_version(version)
    record.state = state
    record.verified_by_id = by.id


def confirm(record: Any, action: str, *, name: str, by: Actor, version: int | None) -> None:
    """Confirm one record as it was seen; `action` begins the words of the log. Raises as `review` does."""
    review(record, VerificationState.VERIFIED, by=by, version=version)
    record.review_note = ""
    note(f"{action}.verified", record, by=by, changes=changes_of(record), name=name)


def give_back(
    record: Any, action: str, *, name: str, reason: str, by: Actor, version: int | None
) -> None:
    """Return one record, with the reason; it can be corrected and waits anew. Raises as `review` does."""
    if not reason:
        raise DomainError(N_("请填写原因。"), field="reason")
    review(record, VerificationState.RETURNED, by=by, version=version)
    record.review_note = reason
    note(f"{action}.returned", record, by=by, changes=changes_of(record), name=name)
