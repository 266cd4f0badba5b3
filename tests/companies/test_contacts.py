"""People to call: one of them first, masked everywhere but by right, and never in clear in the log."""

from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.companies.contacts import add_contact, clean_id_number
from crm.companies.models import Company, Contact
from crm.companies.services import ContactDetails
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.people.models import User
from crm.people.roles import Right, Role
from tests.factories import make_company, make_user, signed_in_client

ID_NUMBER = "11010519491231002X"  # the example of GB 11643-1999
DATA = {
    "name": "李雷", "position": "总经理", "phone": "13812340000", "email": "lilei@example.com", "id_number": ID_NUMBER,
}  # fmt: skip
CLEAR = ("13812340000", "lilei@", ID_NUMBER, "19491231")


def _contacts() -> list[Contact]:
    return list(session.scalars(select(Contact).order_by(Contact.id)))


def _log() -> str:
    return "\n".join(session.scalars(select(AuditEntry.details)))


def test_contacts_are_added_changed_and_removed_and_one_is_first(
    browser_of: Any, cast: Any
) -> None:
    company = make_company(cast.carrier_a)
    browser, address = browser_of("a"), f"/companies/{company.id}/contacts"
    assert browser.get(f"{address}/new").status_code == 200
    answer = browser.post(address, data=DATA)
    assert (answer.status_code, answer.location) == (303, f"/companies/{company.id}#contacts")
    browser.post(address, data={"name": "韩梅梅", "phone": "13912340001"})
    first, second = _contacts()
    assert (first.is_primary, second.is_primary) == (True, False)
    page = browser.get(f"/companies/{company.id}").text
    for words in ("李雷", "韩梅梅", "138****0000", "11**************2X", "首要"):
        assert words in page
    edit = f"{address}/{second.id}/edit"
    assert browser.get(edit).status_code == 200
    values = {"name": "韩梅", "position": "会计", "is_primary": "y", "version": 1}
    assert browser.post(edit, data=values).status_code == 303
    first, second = _contacts()
    assert (first.is_primary, second.is_primary) == (False, True)
    assert (second.name, second.phone) == ("韩梅", "13912340001")  # left empty: as it was
    gone = browser.post(f"{address}/{second.id}/archivings", data={"version": 2})
    assert gone.status_code == 303
    first, second = _contacts()
    assert second.archived_at is not None
    assert first.is_primary
    page = browser.get(f"/companies/{company.id}").text
    assert "移除联系人“韩梅”" in page
    assert browser.get(edit).status_code == 404


def test_what_is_personal_is_cleared_only_when_asked(browser_of: Any, cast: Any) -> None:
    company = make_company(cast.carrier_a)
    browser, address = browser_of("a"), f"/companies/{company.id}/contacts"
    browser.post(address, data=DATA)
    edit = f"{address}/{_contacts()[0].id}/edit"
    values = {"name": "李雷", "version": 1, "forget": ["id_number", "email"]}
    both = browser.post(edit, data={**values, "email": "new@example.com"})
    assert both.status_code == 422
    assert "不能既填写又清除" in both.text
    assert browser.post(edit, data=values).status_code == 303
    contact = _contacts()[0]
    assert (contact.phone, contact.email, contact.id_number) == ("13812340000", "", "")


def test_no_page_and_no_log_holds_it_in_clear(browser_of: Any, cast: Any) -> None:
    company = make_company(cast.carrier_a)
    browser, address = browser_of("a"), f"/companies/{company.id}/contacts"
    browser.post(address, data=DATA)
    contact = _contacts()[0]
    browser.post(
        f"{address}/{contact.id}/edit",
        data={"name": "李雷", "phone": "13912349999", "version": 1},
    )
    pages = [f"/companies/{company.id}", f"{address}/{contact.id}/edit", "/companies?q=13812340000"]
    seen = (
        "".join(browser.get(page).text for page in pages) + browser_of("auditor").get("/audit").text
    )
    for clear in (*CLEAR, "13912349999"):
        assert clear not in _log()
        if clear != "13812340000":
            assert clear not in seen
    assert "138****0000" in _log()
    assert "139****9999" in _log()


def test_the_right_reveals_the_id_number_as_well_and_the_look_is_logged(
    app: Any, cast: Any
) -> None:
    company = make_company(cast.carrier_a)
    with writing():
        add_contact(session.get_one(Company, company.id), ContactDetails(**DATA), by=cast.a)
    person = make_user(Role.INCUBATOR_STAFF, unit=cast.carrier_a, rights=(Right.UNMASK,))
    page = signed_in_client(app, person).post(f"/companies/{company.id}/contacts/reveals").text
    assert ID_NUMBER in page
    assert session.scalars(select(AuditEntry.action)).all()[-1] == "contacts.revealed"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (ID_NUMBER.lower(), ID_NUMBER),
        ("110105 19491231 002X", ID_NUMBER),
        ("110105194912310021", None),  # the check digit
        ("110105199902300025", None),  # no such day
        ("e12345678", "E12345678"),
        ("123456789", None),
        ("E1", None),
        ("E" * 21, None),
        ("<script>", None),
    ],
)
def test_an_id_number_checks_out_or_is_a_passports(typed: str, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(DomainError):
            clean_id_number(typed)
    else:
        assert clean_id_number(typed) == kept


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "甲" * 41), ("phone", "<b>"), ("email", "x"), ("id_number", "1101")],
)
def test_bad_input_is_refused_and_kept(browser_of: Any, cast: Any, field: str, value: str) -> None:
    company = make_company(cast.carrier_a)
    answer = browser_of("a").post(f"/companies/{company.id}/contacts", data={**DATA, field: value})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "总经理" in answer.text
    assert _contacts() == []


def test_of_two_who_edit_a_contact_the_second_is_told(browser_of: Any, cast: Any) -> None:
    company = make_company(cast.carrier_a)
    browser, address = browser_of("a"), f"/companies/{company.id}/contacts"
    browser.post(address, data=DATA)
    edit = f"{address}/{_contacts()[0].id}/edit"
    assert browser.post(edit, data={"name": "李一", "version": 1}).status_code == 303
    answer = browser.post(edit, data={"name": "李二", "version": 1})
    assert answer.status_code == 409
    assert 'value="李二"' in answer.text
    gone = browser.post(f"{edit.removesuffix('/edit')}/archivings", data={"version": 1})
    assert gone.status_code == 409
    assert _contacts()[0].name == "李一"
    assert _contacts()[0].archived_at is None


def test_two_first_contacts_at_once_leave_one(cast: Any, at_once: Any) -> None:
    company_id, staff_id = make_company(cast.carrier_a).id, cast.a.id

    def add() -> None:
        with writing():
            company = session.get_one(Company, company_id)
            by = session.get_one(User, staff_id)
            add_contact(company, ContactDetails("某人"), by=by, is_primary=True)

    assert at_once(add, add) == [None, None]
    assert sorted(contact.is_primary for contact in _contacts()) == [False, True]


def test_strangers_and_readers_touch_no_contact(browser_of: Any, cast: Any) -> None:
    company, other = make_company(cast.carrier_a), make_company(cast.carrier_a)
    browser_of("a").post(f"/companies/{company.id}/contacts", data=DATA)
    contact = _contacts()[0]
    ways = (
        ("get", "contacts/new"),
        ("post", "contacts"),
        ("get", f"contacts/{contact.id}/edit"),
        ("post", f"contacts/{contact.id}/edit"),
        ("post", f"contacts/{contact.id}/archivings"),
    )
    for who, status in (("b", 404), ("leader", 403), ("auditor", 403)):
        for method, way in ways:
            answer = getattr(browser_of(who), method)(
                f"/companies/{company.id}/{way}",
                data={**DATA, "version": 1} if method == "post" else None,
            )
            assert answer.status_code == status, (who, way)
    elsewhere = f"/companies/{other.id}/contacts/{contact.id}/edit"
    assert browser_of("a").get(elsewhere).status_code == 404
    assert len(_contacts()) == 1
    assert _contacts()[0].version == 1
