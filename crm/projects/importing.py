"""Projects that come in spreadsheets. A stage goes through the one move service: dated, its gates asked, never waived here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import joinedload

from crm.audit.services import record
from crm.companies.names import name_key
from crm.core import clock
from crm.core.among import among
from crm.core.bulk import write_many
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.money import LARGEST
from crm.core.words import N_
from crm.imports import records
from crm.imports.kinds import Draft, Fault, ImportKind, Landed, LookAlike, Outcome, Verdict
from crm.people.models import User
from crm.people.roles import Action
from crm.projects.checks import check_amounts, expect_agreement
from crm.projects.corrections import undo_moves
from crm.projects.details import ProjectDetails, ProjectRow, StageStep
from crm.projects.import_columns import ATTRIBUTES, FACTS, LINKS, MOST
from crm.projects.import_context import Context
from crm.projects.models import Figure, Nature, Project, Stage, StageChange, Valuation
from crm.projects.moves import GateNotMet, Move, expect_movable, move_each
from crm.projects.requirements import NOTHING
from crm.projects.rooms import link_rooms
from crm.projects.sealing import SEALED_AWAY
from crm.projects.services import change_many, register_many

_COLUMNS = {
    **{column: name for name, column in LINKS.items()},
    "effective_on": "stage_on",
    "to_stage": "stage",
    "reason": "stage_reason",
    "waive": "stage",
}
_NAMES = tuple(ProjectDetails.__dataclass_fields__)
_OWN = ("stage_changes", "valuations")  # tables whose rows come with a project


@dataclass(frozen=True)
class _Ready:
    details: ProjectDetails
    first_reported_on: date
    move: Move | None


def check(drafts: Sequence[Draft], by: User) -> list[Verdict]:
    known = Context(drafts, by)
    return [_judged(draft, known) for draft in drafts]


def _judged(draft: Draft, known: Context) -> Verdict:
    project = known.project_of(draft)
    faults, alike = _twins(draft, known)
    said = records.given(draft, FACTS)
    for name, column in LINKS.items():
        if text := draft.values.get(name):
            try:
                said[column] = known.id_of(name, text)
            except DomainError as error:
                faults.append(records.fault_of(error))
    try:
        details = _details(draft, project, said, known)
        first = project.first_reported_on if project else _first_reported_on(draft)
        move = _move(draft, project, details, first, known)
    except DomainError as error:
        faults.append(_told(error))
    if faults:
        return records.refused(draft, faults, alike)
    ready = _Ready(details, first, move)
    if project is None:
        return Verdict(draft, Outcome.CREATE, ready=ready, key=_key(details))
    return _compared(draft, project, said, ready)


def _key(details: ProjectDetails) -> tuple[str, str]:
    return name_key(details.name), name_key(details.investor)


def _twins(draft: Draft, known: Context) -> tuple[list[Fault], list[LookAlike]]:
    """Projects that may be the same: a person says that it is another one (0), or which."""
    found = known.twins.get(draft.number, [])
    if draft.chosen == 0 or not found:
        return [], []
    alike = [LookAlike(t.project_id, t.name, t.unit) for t in found if t.project_id]
    message = N_("可能已经登记过，请选择是同一项目，还是另一个新项目。")
    hidden = next((twin.unit for twin in found if not twin.project_id and twin.unit), "")
    if hidden and not alike:
        message = N_("可能已由“%(unit)s”登记，请核对；确为另一个项目的，请选择“新项目”。")
        return [Fault("name", DomainError(message, unit=hidden))], alike
    return [Fault("name", DomainError(message))], alike


def _details(
    draft: Draft, project: Project | None, said: dict[str, Any], known: Context
) -> ProjectDetails:
    """What the project is to be. Raises DomainError."""
    for name, value in said.items():
        if isinstance(value, Decimal | int) and not 0 <= value <= MOST.get(name, LARGEST):
            raise DomainError(N_("数字超出范围，请核对。"), field=name)
    if project is None:
        for name in ("name", "kind", "origin"):
            if name not in said:
                label = next(one.label for one in ATTRIBUTES if one.name == name)
                raise DomainError(N_("请填写%(what)s。"), field=name, what=label)
        own = {"unit_id": known.by.unit_id, "reporting_unit_id": known.by.unit_id}
        details = ProjectDetails(**{**own, **said})
    else:
        details = ProjectDetails(**{n: said.get(n, getattr(project, n)) for n in _NAMES})
        check_amounts(project, details, known.said[project.id])
    original = known.originals.get(details.adds_to_id or 0)
    expect_agreement(details, project, original)
    if details.nature is Nature.UPGRADE and (
        project is None or project.nature is not details.nature
    ):
        raise DomainError(N_("升级请在原项目上办理。"), field="nature")
    if details.is_sealed and not known.keeps_sight(details.unit_id, details.owner_id):
        raise DomainError(SEALED_AWAY, field="is_sealed")
    return details


def _first_reported_on(draft: Draft) -> date:
    day: date | None = draft.values.get("first_reported_on")
    if day is None:
        raise DomainError(N_("请填写首报日期。"), field="first_reported_on")
    if day > clock.today():
        raise DomainError(N_("首报日期不能晚于今天。"), field="first_reported_on")
    return day


def _move(
    draft: Draft, project: Project | None, details: ProjectDetails, first: date, known: Context
) -> Move | None:
    """The step that leads to the stage that a row gives; none where the project stands there or came by. Raises DomainError."""
    stage: Stage | None = draft.values.get("stage")
    stands = project.stage if project else Stage.LEAD
    if stage is None or stage is stands:
        return None
    on: date | None = draft.values.get("stage_on")
    if on is None:
        raise DomainError(N_("请填写阶段日期。"), field="stage_on")
    if project and (stage, on) in known.told[project.id]:
        return None
    reason, loss = draft.values.get("stage_reason") or "", draft.values.get("loss_reason")
    move = Move(stage, on, reason, loss)
    since = project.stage_entered_on if project else first
    facts = SimpleNamespace(**vars(details), id=None, stage=stands, stage_entered_on=since)
    stood_at, evidence = stands, NOTHING
    if project:
        stood_at, evidence = known.stood_at[project.id], known.evidence[project.id]
    expect_movable(facts, move, stood_at, known.rules[on], evidence, by=known.by)
    return move


def _told(error: DomainError) -> Fault:
    if isinstance(error, GateNotMet):
        lacking = "、".join(one.label for one in error.missing)
        message = N_("进入“%(stage)s”还缺：%(lacking)s。")
        stage = error.values["stage"]
        return Fault("stage", DomainError(message, stage=stage, lacking=lacking))
    return records.fault_of(error, _COLUMNS)


def _compared(draft: Draft, project: Project, said: dict[str, Any], ready: _Ready) -> Verdict:
    """Before and after in the words of the columns."""
    links = {column: name for name, column in LINKS.items()}
    changes: dict[str, tuple[Any, Any]] = {}
    for column, value in said.items():
        was = getattr(project, column)
        if was == value:
            continue
        if name := links.get(column):
            there = getattr(project, name, None)
            changes[name] = (there.name if there else None, draft.values[name])
        else:
            changes[column] = (was, value)
    if ready.move:
        changes["stage"] = (project.stage, ready.move.to_stage)
    outcome = Outcome.UPDATE if changes else Outcome.UNCHANGED
    return Verdict(draft, outcome, project.id, project.version, changes, ready=ready)


def land(verdicts: Sequence[Verdict], by: User, _source: str) -> list[Landed]:
    landed = records.landed(
        verdicts,
        select(Project),
        create=lambda new: register_many([_row(ready, by) for ready in new], by=by),
        correct=lambda held: change_many([(one, ready.details) for one, ready in held], by=by),
    )
    ready = {verdict.draft.number: verdict.ready for verdict in verdicts}
    moves = {one.record_id: move for one in landed if (move := ready[one.number].move)}
    moved = _projects(sorted(moves)) if moves else {}
    steps = move_each([(moved[id_], move) for id_, move in sorted(moves.items())], by=by)
    made = {step.project_id: {"step": step.id} for step in steps}
    return [
        replace(one, version=moved[one.record_id].version, made=made[one.record_id])
        if one.record_id in moved
        else one
        for one in landed
    ]


def _row(ready: _Ready, by: User) -> ProjectRow:
    first = StageStep(Stage.LEAD, ready.first_reported_on, by_id=by.id)
    return ProjectRow(ready.details, (first,))


def _projects(ids: Sequence[int]) -> dict[int, Project]:
    query = select(Project).where(among(Project.id, ids)).order_by(Project.id)
    return {project.id: project for project in session.scalars(query)}


def revert(landed: Sequence[Landed], by: User) -> None:
    """Steps are taken back by further rows, as everywhere; facts are as before; new projects are archived."""
    there = records.untouched(select(Project), landed, subject="project", besides=_OWN)
    made = [one.made["step"] for one in landed if one.made]
    if made:
        query = select(StageChange).where(among(StageChange.id, made)).order_by(StageChange.id)
        steps = session.scalars(query.options(joinedload(StageChange.project))).all()
        undo_moves(steps, by=by, reason=N_("撤销导入"))
    _take_back_amounts(landed, by)
    action = "project.changed"
    records.put_back(landed, there, action, by=by, name_of=lambda project: project.name)
    link_rooms({project.id: (project.carrier_id, project.rooms) for project in there.values()})
    gone = records.made(landed, there)
    for project in gone:
        project.archived_at = clock.now()
        project.version += 1
        record("project.archived", project, by=by, reason=N_("撤销导入"))
    write_many(gone)


def _take_back_amounts(landed: Sequence[Landed], by: User) -> None:
    """An amount that the import said first is taken back from the day from which it was said; rows are only ever added."""
    said = {
        (one.record_id, figure)
        for one in landed
        for figure in Figure
        if f"{figure.value}_investment" in (one.before or {})
    }
    if not said:
        return
    query = select(Valuation).where(among(Valuation.project_id, sorted({id_ for id_, _ in said})))
    last: dict[tuple[int, Figure], Valuation] = {}
    for row in session.scalars(query.order_by(Valuation.valid_from, Valuation.id)):
        last[row.project_id, row.figure] = row
    taken_back = [
        {
            "project_id": row.project_id,
            "figure": row.figure,
            "amount": None,
            "valid_from": row.valid_from,
            "by_id": by.id,
            "note": N_("撤销导入"),
            "recorded_at": clock.now(),
        }
        for key, row in last.items()
        if key in said
    ]
    session.execute(insert(Valuation), taken_back)


PROJECTS = ImportKind(
    key="projects",
    label=N_("项目"),
    attributes=ATTRIBUTES,
    natural_key=N_("投资方 + 项目名称"),
    action=Action.PROJECTS_WRITE,
    check=check,
    land=land,
    revert=revert,
    page="/projects/",
    list_key="projects",
    note=N_(
        "阶段变更按看板同样的关口核对，缺项须先补齐，不能由导入放行。已有投资额的改动、到账和完成投资不由本表导入。撤销导入时，阶段变更撤回，新项目归档。"
    ),
    is_private=True,
)
