"""Pages for who administers people and units."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from crm.accounts.models import AuthSession
from crm.accounts.passwords import matches
from crm.audit.models import AuditEntry
from crm.core.db import session
from crm.people.models import Unit, UnitKind, User
from crm.people.roles import Right, Role
from tests import factories


def _new_user(cast: factories.Cast, **values: Any) -> dict[str, Any]:
    return {
        "username": "zhao",
        "name": "赵新",
        "unit_id": cast.office.id,
        "roles": ["leader"],
        "rights": ["export"],
        **values,
    }


def test_a_new_account_gets_a_random_password_shown_once(
    cast: factories.Cast, browser_of: Any
) -> None:
    admin = browser_of("admin")

    page = admin.post("/users", data=_new_user(cast))

    assert page.status_code == 201
    password = re.search(r'id="first-password">([^<]+)<', page.text).group(1)
    zhao = session.scalars(select(User).where(User.username == "zhao")).one()
    assert (zhao.name, zhao.roles, zhao.rights) == ("赵新", {Role.LEADER}, {Right.EXPORT})
    assert zhao.must_change_password
    assert matches(zhao.password_hash, password)
    assert password not in admin.get("/users").text
    assert password not in "".join(session.scalars(select(AuditEntry.details)))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"username": "Zhao Xin"}, "用户名只用小写字母"),
        ({"username": "a" * 41}, "Field cannot be longer than 40|不能超过|长度"),
        ({"name": "  "}, "请填写姓名。"),
        ({"name": "赵\u202e新\x07"}, "含有不能保存的字符"),
        ({"roles": []}, "请至少选择一个角色。"),
        ({"roles": ["god"]}, "god|选择|choice"),
        ({"unit_id": 999}, "选择|choice"),
    ],
)
def test_a_bad_new_account_is_refused_and_what_was_typed_stays(
    cast: factories.Cast, browser_of: Any, change: dict[str, Any], sentence: str
) -> None:
    page = browser_of("admin").post("/users", data=_new_user(cast, **change))

    assert page.status_code == 422
    assert re.search(sentence, page.text)
    assert 'value="赵新"' in page.text or "name" in change
    assert session.scalar(select(User).where(User.name == "赵新")) is None


def test_a_user_name_is_given_once(cast: factories.Cast, browser_of: Any) -> None:
    page = browser_of("admin").post("/users", data=_new_user(cast, username="leader"))

    assert page.status_code == 409
    assert "用户名已被使用。" in page.text


def test_changing_a_person_says_before_and_after_in_the_log(
    cast: factories.Cast, browser_of: Any
) -> None:
    data = {
        "name": "安一一",
        "unit_id": cast.carrier_b.id,
        "roles": ["incubator_staff", "unit_head"],
        "version": 1,
    }

    assert browser_of("admin").post(f"/users/{cast.a.id}", data=data).status_code == 303

    changed = session.get_one(User, cast.a.id)
    assert (changed.name, changed.unit_id) == ("安一一", cast.carrier_b.id)
    page = browser_of("auditor").get("/audit?kind=user").text
    assert "<del>安一</del> → <ins>安一一</ins>" in page
    assert "<ins>孵化器专员、单位负责人</ins>" in page


def test_an_older_form_does_not_overwrite_a_newer_one(
    cast: factories.Cast, browser_of: Any
) -> None:
    admin = browser_of("admin")
    data = {
        "name": "安一一",
        "unit_id": cast.carrier_a.id,
        "roles": ["incubator_staff"],
        "version": 1,
    }
    admin.post(f"/users/{cast.a.id}", data=data)

    page = admin.post(f"/users/{cast.a.id}", data={**data, "name": "安二"})

    assert page.status_code == 409
    assert 'value="安二"' in page.text
    assert session.get_one(User, cast.a.id).name == "安一一"


def test_nobody_gives_himself_rights(cast: factories.Cast, browser_of: Any) -> None:
    data = {"name": "金管理", "unit_id": cast.park.id, "roles": ["admin", "leader"], "version": 1}

    page = browser_of("admin").post(f"/users/{cast.admin.id}", data=data)

    assert page.status_code == 422
    assert "不能修改自己的角色、权利和单位" in page.text
    assert session.get_one(User, cast.admin.id).roles == {Role.ADMIN}


def test_a_disabled_person_is_out_and_stays_out_when_enabled_again(
    cast: factories.Cast, browser_of: Any
) -> None:
    admin, theirs = browser_of("admin"), browser_of("a")
    assert theirs.get("/sessions").status_code == 200

    admin.post(f"/users/{cast.a.id}/disable")
    assert theirs.get("/sessions").location == "/login?next=/sessions"

    admin.post(f"/users/{cast.a.id}/enable")
    assert theirs.get("/sessions").location == "/login?next=/sessions"
    assert session.get_one(User, cast.a.id).disabled_at is None


def test_resetting_a_password_ends_the_sessions_and_asks_for_a_new_one(
    cast: factories.Cast, browser_of: Any
) -> None:
    admin, theirs = browser_of("admin"), browser_of("a")

    page = admin.post(f"/users/{cast.a.id}/first-password")

    password = re.search(r'id="first-password">([^<]+)<', page.text).group(1)
    user = session.get_one(User, cast.a.id)
    assert user.must_change_password
    assert matches(user.password_hash, password)
    assert theirs.get("/sessions").status_code == 303


@pytest.mark.parametrize("verb", ["disable", "first-password"])
def test_an_admin_cannot_lock_himself_out_or_skip_his_own_password(
    cast: factories.Cast, browser_of: Any, verb: str
) -> None:
    admin = browser_of("admin")

    assert admin.post(f"/users/{cast.admin.id}/{verb}").status_code == 422
    assert admin.get("/users").status_code == 200


@pytest.mark.parametrize("who", ["a", "leader", "auditor"])
def test_others_administer_nothing_and_a_refusal_changes_nothing(
    cast: factories.Cast, browser_of: Any, who: str
) -> None:
    client = browser_of(who)
    posts = (
        ("/users", _new_user(cast)),
        (
            f"/users/{cast.b.id}",
            {"name": "改", "unit_id": cast.park.id, "roles": ["admin"], "version": 1},
        ),
        (f"/users/{cast.b.id}/disable", {}),
        (f"/users/{cast.b.id}/first-password", {}),
        ("/units", {"name": "新", "code": "new", "kind": "office", "parent_id": cast.park.id}),
        (f"/units/{cast.park.id}", {"name": "改", "version": 1}),
    )

    assert [client.post(address, data=data).status_code for address, data in posts] == [403] * len(
        posts
    )

    unchanged = session.get_one(User, cast.b.id)
    assert (unchanged.name, unchanged.roles, unchanged.disabled_at) == (
        "白二",
        {Role.INCUBATOR_STAFF},
        None,
    )
    assert unchanged.password_hash == "!"
    assert session.get_one(Unit, cast.park.id).name == "科教城"
    assert session.scalars(select(AuditEntry.action)).all() == []


def test_a_unit_is_put_below_another(cast: factories.Cast, browser_of: Any) -> None:
    data = {
        "name": "中以创新园",
        "code": "israel",
        "kind": "garden",
        "parent_id": cast.carrier_a.id,
    }

    assert browser_of("admin").post("/units", data=data).location == "/units"

    made = session.scalars(select(Unit).where(Unit.code == "israel")).one()
    assert (made.kind, made.path) == (UnitKind.GARDEN, f"{cast.carrier_a.path}{made.id}/")
    page = browser_of("admin").get("/units").text
    assert page.index("国家大学科技园") < page.index("中以创新园") < page.index("大创园")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"code": "ustp"}, 409),
        ({"name": "大创园"}, 409),
        ({"code": "1号"}, 422),
        ({"parent_id": 999}, 422),
    ],
)
def test_a_bad_unit_is_refused(
    cast: factories.Cast, browser_of: Any, change: dict[str, Any], status: int
) -> None:
    data = {
        "name": "中以创新园",
        "code": "israel",
        "kind": "garden",
        "parent_id": cast.park.id,
        **change,
    }

    assert browser_of("admin").post("/units", data=data).status_code == status
    assert session.scalar(select(Unit).where(Unit.code == "israel")) is None


def test_a_unit_is_renamed_by_the_newest_form_only(cast: factories.Cast, browser_of: Any) -> None:
    admin = browser_of("admin")

    assert (
        admin.post(f"/units/{cast.office.id}", data={"name": "产业处", "version": 1}).status_code
        == 303
    )
    assert (
        admin.post(f"/units/{cast.office.id}", data={"name": "旧", "version": 1}).status_code == 409
    )
    assert (
        admin.post(f"/units/{cast.office.id}", data={"name": "科教城", "version": 2}).status_code
        == 409
    )
    assert session.get_one(Unit, cast.office.id).name == "产业处"


def test_the_list_searches_and_pages(
    app: Flask, cast: factories.Cast, browser_of: Any, query_count: Any
) -> None:
    admin = browser_of("admin")
    with query_count() as few:
        admin.get("/users")
    for number in range(60):
        factories.make_user(
            Role.LEADER, unit=cast.office, username=f"z{number:03}", name=f"员{number}"
        )
    with query_count() as many:
        first = admin.get("/users").text

    assert len(few) == len(many)
    after = re.search(r'href="(/users\?after=[^"]+)"', first).group(1)
    assert admin.get(after).text.count('data-label="用户名"') == 9 + 60 - 50
    found = admin.get("/users?q=白二").text
    assert found.count('data-label="用户名"') == 1
    assert admin.get("/users?q=%25").text.count('data-label="用户名"') == 0
    assert session.scalars(select(AuthSession)).first() is not None
