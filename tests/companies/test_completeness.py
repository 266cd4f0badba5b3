"""资料完整度: what is asked of each kind, on every path that writes it, with links to where it is filled in."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.services import SYSTEM
from crm.companies import completeness
from crm.companies.models import (
    Company,
    CompanyKind,
    FutureIndustry,
    PartyOrganisation,
)
from crm.companies.services import (
    CompanyDetails,
    ContactDetails,
    Registration,
    register,
    register_many,
)
from crm.core.db import session, writing
from tests.factories import make_company, make_uscc

FULL: dict[str, Any] = {
    "uscc": "x", "legal_representative": "王五", "registered_capital": Decimal(0), "established_on": date(2020, 1, 2),
    "registered_address": "常武中路18号", "industry_code": "I65", "future_industry": FutureIndustry.AI,
    "business_scope": "软件", "party_organisation": PartyOrganisation.NO_MEMBERS, "staff_contact_id": 7,
}  # fmt: skip


@pytest.mark.parametrize("kind", list(CompanyKind))
def test_everything_asked_for_makes_a_hundred_and_nothing_makes_none(kind: CompanyKind) -> None:
    assert completeness.percentage({"kind": kind, **FULL}, has_contact=True) == 100
    assert completeness.percentage({"kind": kind}, has_contact=False) == 0


@pytest.mark.parametrize(
    ("kind", "lacking", "per_cent"),
    [
        (CompanyKind.ENTERPRISE, "uscc", 85),
        (CompanyKind.ENTERPRISE, "registered_capital", 90),
        (CompanyKind.BRANCH, "registered_capital", 100),  # not asked of a branch
        (CompanyKind.BRANCH, "uscc", 81),  # 65 of 80, rounded down
        (CompanyKind.INSTITUTE, "uscc", 100),
        (CompanyKind.TEAM, "uscc", 100),
        (CompanyKind.TEAM, "industry_code", 71),  # 25 of 35
        (CompanyKind.COLLEGE, "party_organisation", 100),
    ],
)
def test_what_lacks_weighs_by_kind(kind: CompanyKind, lacking: str, per_cent: int) -> None:
    facts = {"kind": kind, **FULL, lacking: None}
    assert completeness.percentage(facts, has_contact=True) == per_cent


def test_a_capital_of_nothing_is_an_answer() -> None:
    facts = {"kind": CompanyKind.ENTERPRISE, **FULL, "registered_capital": Decimal(0)}
    assert completeness.percentage(facts, has_contact=True) == 100


def test_one_and_many_are_measured_alike(cast: Any) -> None:
    def registration(number: int) -> Registration:
        details = CompanyDetails(
            f"常州第{number}光子有限公司", uscc=make_uscc(number), industry_code="I65"
        )
        return Registration(details, ContactDetails("李雷", phone="1"), unit_id=cast.carrier_a.id)

    with writing():
        register(registration(1), by=SYSTEM, despite_lookalikes=True)
        register_many([registration(2)], by=SYSTEM)
    assert session.scalars(select(Company.completeness)).all() == [40, 40]


def test_the_page_links_each_missing_item_and_counts_on_as_they_come(
    browser_of: Any, cast: Any
) -> None:
    company = make_company(cast.carrier_a)
    browser, address = browser_of("a"), f"/companies/{company.id}"
    page = browser.get(address).text
    for way in ("contacts/new", "facts/registered_address", "facts/legal_representative"):
        assert f'class="missing" href="{address}/{way}"' in page
    browser.post(f"{address}/contacts", data={"name": "李雷"})
    assert session.get_one(Company, company.id).completeness == 40 - 15  # nobody can be called
    contact = session.get_one(Company, company.id).contacts[0]
    edit = f"{address}/contacts/{contact.id}"
    browser.post(f"{edit}/edit", data={"name": "李雷", "phone": "139", "version": 1})
    assert session.get_one(Company, company.id).completeness == 40
    browser.post(f"{edit}/archivings", data={"version": 2})
    assert session.get_one(Company, company.id).completeness == 25
    fact = {"legal_representative": "王五", "version": 1}
    browser.post(f"{address}/facts/legal_representative", data=fact)
    assert session.get_one(Company, company.id).completeness == 35
    page = browser_of("leader").get(address).text
    assert "35%" in page
    assert 'class="missing"' not in page  # who cannot fill it in gets no link
