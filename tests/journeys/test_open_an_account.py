"""The administrator opens and closes an account; the auditor reads that in the log and proves the log whole."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.browsing import Visitor

USERNAME, PERSON = "lu.yuanhang", "陆远航"
NEW_PASSWORD = "a river runs past the park"


def test_a_new_person_changes_the_first_password_and_a_disabled_one_is_out(
    visitor: Callable[..., Visitor],
) -> None:
    admin = visitor("admin")
    admin.open("/users/new")
    admin.fill(username=USERNAME, name=PERSON, unit_id="大创园")
    admin.find("[name=roles][value=incubator_staff]").check()
    with admin.page.expect_response(lambda answer: answer.status == 201):
        admin.follow(admin.find("main form .btn-primary"))
    first_password = admin.find("#first-password").inner_text()

    newcomer = visitor()
    newcomer.sign_in_with(USERNAME, first_password)
    expect(newcomer.page).to_have_url(f"{newcomer.address}/password")
    newcomer.open("/companies")
    expect(newcomer.page).to_have_url(f"{newcomer.address}/password")
    with newcomer.refused(422):
        _change_password(newcomer, first_password, "12345678")
    expect(newcomer.find("[role=alert]")).to_contain_text("太常见")
    _change_password(newcomer, first_password, NEW_PASSWORD)
    expect(newcomer.find("h1")).to_have_text("我的工作")

    admin.open(f"/users?q={USERNAME}")
    admin.follow(admin.find("main a", PERSON))
    admin.follow(admin.find("form[action$=disable] button"))
    newcomer.open("/companies")
    expect(newcomer.page).to_have_url(f"{newcomer.address}/login?next=/companies")
    with newcomer.refused(422):
        newcomer.sign_in_with(USERNAME, NEW_PASSWORD)

    auditor = visitor("auditor")
    auditor.open("/audit?kind=user")
    expect(auditor.find("tr", PERSON).first).to_contain_text("金望舒")
    auditor.find("a", "校验日志").click()
    expect(auditor.find("#verdict.tone-ok")).to_contain_text("全部完好")
    auditor.look()


def _change_password(person: Visitor, present: str, new: str) -> None:
    person.fill(present=present, password=new, again=new)
    person.follow(person.find("form[data-save] .btn-primary"))
