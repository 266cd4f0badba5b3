"""Pages of look-alikes and merges: who sees which, what is refused, where a merged record's addresses lead."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from crm.companies import duplicates
from crm.companies.duplicate_models import DuplicatePair, Merge, PairState
from crm.companies.forms import facts_in_form
from crm.companies.merging import defaults
from crm.companies.models import Company, ResidenceKind
from crm.core.db import session, writing
from crm.people.roles import Role
from tests import factories

NAMES = ("常州甲华科技有限公司", "常州甲华科技有限责任公司")


@pytest.fixture
def twins(cast: factories.Cast) -> tuple[Company, Company]:
    """Two records of one firm at the first carrier."""
    return make_twins(cast.carrier_a, cast.carrier_a)


def make_twins(*units: Any) -> tuple[Company, Company]:
    one, other = (factories.make_company(*pair) for pair in zip(units, NAMES, strict=True))
    with writing():
        duplicates.look_again_many([one.id, other.id])
    return one, other


@pytest.fixture
def head(app: Any, cast: factories.Cast) -> Any:
    """The head of the first carrier, signed in."""
    user = factories.make_user(Role.UNIT_HEAD, unit=cast.carrier_a)
    return factories.signed_in_client(app, user)


def sent(winner: Company, loser: Company, **typed: Any) -> dict[str, Any]:
    """The form as it is first shown."""
    facts = facts_in_form(defaults(winner, loser))
    told = {name: str(getattr(value, "value", value)) for name, value in facts.items() if value}
    versions = {"other": loser.id, "version": winner.version, "other_version": loser.version}
    return {**told, "name": winner.name, **versions, **typed}


def test_the_list_shows_pairs_of_which_the_reader_sees_both(browser_of, cast, twins):
    for name in ("a", "supervisor", "auditor"):
        page = browser_of(name).get("/companies/duplicates").text
        assert all(f"/companies/{firm.id}" in page for firm in twins), name
    assert "没有符合条件的企业对" in browser_of("b").get("/companies/duplicates").text
    assert "没有符合条件的企业对" in browser_of("a").get("/companies/duplicates?reason=code").text
    assert (
        "不是同一家"
        not in browser_of("auditor").get("/companies/duplicates").text.split("<table")[1]
    )


def test_who_sees_one_of_them_learns_only_who_keeps_the_other(browser_of, cast):
    one, other = make_twins(cast.carrier_a, cast.carrier_b)
    browser = browser_of("a")
    assert "可能重复 1" in browser.get(f"/companies/{one.id}").text
    page = browser.get(f"/companies/{one.id}/duplicates").text
    assert "园区内另一企业（大创园）" in page
    assert NAMES[1] not in page
    assert "没有符合条件的企业对" in browser.get("/companies/duplicates").text
    assert browser.get(f"/companies/{other.id}/duplicates").status_code == 404


def test_a_dismissal_can_be_undone(browser_of, twins):
    browser, pair = browser_of("a"), session.scalars(select(DuplicatePair)).one()
    page = browser.post(f"/companies/duplicates/{pair.id}/dismissals", follow_redirects=True).text
    assert f"/companies/duplicates/{pair.id}/reopenings" in page
    assert browser.post(f"/companies/duplicates/{pair.id}/dismissals").status_code == 409
    assert browser.post(f"/companies/duplicates/{pair.id}/reopenings").status_code == 303
    session.expire_all()
    assert session.get_one(DuplicatePair, pair.id).state == PairState.OPEN
    assert browser_of("b").post(f"/companies/duplicates/{pair.id}/dismissals").status_code == 404


def test_the_list_costs_the_same_for_many_pairs_as_for_few(browser_of, cast, query_count):
    counts = []
    for _ in range(2):
        for n in range(4):
            name = f"常州{'甲乙丙丁'[n]}华科技{len(counts)}有限公司"
            for form in ("", "（集团）"):
                factories.make_company(cast.carrier_a, f"{name[:-4]}{form}有限公司")
        with writing():
            for ids in duplicates.slices():
                duplicates.look_again_many(ids)
        browser = browser_of("a")
        browser.get("/companies/duplicates")
        with query_count() as queries:
            browser.get("/companies/duplicates")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_two_are_merged_on_a_page_and_the_old_addresses_lead_on(head, browser_of, twins, cast):
    one, other = twins
    factories.make_residence(other, cast.carrier_a, date(2020, 3, 2), kind=ResidenceKind.REGISTERED)
    page = head.get(f"/companies/{one.id}/merges/new?other={other.id}").text
    assert "入驻记录" in page
    taken = head.post(f"/companies/{one.id}/merges", data=sent(one, other, take="right:uscc"))
    assert taken.status_code == 200
    assert f'value="{other.uscc}"' in taken.text
    assert session.scalars(select(Merge)).all() == []
    done = head.post(f"/companies/{one.id}/merges", data=sent(one, other, uscc=other.uscc))
    assert done.status_code == 303
    staff = browser_of("a")
    for tail in ("", "/edit", "/timeline", "/duplicates"):
        answer = staff.get(f"/companies/{other.id}{tail}")
        assert (answer.status_code, answer.location) == (303, f"/companies/{one.id}{tail}")
    answer = staff.post(f"/companies/{other.id}/edit", data={"name": "改名"})
    assert (answer.status_code, answer.location) == (303, f"/companies/{one.id}")
    assert NAMES[1] in staff.get(f"/companies/{one.id}").text  # as a former name
    assert browser_of("b").get(f"/companies/{other.id}").status_code == 404
    merge_id = session.scalars(select(Merge.id)).one()
    assert "撤销合并" in head.get(f"/companies/merges/{merge_id}").text
    assert staff.post(f"/companies/merges/{merge_id}/undo").status_code == 403
    assert browser_of("b").get(f"/companies/merges/{merge_id}").status_code == 404
    assert f"/companies/merges/{merge_id}" in staff.get("/companies/duplicates?state=merged").text
    assert head.post(f"/companies/merges/{merge_id}/undo").location == f"/companies/{other.id}"
    assert staff.get(f"/companies/{other.id}").status_code == 200


def test_what_stands_against_a_merge_is_said_with_the_page_where_it_is_settled(head, twins, cast):
    one, other = twins
    factories.make_residence(one, cast.carrier_a, date(2020, 3, 2))
    factories.make_residence(other, cast.carrier_b, date(2020, 3, 2))
    answer = head.post(f"/companies/{one.id}/merges", data=sent(one, other))
    assert answer.status_code == 409
    assert f"/companies/{one.id}#residences" in answer.text


def test_bad_input_and_old_versions_are_refused_with_what_was_typed(head, twins):
    one, other = twins
    answer = head.post(
        f"/companies/{one.id}/merges", data=sent(one, other, uscc="91", name="新名称")
    )
    assert answer.status_code == 422
    assert 'value="新名称"' in answer.text
    answer = head.post(f"/companies/{one.id}/merges", data=sent(one, other, other_version=7))
    assert answer.status_code == 409
    for take in ("right:nothing", "up:uscc"):
        answer = head.post(f"/companies/{one.id}/merges", data=sent(one, other, take=take))
        assert answer.status_code == 404
    assert head.get(f"/companies/{one.id}/merges/new?other={one.id}").status_code == 404
    assert head.get(f"/companies/{one.id}/merges/new").status_code == 404


def test_only_who_sees_both_and_has_the_right_merges(head, browser_of, cast):
    one, other = make_twins(cast.carrier_a, cast.carrier_b)
    assert head.get(f"/companies/{one.id}/merges/new?other={other.id}").status_code == 404
    assert head.post(f"/companies/{one.id}/merges", data=sent(one, other)).status_code == 404
    for name in ("a", "investment", "leader", "auditor", "admin"):
        refused = browser_of(name).post(f"/companies/{one.id}/merges", data=sent(one, other))
        assert refused.status_code == 403


def test_exactly_two_ticked_in_the_list_are_taken_to_the_merge(head, twins):
    ids = [firm.id for firm in twins]
    answer = head.post("/companies/merges/selections", data={"id": ids})
    assert answer.location == f"/companies/{ids[0]}/merges/new?other={ids[1]}"
    assert head.post("/companies/merges/selections", data={"id": ids[:1]}).status_code == 422


def test_a_slip_in_a_code_that_is_being_typed_shows_whose_it_may_be(browser_of, twins):
    code = twins[0].uscc
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert NAMES[0] in browser_of("a").get(f"/companies/checks?uscc={wrong}").text
    assert NAMES[0] not in browser_of("b").get(f"/companies/checks?uscc={wrong}").text


def test_it_waits_in_the_queue_of_who_keeps_the_register(browser_of, twins):
    assert "核对可能重复的企业：1 对" in browser_of("a").get("/todo").text
    assert "核对可能重复的企业" not in browser_of("investment").get("/todo").text


def test_the_command_looks_at_all_firms_anew(app, cast):
    make_twins(cast.carrier_a, cast.carrier_b)
    with writing():
        session.execute(DuplicatePair.__table__.delete())
    done = app.test_cli_runner().invoke(args=["companies", "duplicates", "--refresh"])
    assert "1 对企业待核对" in done.output
