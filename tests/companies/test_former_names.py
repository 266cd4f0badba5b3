"""A renaming keeps the old name: shown, searched, and compared with the name of the next firm to be registered."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.services import SYSTEM
from crm.companies import queries
from crm.companies.changes import change
from crm.companies.former_names import FormerNameDetails, Renaming
from crm.companies.models import Company, CompanyKind, FormerName
from crm.companies.services import (
    CompanyDetails,
    LooksAlike,
    Registration,
    register,
    register_many,
)
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.people.scope import WHOLE_PARK_SCOPE
from tests.factories import make_company, make_uscc


def _rename(company: Company, name: str, by: Any, **how: Any) -> None:
    details = CompanyDetails(name, uscc=company.uscc)
    with writing():
        change(company, details, version=company.version, by=by, renaming=Renaming(**how))


def _found(words: str) -> list[str]:
    query = queries.search(queries.visible_to(WHOLE_PARK_SCOPE), words)
    return [company.name for company in session.scalars(query)]


def test_the_old_name_is_kept_until_the_day_of_renaming_and_still_found(cast: Any) -> None:
    company = make_company(cast.carrier_a, "常州光子芯片有限公司")
    _rename(company, "常州量子雷达有限公司", cast.a, on=date(2020, 5, 6), reason="股东变更")
    former = session.scalars(select(FormerName)).one()
    assert (former.name, former.until_on) == ("常州光子芯片有限公司", date(2020, 5, 6))
    assert former.reason == "股东变更"
    assert _found("光子") == _found("gzxp") == _found("雷达") == ["常州量子雷达有限公司"]


@pytest.mark.parametrize(
    ("day", "is_fine"), [(date(2020, 9, 30), True), (date(2020, 10, 1), False)]
)
def test_a_firm_is_renamed_today_at_the_latest(cast: Any, day: date, is_fine: bool) -> None:
    company = make_company(cast.carrier_a)
    if is_fine:
        _rename(company, "新名有限公司", cast.a, on=day)
    else:
        with pytest.raises(DomainError) as refused:
            _rename(company, "新名有限公司", cast.a, on=day)
        assert refused.value.field == "renamed_on"


def test_without_a_day_it_is_today(cast: Any) -> None:
    _rename(make_company(cast.carrier_a), "新名有限公司", cast.a)
    assert session.scalars(select(FormerName)).one().until_on == date(2020, 9, 30)


def test_a_slip_of_the_pen_was_never_a_name(cast: Any) -> None:
    company = make_company(cast.carrier_a, "常州光子心片有限公司")
    _rename(company, "常州光子芯片有限公司", cast.a, is_correction=True)
    assert session.scalars(select(FormerName)).all() == []
    assert _found("心片") == []


def test_an_edit_that_leaves_the_name_keeps_no_former_one(cast: Any) -> None:
    company = make_company(cast.carrier_a)
    _rename(company, company.name, cast.a)
    assert session.scalars(select(FormerName)).all() == []


def test_names_before_the_last_one_stay_searchable(cast: Any) -> None:
    company = make_company(cast.carrier_a, "常州甲乙有限公司")
    for name in ("常州丙丁有限公司", "常州戊己有限公司"):
        _rename(company, name, cast.a)
    assert _found("甲乙") == _found("丙丁") == _found("戊己") == ["常州戊己有限公司"]
    session.expire_all()
    assert [former.name for former in company.former_names] == [
        "常州丙丁有限公司",
        "常州甲乙有限公司",
    ]


def test_a_firm_that_bears_anothers_former_name_looks_alike(cast: Any) -> None:
    company = make_company(cast.carrier_b, "常州光子芯片有限公司")
    _rename(company, "常州量子雷达有限公司", cast.b)
    team = Registration(
        CompanyDetails("常州（光子芯片）有限责任公司", CompanyKind.TEAM), unit_id=cast.carrier_a.id
    )
    with pytest.raises(LooksAlike) as refused, writing():
        register(team, by=cast.a)
    assert [(found.unit, found.name) for found in refused.value.found] == [
        (cast.carrier_b.name, "")
    ]


def test_a_firm_does_not_look_like_its_own_former_name(cast: Any) -> None:
    company = make_company(cast.carrier_a, "常州光子芯片有限公司")
    _rename(company, "常州量子雷达有限公司", cast.a)
    found = queries.look_alikes(
        "常州光子芯片有限公司", None, WHOLE_PARK_SCOPE, leave_out=company.id
    )
    assert found == []
    both = queries.look_alikes("常州光子芯片有限公司", company.uscc, WHOLE_PARK_SCOPE)
    assert [alike.company_id for alike in both] == [company.id]  # once, though found twice


def test_the_bulk_path_keeps_former_names_as_well(cast: Any) -> None:
    former = FormerNameDetails("常州光子芯片有限公司", date(2019, 3, 4), "股东变更")
    details = CompanyDetails("常州量子雷达有限公司", uscc=make_uscc(8))
    with writing():
        register_many(
            [Registration(details, unit_id=cast.carrier_a.id, former_names=(former,))], by=SYSTEM
        )
    assert _found("光子") == ["常州量子雷达有限公司"]
    company = session.scalars(select(Company)).one()
    assert company.former_names[0].name_key == "常州光子芯片"
    assert company.former_names[0].recorded_at == company.recorded_at


def test_the_page_shows_former_names_and_when_they_ended(browser_of: Any, cast: Any) -> None:
    company = make_company(cast.carrier_a, "常州光子芯片有限公司")
    values = {"kind": "enterprise", "uscc": company.uscc, "version": 1}
    values |= {"renamed_on": "2020-05-06", "rename_reason": "股东变更"}
    address = f"/companies/{company.id}"
    browser = browser_of("a")
    answer = browser.post(f"{address}/edit", data={**values, "name": "常州量子雷达有限公司"})
    assert answer.status_code == 303
    for page, words in (
        (address, "曾用名：常州光子芯片有限公司"),
        (address, "（至 2020-05-06）"),
        (f"{address}/timeline", "更名，此前称"),
        (f"{address}/timeline", "股东变更"),
    ):
        assert words in browser.get(page).text
