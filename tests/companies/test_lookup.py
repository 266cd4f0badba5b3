"""Which firm a row means: by code, by name, by a former name; what is only alike is proposed."""

from datetime import date
from typing import Any

import pytest

from crm.companies.lookup import How, Named, expect, find
from crm.companies.models import CompanyKind, FormerName
from crm.companies.names import name_key
from crm.core.clock import now
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.people.scope import scope_of
from tests import factories


def _give_former_name(company: Any, name: str) -> None:
    with writing():
        session.add(
            FormerName(
                company_id=company.id, name=name, name_key=name_key(name), until_on=date(2019, 5, 1)
            )
        )


def test_a_code_a_name_and_a_former_name_are_sure(cast: Any, query_count: Any) -> None:
    firm = factories.make_company(cast.carrier_a, "常州光合机器人（集团）有限公司")
    team = factories.make_company(cast.carrier_a, "微尺传感团队", uscc=None, kind=CompanyKind.TEAM)
    _give_former_name(firm, "常州旧名科技有限公司")
    asked = [
        Named("随便什么名称", firm.uscc),
        Named("常州光合机器人(集团) 有限公司"),
        Named("常州旧名科技有限公司"),
        Named("微尺传感团队", factories.make_uscc()),  # the team has got its licence
    ]
    scope = scope_of(cast.a)
    found = find(asked, scope)
    hows = [(one.firm.id, one.how) for one in found if one.firm]
    assert hows == [
        (firm.id, How.CODE),
        (firm.id, How.NAME),
        (firm.id, How.FORMER_NAME),
        (team.id, How.NAME),
    ]
    with query_count() as few:
        find(asked, scope)
    with query_count() as many:
        find(asked * 50, scope)
    assert len(many) == len(few)


def test_a_name_with_another_code_or_another_legal_form_is_only_proposed(cast: Any) -> None:
    firm = factories.make_company(cast.carrier_a, "常州光合智能机器人装备有限公司")
    found = find(
        [
            Named("常州光合智能机器人装备有限公司", factories.make_uscc()),
            Named("常州光合智能机器人装备股份有限公司"),
            Named("常州光合智能机器入装备有限公司"),
            Named("常州光合智能机器入装备有限公司", factories.make_uscc()),  # two codes, two firms
            Named("完全不同的企业"),
        ],
        scope_of(cast.a),
    )
    assert [one.firm for one in found] == [None] * 5
    assert [[other.id for other in one.alike] for one in found] == [
        [firm.id], [firm.id], [firm.id], [], [],
    ]  # fmt: skip


def test_a_firm_of_another_unit_or_in_the_archive_is_not_to_be_had(cast: Any) -> None:
    theirs = factories.make_company(cast.carrier_b, "常州光合机器人有限公司")
    gone = factories.make_company(cast.carrier_a, "常州微尺传感有限公司", archived_at=now())
    found = find(
        [
            Named("常州光合机器人有限公司"),
            Named("", gone.uscc or ""),
            Named("常州微尺传感有限公司"),
        ],
        scope_of(cast.a),
    )
    assert found[0].firm
    assert (found[0].firm.id, found[0].firm.is_mine) == (theirs.id, False)
    for one, words in zip(found, ("大创园", "归档", "没有这家"), strict=True):
        with pytest.raises(DomainError, match=words):
            expect(one)
