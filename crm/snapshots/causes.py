"""Why a record counts otherwise than it did: what was written about it, and about what proves it, since the snapshot."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select, true

from crm.audit.models import AuditEntry
from crm.audit.verification import VerificationState
from crm.companies.models import Company, Residence
from crm.core.db import session
from crm.core.words import N_, LabelledEnum
from crm.evidence.kinds import KINDS
from crm.evidence.kinds.financings import Financing
from crm.ladder.models import Qualification
from crm.operating.models import OperatingReport
from crm.projects.models import Project, StageChange
from crm.snapshots.rows import REPORTS, Binding
from crm.targets.models import ProgressReport, ReviewState

AT_ONCE = 500
PROOFS: tuple[tuple[str, Any], ...] = (
    ("companies.", Residence),
    ("ladder.new_large_earners", OperatingReport),
    ("ladder.", Qualification),
    ("evidence.", Financing),
)
"""What proves the figures that count firms, by how their metrics' names begin."""


class Cause(LabelledEnum):
    """Why a row is not as it was."""

    LATE = "late", N_("补录")
    VERIFIED_LATER = "verified_later", N_("补核")
    CORRECTED = "corrected", N_("更正")
    WITHDRAWN = "withdrawn", N_("撤回或归档")
    RULES = "rules", N_("口径变化")


@dataclass(frozen=True)
class Proof:
    """What is known of a record: when it, or what proves it, was last written down, and whether it still stands."""

    recorded_at: datetime | None
    stands: bool


class Causes:
    """What happened to some records since a snapshot; a few statements for each 500 of them."""

    def __init__(
        self, binding: Binding, record_ids: Collection[int], since: datetime, *, new_rules: bool
    ) -> None:
        self._since, self._new_rules = since, new_rules
        self._proofs: dict[int, Proof] = {}
        self._changed: set[int] = set()
        ids = sorted(record_ids)
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            self._proofs |= _proofs(binding, some, since)
            self._changed |= set(
                session.scalars(
                    _changed(_model(binding.page), since).where(AuditEntry.subject_id.in_(some))
                )
            )

    def of_new(self, record_id: int) -> Cause:
        """Why a row is there that was not."""
        proof = self._proofs.get(record_id)
        if proof and proof.recorded_at and proof.recorded_at > self._since:
            return Cause.LATE
        if record_id in self._changed:
            return Cause.CORRECTED
        return Cause.RULES if self._new_rules else Cause.VERIFIED_LATER

    def of_gone(self, record_id: int) -> Cause:
        """Why a row is no longer there."""
        proof = self._proofs.get(record_id)
        if proof is None or not proof.stands:
            return Cause.WITHDRAWN
        is_touched = proof.recorded_at is not None and proof.recorded_at > self._since
        if self._new_rules and not is_touched and record_id not in self._changed:
            return Cause.RULES
        return Cause.CORRECTED


def _proofs(binding: Binding, ids: list[int], since: datetime) -> dict[int, Proof]:
    found = session.execute(_standing(binding, ids, since))
    return {record_id: Proof(recorded_at, bool(stands)) for record_id, recorded_at, stands in found}


def _standing(binding: Binding, ids: list[int], since: datetime) -> Select[*tuple[Any, ...]]:
    """record_id, when it was recorded, whether it stands."""
    if binding.page == REPORTS:
        report = ProgressReport
        stands: ColumnElement[bool] = report.state != ReviewState.RETURNED
        return select(report.id, report.recorded_at, stands).where(report.id.in_(ids))
    if binding.page == "/companies/":
        return _of_firms(binding, ids, since)
    if binding.page == "/projects/":
        newest = select(func.max(StageChange.recorded_at))
        newest_step = newest.where(StageChange.project_id == Project.id).scalar_subquery()
        stands = and_(Project.archived_at.is_(None), Project.is_sealed.is_(False))
        return select(Project.id, newest_step, stands).where(Project.id.in_(ids))
    model = _model(binding.page)
    return select(model.id, model.recorded_at, _holds(model)).where(model.id.in_(ids))


def _of_firms(binding: Binding, ids: list[int], since: datetime) -> Select[*tuple[Any, ...]]:
    """A firm stands while it is in the register, has a proof of that sort that holds, and lost none since."""
    proof: Any = next(
        (model for start, model in PROOFS if binding.metric.startswith(start)), Residence
    )
    its = proof.company_id == Company.id
    newest = select(func.max(proof.recorded_at)).where(its).scalar_subquery()
    holds = literal(True) if proof is Residence else _holds(proof)
    is_proved = select(proof.id).where(its, holds).exists()
    is_touched = _changed(proof, since).where(AuditEntry.subject_id == proof.id).exists()
    has_lost = select(proof.id).where(its, ~holds, is_touched).exists()
    stands = and_(Company.archived_at.is_(None), is_proved, ~has_lost)
    return select(Company.id, newest, case((stands, 1), else_=0)).where(Company.id.in_(ids))


def _holds(model: Any) -> ColumnElement[bool]:
    """What is verified and not put away."""
    present = model.archived_at.is_(None) if hasattr(model, "archived_at") else true()
    return and_(model.state == VerificationState.VERIFIED, present)


def _changed(model: Any, since: datetime) -> Select[int | None]:
    """Those of which the log says since that they were changed: not merely verified."""
    return select(AuditEntry.subject_id).where(
        AuditEntry.subject_type == model.__tablename__,
        AuditEntry.at > since.isoformat(timespec="microseconds"),
        AuditEntry.action.not_like("%.verified"),
    )


def _model(page: str) -> Any:
    known = {REPORTS: ProgressReport, "/companies/": Company, "/projects/": Project}
    return known.get(page) or KINDS[page.removeprefix("/evidence/").strip("/")].model
