"""Registering, correcting, residence: the rules, on both sides of each edge."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from crm.audit.models import AuditEntry
from crm.audit.queries import details_of
from crm.audit.services import SYSTEM
from crm.companies import queries
from crm.companies.changes import change
from crm.companies.models import (
    Company,
    CompanyKind,
    Contact,
    EndReason,
    Residence,
    ResidenceKind,
)
from crm.companies.residence import ResidenceDetails, leave, move_in, transfer
from crm.companies.services import (
    CHUNK,
    AlreadyRegistered,
    CompanyDetails,
    ContactDetails,
    LooksAlike,
    Registration,
    register,
    register_many,
)
from crm.companies.services import (
    details_of as details_of_company,
)
from crm.core.db import session, writing
from crm.core.errors import DomainError, StaleRecord
from crm.people.models import Unit, User
from tests import factories
from tests.factories import make_company, make_residence, make_unit, make_uscc

REGISTERED = ResidenceKind.REGISTERED


def _registration(carrier: Unit, name: str = "常州光子芯片有限公司", **values: Any) -> Registration:
    details = {"name": name, "uscc": make_uscc(), **values}
    stay = ResidenceDetails(carrier.id, REGISTERED, date(2020, 3, 4), agreement_number="协7")
    return Registration(
        CompanyDetails(**details), ContactDetails("李雷", phone="13812340000"), (stay,)
    )


def _register(registration: Registration, *, by: Any, **kwargs: Any) -> int:
    with writing():
        return register(registration, by=by, **kwargs).id


def _count(model: Any) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_registration_keeps_firm_contact_residence_and_who_did_it(cast: Any) -> None:
    company_id = _register(_registration(cast.carrier_a), by=cast.a)
    company = session.get_one(Company, company_id)
    assert (company.unit_id, company.registered_by_id) == (cast.carrier_a.id, cast.a.id)
    assert company.contacts[0].phone == "13812340000"
    assert company.residences[0].agreement_number == "协7"
    assert company.residences[0].recorded_at == company.recorded_at
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject_id, entry.actor) == (
        "company.registered",
        company_id,
        "安一",
    )
    assert "13812340000" not in entry.details
    assert details_of(entry)["changes"]["name"] == [None, "常州光子芯片有限公司"]


def test_the_code_is_kept_in_half_width_capitals(cast: Any) -> None:
    code = make_uscc(5)
    registration = _registration(cast.carrier_a, uscc=code.lower())
    assert session.get_one(Company, _register(registration, by=cast.a)).uscc == code


@pytest.mark.parametrize(
    "kind", [CompanyKind.ENTERPRISE, CompanyKind.BRANCH, CompanyKind.SOLE_TRADER]
)
def test_a_licensed_body_needs_a_code(cast: Any, kind: CompanyKind) -> None:
    with pytest.raises(DomainError) as refused:
        _register(_registration(cast.carrier_a, kind=kind, uscc=None), by=cast.a)
    assert refused.value.field == "uscc"


def test_a_team_needs_no_code_and_many_may_be_without(cast: Any) -> None:
    for name in ("光子团队", "量子雷达小组"):
        _register(_registration(cast.carrier_a, name, kind=CompanyKind.TEAM, uscc=None), by=cast.a)
    assert _count(Company) == 2


def test_a_second_firm_with_the_code_is_refused_with_the_first_ones_name(cast: Any) -> None:
    first = _register(_registration(cast.carrier_a, uscc=make_uscc(3)), by=cast.a)
    with pytest.raises(AlreadyRegistered, match="常州光子芯片") as refused:
        _register(_registration(cast.carrier_a, "别的名称", uscc=make_uscc(3)), by=cast.a)
    assert refused.value.company_id == first
    assert _count(Company) == 1


def test_to_a_stranger_the_refusal_tells_only_the_carrier(cast: Any) -> None:
    _register(_registration(cast.carrier_a, uscc=make_uscc(3)), by=cast.a)
    with pytest.raises(AlreadyRegistered, match=cast.carrier_a.name) as refused:
        _register(_registration(cast.carrier_b, "别的名称", uscc=make_uscc(3)), by=cast.b)
    assert refused.value.company_id is None
    assert "光子" not in str(refused.value)


def test_a_look_alike_is_refused_until_a_person_has_looked(cast: Any) -> None:
    _register(_registration(cast.carrier_a), by=cast.a)
    again = _registration(cast.carrier_a, "常州（光子芯片）有限责任公司")
    with pytest.raises(LooksAlike) as refused:
        _register(again, by=cast.a)
    assert [found.name for found in refused.value.found] == ["常州光子芯片有限公司"]
    assert (_count(Company), _count(Residence), _count(AuditEntry)) == (1, 1, 1)
    _register(again, by=cast.a, despite_lookalikes=True)
    assert _count(Company) == 2


def test_staff_register_only_at_carriers_inside_their_scope(cast: Any) -> None:
    with pytest.raises(DomainError) as refused:
        _register(_registration(cast.carrier_b), by=cast.a)
    assert refused.value.field == "carrier"
    elsewhere = _registration(cast.carrier_a)
    elsewhere = Registration(
        elsewhere.company, residences=elsewhere.residences, unit_id=cast.carrier_b.id
    )
    with pytest.raises(DomainError):
        _register(elsewhere, by=cast.a)
    assert _count(Company) == 0


def test_nobody_resides_in_an_office_or_from_a_day_to_come(cast: Any) -> None:
    with pytest.raises(DomainError):
        _register(_registration(cast.office), by=SYSTEM)
    for day, is_fine in ((date(2020, 9, 30), True), (date(2020, 10, 1), False)):
        stay = ResidenceDetails(cast.carrier_a.id, REGISTERED, day)
        team = CompanyDetails(f"团队{day}", CompanyKind.TEAM)
        if is_fine:
            _register(Registration(team, residences=(stay,)), by=cast.a)
        else:
            with pytest.raises(DomainError, match="不能晚于今天"):
                _register(Registration(team, residences=(stay,)), by=cast.a)


def test_many_are_registered_at_once_in_order_with_one_entry(cast: Any, query_count: Any) -> None:
    recorded = datetime(2020, 3, 5, 8, 30, tzinfo=UTC)
    rows = [
        Registration(
            CompanyDetails(
                f"常州第{n}科技有限公司", uscc=make_uscc(5000 + n), registered_capital=Decimal(n)
            ),
            ContactDetails(f"联系人{n}"),
            (ResidenceDetails(cast.carrier_a.id, REGISTERED, date(2020, 3, 4)),),
            recorded_at=recorded,
        )
        for n in range(300)
    ]
    make_company(cast.carrier_a)
    with query_count() as queries_, writing():
        ids = register_many(rows, by=SYSTEM)
    assert len(queries_) < 12
    names = dict(session.execute(select(Company.id, Company.name)).all())
    assert [names[id_] for id_ in ids] == [row.company.name for row in rows]
    assert (_count(Contact), _count(Residence), _count(AuditEntry)) == (300, 300, 1)
    last = session.get_one(Company, ids[-1])
    assert (last.recorded_at, last.registered_capital) == (recorded, Decimal(299))
    assert last.residences[0].carrier_id == last.unit_id == cast.carrier_a.id
    _register(_registration(cast.carrier_a), by=cast.a)  # ids go on after the bulk


def test_of_many_all_or_none_are_registered(cast: Any) -> None:
    twice = [_registration(cast.carrier_a, f"常州{n}厂", uscc=make_uscc(9)) for n in "一二"]
    with pytest.raises(AlreadyRegistered), writing():
        register_many(twice, by=SYSTEM)
    assert _count(Company) == 0


def test_more_firms_than_one_chunk_are_registered(cast: Any) -> None:
    rows = [
        _registration(cast.carrier_a, f"常州第{n}科技有限公司", uscc=make_uscc(n + 1))
        for n in range(CHUNK + 500)
    ]
    with writing():
        ids = register_many(rows, by=SYSTEM)
    assert len(set(ids)) == _count(Company) == CHUNK + 500


def test_a_correction_is_logged_with_old_and_new_and_found_by_its_new_name(cast: Any) -> None:
    company = make_company(cast.carrier_a, "旧名有限公司")
    details = CompanyDetails(
        "新名有限公司", uscc=company.uscc, registered_capital=Decimal("1200000.50")
    )
    with writing():
        change(company, details, version=1, by=cast.a)
    assert (company.version, company.name_key) == (2, "新名")
    assert details_of_company(company) == details
    changes = details_of(session.scalars(select(AuditEntry)).one())["changes"]
    assert changes["name"] == ["旧名有限公司", "新名有限公司"]
    assert changes["registered_capital"] == [None, "1200000.50"]
    assert "search_text" not in changes
    found = queries.search(select(Company), "xm")
    assert session.scalars(found).one().id == company.id


def test_two_people_cannot_overwrite_each_other(cast: Any) -> None:
    company = make_company(cast.carrier_a)
    with writing():
        change(company, CompanyDetails("甲改", uscc=company.uscc), version=1, by=cast.a)
    with pytest.raises(StaleRecord), writing():
        change(company, CompanyDetails("乙改", uscc=company.uscc), version=1, by=cast.a)
    assert session.get_one(Company, company.id).name == "甲改"


def test_a_code_cannot_be_changed_to_another_firms(cast: Any) -> None:
    first, second = make_company(cast.carrier_a), make_company(cast.carrier_a)
    with pytest.raises(AlreadyRegistered), writing():
        change(second, CompanyDetails("改", uscc=first.uscc), version=1, by=cast.a)
    assert session.get_one(Company, second.id).uscc != first.uscc


def _stay(
    carrier: Unit, from_on: date, to_on: date | None = None, **values: Any
) -> ResidenceDetails:
    return ResidenceDetails(carrier.id, REGISTERED, from_on, to_on, **values)


@pytest.mark.parametrize(
    ("from_on", "to_on", "is_fine"),
    [
        (date(2020, 2, 1), date(2020, 3, 4), True),  # ends on the day the other begins
        (date(2020, 2, 1), date(2020, 3, 5), False),
        (date(2020, 6, 1), None, True),  # begins on the day the other ended
        (date(2020, 5, 31), None, False),
        (date(2020, 4, 1), date(2020, 4, 2), False),
        (date(2020, 2, 1), None, False),
    ],
)
def test_two_counted_residences_never_share_a_day(
    cast: Any, from_on: date, to_on: date | None, is_fine: bool
) -> None:
    company = make_company(cast.carrier_a)
    make_residence(company, cast.carrier_a, date(2020, 3, 4), date(2020, 6, 1))
    with writing():
        move_in(company, _stay(cast.carrier_a, from_on, to_on, is_counted=False), by=cast.a)
    if is_fine:
        with writing():
            move_in(company, _stay(cast.carrier_a, from_on, to_on), by=cast.a)
    else:
        with pytest.raises(DomainError) as refused, writing():
            move_in(company, _stay(cast.carrier_a, from_on, to_on), by=cast.a)
        assert refused.value.field == "from_on"


def test_residences_registered_together_follow_the_same_rule(cast: Any) -> None:
    team = CompanyDetails("团队", CompanyKind.TEAM)
    first = _stay(cast.carrier_a, date(2020, 1, 1), date(2020, 2, 1))
    overlapping = _stay(cast.carrier_a, date(2020, 1, 31))
    with pytest.raises(DomainError, match="同一天"):
        _register(Registration(team, residences=(overlapping, first)), by=cast.a)
    _register(
        Registration(team, residences=(_stay(cast.carrier_a, date(2020, 2, 1)), first)), by=cast.a
    )


def test_a_transfer_ends_one_residence_and_begins_the_next_on_the_same_day(cast: Any) -> None:
    company = make_company(cast.carrier_a)
    make_residence(company, cast.carrier_a, date(2020, 3, 4), kind=ResidenceKind.INCUBATED)
    with writing():
        transfer(company, cast.carrier_b, by=cast.a, on=date(2020, 7, 8))
    old, new = company.residences
    assert (old.to_on, old.reason) == (date(2020, 7, 8), EndReason.TRANSFERRED)
    assert (new.from_on, new.carrier_id, new.kind) == (
        date(2020, 7, 8),
        cast.carrier_b.id,
        ResidenceKind.INCUBATED,
    )
    assert company.unit_id == cast.carrier_b.id


@pytest.mark.parametrize("on", [date(2020, 3, 4), date(2020, 10, 1)])
def test_a_transfer_on_the_first_day_or_in_the_future_is_refused(cast: Any, on: date) -> None:
    company = make_company(cast.carrier_a)
    make_residence(company, cast.carrier_a, date(2020, 3, 4))
    with pytest.raises(DomainError), writing():
        transfer(company, cast.carrier_b, by=cast.a, on=on)
    assert session.scalars(select(Residence)).one().to_on is None


def test_a_transfer_to_the_same_carrier_or_to_an_office_is_refused(cast: Any) -> None:
    company = make_company(cast.carrier_a)
    make_residence(company, cast.carrier_a, date(2020, 3, 4))
    for unit in (cast.carrier_a, cast.office):
        with pytest.raises(DomainError), writing():
            transfer(company, unit, by=cast.a, on=date(2020, 7, 8))


def test_leaving_ends_every_open_residence_and_the_firm_may_come_back(cast: Any) -> None:
    company = make_company(cast.carrier_a)
    make_residence(company, cast.carrier_a, date(2019, 1, 1), date(2019, 6, 1), is_counted=False)
    make_residence(company, cast.carrier_a, date(2020, 3, 4))
    make_residence(company, cast.carrier_b, date(2020, 5, 6), is_counted=False)
    with writing():
        leave(company, on=date(2020, 7, 8), reason=EndReason.DISSOLVED, by=cast.a)
    rows = session.scalars(select(Residence).order_by(Residence.id)).all()
    assert [r.to_on for r in rows] == [date(2019, 6, 1), date(2020, 7, 8), date(2020, 7, 8)]
    assert [r.reason for r in rows] == [None, EndReason.DISSOLVED, EndReason.DISSOLVED]
    assert queries.counted_residence_on(company, date(2020, 7, 7)) is not None
    assert queries.counted_residence_on(company, date(2020, 7, 8)) is None
    with pytest.raises(DomainError), writing():
        leave(company, on=date(2020, 7, 9), reason=EndReason.DISSOLVED, by=cast.a)
    with writing():
        transfer(company, cast.carrier_b, by=cast.a, on=date(2020, 8, 1))
    assert queries.counted_residence_on(company, date(2020, 8, 1)).carrier_id == cast.carrier_b.id  # type: ignore[union-attr]


def test_graduation_is_no_way_to_leave(cast: Any) -> None:
    company = make_company(cast.carrier_a)
    make_residence(company, cast.carrier_a, date(2020, 3, 4))
    with pytest.raises(DomainError), writing():
        leave(company, on=date(2020, 7, 8), reason=EndReason.GRADUATED, by=cast.a)


def test_a_closed_carrier_takes_no_firms(cast: Any) -> None:
    closed = make_unit(parent=cast.carrier_a, closed_at=datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(DomainError):
        _register(_registration(closed), by=cast.a)


def test_a_team_registered_twice_at_once_is_in_the_register_once(
    app: Any, cast: factories.Cast, at_once: Any
) -> None:
    """A team has no code whose uniqueness could refuse the second."""

    staff_id, unit_id = cast.a.id, cast.carrier_a.id

    def click() -> None:
        team = CompanyDetails("光子芯片创业团队", CompanyKind.TEAM)
        with writing():
            register(Registration(team, unit_id=unit_id), by=session.get_one(User, staff_id))

    said = at_once(click, click, click)

    assert sorted(type(answer).__name__ for answer in said) == ["LooksAlike"] * 2 + ["NoneType"]
    assert session.scalar(select(func.count()).select_from(Company)) == 1
