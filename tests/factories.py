"""One maker for each model, with sensible defaults; each commits, in a write transaction of its own or in that which is open.

Inside `with writing():` of a test use the services themselves.
"""

import itertools
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from crm.accounts.models import AuthSession
from crm.accounts.services import token_hash
from crm.audit.verification import VerificationState
from crm.carriers.models import Building, Let, Room
from crm.companies.models import Company, CompanyKind, Residence, ResidenceKind
from crm.core.db import is_writing, session, writing
from crm.core.identifiers import uscc_check_character
from crm.cultivation.models import Cultivation
from crm.declarations.models import (
    Category,
    Declaration,
    DeclarationBatch,
    DeclarationStep,
    State,
)
from crm.entry.models import (
    EntrantKind,
    EntryApplication,
    EntryMaterial,
    EntryState,
    EntryStep,
    MaterialForm,
)
from crm.followup.models import Activity, ActivityKind, Task
from crm.investments.models import FundSource, InvestmentPlan, PaidInFund, WorksReport
from crm.ladder.models import (
    Level,
    Qualification,
    QualificationKind,
    QualificationLabel,
    Validity,
)
from crm.ladder.rungs import Rung
from crm.operating.models import OperatingReport
from crm.people.models import Unit, UnitKind, User
from crm.people.roles import Right, Role
from crm.projects.journeys import first_days
from crm.projects.models import (
    Figure,
    Origin,
    Project,
    ProjectKind,
    Purpose,
    Stage,
    StageChange,
    Valuation,
)
from crm.supervision.models import Source as OrderSource
from crm.supervision.models import State as OrderState
from crm.supervision.models import SupervisionOrder

_numbers = itertools.count(1)


def _add(record: Any) -> Any:
    with _writing():
        session.add(record)
    return record


@contextmanager
def _writing() -> Iterator[None]:
    if is_writing():
        yield
    else:
        with writing():
            yield


def make_uscc(number: int | None = None) -> str:
    """A valid code of an invented firm in Changzhou (320412); one that a test numbers itself never meets a counted one."""
    first = f"91320412MB{next(_numbers):07d}" if number is None else f"91320412MA{number:07d}"
    return first + uscc_check_character(first)


def make_unit(name: str = "", parent: Unit | None = None, **values: Any) -> Unit:
    number = next(_numbers)
    values = {"name": name or f"第{number}载体", "code": f"unit{number}", **values}
    return make_units(parent, values)[0]


def make_units(parent: Unit | None, *rows: dict[str, Any]) -> Sequence[Unit]:
    """Units of one parent, in one statement; each row of the same columns."""
    with _writing():
        parent = session.get(Unit, parent.id) if parent else None
        way = {"parent_id": parent.id if parent else None, "path": ""}
        new = insert(Unit).returning(Unit, sort_by_parameter_order=True)
        units = session.scalars(
            new, [{"kind": UnitKind.CARRIER, **way, **row} for row in rows]
        ).all()
        for unit in units:
            unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    return units


def make_user(*roles: Role, unit: Unit, rights: tuple[Right, ...] = (), **values: Any) -> User:
    number = next(_numbers)
    values = {"username": f"user{number}", "name": f"用户{number}", "password_hash": "!", **values}
    return _add(User(unit_id=unit.id, roles=frozenset(roles), rights=frozenset(rights), **values))


def make_company(unit: Unit, name: str = "", **values: Any) -> Company:
    """A firm in the register, without a residence."""
    from crm.companies.names import name_key, search_text

    number = next(_numbers)
    name = name or f"常州甲{number}科技有限公司"
    uscc = values.pop("uscc") if "uscc" in values else make_uscc()
    values = {"kind": CompanyKind.ENTERPRISE, "industry_code": "I65", **values}
    return _add(
        Company(
            name=name,
            name_key=name_key(name),
            search_text=search_text(name, uscc),
            uscc=uscc,
            unit_id=unit.id,
            **values,
        )
    )


def make_residence(
    company: Company, carrier: Unit, from_on: date, to_on: date | None = None, **values: Any
) -> Residence:
    values = {
        "kind": ResidenceKind.REGISTERED,
        "agreement_on": from_on,
        "agreement_number": "协议1",
        **values,
    }
    return _add(
        Residence(
            company_id=company.id, carrier_id=carrier.id, from_on=from_on, to_on=to_on, **values
        )
    )


def make_room(carrier: Unit, number: str = "", area: int = 100, **values: Any) -> Room:
    """A room in the carrier's building A座, which is made with the first of them."""
    with writing():
        query = select(Building).where(Building.carrier_id == carrier.id)
        building = session.scalar(query) or Building(carrier_id=carrier.id, name="A座")
        session.add(building)
        session.flush()
        number = number or str(next(_numbers))
        room = Room(building_id=building.id, number=number, area=Decimal(area), **values)
        session.add(room)
    return room


def make_let(
    room: Room, company: Company, from_on: date, to_on: date | None = None, **values: Any
) -> Let:
    values = {"area": Decimal(50), "agreed_to_on": to_on, **values}
    return _add(Let(room_id=room.id, company_id=company.id, from_on=from_on, to_on=to_on, **values))


def make_qualification(
    company: Company,
    kind: QualificationKind,
    counts_from: date,
    counts_to: date | None = None,
    **values: Any,
) -> Qualification:
    values = {
        "number": f"GR{next(_numbers):012d}", "issued_on": counts_from, "state": VerificationState.VERIFIED, **values
    }  # fmt: skip
    return _add(
        Qualification(
            company_id=company.id, kind=kind, counts_from=counts_from, counts_to=counts_to, **values
        )
    )


def make_label(name: str = "", validity: Validity = Validity.YEARS, **values: Any) -> Any:
    values = {
        "level": Level.PROVINCIAL,
        "years": 3 if validity == Validity.YEARS else None,
        **values,
    }
    name = name or f"资质{next(_numbers)}"
    return _add(QualificationLabel(name=name, validity=validity, **values))


def make_cultivation(company: Company, **values: Any) -> Cultivation:
    """In the library of high-tech firms, for 2020."""
    usual = {
        "target_rung": Rung.HIGH_TECH, "target_year": 2020, "entered_on": date(2020, 3, 2),
    }  # fmt: skip
    return _add(Cultivation(company_id=company.id, **usual | values))


def make_operating_report(
    company: Company, year: int, through_month: int, period_end_on: date, **values: Any
) -> OperatingReport:
    values = {"state": VerificationState.VERIFIED, **values}
    return _add(
        OperatingReport(
            company_id=company.id,
            year=year,
            through_month=through_month,
            period_end_on=period_end_on,
            **values,
        )
    )


def make_batch(due_on: date = date(2020, 10, 16), **values: Any) -> DeclarationBatch:
    """A round of 高企 of 2020, unless it is said to be another."""
    kind = values.setdefault("kind", QualificationKind.HIGH_TECH)
    number = f"第{next(_numbers)}批"
    values = {"year": 2020, "number": number, "programme": kind or "计划", **values}
    values.setdefault("category", Category.ENTERPRISE if kind else Category.TALENT)
    return _add(DeclarationBatch(due_on=due_on, **values))


def make_declaration(
    batch: DeclarationBatch,
    company: Company | None,
    state: State = State.SURVEYED,
    state_on: date = date(2020, 9, 1),
    **values: Any,
) -> Declaration:
    """A declaration with a single step into its state."""
    unit_id = values.pop("unit_id", company.unit_id if company else None)
    made = _add(
        Declaration(
            batch_id=batch.id,
            company_id=company.id if company else None,
            unit_id=unit_id,
            state=state,
            state_on=state_on,
            **values,
        )
    )
    _add(DeclarationStep(declaration_id=made.id, to_state=state, effective_on=state_on))
    return made


def make_project(
    unit: Unit,
    name: str = "",
    *stages: tuple[Stage, date],
    owner: User | None = None,
    **values: Any,
) -> Project:
    """A project that went through `stages`, (stage, day) in order; by default one lead of 2020-03-05."""
    from crm.companies.names import name_key

    stages = stages or ((Stage.LEAD, date(2020, 3, 5)),)
    number = next(_numbers)
    values = {
        "kind": ProjectKind.CONSTRUCTION, "origin": Origin.DOMESTIC, "purpose": Purpose.RESEARCH,
        "investor": f"投资方{number}", "first_reported_on": stages[0][1], **values,
    }  # fmt: skip
    name = name or f"项目{number}"
    keys = {"name_key": name_key(name), "investor_key": name_key(values["investor"])}
    with writing():
        project = Project(
            name=name, search_text=name, **keys, unit_id=unit.id, owner_id=owner.id if owner else None,
            stage=stages[-1][0], stage_entered_on=stages[-1][1], came_on=first_days(stages), **values,
        )  # fmt: skip
        session.add(project)
        session.flush()
        before = None
        for stage, day in stages:
            session.add(
                StageChange(
                    project_id=project.id, from_stage=before, to_stage=stage, effective_on=day
                )
            )
            before = stage
        for figure in Figure:
            if (amount := values.get(f"{figure.value}_investment")) is not None:
                session.add(
                    Valuation(
                        project_id=project.id, figure=figure, amount=amount, valid_from=stages[0][1]
                    )
                )
    return project


def make_plan_of(project: Project, year: int, wan: int, **values: Any) -> InvestmentPlan:
    """What a project means to invest in a year, in 万."""
    amount = Decimal(wan) * 10_000
    return _add(InvestmentPlan(project_id=project.id, year=year, amount=amount, **values))


def make_works_report(project: Project, month: date, wan: int, **values: Any) -> WorksReport:
    """完成投资 of the year through a month, in 万."""
    completed = Decimal(wan) * 10_000
    return _add(WorksReport(project_id=project.id, month=month, completed=completed, **values))


def make_payment(project: Project, paid_on: date, wan: int, **values: Any) -> PaidInFund:
    """到账资金, in 万; verified unless it is said to be otherwise."""
    values = {"source": FundSource.DOMESTIC, "state": VerificationState.VERIFIED, **values}
    amount = Decimal(wan) * 10_000
    return _add(PaidInFund(project_id=project.id, paid_on=paid_on, amount=amount, **values))


def make_activity(subject: Company | Project, happened_on: date, **values: Any) -> Activity:
    values = {"kind": ActivityKind.VISIT, "summary": "走访企业。", **values}
    return _add(
        Activity(
            subject_type="company" if isinstance(subject, Company) else "project",
            subject_id=subject.id,
            unit_id=subject.unit_id,
            happened_on=happened_on,
            **values,
        )
    )


def make_task(owner: User, due_on: date, what: str = "", **values: Any) -> Task:
    what = what or f"事项{next(_numbers)}"
    values = {"unit_id": owner.unit_id, **values}
    return _add(Task(what=what, owner_id=owner.id, due_on=due_on, **values))


def make_application(
    carrier: Unit,
    name: str = "",
    state: EntryState = EntryState.DRAFT,
    *,
    owner: User | None = None,
    entered_on: date = date(2020, 9, 21),
    **values: Any,
) -> EntryApplication:
    """An application with one required and one optional material and a single step into its state; without a clock."""
    from crm.entry.services import searched

    name = name or f"常州申{next(_numbers)}科技有限公司"
    facts = {
        "kind": EntrantKind.ENTERPRISE, "industry_code": "I65", "business_plan": "研发工业软件",
        "intended_on": date(2020, 11, 2), "contact_name": "李雷", "contact_phone": "13812340000",
        "space_wish": "A座约200平方米",
    }  # fmt: skip
    values = {**facts, **values}
    application = EntryApplication(
        name=name, search_text=searched(name, values.get("uscc"), values.get("number")), carrier_id=carrier.id,
        state=state, state_entered_on=entered_on, owner_id=owner.id if owner else None, **values,
    )  # fmt: skip
    application.materials = [
        EntryMaterial(position=1, name="营业执照", is_required=True, form=MaterialForm.COPY),
        EntryMaterial(position=2, name="知识产权证明", is_required=False, form=MaterialForm.COPY),
    ]
    application.steps = [EntryStep(to_state=state, effective_on=entered_on)]
    return _add(application)


def make_order(unit: Unit | int, title: str = "", **values: Any) -> SupervisionOrder:
    """An order of 1 September 2020 that was issued then and is due on 1 October, without events."""
    number = next(_numbers)
    day = date(2020, 9, 1)
    values = {
        "source": OrderSource.CITY, "state": OrderState.ISSUED, "state_on": day, "issued_on": day,
        "due_on": date(2020, 10, 1), **values,
    }  # fmt: skip
    title = title or f"督办事项{number}"
    return _add(
        SupervisionOrder(
            year=2020, number=number, title=title, search_text=title, first_due_on=values["due_on"],
            unit_id=unit if isinstance(unit, int) else unit.id, **values,
        )
    )  # fmt: skip


@dataclass(frozen=True)
class Cast:
    """The people whom every test of access begins with, and their units."""

    park: Unit
    carrier_a: Unit
    carrier_b: Unit
    office: Unit
    a: User
    b: User
    investment: User
    unit_staff: User
    unit_head: User
    supervisor: User
    leader: User
    auditor: User
    admin: User


def make_cast() -> Cast:
    with writing():
        park = make_unit("科教城", kind=UnitKind.PARK, code="park")
        carrier_a, carrier_b, office = make_units(
            park,
            {"name": "国家大学科技园", "code": "ustp", "is_national_incubator": True},
            {"name": "大创园", "code": "dcy", "is_national_incubator": False},
            {
                "name": "产业发展处",
                "code": "industry",
                "is_national_incubator": False,
                "kind": UnitKind.OFFICE,
            },
        )
        people = (
            ("a", "安一", Role.INCUBATOR_STAFF, carrier_a),
            ("b", "白二", Role.INCUBATOR_STAFF, carrier_b),
            ("investment", "陈招商", Role.INVESTMENT, office, Right.WAIVE_GATE, Right.EXPORT),
            ("unit_staff", "丁联络", Role.UNIT_STAFF, office),
            ("unit_head", "方处长", Role.UNIT_HEAD, office),
            ("supervisor", "顾督查", Role.SUPERVISOR, park),
            ("leader", "韩主任", Role.LEADER, park, Right.EXPORT),
            ("auditor", "季审计", Role.AUDITOR, park),
            ("admin", "金管理", Role.ADMIN, park),
        )
        rows = [
            {
                "username": username, "name": name, "password_hash": "!", "unit_id": unit.id,
                "roles": frozenset({role}), "rights": frozenset(rights),
            }
            for username, name, role, unit, *rights in people
        ]  # fmt: skip
        new = insert(User).returning(User, sort_by_parameter_order=True)
        users = {user.username: user for user in session.scalars(new, rows)}
        return Cast(park, carrier_a, carrier_b, office, **users)


def signed_in_client(app: Flask, user: User) -> FlaskClient:
    """A browser in which this person is signed in (by a session row, without the login page)."""
    token = secrets.token_urlsafe(32)
    _add(AuthSession(token_hash=token_hash(token), user_id=user.id))
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True
    return client
