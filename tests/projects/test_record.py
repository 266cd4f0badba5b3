"""A project's record: 增资 and 升级 count once, duplicates are warned of, amounts are dated rows."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.money import Currency
from crm.people.scope import scope_of
from crm.pipeline.board import totals_by_stage
from crm.projects import partners, valuations
from crm.projects.details import ProjectDetails
from crm.projects.duplicates import twins
from crm.projects.models import (
    Figure,
    KeyLevel,
    Nature,
    Origin,
    PartnerRole,
    Project,
    ProjectKind,
    Stage,
    Valuation,
)
from crm.projects.queries import visible_to
from crm.projects.services import register
from crm.projects.upgrades import upgrade
from tests import factories

TODAY = date(2020, 9, 30)
WAN = 10_000
SIGNED = ((Stage.LEAD, date(2020, 3, 5)), (Stage.SIGNED, date(2020, 5, 6)))


def reload(project):
    session.rollback()
    return session.get_one(Project, project.id, populate_existing=True)


def details(cast, **values):
    usual = {"name": "深蓝中心", "investor": "深蓝控股有限公司", "unit_id": cast.office.id}
    kind = {"kind": ProjectKind.CONSTRUCTION, "origin": Origin.LOCAL}
    return ProjectDetails(**{**usual, **kind, **values})


def signed(cast):
    """How many signed projects there are, and their agreed investment in 万."""
    session.rollback()
    column = totals_by_stage(visible_to(scope_of(cast.leader)))[Stage.SIGNED]
    return column.count, column.sums[Currency.CNY] / WAN


def say(cast, project, wan, on, note="", figure=Figure.AGREED):
    with writing():
        project = session.get_one(Project, project.id)
        amount = None if wan is None else Decimal(wan * WAN)
        valuations.say(project, figure, amount, valid_from=on, note=note, by=cast.investment)


# 增资 and 升级 (decision 0012)


def test_an_addition_is_a_project_that_brings_only_the_increase(cast):
    original = factories.make_project(
        cast.office, "深蓝中心", *SIGNED, agreed_investment=Decimal(100 * WAN)
    )
    assert signed(cast) == (1, 100)
    factories.make_project(
        cast.office, "深蓝中心增资", *SIGNED, agreed_investment=Decimal(30 * WAN),
        nature=Nature.ADDITION, adds_to_id=original.id,
    )  # fmt: skip
    assert signed(cast) == (2, 130)


def test_an_upgrade_is_the_same_project_and_its_new_amount_replaces_the_old_from_its_day_on(cast):
    project = factories.make_project(
        cast.office, "深蓝中心", *SIGNED, agreed_investment=Decimal(100 * WAN)
    )
    with writing():
        upgrade(
            session.get_one(Project, project.id), on=date(2020, 8, 3), figure=Figure.AGREED,
            amount=Decimal(180 * WAN), key_level=KeyLevel.CITY, reason="列入市重点", by=cast.investment,
        )  # fmt: skip
    assert signed(cast) == (1, 180)
    found = reload(project)
    assert (found.nature, found.upgraded_on, found.key_level) == (
        Nature.UPGRADE,
        date(2020, 8, 3),
        KeyLevel.CITY,
    )
    rows = session.scalars(valuations.of_project(project.id, Figure.AGREED)).all()
    assert [(row.valid_from, row.amount / WAN) for row in rows] == [
        (date(2020, 8, 3), 180),
        (date(2020, 3, 5), 100),
    ]


@pytest.mark.parametrize("on", [date(2020, 3, 4), date(2020, 10, 1)])
def test_an_upgrade_lies_between_the_first_report_and_today(cast, on):
    project = factories.make_project(cast.office, "", *SIGNED)
    with pytest.raises(DomainError), writing():
        upgrade(
            session.get_one(Project, project.id), on=on, figure=Figure.AGREED, amount=None, key_level=None,
            reason="升级", by=cast.investment,
        )  # fmt: skip


def test_what_is_added_to_must_be_an_original_in_the_same_currency(cast):
    original = factories.make_project(cast.office, "深蓝一期")
    addition = factories.make_project(cast.office, nature=Nature.ADDITION, adds_to_id=original.id)
    for values in (
        {"nature": Nature.ADDITION},
        {"adds_to_id": original.id},
        {"nature": Nature.ADDITION, "adds_to_id": addition.id},
    ):
        with pytest.raises(DomainError) as refused, writing():
            register(details(cast, **values), by=cast.investment, on=TODAY)
        assert refused.value.field == "adds_to_id"


# Amounts


def test_amounts_are_dated_rows_and_the_last_valid_one_is_repeated(cast):
    project = factories.make_project(cast.office, "", *SIGNED, agreed_investment=Decimal(100 * WAN))
    say(cast, project, 120, date(2020, 7, 1), "补充协议")
    say(cast, project, 110, date(2020, 6, 1), "补录")  # back-dated: the later one stays
    assert reload(project).agreed_investment == 120 * WAN
    say(cast, project, None, date(2020, 9, 1), "协议终止")
    assert reload(project).agreed_investment is None
    assert len(session.scalars(select(Valuation)).all()) == 4


@pytest.mark.parametrize(
    ("on", "note", "field"),
    [
        (date(2020, 10, 1), "改", "valid_from"),
        (date(2020, 3, 4), "改", "valid_from"),
        (date(2020, 9, 30), "", "note"),
    ],
)
def test_an_amount_needs_a_day_that_has_come_and_a_reason(cast, on, note, field):
    project = factories.make_project(cast.office, "", *SIGNED, agreed_investment=Decimal(WAN))
    with pytest.raises(DomainError) as refused:
        say(cast, project, 120, on, note)
    assert refused.value.field == field


def test_the_form_asks_an_amount_once_and_a_forged_one_changes_nothing(cast, browser_of):
    project = factories.make_project(cast.office, "甲项目", expected_investment=Decimal(9 * WAN))
    browser = browser_of("investment")
    page = browser.get(f"/projects/{project.id}/edit").text
    assert 'name="expected_investment"' not in page
    assert 'name="agreed_investment"' in page
    data = {
        "name": "甲项目", "kind": "construction", "origin": "local", "purpose": "research", "nature": "new",
        "currency": "cny", "unit_id": cast.office.id, "version": 1, "agreed_investment": "8",
        "agreement_on": "2020-09-02", "expected_investment": "1",
    }  # fmt: skip
    assert browser.post(f"/projects/{project.id}/edit", data=data).status_code == 303
    found = reload(project)
    assert (found.expected_investment, found.agreed_investment) == (9 * WAN, 8 * WAN)
    agreed = session.scalar(valuations.of_project(project.id, Figure.AGREED))
    assert agreed.valid_from == date(2020, 9, 2)
    changed = {**data, "version": 2, "currency": "usd"}
    assert "不能改变币种" in browser.post(f"/projects/{project.id}/edit", data=changed).text


# Duplicates


def test_the_same_investor_with_the_same_undertaking_is_warned_of(cast, browser_of):
    factories.make_project(cast.carrier_a, "深蓝（亚太）中心", investor="深蓝控股有限公司")
    browser = browser_of("investment")
    data = {
        "name": "深蓝亚太中心", "investor": "深蓝控股 有限公司", "kind": "construction", "origin": "local",
        "purpose": "research", "nature": "new", "currency": "cny", "unit_id": cast.office.id,
        "first_reported_on": "2020-09-01",
    }  # fmt: skip
    asked = browser.get("/projects/twins", query_string=data)
    assert "深蓝（亚太）中心" in asked.text
    refused = browser.post("/projects", data=data)
    assert refused.status_code == 422
    assert "可能已经登记过" in refused.text
    assert browser.post("/projects", data={**data, "is_another": "y"}).status_code == 303


@pytest.mark.parametrize(
    ("name", "investor", "is_found"),
    [
        ("深蓝中心", "", True),
        ("深蓝中心", "另一家", False),
        ("深蓝研发中心", "深蓝控股", True),
        ("海外仓", "深蓝控股", False),
    ],
)
def test_what_counts_as_the_same(cast, name, investor, is_found):
    factories.make_project(cast.carrier_a, "深蓝中心", investor="深蓝控股有限公司")
    assert bool(twins(name, investor, scope_of(cast.investment))) is is_found


def test_a_twin_tells_no_more_than_the_reader_may_know(cast):
    made = factories.make_project(cast.carrier_a, "深蓝中心", investor="深蓝控股")
    of_b = twins("深蓝中心", "深蓝控股", scope_of(cast.b))
    assert [(twin.unit, twin.name) for twin in of_b] == [(cast.carrier_a.name, "")]
    with writing():
        session.get_one(Project, made.id).is_sealed = True
    assert twins("深蓝中心", "深蓝控股", scope_of(cast.b)) == []
    (hint,) = twins("深蓝中心", "深蓝控股", scope_of(cast.investment))
    assert (hint.unit, hint.name, hint.project_id, hint.stage) == ("", "", None, None)


# Partners, the firm it became


def test_partners_come_and_go_and_hold_no_more_than_the_whole(cast, browser_of):
    project = factories.make_project(cast.office)
    browser = browser_of("investment")
    address = f"/projects/{project.id}/partners"
    data = {"name": "创投一号", "role": "fund", "share": "60"}
    assert browser.post(address, data=data).status_code == 303
    assert "超过了全部投资" in browser.post(address, data={**data, "share": "40.01"}).text
    (partner,) = reload(project).partners
    assert (partner.role, partner.share) == (PartnerRole.FUND, Decimal(60))
    browser.post(f"{address}/{partner.id}/departures")
    assert reload(project).partners[0].left_on == TODAY
    assert browser.post(address, data=data).status_code == 303
    other = factories.make_project(cast.office)
    strange = f"/projects/{other.id}/partners/{partner.id}/departures"
    assert browser.post(strange).status_code == 404
    assert browser_of("leader").post(address, data=data).status_code == 403


def test_many_partners_are_written_at_once(cast):
    project = factories.make_project(cast.office)
    rows = [(project.id, partners.PartnerDetails(f"基金{n}", PartnerRole.FUND)) for n in (1, 2)]
    with writing():
        assert partners.take_in_many(rows, by=cast.investment) == 2
    assert [one.name for one in reload(project).partners] == ["基金1", "基金2"]


def test_builder_and_firm_are_seen_from_both_sides(cast, browser_of):
    builder = factories.make_company(cast.carrier_a, "常州建设一号有限公司")
    became = factories.make_company(cast.carrier_a, "常州深蓝智造有限公司")
    factories.make_project(
        cast.carrier_a, "深蓝基地", builder_id=builder.id, became_id=became.id, became_on=date(2020, 8, 9)
    )  # fmt: skip
    browser = browser_of("a")
    page = browser.get("/projects/1").text
    for text in (builder.name, became.name, "2020-08-09"):
        assert text in page
    assert "承建" in browser.get(f"/projects/companies/{builder.id}").text
    assert "2020-08-09 由其落地" in browser.get(f"/projects/companies/{became.id}").text
    timeline = browser.get(f"/companies/{became.id}/timeline").text
    assert "由招商项目“深蓝基地”落地" in timeline
