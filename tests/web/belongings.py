"""One record of every kind that belongs to a unit, each with a mark in all its texts: what the sweep tries to get at."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, event, select

from crm.accounts.models import AuthSession
from crm.audit.verification import VerificationState
from crm.carriers.models import Building
from crm.companies.duplicate_models import DuplicatePair, LikenessKey, Merge, PairState
from crm.companies.models import (
    Company,
    CompanyLink,
    Contact,
    EndReason,
    FormerName,
    LinkKind,
    MoveKind,
    ResidenceKind,
    ResidenceMove,
)
from crm.companies.names import name_key
from crm.core.attributes import MoneyUnit, Sort
from crm.core.db import Base, session, writing
from crm.declarations.models import DeclarationBatch, State
from crm.entry.models import (
    Decision,
    EntryErrand,
    EntryReview,
    EntryState,
)
from crm.evidence.kinds import KINDS
from crm.evidence.kinds.patents import PatentKind
from crm.evidence.models import CoHolder
from crm.files.models import Attachment, StoredFile
from crm.followup.models import (
    Answer,
    Instruction,
    LastContact,
    Request,
    RequestCategory,
    TaskOrigin,
)
from crm.imports.models import Import, ImportMapping, ImportRow
from crm.jobs.models import Job, JobState
from crm.ladder.models import Match, OfficialList, OfficialRow, QualificationKind, Revocation
from crm.lists.models import BulkChange, SavedView
from crm.milestones.models import Milestone, MilestoneDate, MilestoneKind, Problem
from crm.milestones.problems import ProblemDetails, ProblemRow, raise_many
from crm.milestones.services import MilestoneDetails, MilestoneRow, Slip, promise_many
from crm.operating.models import CollectionRound, RoundMember
from crm.people.models import Unit, User
from crm.people.roles import Role
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.progress.models import Cadence
from crm.progress.periods import period_of
from crm.progress.services import NoteRow, NoteTexts, write_many
from crm.projects.gate_models import ApprovalKind, ProjectApproval
from crm.projects.models import (
    PartnerRole,
    Project,
    ProjectPartner,
    ProjectRoom,
    Stage,
    StageChange,
    Valuation,
)
from crm.readiness.models import CriterionTick, Kind, Suggestion, SuggestionState
from crm.reports import dispatch
from crm.reports.services import issue
from crm.responsibility.models import (
    Expectation,
    IndicatorShare,
    ReportRound,
    RoundDue,
    StatedBy,
    StatedTarget,
)
from crm.supervision.models import JointUnit, StepKind, SupervisionEvent
from crm.supervision.models import State as OrderState
from crm.targets.models import (
    AnnualPlan,
    Chapter,
    Indicator,
    IndicatorMention,
    PlanMilestone,
    PlanTask,
    ProgressReport,
)
from tests import factories

DAY = date(2020, 9, 7)
NOBODYS = frozenset(
    {
        # the park's own tables, which everybody's records stand in
        "units", "settings", "calendar_days", "entrant_rules", "above_scale_rules", "entry_checklists", "annual_plans",
        "chapters", "plan_tasks", "indicator_mentions", "qualification_labels", "declaration_batches", "currency_rates",
        "gate_versions", "plan_drafts", "plan_draft_entries", "snapshots", "snapshot_figures", "snapshot_milestones",
        "task_duties", "task_joint_units", "report_rounds", "supervision_bulletins",
        # of persons, not of units; no page of the sweep's readers shows them
        "audit_entries", "auth_sessions", "login_attempts", "job_workers",
    }
)  # fmt: skip

Rows = dict[str, dict[Any, tuple[Any, ...]]]


@dataclass(frozen=True)
class Belongings:
    """What belongs to one unit: for each parameter of an address its values; all of it, as (table, key)."""

    unit: Unit
    staff: User
    values: dict[str, tuple[Any, ...]]
    rows: frozenset[tuple[str, Any]]


def stored() -> Rows:
    """Every row of every table, by its key."""
    session.rollback()
    session.expire_all()
    return {table.name: dict(_rows_of(table)) for table in Base.metadata.sorted_tables}


READING = ("SELECT", "WITH", "PRAGMA", "SET", "SAVEPOINT", "RELEASE", "BEGIN")
WRITTEN = re.compile(r'(?:INSERT INTO|UPDATE) "?(\w+)')


class Stored:
    """The same; of a table only when a statement has changed it since, or deleted anything: that may lead on to others."""

    def __init__(self) -> None:
        self._rows: Rows = {}
        self._old = set(Base.metadata.tables)
        event.listen(session.get_bind(), "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if written := WRITTEN.match(statement):
            self._old.add(written[1])
        elif not statement.startswith(READING):
            self._old.update(Base.metadata.tables)

    def rows(self) -> Rows:
        if self._old:
            session.rollback()
            session.expire_all()
            tables = Base.metadata.tables
            read = {name: dict(_rows_of(tables[name])) for name in self._old & tables.keys()}
            self._rows = self._rows | read
            self._old = set()
        return self._rows

    def close(self) -> None:
        event.remove(session.get_bind(), "before_cursor_execute", self._note)


def _rows_of(table: Table) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    keys = [column.name for column in table.primary_key]
    for row in session.execute(select(table)):
        key = tuple(row._mapping[name] for name in keys)
        yield key[0] if len(key) == 1 else key, tuple(row)


def make_plan(*units: Unit) -> dict[int, tuple[Indicator, PlanMilestone]]:
    """A plan with a hand-reported target and a milestone for each of the units, and a month's round of reporting."""
    plan = factories._add(AnnualPlan(year=2020, name="2020年工作要点"))
    chapter = factories._add(Chapter(plan_id=plan.id, position=1, number="一", name="培育企业"))
    task = factories._add(PlanTask(chapter_id=chapter.id, number=1, name="培育企业"))
    dates = {"starts_on": date(2020, 1, 1), "due_on": date(2020, 12, 31)}
    made = {}
    for number, unit in enumerate(units, 1):
        target = Indicator(
            plan_id=plan.id, code=f"T{number:02d}", name=f"指标{number}", kind="reported", comparator=">=",
            target=Decimal(9), unit_word="家", unit_id=unit.id, **dates,
        )  # fmt: skip
        milestone = PlanMilestone(
            plan_id=plan.id, code=f"M{number}", name=f"节点{number}", event="完成", not_before=dates["starts_on"],
            due_on=dates["due_on"], unit_id=unit.id, task_id=task.id,
        )  # fmt: skip
        target.mentions = [IndicatorMention(task_id=task.id, code=target.code)]
        made[unit.id] = factories._add(target), factories._add(milestone)
    factories._add(
        ReportRound(plan_id=plan.id, ends_on=DAY, data_due_on=DAY, report_due_on=DAY, opened_on=DAY)
    )
    return made


def make_people(unit: Unit, park: Unit) -> tuple[User, User]:
    """A unit's clerk and the leader who gives it instructions."""
    staff = factories.make_user(Role.INCUBATOR_STAFF, unit=unit)
    return staff, factories.make_user(Role.LEADER, unit=park)


def make_belongings(
    unit: Unit,
    park: Unit,
    plan: dict[int, tuple[Indicator, PlanMilestone]],
    mark: str,
    people: tuple[User, User] | None = None,
) -> Belongings:
    """One of everything for a unit, with `mark` in each text that somebody wrote."""
    staff, leader = people or make_people(unit, park)
    before = stored()
    values = (
        _firms(unit, staff, mark)
        | _space(unit, mark)
        | _entries(unit, staff, mark)
        | _lists(staff, mark)
        | _jobs(staff, mark)
    )
    firm = session.get_one(Company, values["company_id"][0])
    _let(firm, values, mark)
    values |= _rounds(unit, firm)
    values |= _proofs(firm, mark) | _targets(plan[unit.id], staff, mark)
    values |= _declared(firm, staff, mark) | _answers_for(plan[unit.id][0], staff, mark)
    values |= _evidence(firm, staff, mark)
    project = factories.make_project(
        unit, f"项目{mark}", (Stage.LEAD, DAY), owner=staff, investor=f"投资方{mark}", summary=mark,
        next_action=mark, next_action_on=DAY, contact=mark, builder_id=firm.id, expected_investment=Decimal(7),
        became_id=firm.id, became_on=DAY, rooms=mark, plot=mark,
    )  # fmt: skip
    factories._add(ProjectRoom(project_id=project.id, room_id=values["room_id"][0]))
    values |= _money(project, staff, mark) | _pipeline(project, staff, mark)
    values |= _followups(firm, project, plan[unit.id][0], staff, leader, mark)
    values |= _underway(project, unit, leader, mark)
    values |= _supervised(plan[unit.id][0], staff, values["instruction_id"][0], mark)
    values |= {
        "project_id": (project.id,),
        "carrier_id": (unit.id,),
        "unit_id": (unit.id,),
        "user_id": (staff.id,),
        "record_id of companies": values["company_id"],
        "record_id of company": values["company_id"],
        "record_id of projects": (project.id,),
        "record_id of targets": (plan[unit.id][0].id,),
        "code": tuple(thing.code for thing in plan[unit.id]),
        "key of session": (_session_of(staff),),
    }
    made = {(table, key) for table, rows in stored().items() for key in rows.keys() - before[table]}
    made |= {(one.__tablename__, one.id) for one in (*plan[unit.id], staff, leader)}
    return Belongings(unit, staff, values, frozenset(made))


def _firms(unit: Unit, staff: User, mark: str) -> dict[str, tuple[Any, ...]]:
    texts = {
        "legal_representative": mark, "registered_address": mark, "business_scope": mark, "focus_note": mark,
        "is_safety_focus": True,
    }  # fmt: skip
    firm = factories.make_company(
        unit, f"常州{mark}科技有限公司", staff_contact_id=staff.id, established_on=DAY,
        registered_capital=Decimal(1_000_000), **texts,
    )  # fmt: skip
    child = factories.make_company(unit, f"江苏{mark}贸易有限公司", **texts)
    archived = factories.make_company(
        unit, f"无锡{mark}停业有限公司", archived_at=datetime(2020, 9, 1, tzinfo=UTC), archive_reason=mark,
    )  # fmt: skip
    stays = []
    for one in (firm, child, archived):
        move = factories._add(
            ResidenceMove(
                company_id=one.id, kind=MoveKind.MOVED_IN, happened_on=DAY, note=mark, made_by_id=staff.id,
                unit_before_id=unit.id,
            )
        )  # fmt: skip
        stays.append(
            factories.make_residence(
                one, unit, DAY, agreement_number=mark, rooms=mark, begun_with_id=move.id
            )
        )
    incubated = factories.make_residence(
        firm, unit, DAY, date(2020, 9, 21), kind=ResidenceKind.INCUBATED, is_counted=False,
        agreement_number=mark, rooms=mark, reason=EndReason.GRADUATED,
    )  # fmt: skip
    former = f"苏州{mark}旧名有限公司"
    factories._add(
        FormerName(
            company_id=firm.id, name=former, name_key=name_key(former), until_on=DAY, reason=mark
        )
    )
    contact = factories._add(
        Contact(
            company_id=firm.id, name=mark, position=mark, phone="13812345678", email=f"{mark[:3]}@example.com",
            id_number="320402199001010015", is_primary=True,
        )
    )  # fmt: skip
    pair = factories._add(
        DuplicatePair(
            lower_id=firm.id, higher_id=child.id, reasons=frozenset(), score=90, seen="",
            state=PairState.OPEN,
        )
    )  # fmt: skip
    factories._add(LikenessKey(key=firm.id, company_id=firm.id))
    tombstone = factories.make_company(
        unit, f"常州{mark}重复有限公司", archived_at=datetime(2020, 9, 1, tzinfo=UTC), archive_reason=mark,
        merged_into_id=firm.id,
    )  # fmt: skip
    written = (
        f'{{"rows": [["companies", {{"id": {firm.id}}}, {{}}, {{}}]], "added": [], "marks": {{}}}}'
    )
    merge = factories._add(Merge(winner_id=firm.id, loser_id=tombstone.id, written=written))
    link = factories._add(
        CompanyLink(parent_id=firm.id, child_id=child.id, kind=LinkKind.CONTROLS, from_on=DAY)
    )
    return {
        "company_id": (firm.id, archived.id),
        "pair_id": (pair.id,),
        "merge_id": (merge.id,),
        "contact_id": (contact.id,),
        "link_id": (link.id,),
        "residence_id": (stays[0].id, incubated.id),
    }


def _space(unit: Unit, mark: str) -> dict[str, tuple[Any, ...]]:
    building = factories._add(Building(carrier_id=unit.id, name=f"{mark}楼", address=mark))
    room = factories.make_room(unit, f"{mark}1")
    closed = factories.make_room(unit, f"{mark}2", closed_on=date(2020, 9, 1))
    return {"building_id": (building.id,), "room_id": (room.id, closed.id)}


def _jobs(staff: User, mark: str) -> dict[str, tuple[Any, ...]]:
    """One that waits and one that failed."""
    usual = {
        "kind": "list.export",
        "payload": "{}",
        "title": f"导出{mark}",
        "requested_by_id": staff.id,
    }
    waiting = factories._add(Job(**usual))
    failed = factories._add(Job(**usual, state=JobState.FAILED, error=mark))
    return {"job_id": (waiting.id, failed.id)}


def _let(firm: Company, values: dict[str, tuple[Any, ...]], mark: str) -> None:
    room = session.get_one(factories.Room, values["room_id"][0])
    let = factories.make_let(room, firm, DAY, date(2020, 10, 20), rent_note=mark)
    values["let_id"] = (let.id,)


def _entries(unit: Unit, staff: User, mark: str) -> dict[str, tuple[Any, ...]]:
    """An application in each state, with all that may hang on it."""
    numbers, materials, errands = [], [], []
    for state in EntryState:
        made = factories.make_application(
            unit, f"申请{mark}{state.value}", state, owner=staff, received_by_id=staff.id, space_wish=mark,
            business_plan=mark, contact_name=mark, contact_position=mark, agreement_number=mark, rooms=mark,
            due_on=DAY, clock_from_on=DAY, days_allowed=1,
        )  # fmt: skip
        with writing():
            made = session.merge(made)
            made.steps[0].opinion = made.steps[0].missing = mark
            for material in made.materials:
                material.name, material.kept_at, material.note = f"材料{mark}", mark, mark
                materials.append(material)
            made.reviews = [
                EntryReview(reviewed_on=DAY, people=mark, opinion=mark, decision=Decision.AGREED)
            ]
            errand = EntryErrand(position=1, name=f"代办{mark}", note=mark)
            made.errands = [errand]
        numbers.append(made.id)
        errands.append(errand)
    return {
        "application_id": tuple(numbers),
        "material_id": (materials[0].id,),
        "errand_id": (errands[0].id,),
    }


def _proofs(firm: Company, mark: str) -> dict[str, tuple[Any, ...]]:
    proof = factories.make_qualification(
        firm, QualificationKind.HIGH_TECH, DAY, date(2020, 12, 31), number=mark, name_on_it=mark, authority=mark,
        batch=mark, source=mark, valid_to=date(2020, 12, 30),
    )  # fmt: skip
    waiting = factories.make_qualification(
        firm, QualificationKind.ABOVE_SCALE, DAY, number=mark, source=mark, review_note=mark,
        state=VerificationState.PENDING,
    )  # fmt: skip
    end = factories._add(
        Revocation(
            qualification_id=proof.id, revoked_on=DAY, reason=mark, source=mark, review_note=mark
        )
    )
    report = factories.make_operating_report(
        firm,
        2020,
        8,
        date(2020, 8, 31),
        revenue=Decimal(3_000_000),
        state=VerificationState.PENDING,
        source=f"{mark}.xlsx",
    )
    published = factories._add(
        OfficialList(
            key=mark, unit_id=firm.unit_id, kind=QualificationKind.HIGH_TECH, name=mark, authority=mark, batch=mark,
            issued_on=DAY,
        )
    )  # fmt: skip
    for company_id in (firm.id, None):
        factories._add(
            OfficialRow(
                list_id=published.id, position=1, name=mark, number=mark, company_id=company_id,
                match=Match.NAME if company_id else Match.NONE,
            )
        )  # fmt: skip
    file = factories._add(
        StoredFile(sha256=f"{proof.id:064x}", size=1, media_type="application/pdf")
    )
    attached = [
        factories._add(
            Attachment(
                subject_type=kind, subject_id=number, file_id=file.id, name=f"{mark}.pdf", note=mark
            )
        ).id
        for kind, number in (("qualification", proof.id), ("official_list", published.id))
    ]
    plan = factories.make_cultivation(firm, measures=mark, note=mark)
    return {
        "qualification_id": (proof.id, waiting.id),
        "report_id of operating": (report.id,),
        "revocation_id": (end.id,),
        "list_id": (published.id,),
        "attachment_id": tuple(attached),
        "record_id of qualification": (proof.id,),
        "record_id of official_list": (published.id,),
        "cultivation_id": (plan.id,),
    }


def _rounds(unit: Unit, firm: Company) -> dict[str, tuple[Any, ...]]:
    dates = {"opened_on": DAY, "due_on": date(2020, 10, 15)}
    one = factories._add(
        CollectionRound(
            unit_id=unit.id, year=2020, through_month=8, money_unit=MoneyUnit.WAN, **dates
        )
    )
    factories._add(RoundMember(round_id=one.id, company_id=firm.id, carrier_id=unit.id))
    return {"round_id": (one.id,)}


def _declared(firm: Company, staff: User, mark: str) -> dict[str, tuple[Any, ...]]:
    """The firm in one batch, a person in another, and what people said of the firm's suggestions."""
    batch, talents = session.scalars(select(DeclarationBatch)).all() or (
        factories.make_batch(number="第一批"),
        factories.make_batch(kind=None, number="第一批"),
    )
    declared = factories.make_declaration(batch, firm, state_on=DAY, level=mark)
    person = factories.make_declaration(
        talents, None, State.PUBLICISED, DAY, applicant=mark, unit_id=firm.unit_id
    )
    said = {"company_id": firm.id, "by_id": staff.id}
    factories._add(
        Suggestion(
            kind=Kind.ABOVE_SCALE, year=2020, state=SuggestionState.DISMISSED, reason=mark, figures="", decided_on=DAY, **said
        )
    )  # fmt: skip
    factories._add(CriterionTick(criterion="own_ip", is_met=True, note=mark, ticked_on=DAY, **said))
    return {
        "declaration_id": (declared.id, person.id),
    }


def _pipeline(project: Project, staff: User, mark: str) -> dict[str, tuple[Any, ...]]:
    """Its steps, one of them corrected, and an item of its list of approvals, both with a paper."""
    wrong = factories._add(
        StageChange(
            project_id=project.id, from_stage=Stage.LEAD, to_stage=Stage.LOST, effective_on=date(2020, 9, 8), note=mark,
            by_id=staff.id, is_counted=False,
        )
    )  # fmt: skip
    taken_back = factories._add(
        StageChange(
            project_id=project.id, from_stage=Stage.LEAD, to_stage=Stage.LOST, effective_on=date(2020, 9, 8), note=mark,
            by_id=staff.id, is_counted=False, is_withdrawal=True, corrects_id=wrong.id, correction=mark,
        )
    )  # fmt: skip
    item = factories._add(
        ProjectApproval(
            project_id=project.id, kind=ApprovalKind.OTHER, name=mark, due_on=DAY, number=mark, note=mark,
            recorded_by_id=staff.id,
        )
    )  # fmt: skip
    file = factories._add(
        StoredFile(sha256=f"{project.id + 500_000:064x}", size=1, media_type="application/pdf")
    )
    for kind, number in (("project_approval", item.id), ("project.site_photo", project.id)):
        factories._add(
            Attachment(
                subject_type=kind, subject_id=number, file_id=file.id, name=f"{mark}.pdf", note=mark
            )
        )
    first = session.scalars(
        select(StageChange.id).where(StageChange.project_id == project.id)
    ).first()
    return {
        "step_id": (first, taken_back.id),
        "approval_id": (item.id,),
        "record_id of project_approval": (item.id,),
        "record_id of project.site_photo": (project.id,),
    }


def _evidence(firm: Company, staff: User, mark: str) -> dict[str, tuple[Any, ...]]:
    """A record in each register, one of them archived, with all the texts that its kind has."""
    values: dict[str, tuple[Any, ...]] = {}
    for key, kind in KINDS.items():
        made = []
        for number in (1, 2):
            texts = {
                one.name: f"{mark}{number}"
                for one in kind.stored
                if one.sort in (Sort.TEXT, Sort.LINES, Sort.COMPANY, Sort.CODE)
            }
            others = {
                one.name: next(iter(one.choices)) if one.choices else _PLAIN[one.sort]
                for one in kind.stored
                if one.name not in texts and one.is_required
            }
            if key == "patents":
                others["kind"] = PatentKind.INVENTION
            archived_at = datetime(2020, 9, 1, tzinfo=UTC) if number == 2 else None
            record = kind.model(
                **texts, **others, company_id=firm.id, unit_id=firm.unit_id, counted_unit_id=firm.unit_id,
                natural_key=f"{mark}{number}", reported_by_id=staff.id, review_note=mark, archived_at=archived_at,
            )  # fmt: skip
            made.append(factories._add(record).id)
        values[f"evidence_id of {key}"] = tuple(made)
        values[f"record_id of {key}"] = tuple(made)
        if kind.is_shared:
            factories._add(CoHolder(kind=key, record_id=made[0], company_id=firm.id))
    return values


_PLAIN = {Sort.DATE: DAY, Sort.MONEY: Decimal(7), Sort.NUMBER: 2020}


def _targets(
    things: tuple[Indicator, PlanMilestone], staff: User, mark: str
) -> dict[str, tuple[Any, ...]]:
    target, milestone = things
    common = {
        "as_of_on": DAY, "value": Decimal(1), "note": mark, "reported_by_id": staff.id, "review_note": mark
    }  # fmt: skip
    figure = factories._add(ProgressReport(indicator_id=target.id, **common))
    reached = factories._add(ProgressReport(milestone_id=milestone.id, **common))
    return {"report_id of targets": (figure.id, reached.id)}


def make_sealed(
    side: Belongings, owner: User, leader: User, mark: str
) -> tuple[dict[str, tuple[Any, ...]], PlanMilestone]:
    """A sealed (保密) project of the unit with all that hangs on it, each text with the mark, by what addresses name; and
    the unit's milestone, which it may come to prove."""
    firm = side.values["company_id"][0]
    project = factories.make_project(
        side.unit, f"项目{mark}", (Stage.LEAD, DAY), (Stage.SIGNED, DAY), owner=owner, investor=f"投资方{mark}",
        summary=mark, next_action=mark, next_action_on=DAY, contact=mark, builder_id=firm, became_id=firm,
        became_on=DAY, expected_investment=Decimal(7), agreed_investment=Decimal(9), is_sealed=True,
    )  # fmt: skip
    about = _about(("project", project), owner, leader, mark)
    values = _money(project, owner, mark) | {name: (number,) for name, number in about.items()}
    values |= {"project_id": (project.id,), "record_id of projects": (project.id,)}
    of_unit = select(PlanMilestone).where(PlanMilestone.unit_id == side.unit.id)
    return values, session.scalars(of_unit).one()


def _money(project: Project, staff: User, mark: str) -> dict[str, tuple[Any, ...]]:
    partner = factories._add(
        ProjectPartner(project_id=project.id, name=mark, role=PartnerRole.FUND, share=Decimal(1))
    )
    waiting = factories.make_payment(
        project, DAY, 3, voucher=mark, state=VerificationState.PENDING, reported_by_id=staff.id
    )
    gone = factories.make_payment(
        project, DAY, 4, voucher=mark, withdrawn_on=DAY, withdrawal_reason=mark
    )
    factories.make_plan_of(project, 2020, 100)
    works = factories.make_works_report(project, date(2020, 8, 1), 50, note=mark)
    said = session.scalar(select(Valuation.id).where(Valuation.project_id == project.id).limit(1))
    return {
        "partner_id": (partner.id,),
        "payment_id": (waiting.id, gone.id),
        "record_id of project": (project.id,),
        "record_id of valuation": (said,),
        "record_id of paid_in_fund": (waiting.id,),
        "record_id of works_report": (works.id,),
    }


def _answers_for(target: Indicator, staff: User, mark: str) -> dict[str, tuple[Any, ...]]:
    """The unit's share of its target, what others ask of it, what it expects of the year and owes in the round."""
    one = {"indicator_id": target.id}
    factories._add(IndicatorShare(unit_id=target.unit_id, value=Decimal(9), **one))
    factories._add(StatedTarget(stated_by=StatedBy.CITY, value=Decimal(9), source=mark, **one))
    expected = factories._add(
        Expectation(value=Decimal(9), note=mark, declared_on=DAY, declared_by_id=staff.id, **one)
    )
    found = session.scalars(select(ReportRound.id)).one()
    factories._add(RoundDue(round_id=found, unit_id=target.unit_id, **one))
    return {"expectation_id": (expected.id,)}


def _lists(staff: User, mark: str) -> dict[str, tuple[Any, ...]]:
    view = factories._add(
        SavedView(list_key="companies", name=f"视图{mark}", owner_id=staff.id, state=f"q={mark}")
    )
    change = factories._add(
        BulkChange(
            list_key="companies", by_id=staff.id, given='{"industry_code": "I65"}', count=1, before="[]"
        )
    )  # fmt: skip
    sheet = factories._add(
        StoredFile(sha256=f"{staff.id + 900_000:064x}", size=1, media_type="application/pdf")
    )
    come = factories._add(
        Import(
            kind="companies", name=f"表{mark}.xlsx", source=mark, file_id=sheet.id, token=f"token{staff.id}",
            requested_by_id=staff.id, headings=json.dumps([f"企业名称{mark}"]), rows=1,
        )
    )  # fmt: skip
    factories._add(ImportRow(import_id=come.id, number=2, cells=json.dumps([mark])))
    factories._add(
        ImportMapping(kind="companies", head=bytes([staff.id % 256]) * 32, mapping="{}", user_id=staff.id)
    )  # fmt: skip
    return {"view_id": (view.id,), "change_id": (change.id,), "import_id": (come.id,)}


def _followups(
    firm: Company, project: Any, target: Indicator, staff: User, leader: User, mark: str
) -> dict[str, tuple[Any, ...]]:
    """About the firm, the project and the target: an activity, a task, an instruction; of the firm a request as well."""
    found: dict[str, list[int]] = {"activity_id": [], "task_id": [], "instruction_id": []}
    for subject in (("company", firm), ("project", project), ("target", target)):
        for name, number in _about(subject, staff, leader, mark).items():
            found[name].append(number)
    factories._add(LastContact(subject_type="company", subject_id=firm.id, last_on=DAY))
    by_itself = factories.make_task(staff, DAY, f"自己的{mark}")
    asked = factories._add(
        Request(
            subject_type="company", subject_id=firm.id, unit_id=staff.unit_id, received_on=DAY, from_whom=mark,
            category=RequestCategory.POLICY, text=f"诉求{mark}",
            task_id=factories.make_task(
                staff, DAY, mark, origin=TaskOrigin.REQUEST, subject_type="company", subject_id=firm.id
            ).id,
        )
    )  # fmt: skip
    factories._add(
        Answer(
            origin=TaskOrigin.REQUEST, origin_id=asked.id, text=mark, answered_on=DAY, remark=mark
        )
    )
    found["task_id"].append(by_itself.id)
    return {"request_id": (asked.id,), **{name: tuple(ids) for name, ids in found.items()}}


def _about(subject: tuple[str, Any], staff: User, leader: User, mark: str) -> dict[str, int]:
    """An activity, a task and an instruction about one record."""
    about = {"subject_type": subject[0], "subject_id": subject[1].id}
    activity = factories._add(
        factories.Activity(
            kind=factories.ActivityKind.VISIT, happened_on=DAY, by_id=staff.id, companions=mark,
            people_met=mark, summary=mark, unit_id=staff.unit_id, **about,
        )
    )  # fmt: skip
    task = factories.make_task(staff, DAY, f"待办{mark}", **about)
    task_of_it = factories.make_task(staff, DAY, mark, origin=TaskOrigin.INSTRUCTION, **about)
    order = factories._add(
        Instruction(
            leader_id=leader.id, entered_by_id=leader.id, given_on=DAY, text=f"批示{mark}", scan=mark,
            unit_id=staff.unit_id, task_id=task_of_it.id, **about,
        )
    )  # fmt: skip
    factories._add(
        Answer(
            origin=TaskOrigin.INSTRUCTION, origin_id=order.id, text=mark, answered_on=DAY, remark=mark
        )
    )  # fmt: skip
    return {"activity_id": activity.id, "task_id": task.id, "instruction_id": order.id}


def _underway(project: Any, unit: Unit, leader: User, mark: str) -> dict[str, tuple[Any, ...]]:
    """What the project has promised, met with and reported; and a report about the unit that went out."""
    details = MilestoneDetails(MilestoneKind.OTHER, DAY, name=f"节点{mark}")
    row = MilestoneRow(project.id, details, DAY, (Slip(MilestoneDate.FORECAST, DAY, DAY, mark),))
    met = ProblemDetails(mark, unit.id, DAY)
    september = period_of(Cadence.MONTH, DAY)
    note = NoteRow(project.id, september, NoteTexts(mark, mark, mark, mark), DAY)
    with writing():
        promise_many([row], by=leader)
        raise_many([ProblemRow(project.id, met, DAY, escalated_on=DAY, asked=mark)], by=leader)
        write_many([note], by=leader)
    with writing():
        report = dispatch.build(WHOLE_PARK_SCOPE.within(unit), september.starts_on)
        issued = issue(report, unit, f"调度{mark}", by=leader)
    milestone = session.scalars(
        select(Milestone.id).where(Milestone.project_id == project.id)
    ).one()
    problem = session.scalars(select(Problem.id).where(Problem.project_id == project.id)).one()
    return {
        "milestone_id": (milestone,),
        "record_id of milestone": (milestone,),
        "problem_id": (problem,),
        "issued_id": (issued.id,),
    }


def _supervised(
    target: Indicator, staff: User, instruction_id: int, mark: str
) -> dict[str, tuple[Any, ...]]:
    """An order that the unit leads and joins, with an answer."""
    order = factories.make_order(
        staff.unit_id, f"督办{mark}", indicator_id=target.id, instruction_id=instruction_id,
        requirement=mark, basis=mark, state=OrderState.HANDLING,
    )  # fmt: skip
    factories._add(JointUnit(order_id=order.id, unit_id=staff.unit_id))
    event = factories._add(
        SupervisionEvent(
            order_id=order.id, kind=StepKind.ANSWERED, from_state=OrderState.HANDLING,
            to_state=OrderState.HANDLING, happened_on=DAY, by_id=staff.id, text=mark, cause=mark, measures=mark,
        )
    )  # fmt: skip
    return {
        "order_id": (order.id,),
        "event_id": (event.id,),
        "record_id of supervision_order": (order.id,),
        "record_id of instructions": (instruction_id,),
        "record_id of plan-tasks": (
            987_654,
        ),  # a task of the plan is everybody's: one that is not there
    }


def _session_of(staff: User) -> str:
    """A signed-in browser of this person."""
    hashed = f"{staff.id:064x}"
    factories._add(AuthSession(token_hash=hashed, user_id=staff.id))
    return hashed
