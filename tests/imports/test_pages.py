"""The way of a sheet through its pages: uploaded, mapped, checked, repaired, landed, undone, sent back."""

import io
import json
import re
import zipfile
from typing import Any

import pytest
from sqlalchemy import select

from crm.companies.models import Company
from crm.core import registry
from crm.core.attributes import MoneyUnit
from crm.core.db import session
from crm.files.content import MediaType
from crm.imports import mapping, sent_back, step_pages, template
from crm.imports.models import Import, ImportRow, ImportState
from crm.imports.sheets import read
from crm.imports.todos import todos
from crm.jobs.running import run_now
from tests import factories
from tests.factories import make_uscc
from tests.imports.sheets import workbook

HEADINGS = ["序号", "企业名称", "统一社会信用代码", "成立日期", "注册资本（千元）", "联系人"]


def sheet(*rows: list[Any]) -> bytes:
    """A list as offices send it: a title, its unit, a head, a line of totals, in GBK."""
    lines = [["新入驻企业名单"], HEADINGS, *rows, ["合计"]]
    return "\r\n".join(",".join(map(str, line)) for line in lines).encode("gbk")


GOOD = [1, "常州甲乙智能装备有限公司", make_uscc(71), "2019-03-05", 5000, "张三"]
BAD = [2, "常州戊己软件技术有限公司", make_uscc(72), "2020.13.01", "abc", "李四"]


@pytest.fixture
def a(browser_of: Any) -> Any:
    return browser_of("a")


def upload(client: Any, content: bytes, token: str = "token-0001", **fields: str) -> Any:
    sent = {"kind": "companies", "token": token, "source": "常科〔2020〕8号", **fields}
    sent["file"] = (io.BytesIO(content), "名单.csv")  # type: ignore[assignment]
    return client.post("/imports", data=sent, content_type="multipart/form-data")


def latest() -> Import:
    session.rollback()
    session.expire_all()
    return session.scalars(select(Import).order_by(Import.id.desc())).first()  # type: ignore[return-value]


def checked(client: Any, *rows: list[Any], token: str = "token-0001") -> Import:
    """An import that was uploaded and mapped as was guessed."""
    upload(client, sheet(*rows), token)
    return map_as_guessed(client)


def map_as_guessed(client: Any, **more: str) -> Import:
    import_ = latest()
    columns = mapping.from_json(import_.mapping)
    sent = {f"use-{at}": use.attribute for at, use in columns.items()}
    sent |= {f"unit-{at}": use.unit.value for at, use in columns.items() if use.unit}
    answer = step(client, import_, "columns", source="常科〔2020〕8号", **sent, **more)
    assert answer.status_code == 303, answer.text
    return latest()


def step(client: Any, import_: Import, name: str, **fields: str) -> Any:
    sent = {"version": str(import_.version), **fields}
    return client.post(f"/imports/{import_.id}/{name}", data=sent)


def firms() -> list[str]:
    session.rollback()
    return list(session.scalars(select(Company.name).where(Company.archived_at.is_(None))))


def test_a_list_is_mapped_checked_repaired_landed_and_undone(a: Any) -> None:
    answer = upload(a, sheet(GOOD, BAD))
    assert answer.status_code == 303
    page = a.get(answer.location).text
    assert "合计行不导入：第5行" in page
    assert "5000 千元 = 500 万元" in page
    import_ = map_as_guessed(a)
    assert (import_.state, import_.creates, import_.errors) == (ImportState.CHECKED, 1, 1)
    page = a.get(answer.location).text
    assert "没有“2020.13.01”这一天" in page
    assert "“abc”不是数字" in page
    repaired = {"c-4-3": "2020-01-13", "c-4-4": "600"}
    assert step(a, import_, "cells", **repaired).status_code == 303
    import_ = latest()
    assert (import_.creates, import_.errors) == (2, 0)
    assert step(a, import_, "landings").status_code == 303
    assert latest().state is ImportState.LANDED
    capital = session.scalar(select(Company.registered_capital).where(Company.name == BAD[1]))
    assert capital == 600_000
    assert step(a, latest(), "undoings").status_code == 303
    assert latest().state is ImportState.UNDONE
    assert BAD[1] not in firms()


def test_the_same_form_sent_twice_makes_one_import(a: Any) -> None:
    first, second = upload(a, sheet(GOOD)), upload(a, sheet(GOOD))
    assert first.location == second.location
    assert len(session.scalars(select(Import)).all()) == 1
    assert len(session.scalars(select(ImportRow)).all()) == 1


def test_what_was_pasted_is_read_like_a_file(a: Any) -> None:
    text = f"企业名称\t统一社会信用代码\n常州甲有限公司\t{make_uscc(73)}\n"
    sent = {"kind": "companies", "token": "token-0002", "text": text}
    assert a.post("/imports", data=sent).status_code == 303
    assert latest().name == "粘贴的企业"
    assert map_as_guessed(a).creates == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "二者选一"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "不接受这种文件"),
        (b"<html><table>", "不接受网页"),
        ("企业名称\n".encode(), "下面没有数据"),
        (b"PK\x03\x04 broken", "打不开"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_and_what_was_typed_stays(
    a: Any, content: bytes, words: str
) -> None:
    sent = {"kind": "companies", "token": "token-0003", "source": "文号一"}
    if content:
        sent["file"] = (io.BytesIO(content), "x.xlsx")  # type: ignore[assignment]
    answer = a.post("/imports", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert words in answer.text
    assert "文号一" in answer.text
    assert session.scalar(select(Import)) is None


def test_an_import_is_its_persons_a_stranger_does_not_find_it(a: Any, browser_of: Any) -> None:
    import_ = checked(a, GOOD)
    assert browser_of("b").get(f"/imports/{import_.id}").status_code == 404
    assert browser_of("b").post(f"/imports/{import_.id}/landings").status_code == 404
    assert browser_of("auditor").get("/imports").status_code == 403
    assert browser_of("auditor").get(f"/imports/{import_.id}").status_code == 403


def test_a_colleague_sees_it_without_personal_data_and_leaves_it_alone(
    app: Any, a: Any, cast: Any
) -> None:
    import_ = checked(a, GOOD)
    colleague = factories.make_user(*cast.a.roles, unit=cast.carrier_a)
    client = factories.signed_in_client(app, colleague)
    page = client.get(f"/imports/{import_.id}").text
    assert "常州甲乙智能装备有限公司" in page
    assert "张三" not in page
    assert "data-cell" not in page
    assert step(client, import_, "landings").status_code == 403
    assert client.post(f"/imports/{import_.id}/files").status_code == 403
    assert "名单.csv" in client.get("/imports?whose=all").text
    assert "名单.csv" not in client.get("/imports").text


def test_two_columns_cannot_give_the_same_fact(a: Any) -> None:
    upload(a, sheet(GOOD))
    answer = step(a, latest(), "columns", **{"use-1": "name", "use-2": "name"})
    assert answer.status_code == 422
    assert "只能由一列给出" in answer.text


def test_a_newly_chosen_amount_is_shown_with_its_unit_before_it_is_read(a: Any) -> None:
    upload(a, sheet(GOOD))
    columns = {"use-1": "name", "use-2": "uscc", "use-4": "registered_capital"}
    answer = step(a, latest(), "columns", **columns)
    assert answer.status_code == 422
    assert "请核对新选的金额列的单位" in answer.text
    assert re.search(r'name="unit-4".*?<option value="qian" selected', answer.text, re.S)
    assert step(a, latest(), "columns", **columns, **{"unit-4": "yuan"}).status_code == 303
    assert mapping.from_json(latest().mapping)[4].unit is MoneyUnit.YUAN


def test_a_mapping_is_remembered_for_the_next_sheet_with_this_head(a: Any) -> None:
    upload(a, sheet(GOOD))
    step(a, latest(), "columns", **{"use-1": "name", "use-2": "uscc", "use-5": "note"})
    kept = latest().mapping
    upload(a, sheet(BAD), "token-0009")
    assert latest().mapping == kept


def test_another_sheet_or_head_is_read_instead(a: Any) -> None:
    content = workbook([["说明"], ["略"]], [["甲"], HEADINGS[1:3], GOOD[1:3]]).read()
    upload(a, content)
    import_ = latest()
    assert step(a, import_, "sheets", sheet="表2", head_row="9").status_code == 422
    assert step(a, import_, "sheets", sheet="表2", head_row="2").status_code == 303
    assert json.loads(latest().headings) == HEADINGS[1:3]
    assert map_as_guessed(a).creates == 1


def test_a_repair_on_an_old_page_is_a_conflict_and_stays_as_typed(a: Any) -> None:
    import_ = checked(a, BAD)
    before = str(import_.version)
    step(a, import_, "cells", **{"c-3-3": "2020-01-13"})
    answer = step(a, import_, "cells", version=before, **{"c-3-4": "77777"})
    assert answer.status_code == 409
    assert 'value="77777"' in answer.text


def test_a_look_alike_is_one_firm_or_another_as_a_person_says(a: Any, cast: Any) -> None:
    there = factories.make_company(cast.carrier_a, "常州甲乙智能装备股份有限公司", uscc=None)
    import_ = checked(a, GOOD)
    page = a.get(f"/imports/{import_.id}").text
    assert f'value="3:{there.id}"' in page
    assert "待认定的 1 行都是新的" in page
    assert step(a, import_, "choices", choice="3:9999").status_code == 422
    assert step(a, latest(), "choices", all="1").status_code == 303
    assert latest().creates == 1


def test_the_sheet_comes_back_with_reasons_and_goes_in_again_as_it_is(a: Any) -> None:
    import_ = checked(a, GOOD, BAD)
    back = step(a, import_, "files", which="faulty").data
    known = mapping.known_keys(registry.import_kinds["companies"])
    found = read(io.BytesIO(back), MediaType.XLSX, known)
    assert found.headings == (*HEADINGS, sent_back.REASONS)
    assert [line.cells[1] for line in found.rows] == [BAD[1]]
    assert "成立日期：没有“2020.13.01”这一天。" in found.rows[0].cells[-1]
    columns = import_.mapping
    upload(a, back, "token-0011")
    assert latest().mapping == columns


def test_a_formula_in_a_cell_goes_back_as_text(a: Any) -> None:
    import_ = checked(a, [1, "=HYPERLINK(甲)", "x", "", "", ""])
    back = step(a, import_, "files", which="all").data
    with zipfile.ZipFile(io.BytesIO(back)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_each_kinds_template_is_understood_column_by_column(app: Any) -> None:
    for kind in registry.import_kinds.values():
        file = io.BytesIO(template.write(kind))
        found = read(file, MediaType.XLSX, mapping.known_keys(kind))
        guessed = mapping.guessed(kind, found)
        assert [use.attribute for use in guessed.values()] == [x.name for x in kind.attributes]


def test_the_template_is_for_who_may_import(a: Any, browser_of: Any) -> None:
    answer = a.get("/imports/templates/companies")
    assert answer.mimetype == MediaType.XLSX
    assert a.get("/imports/templates/nothing").status_code == 404
    assert browser_of("supervisor").get("/imports/templates/companies").status_code == 403


def test_a_page_of_many_rows_costs_as_many_statements_as_one_of_few(
    a: Any, query_count: Any
) -> None:
    few = f"/imports/{checked(a, GOOD, BAD).id}?show=all"
    rows = [[n, f"常州甲{n}有限公司", make_uscc(2000 + n), "", "x", "李四"] for n in range(120)]
    many = f"/imports/{checked(a, *rows, token='token-0012').id}?show=all"
    with query_count() as first:
        a.get(few)
    with query_count() as second:
        page = a.get(many).text
    assert len(second) <= len(first)
    assert page.count("data-grid-row") == 50
    later = a.get(f"{many}&after=102").text
    assert 'id="row-103"' in later
    assert 'id="row-102"' not in later
    assert 'id="row-53"' in a.get(f"{many}&before=103").text


def test_many_rows_are_a_job_that_ends_at_the_import(
    a: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step_pages, "AT_ONCE", 1)
    import_ = checked(a, GOOD, BAD)
    assert import_.state is ImportState.CHECKING
    address = f"/imports/{import_.id}"
    assert 'hx-trigger="every 2s"' in a.get(address).text
    assert step(a, import_, "landings").status_code == 409
    run_now(import_.job_id)  # type: ignore[arg-type]
    assert latest().state is ImportState.CHECKED
    assert a.get(address, headers={"HX-Request": "true"}).headers["HX-Redirect"] == address


def test_imports_wait_in_the_to_do_list_and_lists_lead_to_them(a: Any, cast: Any) -> None:
    import_ = checked(a, BAD)
    (todo,) = todos(session.merge(cast.a))
    assert (todo.text % dict(todo.values), todo.href) == (
        "导入有1行待修正", f"/imports/{import_.id}",
    )  # fmt: skip
    assert 'href="/imports/new?kind=companies"' in a.get("/companies").text
    assert step(a, import_, "droppings").status_code == 303
    assert list(todos(session.merge(cast.a))) == []
