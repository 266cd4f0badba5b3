"""What we ask about snapshots. They are the park's: whoever reads targets reads those that were approved."""

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from crm.people.models import User
from crm.people.roles import Action
from crm.snapshots.models import Snapshot, SnapshotFigure, SnapshotState
from crm.targets.models import AnnualPlan


def visible_to(reader: User) -> Select[Snapshot]:
    """Approved ones; all for those who make or approve them."""
    query = select(Snapshot).options(
        joinedload(Snapshot.plan),
        joinedload(Snapshot.created_by),
        joinedload(Snapshot.submitted_by),
        joinedload(Snapshot.approved_by),
        joinedload(Snapshot.replaces),
    )
    if reader.may(Action.TARGETS_PLAN) or reader.may(Action.SNAPSHOTS_APPROVE):
        return query
    return query.where(Snapshot.state == SnapshotState.APPROVED)


def in_order(query: Select[Snapshot]) -> Select[Snapshot]:
    """The newest day first."""
    return query.order_by(Snapshot.as_of.desc(), Snapshot.id.desc())


def awaiting(reader: User) -> Select[Snapshot]:
    """What waits for this person's approval, oldest first: nobody approves what he made or submitted."""
    return (
        visible_to(reader)
        .where(
            Snapshot.state == SnapshotState.SUBMITTED,
            or_(Snapshot.created_by_id.is_(None), Snapshot.created_by_id != reader.id),
            Snapshot.submitted_by_id != reader.id,
        )
        .order_by(Snapshot.submitted_on, Snapshot.id)
    )


def correctable(plan: AnnualPlan) -> Select[Snapshot]:
    """The plan's approved ones that no other approved one replaces."""
    later = select(Snapshot.replaces_id).where(
        Snapshot.state == SnapshotState.APPROVED, Snapshot.replaces_id.is_not(None)
    )
    return in_order(
        select(Snapshot).where(
            Snapshot.plan_id == plan.id,
            Snapshot.state == SnapshotState.APPROVED,
            Snapshot.id.not_in(later),
        )
    )


def replacing(found: Snapshot) -> Select[Snapshot]:
    """The approved one that corrects it."""
    return select(Snapshot).where(
        Snapshot.replaces_id == found.id, Snapshot.state == SnapshotState.APPROVED
    )


def figures_of(found: Snapshot) -> Select[SnapshotFigure]:
    return (
        select(SnapshotFigure)
        .where(SnapshotFigure.snapshot_id == found.id)
        .order_by(SnapshotFigure.id)
        .options(joinedload(SnapshotFigure.indicator), joinedload(SnapshotFigure.snapshot))
    )


def reported_of(indicator_id: int) -> Select[SnapshotFigure]:
    """What was approved about a target, the newest day first."""
    return (
        select(SnapshotFigure)
        .join(Snapshot)
        .where(
            SnapshotFigure.indicator_id == indicator_id, Snapshot.state == SnapshotState.APPROVED
        )
        .order_by(Snapshot.as_of.desc(), Snapshot.id.desc())
        .options(joinedload(SnapshotFigure.snapshot).joinedload(Snapshot.replaces))
    )
