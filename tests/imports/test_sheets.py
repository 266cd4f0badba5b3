"""What is read out of the files that people really send, and of those nobody should."""

import io
import zipfile
from datetime import date
from typing import Any

import pytest

from crm.core.attributes import Attribute, MoneyUnit, Sort
from crm.core.errors import DomainError
from crm.files.content import MediaType, media_type_of
from crm.files.grids import Grid, read_grid
from crm.imports.headings import is_foreign, keys_of, unit_of
from crm.imports.sheets import Sheet, as_sheet, read
from tests.imports.sheets import far_cell, old_workbook, workbook

KNOWN = frozenset({"企业名称", "统一社会信用代码", "营业收入", "注册资本", "申请号"})


def sheet_of(*rows: list[str], head_row: int | None = None) -> Sheet:
    return as_sheet(Grid("", rows), KNOWN, head_row)


def test_cells_come_as_people_see_them_and_a_number_that_lost_digits_shows_it() -> None:
    file = workbook([["a", 3.0, 0.1 + 0.2, date(2020, 9, 30), True, 320402199001011234]])
    (row,) = read_grid(file, MediaType.XLSX).rows
    assert row == ["a", "3", "0.3", "2020-09-30", "TRUE", "3.20402199001011E+17"]
    with pytest.raises(DomainError, match="末几位已丢失"):
        Attribute("number", "证书编号", Sort.CODE).read(row[5])


def test_an_old_workbook_is_read_like_a_new_one() -> None:
    file = old_workbook([["企业名称", "营业收入"], ["常州甲公司", 3.5]])
    assert media_type_of(file) == MediaType.XLS
    found = read(file, MediaType.XLS, KNOWN)
    assert found.name == "表1"
    assert found.headings == ("企业名称", "营业收入")
    assert found.rows == [(2, ("常州甲公司", "3.5"))]
    assert [one.text for one in found.remarks] == [
        "XLS 文件读不出哪些行是隐藏的：隐藏的行也会导入，请核对行数。"
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_a_csv_is_read_in_the_encodings_of_chinese_offices(encoding: str) -> None:
    text = '企业名称,注册资本（万元）\r\n"常州，甲公司","1,200"\r\n'
    found = read(io.BytesIO(text.encode(encoding)), MediaType.TEXT, KNOWN)
    assert found.rows == [(2, ("常州，甲公司", "1,200"))]


def test_what_is_pasted_from_a_sheet_keeps_cells_of_several_lines() -> None:
    text = '企业名称\t统一社会信用代码\n"常州甲公司\n（原乙公司）"\t\n5"屏公司\t1\n'
    found = read(io.BytesIO(text.encode()), MediaType.TEXT, KNOWN)
    assert [line.cells[0] for line in found.rows] == ["常州甲公司\n（原乙公司）", '5"屏公司']


def test_a_quotation_mark_that_only_means_inches_does_not_swallow_the_rest() -> None:
    text = '企业名称\t营业收入\n"屏公司\t1\n乙公司\t2\n'
    found = read(io.BytesIO(text.encode()), MediaType.TEXT, KNOWN)
    assert [line.cells for line in found.rows] == [('"屏公司', "1"), ("乙公司", "2")]


def test_the_head_is_found_below_titles_and_their_unit_kept() -> None:
    found = sheet_of(
        ["2020年入驻企业一览表"], [], ["", "", "单位：千元"],
        ["序号", "企业名称", "营业收入"], ["1", "甲", "5"], [], ["合计", "", "5"],
        ["填表人：张三"],
    )  # fmt: skip
    assert (found.head_row, found.headings, found.unit) == (
        4, ("序号", "企业名称", "营业收入"), MoneyUnit.QIAN,
    )  # fmt: skip
    assert [line.number for line in found.rows] == [5]
    assert [remark.values[1] for remark in found.remarks] == [("rows", "7"), ("rows", "8")]


def test_a_head_of_two_lines_names_the_group_where_its_words_come_twice() -> None:
    found = sheet_of(
        ["企业名称", "统一社会信用代码", "2019年", "", "2020年", ""],
        ["", "", "营业收入", "纳税", "营业收入", "纳税"],
        ["甲", "", "1", "2", "3", "4"],
    )
    assert found.headings[2:] == (
        "2019年 营业收入",
        "2019年 纳税",
        "2020年 营业收入",
        "2020年 纳税",
    )
    assert (found.head_row, len(found.rows)) == (2, 1)


def test_a_head_of_two_lines_is_one_also_where_merged_cells_repeat_downwards() -> None:
    found = sheet_of(
        ["企业基本情况表", "", "", ""],
        ["企业名称", "经营数据", "", "备注"],
        ["企业名称", "营业收入", "注册资本", "备注"],
        ["甲", "1", "", "无"],
    )
    assert found.headings == ("企业名称", "营业收入", "注册资本", "备注")
    assert [line.number for line in found.rows] == [4]


def test_a_row_of_data_under_an_empty_heading_is_no_second_line_of_the_head() -> None:
    found = sheet_of(["企业名称", ""], ["甲", "常州"], ["乙", "无锡"])
    assert found.headings == ("企业名称", "")
    assert len(found.rows) == 2


def test_a_person_says_which_row_is_the_head() -> None:
    rows = (["企业名称"], ["公司全称"], ["甲"])
    assert sheet_of(*rows).head_row == 1
    assert sheet_of(*rows, head_row=2).headings == ("公司全称",)
    with pytest.raises(DomainError, match="第9行不是表头"):
        sheet_of(*rows, head_row=9)


def test_hidden_rows_are_told_and_hidden_sheets_not_offered() -> None:
    file = workbook([["企业名称"], ["甲"], ["乙"]], [["别的"], ["一"]], hide=[2])
    found = read(file, MediaType.XLSX, KNOWN)
    assert len(found.rows) == 2
    assert found.remarks[0].values == (("n", 1), ("rows", "3"))
    assert found.sheets == ("表1", "表2")
    assert read(file, MediaType.XLSX, frozenset(), sheet="表2").headings == ("别的",)


@pytest.mark.parametrize(
    ("heading", "key", "unit"),
    [
        ("金额（千元）", "金额", MoneyUnit.QIAN),
        ("营业收入：万元", "营业收入", MoneyUnit.WAN),
        ("注册资本(万元人民币)", "注册资本", MoneyUnit.WAN),
        ("公开（公告）号", "公开公告号", None),
        ("申请人 [专利权人]", "申请人", None),
        (" * 企业名称\n", "企业名称", None),
        ("多元公司名称", "多元公司名称", None),
    ],
)
def test_a_heading_is_known_with_its_brackets_and_without(
    heading: str, key: str, unit: MoneyUnit | None
) -> None:
    assert key in keys_of(heading)
    assert unit_of(heading) == unit


def test_an_amount_in_foreign_money_is_not_taken_for_yuan() -> None:
    assert is_foreign("注册资本（万美元）")
    assert unit_of("注册资本（万美元）") is None


def member_zip(**members: bytes) -> Any:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return file


@pytest.mark.parametrize(
    ("file", "kind", "words"),
    [
        (far_cell(), MediaType.XLSX, "超过 200 列|过大"),
        (io.BytesIO(workbook([["a"]]).read()[:-300]), MediaType.XLSX, "损坏"),
        (member_zip(a=b"x"), MediaType.XLSX, "损坏"),
        (member_zip(a=bytes(60_000_000)), MediaType.XLSX, "解压后过大"),
        (io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)), MediaType.XLS, "损坏"),
        (workbook([["a"] * 201, ["b"]]), MediaType.XLSX, "超过 200 列"),
        (workbook([["a", "b"]]), MediaType.XLSX, "下面没有数据"),
        (workbook([[]]), MediaType.XLSX, "没有读到"),
        (io.BytesIO(b"\n".join([b"a"] * 200_001)), MediaType.TEXT, "超过 200,000 行"),
        (io.BytesIO(b"<html><table><tr><td>a"), MediaType.TEXT, "网页"),
        (io.BytesIO(b'"' + b"a" * 200_000), MediaType.TEXT, "不能按行列读出"),
        (io.BytesIO(b"\x81\xff\xfe,a"), MediaType.TEXT, "文字编码"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(file: Any, kind: Any, words: str) -> None:
    with pytest.raises(DomainError, match=words):
        read(file, kind, KNOWN)
