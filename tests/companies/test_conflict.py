"""Two people edit one firm: what one side changed is merged and said, what both did is chosen, nothing is lost."""

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.queries import details_of
from crm.companies.changes import change, change_merging
from crm.companies.conflict import EditConflict, merge
from crm.companies.models import Company, EconomyType
from crm.companies.services import CompanyDetails
from crm.companies.services import details_of as details_of_company
from crm.core.db import session, writing
from crm.people.models import User
from crm.people.roles import Role
from tests.factories import make_company, make_user, signed_in_client


@pytest.fixture
def company(cast: Any) -> Company:
    return make_company(
        cast.carrier_a, "原名有限公司", legal_representative="王五", established_on=date(2020, 1, 2)
    )


def _typed(company: Company, **values: Any) -> dict[str, Any]:
    return {
        "name": "原名有限公司", "kind": "enterprise", "uscc": company.uscc, "legal_representative": "王五",
        "established_on": "2020-01-02", "industry_code": "I65", "version": 1, **values,
    }  # fmt: skip


def _now() -> Company:
    session.expire_all()
    return session.scalars(select(Company)).one()


@pytest.fixture
def colleagues(app: Any, cast: Any, browser_of: Any) -> Any:
    """Two browsers of two people of one carrier."""
    other = make_user(Role.INCUBATOR_STAFF, unit=cast.carrier_a, name="钱七")
    return browser_of("a"), signed_in_client(app, other)


def test_what_only_one_side_changed_is_merged_and_said(company: Company, colleagues: Any) -> None:
    first, second = colleagues
    address = f"/companies/{company.id}/edit"
    theirs = _typed(company, legal_representative="赵六", economy_types=["digital"])
    assert first.post(address, data=theirs).status_code == 303
    mine = _typed(company, registered_address="常武中路18号")
    answer = second.post(address, data=mine)
    assert answer.status_code == 303
    page = second.get(answer.location).text
    assert "保留了他人同时修改的：法定代表人、四类经济" in page
    now = _now()
    assert (now.legal_representative, now.registered_address) == ("赵六", "常武中路18号")
    assert now.economy_types == {EconomyType.DIGITAL}
    assert now.version == 3


@pytest.mark.parametrize(
    ("side", "kept"),
    [("mine", "后改有限公司"), ("theirs", "先改有限公司"), ("before", "原名有限公司")],
)
def test_what_both_changed_is_chosen(
    company: Company, colleagues: Any, side: str, kept: str
) -> None:
    first, second = colleagues
    address = f"/companies/{company.id}/edit"
    first.post(address, data=_typed(company, name="先改有限公司", legal_representative="赵六"))
    mine = _typed(company, name="后改有限公司", registered_address="常武中路18号")
    answer = second.post(address, data=mine)
    assert answer.status_code == 409
    for words in ("我填写的", "对方保存的", "修改之前的", "先改有限公司", "原名有限公司", "安一"):
        assert words in answer.text
    assert 'value="后改有限公司"' in answer.text  # what was typed is still there
    assert 'value="常武中路18号"' in answer.text
    assert "他人修改、您没有改动的内容将予以保留：法定代表人" in answer.text
    assert re.search(r'name="seen"[^>]*value="2"', answer.text)
    assert re.search(r'name="version"[^>]*value="1"', answer.text)
    assert _now().name == "先改有限公司"
    assert second.post(address, data={**mine, "seen": 2}).status_code == 409  # nothing chosen
    answer = second.post(address, data={**mine, "seen": 2, "choice-name": side})
    assert answer.status_code == 303
    now = _now()
    assert (now.name, now.legal_representative) == (kept, "赵六")
    assert now.registered_address == "常武中路18号"


def test_a_choice_made_before_a_third_edit_is_asked_for_again(
    company: Company, colleagues: Any
) -> None:
    first, second = colleagues
    address = f"/companies/{company.id}/edit"
    first.post(address, data=_typed(company, name="先改有限公司"))
    mine = _typed(company, name="后改有限公司")
    assert second.post(address, data=mine).status_code == 409
    first.post(address, data=_typed(company, name="又改有限公司", version=2))
    answer = second.post(address, data={**mine, "seen": 2, "choice-name": "mine"})
    assert answer.status_code == 409
    assert "又改有限公司" in answer.text
    answer = second.post(address, data={**mine, "seen": 3, "choice-name": "mine"})
    assert answer.status_code == 303
    assert _now().name == "后改有限公司"


def test_both_typing_the_same_is_no_conflict(company: Company, colleagues: Any) -> None:
    first, second = colleagues
    for browser in (first, second):
        answer = browser.post(
            f"/companies/{company.id}/edit", data=_typed(company, name="新名有限公司")
        )
        assert answer.status_code == 303
    assert [former.name for former in _now().former_names] == ["原名有限公司"]


@pytest.mark.parametrize("choice", ["x", "", "mine'"])
def test_a_choice_that_is_none_settles_nothing(
    company: Company, colleagues: Any, choice: str
) -> None:
    first, second = colleagues
    address = f"/companies/{company.id}/edit"
    first.post(address, data=_typed(company, name="先改有限公司"))
    mine = _typed(company, name="后改有限公司", seen=2)
    assert second.post(address, data={**mine, "choice-name": choice}).status_code == 409
    assert _now().name == "先改有限公司"


def test_every_kind_of_value_comes_back_out_of_the_log(company: Company, cast: Any) -> None:
    before = details_of_company(company)
    after = CompanyDetails(
        "新名有限公司", uscc=company.uscc, established_on=None, economy_types=frozenset(EconomyType),
        is_safety_focus=True, staff_contact_id=cast.a.id, business_scope="软件",
    )  # fmt: skip
    with writing():
        change(company, after, version=1, by=cast.a)
    both = merge(company, before, since=1)  # somebody saved the form as it was
    assert both.clashes == ()
    assert both.details == after
    assert set(both.taken) >= {"name", "established_on", "economy_types", "staff_contact_id"}


def test_where_the_log_has_a_gap_everything_that_differs_is_asked(
    company: Company, cast: Any
) -> None:
    mine = details_of_company(company)
    with writing():
        company = session.get_one(Company, company.id)
        company.legal_representative = (
            "赵六"  # as a bulk statement would, without a line of its own
        )
        company.version += 1
    both = merge(company, mine, since=1)
    assert not both.is_history_known
    assert [clash.field for clash in both.clashes] == ["legal_representative"]


def test_each_entry_says_to_which_version_it_led(company: Company, cast: Any) -> None:
    for number in (1, 2):
        with writing():
            details = CompanyDetails(f"第{number}名有限公司", uscc=company.uscc)
            change(company, details, version=number, by=cast.a)
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [details_of(entry)["version"] for entry in entries] == [2, 3]


def test_of_two_at_the_very_same_time_both_are_kept_or_one_is_asked(
    company: Company, cast: Any, at_once: Any
) -> None:
    company_id, staff_id, uscc = company.id, cast.a.id, company.uscc
    base = details_of_company(company)

    def save(**values: Any) -> Any:
        def act() -> tuple[str, ...]:
            with writing():
                return change_merging(
                    session.get_one(Company, company_id),
                    CompanyDetails(**{**vars(base), **values}),
                    version=1,
                    by=session.get_one(User, staff_id),
                )

        return act

    assert uscc
    said = at_once(save(registered_address="东"), save(business_scope="软件"))
    assert sorted(said, key=len)[0] == ()
    assert sorted(said, key=len)[1] in (("registered_address",), ("business_scope",))
    assert (_now().registered_address, _now().business_scope) == ("东", "软件")
    base = details_of_company(_now())

    def rename(name: str) -> Any:
        def act() -> tuple[str, ...]:
            with writing():
                return change_merging(
                    session.get_one(Company, company_id),
                    CompanyDetails(**{**vars(base), "name": name}),
                    version=3,
                    by=session.get_one(User, staff_id),
                )

        return act

    said = at_once(rename("甲有限公司"), rename("乙有限公司"))
    assert sorted(isinstance(answer, EditConflict) for answer in said) == [False, True]
    assert _now().version == 4
