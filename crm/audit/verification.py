"""What is reported or recorded is checked by a second person: 待核 → 已核 or 退回."""

from typing import Protocol

from crm.audit.services import Actor
from crm.core.errors import Conflict, NotAllowed
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
