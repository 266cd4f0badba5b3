"""Saved views: one's own, shared ones, the default; nobody sees a stranger's, nobody's scope grows."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.core.db import session
from crm.lists.models import SavedView
from tests.factories import make_company

TEAMS = "where=kind:is:team"


def _save(browser: Any, **values: Any) -> int:
    answer = browser.post("/views/companies", data={"name": "团队", "state": TEAMS, **values})
    assert answer.status_code == 303, answer.text
    return int(answer.location.rpartition("=")[2])


def _view(number: int) -> SavedView:
    return session.scalars(select(SavedView).where(SavedView.id == number)).one()


def test_a_view_keeps_the_filter_and_opens_by_its_address(browser_of: Any, cast: Any) -> None:
    firm = make_company(cast.carrier_a, "常州甲有限公司")
    team = make_company(cast.carrier_a, "乙团队", kind="team")
    browser = browser_of("a")
    form = browser.get(f"/views/companies/new?state={TEAMS}").text
    assert "类别 是 团队" in form
    number = _save(browser)
    page = browser.get(f"/companies?view={number}").text
    assert team.name in page
    assert firm.name not in page
    assert "类别 是 团队" in page
    assert firm.name in browser.get("/companies").text
    assert session.scalars(select(AuditEntry.action)).all() == ["view.saved"]


def test_the_default_view_opens_the_list_and_can_be_left(browser_of: Any, cast: Any) -> None:
    firm = make_company(cast.carrier_a, "常州甲有限公司")
    browser = browser_of("a")
    first, second = _save(browser, is_default="y"), _save(browser, name="另一个", is_default="y")
    assert [_view(n).is_default for n in (first, second)] == [False, True]
    assert firm.name not in browser.get("/companies").text
    assert firm.name in browser.get("/companies?view=0").text
    assert firm.name in browser.get("/companies?q=").text
    assert firm.name not in browser.get(f"/companies?view={second}").text
    assert 'href="/companies?view=0"' in browser.get("/companies").text


def test_a_shared_view_never_widens_a_scope(browser_of: Any, cast: Any) -> None:
    mine, other = (
        make_company(cast.carrier_a, "甲团队", kind="team"),
        make_company(cast.carrier_b, "乙团队", kind="team"),
    )
    state = f"{TEAMS}&unit={cast.carrier_b.id}"
    number = _save(browser_of("leader"), is_shared="y", state=state)
    page = browser_of("a").get(f"/companies?view={number}").text
    assert other.name not in page
    assert mine.name in page
    assert "韩主任" in page
    assert other.name in browser_of("b").get(f"/companies?view={number}").text


@pytest.mark.parametrize("who", ["b", "leader", "auditor"])
def test_a_private_view_of_somebody_else_is_not_found(browser_of: Any, cast: Any, who: str) -> None:
    number, stranger = _save(browser_of("a")), browser_of(who)
    assert stranger.get(f"/companies?view={number}").status_code == 404
    assert stranger.get(f"/views/{number}/edit").status_code == 404
    assert stranger.post(f"/views/{number}", data={"name": "改", "version": 1}).status_code == 404
    assert stranger.post(f"/views/{number}/archive").status_code == 404
    assert _view(number).name == "团队"


def test_a_shared_view_is_its_owners_to_change(browser_of: Any, cast: Any) -> None:
    number, other = _save(browser_of("a"), is_shared="y"), browser_of("b")
    assert other.get(f"/companies?view={number}").status_code == 200
    assert other.post(f"/views/{number}", data={"name": "改", "version": 1}).status_code == 403
    assert other.post(f"/views/{number}/archive").status_code == 403
    assert _view(number).archived_at is None


def test_only_who_may_share_shares(browser_of: Any, cast: Any) -> None:
    answer = browser_of("auditor").post(
        "/views/companies", data={"name": "共享", "state": TEAMS, "is_shared": "y"}
    )
    assert answer.status_code == 403
    assert "不能共享" in answer.text
    assert session.scalars(select(SavedView)).all() == []


def test_a_view_is_renamed_updated_and_put_away(browser_of: Any, cast: Any) -> None:
    browser = browser_of("a")
    number = _save(browser, is_default="y")
    page = browser.get(f"/views/{number}/edit?state=where=kind:is:branch").text
    assert "类别 是 分公司" in page
    values = {"name": "分公司", "state": "where=kind:is:branch", "version": 1}
    assert browser.post(f"/views/{number}", data=values).status_code == 303
    view = _view(number)
    assert (view.name, view.state, view.version) == ("分公司", "where=kind:is:branch", 2)
    stale = browser.post(f"/views/{number}", data={**values, "name": "后改"})
    assert stale.status_code == 409
    assert 'value="后改"' in stale.text
    assert browser.post(f"/views/{number}/archive").status_code == 303
    assert browser.get(f"/companies?view={number}").status_code == 404
    assert browser.get("/companies").status_code == 200
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [e.action for e in entries] == ["view.saved", "view.changed", "view.archived"]
    assert json.loads(entries[1].details)["changes"]["name"] == ["团队", "分公司"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [({"name": ""}, "请填写视图名称"), ({"name": "长" * 41}, "不能超过40个字符")],
)
def test_a_bad_name_is_refused_and_kept(
    browser_of: Any, cast: Any, values: dict[str, str], sentence: str
) -> None:
    answer = browser_of("a").post("/views/companies", data={"state": TEAMS, **values})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{TEAMS}"' in answer.text


def test_a_view_keeps_only_what_the_list_understands(browser_of: Any, cast: Any) -> None:
    number = _save(browser_of("a"), state=f"{TEAMS}&after=9&view=3&<script>=1&sort=-name&cols=kind")
    assert _view(number).state == f"{TEAMS}&sort=-name&cols=kind"
    answer = browser_of("a").post("/views/companies", data={"name": "x", "state": "where=a:b:c"})
    assert answer.status_code == 422


def test_views_of_no_list_and_of_no_reader(browser_of: Any, cast: Any) -> None:
    assert browser_of("a").get("/views/secrets/new").status_code == 404
    assert browser_of("admin").get("/views/companies/new").status_code == 403
    assert browser_of("admin").post("/views/companies", data={"name": "x"}).status_code == 403
