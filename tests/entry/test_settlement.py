"""入驻: the firm, its residence and the last step are there together or not at all."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from crm.companies.models import Company, CompanyKind, Contact, Residence, ResidenceKind
from crm.companies.services import AlreadyRegistered, CompanyDetails, LooksAlike
from crm.core.db import session, writing
from crm.core.errors import DomainError, StaleRecord
from crm.entry.models import EntrantKind, EntryApplication, EntryState, EntryStep
from crm.entry.moves import NotYet
from crm.entry.services import EntryRefused
from crm.entry.settlement import Settlement, settle
from tests.entry.conftest import do_all_errands
from tests.factories import make_company, make_residence, make_uscc

FROM = date(2020, 9, 28)
FIRM = CompanyDetails("常州光子芯片有限公司", uscc=make_uscc(777), industry_code="I65")
SETTLEMENT = Settlement(FIRM, ResidenceKind.REGISTERED, FROM)


@pytest.fixture
def ready(led_to: Any, cast: Any) -> int:
    """An application of which only 入驻 is left."""
    id_ = led_to(EntryState.ERRANDS)
    with writing():
        do_all_errands(the(id_), cast.a)
    return id_


def the(id_: int) -> EntryApplication:
    return session.get_one(EntryApplication, id_)


def count(model: Any) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_it_makes_the_firm_with_contact_residence_and_agreement(ready: int, cast: Any) -> None:
    with writing():
        company = settle(the(ready), SETTLEMENT, by=cast.a, version=None)
        company_id = company.id
    firm = session.get_one(Company, company_id)
    assert (firm.kind, firm.unit_id, firm.uscc) == (
        CompanyKind.ENTERPRISE,
        cast.carrier_a.id,
        FIRM.uscc,
    )
    assert firm.contacts[0].phone == "13812340000"
    residence = firm.residences[0]
    assert (residence.from_on, residence.rooms, residence.is_counted) == (FROM, "A座301", True)
    assert (residence.agreement_number, residence.agreement_on) == (
        "科教城入驻〔2020〕1号",
        date(2020, 9, 24),
    )
    application = the(ready)
    assert (application.state, application.company_id) == (EntryState.SETTLED, company_id)
    assert application.uscc == FIRM.uscc
    assert application.steps[-1].effective_on == FROM


def test_a_crash_in_between_leaves_neither_firm_nor_step(ready: int, cast: Any) -> None:
    steps = count(EntryStep)

    def settle_and_crash() -> None:
        with writing():
            settle(the(ready), SETTLEMENT, by=cast.a, version=None)
            session.flush()
            assert count(Company) == 1
            raise RuntimeError("the power goes")

    with pytest.raises(RuntimeError, match="power"):
        settle_and_crash()
    session.expire_all()
    assert (count(Company), count(Residence), count(Contact), count(EntryStep)) == (0, 0, 0, steps)
    assert (the(ready).state, the(ready).uscc) == (EntryState.ERRANDS, None)


def test_open_errands_and_a_missing_code_are_said_together(led_to: Any, cast: Any) -> None:
    id_ = led_to(EntryState.ERRANDS)
    without = Settlement(replace(FIRM, uscc=None), ResidenceKind.REGISTERED, FROM)
    with pytest.raises(NotYet) as refused, writing():
        settle(the(id_), without, by=cast.a, version=None)
    labels = [lack.label for lack in refused.value.missing]
    assert labels == ["核名", "办理营业执照", "刻章", "税务登记", "银行开户", "统一社会信用代码"]


def test_a_team_moves_in_without_a_code(led_to: Any, cast: Any) -> None:
    id_ = led_to(EntryState.ERRANDS, kind=EntrantKind.TEAM, name="光子创业团队")
    team = CompanyDetails("光子创业团队", CompanyKind.TEAM)
    with writing():
        do_all_errands(the(id_), cast.a)
    with writing():
        settle(the(id_), Settlement(team, ResidenceKind.INCUBATED, FROM), by=cast.a, version=None)
    assert the(id_).company.kind is CompanyKind.TEAM


def test_a_firm_that_looks_alike_must_be_looked_at(ready: int, cast: Any) -> None:
    make_company(cast.carrier_a, "常州光子芯片有限责任公司")
    with pytest.raises(LooksAlike), writing():
        settle(the(ready), SETTLEMENT, by=cast.a, version=None)
    assert count(Company) == 1
    with writing():
        settle(the(ready), SETTLEMENT, by=cast.a, version=None, despite_lookalikes=True)
    assert count(Company) == 2


def test_a_returning_firm_gets_a_further_residence_in_its_own_record(ready: int, cast: Any) -> None:
    old = make_company(cast.carrier_a, FIRM.name, uscc=FIRM.uscc)
    make_residence(old, cast.carrier_a, date(2017, 3, 1), date(2019, 3, 1))
    with pytest.raises(AlreadyRegistered) as refused, writing():
        settle(the(ready), SETTLEMENT, by=cast.a, version=None)
    assert refused.value.company_id == old.id
    again = Settlement(FIRM, ResidenceKind.REGISTERED, FROM, is_present=True)
    with writing():
        settle(the(ready), again, by=cast.a, version=None)
    assert count(Company) == 1
    assert the(ready).company_id == old.id
    assert [r.from_on for r in the(ready).company.residences] == [date(2017, 3, 1), FROM]


def test_a_firm_of_another_carrier_is_not_taken_and_not_named(ready: int, cast: Any) -> None:
    make_company(cast.carrier_b, "常州保密科技有限公司", uscc=FIRM.uscc)
    with pytest.raises(AlreadyRegistered) as refused, writing():
        settle(the(ready), SETTLEMENT, by=cast.a, version=None)
    assert "保密科技" not in str(refused.value)
    again = Settlement(FIRM, ResidenceKind.REGISTERED, FROM, is_present=True)
    with pytest.raises(EntryRefused) as unknown, writing():
        settle(the(ready), again, by=cast.a, version=None)
    assert unknown.value.field == "uscc"
    assert the(ready).state is EntryState.ERRANDS


def test_a_second_counted_residence_on_one_day_is_refused(ready: int, cast: Any) -> None:
    old = make_company(cast.carrier_a, FIRM.name, uscc=FIRM.uscc)
    make_residence(old, cast.carrier_a, date(2017, 3, 1))
    again = Settlement(FIRM, ResidenceKind.OPERATING, FROM, is_present=True)
    with pytest.raises(DomainError) as refused, writing():
        settle(the(ready), again, by=cast.a, version=None)
    assert refused.value.field == "from_on"
    with writing():
        settle(the(ready), replace(again, is_counted=False), by=cast.a, version=None)
    assert len(session.get_one(Company, old.id).residences) == 2


@pytest.mark.parametrize("day", [date(2020, 10, 1), date(2020, 9, 23)])
def test_the_first_day_lies_between_the_agreement_and_today(
    ready: int, cast: Any, day: date
) -> None:
    with pytest.raises(EntryRefused), writing():
        settle(the(ready), replace(SETTLEMENT, from_on=day), by=cast.a, version=None)
    assert count(Company) == 0


def test_two_who_settle_it_at_once_make_one_firm(ready: int, cast: Any, at_once: Any) -> None:
    seen = the(ready).version

    def act() -> None:
        with writing():
            by = session.merge(cast.a, load=False)
            settle(the(ready), SETTLEMENT, by=by, version=seen)

    results = at_once(act, act)
    assert sorted(type(result).__name__ for result in results) == ["NoneType", StaleRecord.__name__]
    assert count(Company) == 1
