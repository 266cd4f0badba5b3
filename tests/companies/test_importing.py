"""Firms from spreadsheets: known again by code and name, checked as they are landed, undone while nobody worked with them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.queries import verify
from crm.companies.contacts import add_contact
from crm.companies.models import Company, Contact, FormerName, Residence
from crm.companies.queries import search, visible_to
from crm.companies.services import ContactDetails
from crm.core.db import session, writing
from crm.core.errors import Conflict
from crm.files.content import MediaType
from crm.files.store import Kept
from crm.imports import services, undo
from crm.imports.kinds import RevertRefused
from crm.imports.landing import ChangedSince
from crm.imports.models import ImportState
from crm.imports.queries import failure_of, harmed_rows
from crm.imports.stored import faults_from, look_alikes_from
from crm.people.scope import WHOLE_PARK_SCOPE
from tests import factories
from tests.imports.bringing import bring, check_again, counts, fresh, land, row

HEAD = (
    "企业名称",
    "统一社会信用代码",
    "注册资本（万元）",
    "成立日期",
    "联系人",
    "联系电话",
    "入驻日期",
)
FULL = (
    "企业名称", "统一社会信用代码", "类别", "法定代表人", "注册资本", "成立日期", "注册地址", "行业", "未来产业", "四类经济",
    "经营范围", "党组织类别", "安全重点", "环保重点", "重点说明", "园区联系人", "曾用名", "更名日期", "联系人姓名", "职务",
    "电话",
    "电子邮箱", "证件号码", "所在载体", "入驻方式", "入驻日期", "入驻协议编号", "协议签订日期", "用房", "离园日期", "离园原因",
    "登记日期", "登记人",
)  # fmt: skip


def firm(name: str, uscc: str = "", capital: str = "500", **more: str) -> tuple[str, ...]:
    return (
        name, uscc, capital, more.get("on", "2018-05-21"), more.get("person", "李雷"),
        more.get("phone", "13812340000"), more.get("since", "2018-06-01"),
    )  # fmt: skip


def firms() -> list[Company]:
    return list(session.scalars(select(Company).order_by(Company.id)))


def faults_of(import_: Any, number: int) -> list[tuple[int | None, str]]:
    return [(column, str(error)) for column, error in faults_from(row(import_, number).faults)]


def test_every_fact_of_a_firm_comes_in_and_the_same_file_again_changes_nothing(cast: Any) -> None:
    line = (
        "常州光合智能装备有限公司", factories.make_uscc(), "企业", "李雷", "500.5", "2018-05-21", "科教城A座", "6513",
        "机器人", "数字经济、平台经济", "研发；制造", "党支部", "是", "否", "喷涂", "安一", "常州旧名有限公司（至2019-05-01）",
        "",
        "韩梅梅", "行政", "13812340000", "a@example.com", "", "国家大学科技园", "在孵", "2018-06-01", "协议1", "2018-05-30",
        "A座301", "2020-02-01", "迁出", "2018-06-03", "安一",
    )  # fmt: skip
    import_ = bring("companies", FULL, line, by=cast.a)
    assert (counts(import_), faults_of(import_, 2)) == ((1, 0, 0, 0), [])
    assert not firms()
    import_ = land(import_, cast.a)
    (made,) = firms()
    assert (made.name, made.registered_capital, made.industry_code) == (
        line[0],
        Decimal("5005000"),
        "I6513",
    )
    assert (made.contacts[0].name, made.former_names[0].until_on) == ("韩梅梅", date(2019, 5, 1))
    assert (made.residences[0].to_on, made.residences[0].rooms) == (date(2020, 2, 1), "A座301")
    assert (made.recorded_at.date(), made.staff_contact_id) == (date(2018, 6, 3), cast.a.id)
    assert (import_.state, row(import_, 2).record_id) == (ImportState.LANDED, made.id)
    assert counts(bring("companies", FULL, line, by=cast.a)) == (0, 0, 1, 0)
    assert verify().first_bad is None


def test_what_would_not_be_written_of_a_firm_that_is_there_is_told_and_what_is_equal_passes(
    cast: Any,
) -> None:
    code = factories.make_uscc()
    stay = {
        "企业名称": "常州光合智能装备有限公司", "统一社会信用代码": code, "所在载体": "国家大学科技园",
        "入驻方式": "在孵", "入驻日期": "2018-06-01", "入驻协议编号": "协议1", "协议签订日期": "2018-05-30",
        "用房": "A座301", "登记日期": "2018-06-03", "登记人": "安一", "曾用名": "常州旧名有限公司（至2017-05-01）",
    }  # fmt: skip
    land(bring("companies", [*stay], [*stay.values()], by=cast.a), cast.a)
    without_a_day = {**stay, "入驻日期": "", "登记人": cast.a.username}
    assert counts(bring("companies", [*stay], [*without_a_day.values()], by=cast.a)) == (0, 0, 1, 0)
    otherwise = {
        "入驻方式": "注册在园", "入驻协议编号": "协议2", "协议签订日期": "2018-05-29", "用房": "A座302",
        "离园日期": "2020-02-01", "离园原因": "迁出", "登记日期": "2018-06-04", "登记人": "安二",
        "曾用名": "常州旧名有限公司（至2017-05-02）", "更名日期": "2017-05-02",
    }  # fmt: skip
    lines = []
    for column, cell in otherwise.items():
        line = dict.fromkeys((*stay, *otherwise), "") | stay | {column: cell}
        lines.append([*line.values()])
    head = [*dict.fromkeys((*stay, *otherwise))]
    import_ = bring("companies", head, *lines, by=cast.a)
    assert counts(import_) == (0, 0, 0, len(lines))
    found = [
        [fault for fault in faults_of(import_, number) if fault[0] is not None]
        for number in range(2, 2 + len(lines))  # that the rows are of one firm is of no column
    ]
    assert [[head[at or 0] for at, _ in faults] for faults in found] == [
        [column] for column in otherwise
    ]
    assert found[3] == [(head.index("用房"), "与已登记的“A座301”不同，请在企业页面办理或更正。")]
    assert found[4] == [(head.index("离园日期"), "企业尚无这项登记，请在企业页面办理。")]


def test_all_faults_are_named_by_row_and_column(cast: Any) -> None:
    theirs = factories.make_company(cast.carrier_b, "常州大创智能有限公司")
    code = factories.make_uscc()
    import_ = bring(
        "companies", HEAD,
        firm("常州甲甲有限公司", "91320412MA1WKBTU9X", "许多", on="2021-01-01"),
        firm("", factories.make_uscc()),
        firm("常州没有代码有限公司"),
        firm("常州大创智能有限公司", theirs.uscc or ""),
        firm("常州乙乙有限公司", code),
        firm("常州丙丙有限公司", code),
        firm("常州丁丁有限公司", factories.make_uscc(), person=""),
        by=cast.a,
    )  # fmt: skip
    assert counts(import_) == (1, 0, 0, 6)
    assert [faults_of(import_, number) for number in range(2, 9)] == [
        [(1, "统一社会信用代码的校验位不符，请逐位核对。"), (2, "“许多”不是数字。"), (3, "日期不能晚于今天。")],
        [(0, "必须填写。")],
        [(1, "企业须填写统一社会信用代码；尚未领照的请选“团队”。")],
        [(1, "该企业已在园区登记，由“大创园”管理。")],
        [],
        [(None, "与第6行是同一条记录，请只留一行。")],
        [(4, "请填写联系人姓名。")],
    ]  # fmt: skip
    with writing():
        services.mend_many(import_, [(8, 4, "韩梅梅")], by=cast.a)
    with writing(), pytest.raises(Conflict, match="重新核对"):
        services.begin_landing(import_, by=cast.a)
    import_ = check_again(import_, cast.a)
    assert counts(import_) == (2, 0, 0, 5)
    land(import_, cast.a)
    assert [made.name for made in firms()][1:] == ["常州乙乙有限公司", "常州丁丁有限公司"]


def test_rooms_and_agreement_of_a_firm_that_has_not_moved_in_are_not_dropped_silently(
    cast: Any,
) -> None:
    head = ("企业名称", "统一社会信用代码", "所在载体", "入驻日期", "用房", "入驻协议编号")
    name, home = "常州甲有限公司", cast.carrier_a.name
    import_ = bring(
        "companies", head,
        (name, factories.make_uscc(), home, "", "A座301", "协议1"),
        (name, factories.make_uscc(), home, "不详", "A座301", ""),
        (name, factories.make_uscc(), home, "2018-06-01", "A座301", "协议1"),
        (name, factories.make_uscc(), home, "", "", ""),
        by=cast.a,
    )  # fmt: skip
    assert [faults_of(import_, number) for number in range(2, 6)] == [
        [(3, "填写了入驻协议编号、用房，须同时填写入驻日期；尚未入驻的请一并留空。")],
        [(3, "“不详”不是日期，请写成 2020-09-30。")],
        [],
        [],
    ]


def test_a_look_alike_is_offered_and_a_person_decides(cast: Any) -> None:
    known = factories.make_company(cast.carrier_a, "常州光合智能机器人装备有限公司", uscc=None)
    lines = [
        firm("常州光合智能机器入装备有限公司", factories.make_uscc()),
        firm("常州光合智能机器入装备股份有限公司", factories.make_uscc()),
    ]
    import_ = bring("companies", HEAD, *lines, by=cast.a)
    assert counts(import_) == (0, 0, 0, 2)
    assert [one.id for one in look_alikes_from(row(import_, 2).look_alikes)] == [known.id]
    with writing():
        services.choose(import_, [2], known.id, by=cast.a)
        services.choose(import_, [3], 0, by=cast.a)
    import_ = check_again(import_, cast.a)
    # The firm that is there has no residence: what the sheet says of one is not taken over in passing.
    assert faults_of(import_, 2) == [(6, "与已登记的入驻记录不同，请在企业页面办理或更正。")]
    with writing():
        services.mend(import_, 2, 6, "", by=cast.a)
    import_ = check_again(import_, cast.a)
    assert counts(import_) == (1, 1, 0, 0)
    land(import_, cast.a)
    assert [made.name for made in firms()] == [known.name, lines[1][0]]
    assert firms()[0].uscc == lines[0][1]


def test_an_update_shows_what_changes_and_is_undone_with_everything_beside_it(cast: Any) -> None:
    known = factories.make_company(cast.carrier_a, "常州旧名科技有限公司", registered_capital=None)
    before = dump()
    line = firm("常州新名科技有限公司", known.uscc or "", since="")
    import_ = bring(
        "companies", HEAD, line, firm("常州另一家有限公司", factories.make_uscc()), by=cast.a
    )
    assert '"name":["常州旧名科技有限公司","常州新名科技有限公司"]' in row(import_, 2).changes
    import_ = land(import_, cast.a)
    changed = fresh_firm(known.id)
    assert (changed.version, changed.registered_capital) == (2, Decimal(5_000_000))
    assert [old.name for old in changed.former_names] == ["常州旧名科技有限公司"]
    assert [person.phone for person in changed.contacts] == ["13812340000"]
    assert found("常州新名") == [known.id]
    assert session.scalar(select(AuditEntry.id).where(AuditEntry.action == "company.changed"))
    undo.undo(import_.id, cast.a.id)
    assert fresh(import_).state is ImportState.UNDONE
    assert dump() == before
    assert (found("常州旧名"), found("常州新名"), found("另一家")) == ([known.id], [], [])
    undo.undo(import_.id, cast.a.id)  # begun again: done already
    again = bring("companies", HEAD, line, by=cast.a)
    assert counts(again) == (0, 1, 0, 0)


def test_undoing_is_refused_with_the_rows_where_work_would_be_lost(cast: Any) -> None:
    known = factories.make_company(cast.carrier_a, "常州旧名科技有限公司")
    lines = [
        firm(known.name, known.uscc or "", since=""),
        *(firm(f"常州{name}有限公司", factories.make_uscc()) for name in ("甲甲", "乙乙", "丙丙")),
    ]
    import_ = land(bring("companies", HEAD, *lines, by=cast.a), cast.a)
    _, one, two, _three = firms()
    with writing():
        fresh_firm(known.id).version += 1
        add_contact(fresh_firm(one.id), ContactDetails("新来的"), by=cast.a)
    factories.make_activity(fresh_firm(two.id), date(2020, 9, 1))
    with pytest.raises(RevertRefused):
        undo.undo(import_.id, cast.a.id)
    import_ = fresh(import_)
    assert import_.state is ImportState.LANDED
    assert "3行" in str(failure_of(import_))
    assert [(number, str(error)) for number, error in harmed_rows(import_)] == [
        (2, "企业资料在导入之后已被修改。"),
        (3, "该企业的联系人、入驻或曾用名在导入之后有变化。"),
        (4, "导入之后已有与该企业关联的记录。"),
    ]
    assert len(firms()) == 4


def test_what_became_otherwise_since_the_check_is_not_landed_but_shown(cast: Any) -> None:
    code = factories.make_uscc()
    lines = [firm("常州甲甲有限公司", code), firm("常州乙乙有限公司", factories.make_uscc())]
    import_ = bring("companies", HEAD, *lines, by=cast.a)
    factories.make_company(cast.carrier_b, "常州甲甲有限公司", uscc=code)
    with pytest.raises(ChangedSince):
        land(import_, cast.a)
    import_ = fresh(import_)
    assert (import_.state, counts(import_)) == (ImportState.CHECKED, (1, 0, 0, 1))
    assert "第2行" in str(failure_of(import_))
    assert faults_of(import_, 2) == [(1, "该企业已在园区登记，由“大创园”管理。")]
    assert len(firms()) == 1
    assert land(import_, cast.a).state is ImportState.LANDED


def test_a_form_that_is_sent_twice_makes_one_import(cast: Any) -> None:
    kept = Kept("a" * 64, 10, MediaType.XLSX)
    with writing():
        ids = {
            services.receive("companies", kept, "表.xlsx", "once", by=cast.a).id for _ in range(2)
        }
    assert len(ids) == 1


def test_checking_and_landing_cost_the_same_statements_for_ten_rows_as_for_two(
    cast: Any, query_count: Any
) -> None:
    costs = []
    for size in (1, 2, 10):  # the first remembers what its columns hold
        lines = [unlike(100 * size + i) for i in range(size)]
        with query_count() as sent:
            land(bring("companies", HEAD, *lines, by=cast.a), cast.a)
        costs.append(len(sent))
    assert costs[1] == costs[2]


def unlike(number: int) -> tuple[str, ...]:
    """A firm that resembles no other, so that none is looked at as a duplicate."""
    return firm(
        chr(0x5000 + 7 * number) * 3 + "有限公司",
        factories.make_uscc(),
        phone=f"{13812340000 + number}",
    )


def fresh_firm(id_: int) -> Company:
    return session.get_one(Company, id_, populate_existing=True)


def found(words: str) -> list[int]:
    return [company.id for company in session.scalars(search(visible_to(WHOLE_PARK_SCOPE), words))]


def dump() -> list[Any]:
    """All that the register says, but for versions (and completeness: the factory does not measure it)."""
    session.rollback()
    tables = [model.__table__ for model in (Company, Contact, FormerName, Residence)]
    return [
        [
            {name: value for name, value in line.items() if name not in ("version", "completeness")}
            for line in session.execute(select(table).order_by(table.c.id)).mappings()
        ]
        for table in tables
    ]
