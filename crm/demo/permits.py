"""The lists of approvals of generated projects: granted on the way to what they reached, due or late for what is to come."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from crm.projects.approvals import USUAL, ApprovalDetails
from crm.projects.gate_models import ApprovalKind
from crm.projects.models import PIPELINE, ProjectKind
from crm.projects.services import ProjectRow

_WEEKS = {  # after the project came to 报批
    ApprovalKind.FILING: 0, ApprovalKind.LAND: 3, ApprovalKind.PLANNING: 6, ApprovalKind.ENVIRONMENT: 8,
    ApprovalKind.ENERGY: 9, ApprovalKind.CONSTRUCTION_PERMIT: 14, ApprovalKind.LICENCE: 0, ApprovalKind.FIT_OUT: 3,
    ApprovalKind.FIRE: 5,
}  # fmt: skip
_REASONS = ("仅作办公，不涉及", "原有装修可用，不再装修", "不在名录内，无须办理")


def lists(
    rows: Sequence[tuple[int, ProjectRow]], rng: Random, until: date
) -> Iterator[tuple[int, ApprovalDetails]]:
    """The items of each project that has come to 报批 or is ready for it, by the project's id."""
    for project_id, row in rows:
        if row.details.builder_id is None:
            continue
        for item in _items(row, rng, until):
            yield project_id, item


def _items(row: ProjectRow, rng: Random, until: date) -> Iterator[ApprovalDetails]:
    began_on = next((s.effective_on for s in row.steps if s.to_stage in PIPELINE[4:]), until)
    is_through = any(step.to_stage in PIPELINE[5:] for step in row.steps)
    is_building = row.details.kind is ProjectKind.CONSTRUCTION
    for kind in USUAL[row.details.kind]:
        due_on = began_on + timedelta(weeks=_WEEKS[kind], days=rng.randrange(10))
        granted_on = min(due_on + timedelta(days=rng.randrange(-12, 9)), until)
        if not is_building and _WEEKS[kind] and rng.random() < 0.6:
            yield ApprovalDetails(kind, is_inapplicable=True, note=rng.choice(_REASONS))
        elif kind is ApprovalKind.FILING:
            yield ApprovalDetails(kind, "", due_on, granted_on, row.details.filing_number)
        elif is_through or (due_on <= until and rng.random() < 0.8):
            yield ApprovalDetails(kind, "", due_on, granted_on)
        else:
            yield ApprovalDetails(kind, "", due_on)
