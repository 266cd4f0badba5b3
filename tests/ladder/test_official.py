"""Published lists: read from anything, matched in a few queries, confirmed by a person, evidence of what they prove."""

import io
import zipfile
from datetime import date

import pytest
import xlsxwriter
from sqlalchemy import func, select

from crm.companies.models import FormerName
from crm.companies.names import name_key
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.files.content import MediaType, as_stream
from crm.files.models import Attachment
from crm.ladder import official
from crm.ladder.matching import match
from crm.ladder.models import (
    Match,
    OfficialList,
    OfficialRow,
    Qualification,
    QualificationKind,
    RowState,
)
from crm.ladder.official import ListTerms
from crm.ladder.reading import MOST_ROWS, Line, read_file
from crm.people.scope import WHOLE_PARK_SCOPE, scope_of
from tests import factories

Kind = QualificationKind
TERMS = ListTerms(
    Kind.HIGH_TECH, "关于认定2020年第一批高企的公告", date(2020, 9, 2), batch="第一批"
)
FORM = {"what": "high_tech", "name": TERMS.name, "issued_on": "2020-09-02", "batch": "第一批"}


@pytest.fixture
def firm(cast):
    return factories.make_company(cast.carrier_a, "常州领航机器人有限公司")


def workbook(rows):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    file.seek(0)
    return file


def read_in(lines, by, terms=TERMS):
    found = match(lines, scope_of(by))
    with writing():
        return official.read_in(terms, lines, found, None, by=by)


def rows_of(made):
    session.expire_all()
    return session.scalars(official.rows_of(made)).all()


def confirm(made, rows, by):
    with writing():
        there = session.get_one(OfficialList, made.id)
        return official.confirm(there, [row.id for row in rows], scope_of(by), by=by)


def count(model):
    return session.scalar(select(func.count(model.id)))


# Reading


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("常州甲科技有限公司\n\n 常州乙科技有限公司 \n", [Line("常州甲科技有限公司"), Line("常州乙科技有限公司")]),
        (
            "序号\t企业名称\t证书编号\n1\t常州甲科技有限公司\tGR202032000001\n",
            [Line("常州甲科技有限公司", "", "GR202032000001")],
        ),
        (
            "附件：2020年名单\n序号,企业名称,统一社会信用代码\n1,常州甲科技有限公司,91110108551385082q\n",
            [Line("常州甲科技有限公司", "91110108551385082Q")],
        ),
        ("1,常州甲科技有限公司,GR202032000001", [Line("常州甲科技有限公司", "", "GR202032000001")]),
        ("常州甲科技有限公司\n常州甲科技有限公司", [Line("常州甲科技有限公司")]),
        ("企业名称,信用代码\n常州甲科技有限公司,910000000000000000", [Line("常州甲科技有限公司")]),
        ("企业名称\n=HYPERLINK(常州甲科技有限公司)", [Line("=HYPERLINK(常州甲科技有限公司)")]),
    ],
)  # fmt: skip
def test_a_text_is_read_with_or_without_heads(text, lines):
    assert read_file(as_stream(text), MediaType.TEXT) == lines


def test_a_file_is_read_in_either_encoding_and_as_a_workbook():
    name = "常州甲科技有限公司"
    for content in (f"{name}\r\n".encode("gb18030"), b"\xef\xbb\xbf" + name.encode()):
        assert read_file(io.BytesIO(content), MediaType.TEXT) == [Line(name)]
    rows = [["单位名称", "证书编号"], [name, "GR1"], ["", ""], ["常州乙科技有限公司", 20203204120]]
    read = read_file(workbook(rows), MediaType.XLSX)
    assert read == [Line(name, "", "GR1"), Line("常州乙科技有限公司", "", "20203204120")]


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr("xl/workbook.xml", b"0" * (80 * 1024 * 1024))
    return file


def too_long():
    names = (f"常州甲科技{number}有限公司" for number in range(MOST_ROWS + 1))
    return io.BytesIO("\n".join(names).encode())


@pytest.mark.parametrize(
    ("file", "kind", "sentence"),
    [
        (bomb, MediaType.XLSX, "解压后过大"),
        (lambda: io.BytesIO(b"PK\x03\x04 broken"), MediaType.XLSX, "打不开"),
        (lambda: io.BytesIO("常州\ufffe科技有限公司".encode()), MediaType.TEXT, "第1行含有不能保存的字符"),
        (lambda: io.BytesIO(b"\x81\x81\xff\xff\x80"), MediaType.TEXT, "文字编码"),
        (lambda: io.BytesIO(b"1\n2\n3\n"), MediaType.TEXT, "没有读到企业名称"),
        (too_long, MediaType.TEXT, "最多 5000 家"),
        (lambda: io.BytesIO(b"x" * (3 * 1024 * 1024)), MediaType.TEXT, "超过 2 MB"),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_with_a_sentence(file, kind, sentence):
    with pytest.raises(DomainError, match=sentence):
        read_file(file(), kind)


# Matching


def test_names_are_matched_by_code_name_former_name_and_likeness(cast, firm):
    former = factories.make_company(cast.carrier_b, "常州新名智能科技有限公司")
    factories._add(
        FormerName(
            company_id=former.id, name="常州旧名智能科技有限公司", name_key=name_key("常州旧名智能科技有限公司"),
            until_on=date(2019, 1, 1),
        )
    )  # fmt: skip
    coded = factories.make_company(cast.carrier_a, "常州代码电子有限公司")
    lines = [
        Line("写错的名称有限公司", coded.uscc),
        Line("常州领航机器人有限公司"),
        Line("常州旧名智能科技有限公司"),
        Line("常州领航机器人股份有限公司"),
        Line("南京别处软件有限公司"),
        Line("常州领航机器人有限公司", former.uscc),
        Line("常州领航机器人有限公司", factories.make_uscc()),
    ]
    found = [(one.match, one.company_id) for one in match(lines, WHOLE_PARK_SCOPE)]
    assert found == [
        (Match.USCC, coded.id),
        (Match.NAME, firm.id),
        (Match.FORMER, former.id),
        (Match.ALIKE, firm.id),  # 股份: perhaps the same firm, a person decides
        (Match.NONE, None),
        (Match.USCC, former.id),  # the code goes before the name
        (Match.ALIKE, firm.id),  # the same name, another code
    ]


def test_firms_outside_the_scope_are_not_there(cast, firm):
    assert match([Line(firm.name, firm.uscc)], scope_of(cast.b))[0].company_id is None
    assert match([Line(firm.name, firm.uscc)], scope_of(cast.a))[0].company_id == firm.id


def test_three_thousand_names_cost_as_many_queries_as_three(cast, firm, query_count):
    def cost(number):
        lines = [Line(f"苏州第{n}智能装备制造有限公司") for n in range(number)]
        assert cast.supervisor.unit_id
        with query_count() as found:
            read_in(lines, cast.supervisor)
        return len(found)

    few = cost(3)
    assert cost(3000) == few
    assert count(OfficialRow) == 3003


# Confirming


def test_confirmed_names_become_proofs_that_wait_with_the_list_as_source(cast, firm):
    lines = [Line(firm.name, "", "GR202032000001"), Line("南京别处软件有限公司")]
    made, is_new = read_in(lines, cast.a)
    assert (is_new, count(Qualification)) == (True, 0)  # nothing before a person confirms
    rows = rows_of(made)
    assert confirm(made, rows, cast.a) == (1, 0)
    proof = session.scalars(select(Qualification)).one()
    assert (proof.company_id, proof.number, proof.issued_on) == (
        firm.id,
        "GR202032000001",
        TERMS.issued_on,
    )
    assert (proof.source, proof.batch, proof.state.value) == (TERMS.name, "第一批", "pending")
    assert (proof.reported_by_id, proof.name_on_it, proof.is_renewal) == (
        cast.a.id,
        firm.name,
        False,
    )
    taken, other = rows_of(made)
    assert (taken.state, taken.qualification_id) == (RowState.TAKEN, proof.id)
    assert (other.state, other.qualification_id) == (RowState.OPEN, None)
    with pytest.raises(DomainError, match="请先勾选"):  # pressed twice
        confirm(made, rows, cast.a)
    assert count(Qualification) == 1


def test_the_same_list_again_changes_nothing(cast, firm):
    lines = [Line(firm.name)]
    made, _ = read_in(lines, cast.a)
    confirm(made, rows_of(made), cast.a)
    again, is_new = read_in(lines, cast.a)
    assert (again.id, is_new) == (made.id, False)
    assert (count(OfficialList), count(OfficialRow), count(Qualification)) == (1, 1, 1)


def test_a_firm_that_has_this_proof_already_gets_no_second_one(cast, firm):
    held = factories.make_qualification(firm, Kind.HIGH_TECH, TERMS.issued_on, date(2023, 9, 2))
    made, _ = read_in([Line(firm.name), Line(firm.name, "", "GR9")], cast.a)
    assert confirm(made, rows_of(made), cast.a) == (0, 2)
    assert count(Qualification) == 1
    assert rows_of(made)[0].qualification_id == held.id


def test_two_lines_of_one_firm_make_one_proof_and_a_former_holder_is_renewed(cast, firm):
    factories.make_qualification(firm, Kind.HIGH_TECH, date(2017, 8, 1), date(2020, 8, 1))
    made, _ = read_in([Line(firm.name), Line(firm.name, firm.uscc)], cast.a)
    assert confirm(made, rows_of(made), cast.a) == (1, 1)
    new = session.scalars(select(Qualification).order_by(Qualification.id.desc())).first()
    assert new.is_renewal
    assert new.number == "2020-09-02"  # the list gives none


def test_a_firm_that_left_the_scope_meanwhile_is_not_confirmed(cast, firm):
    made, _ = read_in([Line(firm.name)], cast.a)
    with writing():
        session.merge(firm).unit_id = cast.carrier_b.id
    with pytest.raises(DomainError, match="请先勾选"):
        confirm(made, rows_of(made), cast.a)
    assert count(Qualification) == 0


def test_what_was_not_found_stays_as_a_work_list(cast):
    made, _ = read_in(
        [Line("常州后来软件有限公司"), Line("常州别名软件有限公司"), Line("南京别处有限公司")],
        cast.a,
    )
    later = factories.make_company(cast.carrier_a, "常州后来软件有限公司")
    named = factories.make_company(cast.carrier_a, "江苏真名数据有限公司")
    scope = scope_of(cast.a)
    with writing():
        assert official.match_again(session.get_one(OfficialList, made.id), scope, by=cast.a) == 1
    for firm in ("没有的企业名称", "江苏真名数据股份有限公司"):
        with pytest.raises(DomainError, match="没有这个名称"), writing():
            official.assign(session.get_one(OfficialList, made.id), 2, firm, scope, by=cast.a)
    with writing():
        there = session.get_one(OfficialList, made.id)
        official.assign(there, 2, named.uscc, scope, by=cast.a)
        assert official.set_aside(there, None, by=cast.a) == 1
    rows = rows_of(made)
    assert [(r.match, r.company_id, r.state) for r in rows] == [
        (Match.NAME, later.id, RowState.OPEN),
        (Match.BY_HAND, named.id, RowState.OPEN),
        (Match.NONE, None, RowState.NOT_OURS),
    ]
    assert confirm(made, rows, cast.a) == (2, 0)


def test_a_list_is_of_a_kind_that_lists_are_published_of(cast):
    for terms in (
        ListTerms(Kind.LISTED, "名单", date(2020, 9, 2)),
        ListTerms(Kind.LABEL, "名单", date(2020, 9, 2)),
        ListTerms(Kind.HIGH_TECH, "名单", date(2020, 10, 1)),
    ):
        with pytest.raises(DomainError):
            read_in([Line("常州甲科技有限公司")], cast.a, terms)


# Pages


def test_a_list_goes_from_the_form_to_proofs_with_its_file_as_evidence(browser_of, firm):
    browser = browser_of("a")
    assert browser.get("/ladder/lists").status_code == 200
    assert browser.get("/ladder/lists/new").status_code == 200
    text = f"企业名称,证书编号\n{firm.name},GR202032000009\n南京别处软件有限公司,GR202032000010\n"
    answer = browser.post("/ladder/lists", data={**FORM, "text": text})
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert "已匹配 1 家" in page
    assert "未匹配 1 家" in page
    row = session.scalars(select(OfficialRow.id).where(OfficialRow.company_id == firm.id)).one()
    for _ in range(2):
        browser.post(f"{answer.location}/confirmations", data={"row": [row]})
    assert count(Qualification) == 1
    proof = session.scalars(select(Qualification)).one()
    kinds = session.scalars(select(Attachment.subject_type).order_by(Attachment.id)).all()
    assert kinds == ["official_list", "qualification"]
    assert TERMS.name in browser.get(f"/files/qualification/{proof.id}").text
    again = browser.post("/ladder/lists", data={**FORM, "text": text})
    assert again.location == answer.location
    assert count(OfficialList) == 1


def test_a_workbook_is_uploaded(browser_of, firm):
    file = (workbook([["企业名称"], [firm.name]]), "名单.exe")
    answer = browser_of("supervisor").post("/ladder/lists", data={**FORM, "file": file})
    assert answer.status_code == 303
    assert session.scalars(select(Attachment.name)).one() == "名单.xlsx"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({}, "二者选一"),
        ({"text": "常州甲科技有限公司", "issued_on": ""}, "请填写日期。"),
        ({"text": "常州甲科技有限公司", "issued_on": "2020-10-01"}, "日期不能晚于今天。"),
        ({"text": "常州甲科技有限公司", "what": "listed"}, "请"),
        ({"text": "常州甲科技有限公司", "what": "label-987654"}, "请"),
        ({"text": "1\n2"}, "没有读到企业名称"),
        ({"text": "常州\ufffe甲科技有限公司"}, "不能保存的字符"),
        ({"file": (b"%PDF-1.7", "名单.csv")}, "不接受这种文件"),
    ],
)
def test_a_bad_list_is_refused_and_stays_typed(browser_of, changed, sentence):
    if "file" in changed:  # one stream for each of the two engines
        content, name = changed["file"]
        changed = {"file": (io.BytesIO(content), name)}
    answer = browser_of("a").post("/ladder/lists", data={**FORM, **changed})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "第一批" in answer.text
    assert count(OfficialList) == 0


def test_others_find_no_list_and_readers_read_none_in(browser_of, cast, firm):
    made, _ = read_in([Line(firm.name)], cast.a)
    row = rows_of(made)[0].id
    stranger = browser_of("b")
    assert stranger.get(f"/ladder/lists/{made.id}").status_code == 404
    for step in ("confirmations", "dismissals", "matchings", "assignments"):
        data = {"row": row, "all": "1", "position": "1", "firm": firm.name}
        assert stranger.post(f"/ladder/lists/{made.id}/{step}", data=data).status_code == 404
        assert browser_of("leader").post(f"/ladder/lists/{made.id}/{step}").status_code == 403
    assert TERMS.name not in stranger.get("/ladder/lists").text
    assert browser_of("leader").get("/ladder/lists").status_code == 403
    assert browser_of("supervisor").get(f"/ladder/lists/{made.id}").status_code == 200
    assert rows_of(made)[0].state == RowState.OPEN


def test_a_wrong_assignment_is_refused_on_the_page(browser_of, cast):
    made, _ = read_in([Line("南京别处软件有限公司")], cast.a)
    browser, address = browser_of("a"), f"/ladder/lists/{made.id}/assignments"
    for data in (
        {"position": "x", "firm": "甲"},
        {"position": "1", "firm": "没有的企业"},
        {"position": "9", "firm": "甲"},
    ):
        assert browser.post(address, data=data).status_code == 422
