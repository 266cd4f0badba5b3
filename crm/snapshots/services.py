"""What we do with a snapshot: take it, put the other figures beside the system's, submit, approve. Approved it is frozen."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from crm.audit.services import Actor, record
from crm.core import clock, stored
from crm.core.db import session
from crm.core.errors import Conflict, DomainError, NotAllowed
from crm.core.words import N_
from crm.people.models import User
from crm.people.roles import Action
from crm.reference.settings import is_demo_data
from crm.snapshots import promised, queries
from crm.snapshots.models import Snapshot, SnapshotFigure, SnapshotMilestone, SnapshotState
from crm.snapshots.paper import Line, Said, line_of, paper_of
from crm.snapshots.promised import Told
from crm.snapshots.rows import digest
from crm.snapshots.taking import Taken
from crm.targets.models import AnnualPlan

LARGEST = Decimal(10) ** 9
PLACES = 10  # as many as a sum of fen has in 亿元, and two more


class SnapshotRefused(Conflict):
    """The snapshot is not at this step, or this person may not take it."""


class NotFit(DomainError):
    """Figures that differ without a reason, or an authority's without its source."""


def keep(
    taken: Taken,
    *,
    title: str,
    by: Actor,
    replaces: Snapshot | None = None,
) -> Snapshot:
    """A draft out of what was taken. A day that has an approved snapshot is only corrected. Raises DomainError."""
    plan = session.get_one(AnnualPlan, taken.plan_id)
    if not title.strip():
        raise DomainError(N_("请填写标题。"), field="title")
    expect_day(plan, taken.as_of)
    _expect_replacing(plan, taken.as_of, replaces)
    made = Snapshot(
        plan_id=plan.id,
        as_of=taken.as_of,
        title=title.strip(),
        recorded_at=taken.taken_at,
        created_by_id=by.id,
        replaces_id=replaces.id if replaces else None,
    )
    made.figures = [
        SnapshotFigure(
            indicator_id=figure.line.indicator_id,
            code=figure.line.code,
            line=stored.dumps(figure.line),
            rows=figure.rows,
            reported=figure.line.system,
        )
        for figure in taken.figures
    ]
    made.milestones = [
        SnapshotMilestone(
            milestone_id=line.milestone_id, line=stored.dumps(line), reported_on=line.told.on
        )
        for line in taken.milestones
    ]
    session.add(made)
    session.flush()
    record("snapshot.taken", made, by=by, name=made.title, as_of=made.as_of)
    return made


def expect_day(plan: AnnualPlan, as_of: date) -> None:
    """A day of the plan's year that has begun. Raises DomainError."""
    if as_of.year != plan.year:
        raise DomainError(N_("截至日期应在计划年度%(year)s年内。"), field="as_of", year=plan.year)
    if as_of > clock.today():
        raise DomainError(N_("截至日期不能晚于今天。"), field="as_of")


def faults(line: Line, said: Said) -> Iterator[DomainError]:
    """What is wrong with what was put beside a figure, each with the field to mend."""
    for name, value in (("reported", said.reported), ("authority", said.authority)):
        if value is not None and (error := _fault_of(value)) is not None:
            yield DomainError(error, field=name)
    if said.authority is not None:
        if not said.authority_source:
            yield DomainError(N_("请写明来源，如统计局、科技局。"), field="authority_source")
        if said.authority_on is None:
            yield DomainError(N_("请填写来源的日期。"), field="authority_on")
    elif said.authority_source or said.authority_on:
        yield DomainError(N_("有来源而没有外部权威数。"), field="authority")
    if said.authority_on and said.authority_on > clock.today():
        yield DomainError(N_("日期不能晚于今天。"), field="authority_on")
    if _differ(line, said) and not said.reason:
        yield DomainError(N_("三个数不一致，请写明原因。"), field="reason")


def fill_in(
    found: Snapshot,
    said: Mapping[int, Said],
    told: Mapping[int, Told] | None = None,
    *,
    by: Actor,
    version: int | None = None,
) -> None:
    """Put these beside the system's figures, by the target's number, and beside the days of milestones, by theirs.

    Raises NotFit, SnapshotRefused, StaleRecord.
    """
    found.expect_version(version)
    _expect_state(found, SnapshotState.DRAFT)
    changes = {}
    for figure in found.figures:
        line, new = line_of(figure, found.as_of), said.get(figure.indicator_id)
        if new is None or new == line.said:
            continue
        _refuse(line.code, faults(line, new))
        changes[line.code] = (_told(line.said), _told(new))
        figure.reported, figure.reason = new.reported, new.reason
        figure.authority, figure.authority_source = new.authority, new.authority_source
        figure.authority_on = new.authority_on
    for kept in found.milestones:
        promise, day = promised.line_of(kept, found.as_of), (told or {}).get(kept.milestone_id)
        if day is None or day == promise.told:
            continue
        _refuse(promise.code, promised.faults(promise, day, found.as_of))
        changes[promise.code] = (
            _joined(*vars(promise.told).values()),
            _joined(*vars(day).values()),
        )
        kept.reported_on, kept.reason = day.on, day.reason
    record("snapshot.filled_in", found, by=by, name=found.title, changes=changes)


def submit(
    found: Snapshot, *, by: User, version: int | None = None, on: date | None = None
) -> None:
    """Hand it to another person for approval. `on` is for demo data. Raises NotFit, SnapshotRefused, StaleRecord."""
    found.expect_version(version)
    _expect_state(found, SnapshotState.DRAFT)
    paper = paper_of(found, is_demo=is_demo_data())
    lacking = [line.code for line in paper.lines if any(faults(line, line.said))]
    lacking += [
        line.code for line in paper.milestones if any(promised.faults(line, line.told, found.as_of))
    ]
    if lacking:
        codes = "、".join(lacking)
        raise NotFit(N_("%(codes)s 的三个数不一致而没有原因，或来源不全。"), codes=codes)
    found.state = SnapshotState.SUBMITTED
    found.submitted_by_id, found.submitted_on = by.id, on or clock.today()
    found.review_note = ""
    record("snapshot.submitted", found, by=by, name=found.title)


def send_back(found: Snapshot, reason: str, *, by: User, version: int | None = None) -> None:
    """Return it to those who made it, with the reason; who submitted it may take it back so."""
    found.expect_version(version)
    _expect_state(found, SnapshotState.SUBMITTED)
    if not reason.strip():
        raise DomainError(N_("请填写原因。"), field="reason")
    found.state, found.review_note = SnapshotState.DRAFT, reason.strip()
    record("snapshot.returned", found, by=by, name=found.title, reason=reason.strip())


def approve(
    found: Snapshot, *, by: User, version: int | None = None, at: datetime | None = None
) -> None:
    """Freeze it: by neither who made nor who submitted it. `at` is for demo data. Raises SnapshotRefused, NotAllowed."""
    if found.replaces is not None:
        found.replaces.hold(None)  # of two corrections the second waits, and is refused
    found.expect_version(version)
    _expect_state(found, SnapshotState.SUBMITTED)
    if by.id in (found.created_by_id, found.submitted_by_id):
        raise NotAllowed(N_("不能审定自己草拟或报审的快照，请由他人审定。"))
    _expect_replacing(found.plan, found.as_of, found.replaces)
    approved_at = at or clock.now()
    paper = replace(
        paper_of(found, is_demo=is_demo_data()), approved_by=by.name, approved_at=approved_at
    )
    found.content = stored.dumps(paper)
    found.sha256 = digest(found.content)
    found.state = SnapshotState.APPROVED
    found.approved_by_id, found.approved_at = by.id, approved_at
    record("snapshot.approved", found, by=by, name=found.title, sha256=found.sha256)


def abandon(found: Snapshot, *, by: User, version: int | None = None) -> None:
    """Give a draft up; it stays in the list as what it is. Raises SnapshotRefused, StaleRecord."""
    found.expect_version(version)
    _expect_state(found, SnapshotState.DRAFT)
    found.state = SnapshotState.ABANDONED
    record("snapshot.abandoned", found, by=by, name=found.title)


def note_export(found: Snapshot, kind: str, scope: str, *, by: Actor) -> None:
    """Who took which figures out, in the log."""
    record(
        "report.exported",
        None,
        by=by,
        name=found.title,
        format=kind,
        as_of=found.as_of,
        scope=scope,
        rows=len(found.figures) + len(found.milestones),
    )


def is_intact(found: Snapshot) -> bool:
    """Whether what is kept of an approved one is what was approved."""
    return digest(found.content) == found.sha256


def may_approve(found: Snapshot, reader: User) -> bool:
    return (
        found.state == SnapshotState.SUBMITTED
        and reader.may(Action.SNAPSHOTS_APPROVE)
        and reader.id not in (found.created_by_id, found.submitted_by_id)
    )


def _fault_of(value: Decimal) -> str | None:
    if not value.is_finite() or value < 0:
        return N_("不能是负数。")
    if value >= LARGEST:
        return N_("数值过大，请核对单位。")
    return N_("小数位数过多。") if value != round(value, PLACES) else None


def _differ(line: Line, said: Said) -> bool:
    if said.reported != line.system:
        return True
    return said.authority is not None and said.authority != said.reported


def _told(said: Said) -> str:
    """In the log: 上报数 · 外部权威数 · source · reason."""
    return _joined(
        said.reported, said.authority, said.authority_source, said.authority_on, said.reason
    )


def _joined(*values: object) -> str:
    return " · ".join("–" if value in (None, "") else str(value) for value in values)


def _refuse(code: str, wrong: Iterable[DomainError]) -> None:
    """Raise NotFit for the first fault."""
    for fault in wrong:
        raise NotFit(N_("%(code)s：%(fault)s"), code=code, fault=fault.message)


def _expect_state(found: Snapshot, state: SnapshotState) -> None:
    if found.state != state:
        raise SnapshotRefused(N_("这份快照现为“%(state)s”，不能进行该操作。"), state=found.state)


def _expect_replacing(plan: AnnualPlan, as_of: date, replaces: Snapshot | None) -> None:
    standing = session.scalars(queries.correctable(plan).where(Snapshot.as_of == as_of)).all()
    if replaces is None and standing:
        message = N_("该日期已有审定的快照“%(title)s”，请选择更正它。")
        raise SnapshotRefused(message, field="replaces_id", title=standing[0].title)
    if replaces is not None and replaces not in standing:
        message = N_("要更正的快照截至日期不同，或已被更正。")
        raise SnapshotRefused(message, field="replaces_id")
