"""The pages of the desk: they work, refuse bad input, wrong roles and strangers, and lose nothing that was typed."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from crm.audit.models import AuditEntry
from crm.companies.models import Company
from crm.core import registry
from crm.core.db import session, writing
from crm.entry import services
from crm.entry.desk_pages import todos
from crm.entry.models import EntryApplication, EntryState
from crm.entry.services import Receipt
from crm.people.models import User
from crm.people.roles import Right, Role
from crm.reference import settings
from tests.entry.conftest import do_all_errands, hand_in_all
from tests.factories import (
    make_application,
    make_company,
    make_residence,
    make_unit,
    make_uscc,
    make_user,
    signed_in_client,
)

HTMX = {"HX-Request": "true"}
S = EntryState


def the(id_: int) -> EntryApplication:
    return session.get_one(EntryApplication, id_)


def _form(at: Any, /, **values: Any) -> dict[str, Any]:
    return {
        "name": "常州光子芯片有限公司",
        "kind": "planned",
        "carrier_id": at.id,
        "space_wish": "A座约200平方米",
        "industry_code": "I65",
        "expected_capital": "1,200.5",
        "expected_staff": "12",
        "intended_on": "2020-11-02",
        "business_plan": "研发光子芯片\n面向制造企业",
        "contact_name": "李雷",
        "contact_phone": "13812340000",
        "contact_email": "lilei@example.com",
        **values,
    }


def _move(id_: int, **values: Any) -> dict[str, Any]:
    return {"on": "2020-09-30", "version": the(id_).version, **values}


def test_a_draft_is_kept_half_filled_in(browser_of: Any, cast: Any) -> None:
    browser = browser_of("a")
    assert browser.get("/entry/new").status_code == 200
    half = {"name": "光子团队", "kind": "team", "carrier_id": cast.carrier_a.id}
    answer = browser.post("/entry", data=half)
    application = session.scalars(select(EntryApplication)).one()
    assert (answer.status_code, answer.location) == (303, f"/entry/{application.id}")
    page = browser.get(answer.location).text
    for words in ("光子团队", "补充填写", "联系人", "拟入驻日期", "团队成员名单和简历"):
        assert words in page
    edit = browser.get(f"/entry/{application.id}/edit")
    assert 'value="光子团队"' in edit.text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "请填写此项"),
        ("name", "甲" * 121, "不能超过120个字符"),
        ("name", "甲\x07乙", "不能保存的字符"),
        ("uscc", "91310115MA1H8R7C6D", "校验位不符"),
        ("carrier_id", "", "请选择"),
        ("kind", "king", ""),
        ("industry_code", "Z99", ""),
        ("expected_capital", "很多", "不是金额"),
        ("expected_staff", "-1", ""),
        ("expected_staff", "9" * 30, ""),
        ("intended_on", "2020-02-30", ""),
        ("contact_phone", "<script>", "电话只能包含"),
        ("contact_email", "没有邮箱", "邮箱格式"),
    ],
)
def test_bad_input_gets_a_sentence_and_loses_nothing(
    browser_of: Any, cast: Any, field: str, value: str, sentence: str
) -> None:
    answer = browser_of("a").post("/entry", data=_form(cast.carrier_a, **{field: value}))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'aria-invalid="true"' in answer.text
    for typed in ("A座约200平方米", "面向制造企业", "李雷"):
        assert typed in answer.text
    assert session.scalar(select(EntryApplication.id)) is None


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>公司", "甲\"'<>&乙有限公司", "𬭛材料有限公司", "长" * 120, "%(n)s {{ 7*7 }}"]
)  # fmt: skip
def test_hostile_names_are_only_names(browser_of: Any, cast: Any, name: str) -> None:
    browser = browser_of("a")
    browser.post("/entry", data=_form(cast.carrier_a, name=name, business_plan=name))
    application = session.scalars(select(EntryApplication)).one()
    assert application.name == name
    here = f"/entry/{application.id}"
    pages = ("/entry", "/entry?state=draft", here, f"{here}/edit", f"{here}/moves/submit/new", "/")
    for address in pages:
        page = browser.get(address)
        assert page.status_code == 200
        assert "<script>alert" not in page.text


def test_the_whole_way_by_two_people_over_the_pages(
    app: Any, browser_of: Any, cast: Any, second: User
) -> None:
    a, reviewer = browser_of("a"), signed_in_client(app, second)
    id_ = int(a.post("/entry", data=_form(cast.carrier_a)).location.rsplit("/", 1)[1])
    here = f"/entry/{id_}"
    assert a.post(f"{here}/moves/submit", data=_move(id_)).status_code == 303
    assert "科教城入申〔2020〕0001号" in a.get(here).text
    refused = a.post(f"{here}/moves/accept", data=_move(id_))
    assert refused.status_code == 422
    assert "还缺 5 项" in refused.text
    assert "一次性告知，退回补正" in a.get(here).text
    for material in list(the(id_).materials):
        data = {"is_received": "y", "kept_at": "档案柜3"}
        answer = a.post(f"{here}/materials/{material.id}", data=data)
        assert (answer.status_code, answer.location) == (303, f"{here}#checklist")
    assert a.post(f"{here}/moves/accept", data=_move(id_)).status_code == 303
    review = {
        "reviewed_on": "2020-09-30", "people": "安二", "decision": "agreed", "opinion": "同意",
    }  # fmt: skip
    own = a.post(f"{here}/reviews", data={**review, "version": the(id_).version})
    assert own.status_code == 422
    assert "受理人不能评审" in own.text
    assert reviewer.get(f"{here}/reviews/new").status_code == 200
    done = reviewer.post(f"{here}/reviews", data={**review, "version": the(id_).version})
    assert done.status_code == 303
    agreement = {
        "number": "科教城入驻〔2020〕0001号", "signed_on": "2020-09-30", "rooms": "A座301",
        "pledge_on": "2020-09-30",
    }  # fmt: skip
    assert a.get(f"{here}/agreements/new").status_code == 200
    signed = a.post(f"{here}/agreements", data={**agreement, "version": the(id_).version})
    assert signed.status_code == 303
    assert a.post(f"{here}/errands/skips", data={"note": ""}).status_code == 422
    assert a.post(f"{here}/errands/skips", data={"note": "已领照"}).status_code == 303
    assert a.get(f"{here}/settlements/new").status_code == 200
    answer = a.post(f"{here}/settlements", data=_settlement(id_))
    company = session.scalars(select(Company)).one()
    assert (answer.status_code, answer.location) == (303, f"/companies/{company.id}")
    page = a.get(answer.location).text
    for words in ("A座301", "科教城入驻〔2020〕0001号"):
        assert words in page
    past = a.get(f"{answer.location}/timeline").text
    assert "入驻申请办结：科教城入申〔2020〕0001号" in past
    assert f'href="/companies/{company.id}"' in a.get(here).text


def _settlement(id_: int, **values: Any) -> dict[str, Any]:
    return {
        "name": "常州光子芯片有限公司",
        "kind": "enterprise",
        "uscc": make_uscc(4242),
        "residence_kind": "registered",
        "from_on": "2020-09-30",
        "is_counted": "y",
        "version": the(id_).version,
        **values,
    }


def test_a_code_is_needed_in_the_end_and_what_was_typed_stays(
    led_to: Any, browser_of: Any, cast: Any
) -> None:
    id_ = led_to(S.ERRANDS)
    with writing():
        do_all_errands(the(id_), cast.a)
    browser = browser_of("a")
    answer = browser.post(
        f"/entry/{id_}/settlements", data=_settlement(id_, uscc="", legal_representative="王五")
    )
    assert answer.status_code == 422
    assert "王五" in answer.text
    wrong = browser.post(
        f"/entry/{id_}/settlements", data=_settlement(id_, uscc="91310115MA1H8R7C6D")
    )
    assert "校验位不符" in wrong.text
    assert session.scalar(select(Company.id)) is None


def test_a_registered_firm_is_offered_and_taken(led_to: Any, browser_of: Any, cast: Any) -> None:
    old = make_company(cast.carrier_a, "常州光子芯片有限公司", uscc=make_uscc(4242))
    make_residence(old, cast.carrier_a, date(2017, 3, 1), date(2019, 3, 1))
    id_ = led_to(S.ERRANDS, uscc=make_uscc(4242))
    with writing():
        do_all_errands(the(id_), cast.a)
    browser = browser_of("a")
    assert "登记到这家已在册的企业" in browser.get(f"/entry/{id_}/settlements/new").text
    refused = browser.post(f"/entry/{id_}/settlements", data=_settlement(id_))
    assert refused.status_code == 409
    assert f'href="/companies/{old.id}"' in refused.text
    answer = browser.post(f"/entry/{id_}/settlements", data=_settlement(id_, is_present="y"))
    assert answer.location == f"/companies/{old.id}"


def test_a_look_alike_is_shown_and_must_be_acknowledged(
    led_to: Any, browser_of: Any, cast: Any
) -> None:
    make_company(cast.carrier_a, "常州光子芯片有限责任公司")
    id_ = led_to(S.ERRANDS)
    with writing():
        do_all_errands(the(id_), cast.a)
    browser = browser_of("a")
    refused = browser.post(f"/entry/{id_}/settlements", data=_settlement(id_))
    assert refused.status_code == 422
    assert "常州光子芯片有限责任公司" in refused.text
    again = browser.post(f"/entry/{id_}/settlements", data=_settlement(id_, is_another="y"))
    assert again.status_code == 303


ADDRESSES = (
    ("GET", ""), ("GET", "/edit"), ("POST", "/edit"), ("POST", "/owners"), ("POST", "/contacts/reveals"),
    ("GET", "/moves/submit/new"), ("POST", "/moves/submit"), ("GET", "/reviews/new"), ("POST", "/reviews"),
    ("GET", "/agreements/new"), ("POST", "/agreements"), ("GET", "/settlements/new"), ("POST", "/settlements"),
    ("POST", "/papers/receipt"), ("POST", "/errands/skips"), ("POST", "/materials/{material}"),
)  # fmt: skip


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_an_application_of_another_carrier_is_not_there(
    led_to: Any, app: Any, cast: Any, method: str, address: str
) -> None:
    id_ = led_to(S.ACCEPTANCE)
    stranger = make_user(
        Role.INCUBATOR_STAFF, Role.UNIT_HEAD, unit=cast.carrier_b, rights=(Right.UNMASK,)
    )
    address = address.format(material=the(id_).materials[0].id)
    answer = signed_in_client(app, stranger).open(f"/entry/{id_}{address}", method=method)
    assert answer.status_code == 404
    assert "光子" not in answer.text


def test_a_material_of_another_application_is_not_there(led_to: Any, browser_of: Any) -> None:
    mine, other = led_to(S.ACCEPTANCE), led_to(S.ACCEPTANCE, name="常州别家有限公司")
    address = f"/entry/{mine}/materials/{the(other).materials[0].id}"
    assert browser_of("a").post(address, data={"is_received": "y"}).status_code == 404
    assert the(other).materials[0].received_on is None


def test_each_carrier_sees_its_own_desk_and_the_park_sees_all(browser_of: Any, cast: Any) -> None:
    make_application(cast.carrier_a, "常州甲园有限公司", S.REVIEW)
    make_application(cast.carrier_b, "常州乙园有限公司", S.REVIEW)
    for name, seen in (
        ("a", {"甲"}),
        ("b", {"乙"}),
        ("investment", {"甲", "乙"}),
        ("auditor", {"甲", "乙"}),
    ):
        page = browser_of(name).get("/entry").text
        assert {word for word in "甲乙" if f"常州{word}园" in page} == seen
    assert browser_of("admin").get("/entry").status_code == 403
    assert "登记申请" not in browser_of("auditor").get("/entry").text


def test_who_may_only_read_decides_nothing(led_to: Any, browser_of: Any) -> None:
    id_ = led_to(S.ACCEPTANCE)
    for name in ("investment", "leader", "auditor", "supervisor"):
        browser = browser_of(name)
        assert browser.get(f"/entry/{id_}").status_code == 200
        for address in ("moves/accept", "reviews", "settlements", "papers/receipt"):
            assert browser.post(f"/entry/{id_}/{address}").status_code == 403


def test_the_head_of_a_carrier_reviews_but_does_not_receive(
    led_to: Any, app: Any, cast: Any
) -> None:
    id_ = led_to(S.REVIEW)
    head = signed_in_client(app, make_user(Role.UNIT_HEAD, unit=cast.carrier_a))
    assert head.get(f"/entry/{id_}/reviews/new").status_code == 200
    assert head.get("/entry/new").status_code == 403
    assert head.post(f"/entry/{id_}/moves/withdraw").status_code == 403


def test_a_contact_is_masked_and_each_look_is_logged(led_to: Any, app: Any, cast: Any) -> None:
    id_ = led_to(S.ACCEPTANCE)
    clerk = make_user(Role.INCUBATOR_STAFF, unit=cast.carrier_a, rights=(Right.UNMASK,))
    browser = signed_in_client(app, clerk)
    for address in (f"/entry/{id_}", f"/entry/{id_}/edit"):
        page = browser.get(address).text
        assert "138****0000" in page
        assert "13812340000" not in page
    shown = browser.post(f"/entry/{id_}/contacts/reveals", headers=HTMX).text
    assert "13812340000" in shown
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.actor_id) == ("entry.contact_revealed", clerk.id)


def test_a_contact_left_empty_in_the_form_stays(led_to: Any, browser_of: Any, cast: Any) -> None:
    id_ = led_to(S.DRAFT)
    changed = _form(cast.carrier_a, contact_phone="", contact_email="", version=the(id_).version)
    answer = browser_of("a").post(
        f"/entry/{id_}/edit", data={**changed, "name": "常州新名有限公司"}
    )
    assert answer.status_code == 303
    assert (the(id_).name, the(id_).contact_phone) == ("常州新名有限公司", "13812340000")


def test_a_stale_form_shows_what_it_says_now(led_to: Any, browser_of: Any, cast: Any) -> None:
    id_ = led_to(S.DRAFT)
    browser, seen = browser_of("a"), the(id_).version
    browser.post(f"/entry/{id_}/edit", data=_form(cast.carrier_a, space_wish="B座", version=seen))
    answer = browser.post(
        f"/entry/{id_}/edit", data=_form(cast.carrier_a, space_wish="C座", version=seen)
    )
    assert answer.status_code == 409
    for words in ("已被他人修改", "B座", 'value="C座"'):
        assert words in answer.text
    move = browser.post(f"/entry/{id_}/moves/submit", data=_move(id_, version=seen))
    assert move.status_code == 409
    assert "已被他人修改" in move.text


def test_ticking_swaps_the_checklist_and_the_next_step(led_to: Any, browser_of: Any) -> None:
    id_ = led_to(S.ACCEPTANCE)
    browser = browser_of("a")
    material = the(id_).materials[0]
    answer = browser.post(
        f"/entry/{id_}/materials/{material.id}", data={"is_received": "y"}, headers=HTMX
    )
    assert answer.status_code == 200
    assert 'id="checklist"' in answer.text
    assert 'hx-swap-oob="true"' in answer.text
    assert "还缺 4 项" in answer.text
    assert the(id_).materials[0].received_on == date(2020, 9, 30)
    bad = browser.post(
        f"/entry/{id_}/materials/{material.id}",
        data={"is_received": "y", "received_on": "2020-10-01"},
        headers=HTMX,
    )
    assert bad.status_code == 422
    assert "不能晚于今天" in bad.text


def test_what_is_due_first_stands_on_top(browser_of: Any, cast: Any) -> None:
    for name, due in (("后", date(2020, 10, 9)), ("先", date(2020, 9, 25)), ("无", None)):
        make_application(cast.carrier_a, f"常州{name}有限公司", S.REVIEW, due_on=due)
    page = browser_of("a").get("/entry").text
    order = [page.index(f"常州{name}有限公司") for name in "先后无"]
    assert order == sorted(order)
    assert "超期 4 个工作日" in page
    assert "将到期，剩 1 个工作日" in page


def test_the_desk_is_searched_by_name_initials_and_number(browser_of: Any, cast: Any) -> None:
    make_application(
        cast.carrier_a, "常州光子有限公司", S.REVIEW, number="科教城入申〔2020〕0007号"
    )
    make_application(cast.carrier_a, "常州磁石有限公司", S.REVIEW)
    browser = browser_of("a")
    for words in ("光子", "czgz", "0007"):
        page = browser.get(f"/entry?q={words}", headers=HTMX).text
        assert "常州光子" in page
        assert "常州磁石" not in page
    assert "没有符合条件的申请" in browser.get("/entry?q=无此公司").text


def test_mine_is_what_waits_for_me(app: Any, browser_of: Any, cast: Any, second: User) -> None:
    make_application(cast.carrier_a, "常州甲有限公司", S.SIGNING, owner=cast.a)
    make_application(
        cast.carrier_a, "常州乙有限公司", S.REVIEW, owner=cast.a, received_by_id=cast.a.id
    )
    mine = browser_of("a").get("/entry?mine=1").text
    theirs = signed_in_client(app, second).get("/entry?mine=1").text
    assert ("常州甲" in mine, "常州乙" in mine) == (True, False)
    assert ("常州甲" in theirs, "常州乙" in theirs) == (False, True)


def test_the_work_queue_names_what_is_due(cast: Any, second: User) -> None:
    make_application(
        cast.carrier_a,
        "常州乙有限公司",
        S.REVIEW,
        due_on=date(2020, 10, 9),
        received_by_id=cast.a.id,
    )
    assert list(todos(cast.a)) == []
    assert [(todo.subject, todo.due_on) for todo in todos(second)] == [
        ("常州乙有限公司", date(2020, 10, 9))
    ]
    assert todos in registry.todo_sources


def test_the_home_page_counts_overdue_and_running(browser_of: Any, cast: Any) -> None:
    for day in (25, 28):
        make_application(cast.carrier_a, state=S.REVIEW, due_on=date(2020, 9, day))
    make_application(cast.carrier_a, state=S.SIGNING, due_on=date(2020, 10, 9))
    make_application(cast.carrier_b, state=S.SIGNING, due_on=date(2020, 9, 9))
    assert "在办有时限 3 件，其中超期 2 件" in browser_of("a").get("/").text


def test_desk_and_list_ask_as_often_for_many_as_for_few(
    browser_of: Any, cast: Any, query_count: Any
) -> None:
    browser = browser_of("a")
    numbers = []
    for size in (2, 10):
        for _ in range(size):
            owner = make_user(Role.INCUBATOR_STAFF, unit=make_unit(parent=cast.park))
            make_application(cast.carrier_a, state=S.REVIEW, owner=owner, due_on=date(2020, 9, 28))
        for address in ("/entry", "/entry?state=review", "/"):
            browser.get(address)
            with query_count() as queries:
                browser.get(address)
            numbers.append(len(queries))
    assert numbers[:3] == numbers[3:]


def test_the_application_page_asks_as_often_for_many_materials(
    led_to: Any, browser_of: Any, cast: Any, query_count: Any
) -> None:
    browser, few, many = (
        browser_of("a"),
        led_to(S.ACCEPTANCE),
        led_to(S.ACCEPTANCE, name="常州多有限公司"),
    )
    with writing():
        services.tick(the(few).materials[0], Receipt(date(2020, 9, 30)), by=cast.a)
        hand_in_all(the(many), cast.a)
    numbers = []
    for id_ in (few, many):
        browser.get(f"/entry/{id_}")
        with query_count() as queries:
            browser.get(f"/entry/{id_}")
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def test_a_colleague_takes_over(led_to: Any, app: Any, second: User) -> None:
    id_ = led_to(S.SIGNING)
    browser = signed_in_client(app, second)
    assert "由我经办" in browser.get(f"/entry/{id_}").text
    answer = browser.post(f"/entry/{id_}/owners", data={"version": the(id_).version})
    assert answer.status_code == 303
    assert the(id_).owner_id == second.id


@pytest.mark.parametrize("address", ["moves/dance", "moves/review", "papers/bill"])
def test_what_is_no_move_and_no_paper_is_not_there(
    led_to: Any, browser_of: Any, address: str
) -> None:
    id_ = led_to(S.ACCEPTANCE)
    assert browser_of("a").post(f"/entry/{id_}/{address}").status_code == 404


def test_papers_are_printed_when_there_is_something_to_print_and_logged(
    led_to: Any, browser_of: Any
) -> None:
    browser, early, id_ = (
        browser_of("a"),
        led_to(S.ACCEPTANCE),
        led_to(S.ERRANDS, name="常州印有限公司"),
    )
    assert browser.post(f"/entry/{early}/papers/receipt").status_code == 404
    assert browser.get(f"/entry/{id_}/papers/receipt").status_code == 405
    for paper in ("receipt", "agreement"):
        answer = browser.post(f"/entry/{id_}/papers/{paper}")
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        assert answer.data.startswith(b"%PDF")
    assert browser.post(f"/entry/{id_}/papers/notice").status_code == 404
    browser.post(f"/entry/{early}/moves/return", data=_move(early))
    assert browser.post(f"/entry/{early}/papers/notice").data.startswith(b"%PDF")
    printed = select(func.count()).where(AuditEntry.action == "entry.printed")
    assert session.scalar(printed) == 3


def test_limits_and_errands_are_set_by_who_keeps_the_rules(browser_of: Any) -> None:
    browser = browser_of("admin")
    assert browser.get("/entry/rules").status_code == 200
    form = {"acceptance": "2", "review": "7", "signing": "5", "errands": "核名\n刻章"}
    assert browser.post("/entry/rules/limits", data=form).status_code == 303
    assert settings.get("entry.limits") == {"acceptance": 2, "review": 7, "signing": 5}
    assert settings.get("entry.errands") == ["核名", "刻章"]
    for wrong in (
        {"review": "0"},
        {"review": "x"},
        {"errands": ""},
        {"errands": "核名\n核名"},
        {"errands": "长" * 41},
    ):
        assert browser.post("/entry/rules/limits", data={**form, **wrong}).status_code == 422
    assert browser_of("a").post("/entry/rules/limits", data=form).status_code == 403


def test_a_changed_checklist_holds_for_later_applications_only(
    led_to: Any, browser_of: Any, cast: Any
) -> None:
    before = led_to(S.ACCEPTANCE)
    browser = browser_of("admin")
    address = "/entry/rules/checklists/planned"
    assert "全体股东身份证明" in browser.get(address).text
    lines = "入驻申请表 | 必需 | 原件\n环评批复｜可选｜复印件｜按需"
    answer = browser.post(address, data={"from_on": "2020-09-30", "lines": lines})
    assert answer.status_code == 303
    after = led_to(S.DRAFT, name="常州后来有限公司")
    assert len(the(before).materials) == 7
    assert [(m.name, m.is_required) for m in the(after).materials] == [
        ("入驻申请表", True),
        ("环评批复", False),
    ]
    tomorrow = {"from_on": "2020-10-01", "lines": "商业计划书"}
    assert browser.post(address, data=tomorrow).status_code == 303
    assert len(the(led_to(S.DRAFT, name="常州今日有限公司")).materials) == 2
    for wrong in ("", "甲 | 也许", "甲 | 必需 | 传真", "甲\n甲", "|必需", "长" * 81):
        bad = browser.post(address, data={"from_on": "2020-09-30", "lines": wrong})
        assert bad.status_code == 422, wrong
    assert browser.get("/entry/rules/checklists/nobody").status_code == 404
