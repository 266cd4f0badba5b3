from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from crm.documents.workbook import Column, Sheet, write_workbook

COLUMNS = (
    Column("名称", "text", 30),
    Column("统一社会信用代码"),
    Column("项目数", "int"),
    Column("协议投资（万元）", "money_wan"),
    Column("签约日期", "date"),
    Column("完成率", "percent"),
    Column("得分", "decimal"),
)
ROW = (
    "甲公司",
    "012320400",
    17,
    Decimal("12345678.91"),
    date(2020, 2, 29),
    Fraction(4, 5),
    Decimal("7.25"),
)


def written(*rows: tuple[object, ...], **more: Any) -> list[list[Any]]:
    """The rows of one sheet, read back by another library."""
    return read(write_workbook([Sheet("项目", COLUMNS, rows, **more)]))


def read(book: bytes, sheet: int = 0) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_index(sheet).to_python()


def one_cell(value: object) -> Any:
    return read(write_workbook([Sheet("甲", [Column("列")], [(value,)])]))[1][0]


def test_figures_are_numbers_codes_are_text_and_dates_are_dates() -> None:
    row = written(ROW)[1]
    assert row == ["甲公司", "012320400", 17, 1234.567891, date(2020, 2, 29), 0.8, 7.25]
    assert isinstance(row[1], str)
    assert isinstance(row[4], date)


def test_the_header_comes_first_and_under_the_notes_where_there_are_any() -> None:
    headers = [column.header for column in COLUMNS]
    assert written(ROW)[0] == headers
    rows = written(ROW, notes=["项目清单", "统计截止 2020-09-30", "演示数据"])
    assert [row[0] for row in rows[:4]] == ["项目清单", "统计截止 2020-09-30", "演示数据", ""]
    assert rows[4] == headers
    assert rows[5][0] == "甲公司"


def test_what_is_missing_is_an_empty_cell_and_never_nought() -> None:
    assert written((None,) * 7, ROW)[1] == [""] * 7
    assert written(("甲", "1", 0, Decimal(0), None, Fraction(0), Decimal(0)))[1][2] == 0


def test_a_sheet_without_rows_still_has_its_header() -> None:
    assert written() == [[column.header for column in COLUMNS]]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "{=1}", "https://example.org", "0123"]
)
def test_no_text_becomes_a_formula_a_link_or_a_number(text: str) -> None:
    assert one_cell(text) == text
    book = write_workbook([Sheet("甲", [Column(text)], [(text,)], notes=[text])])
    sheet = ZipFile(BytesIO(book)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet


def test_characters_no_sheet_can_hold_are_left_out_and_the_rest_stays() -> None:
    assert one_cell("甲\x00\x07\ufffe\uffff\ud800乙\x1f") == "甲乙"
    assert one_cell("喆镕𬭛㎡ _x0041_ <&>\"' 一\n二") == "喆镕𬭛㎡ _x0041_ <&>\"' 一\n二"


def test_a_text_longer_than_a_cell_is_cut_and_says_so() -> None:
    assert one_cell("甲" * 32_767) == "甲" * 32_767
    assert one_cell("甲" * 32_768) == "甲" * 32_766 + "…"
    assert one_cell("𬭛" * 16_384) == "𬭛" * 16_383 + "…"


def test_titles_become_names_that_excel_accepts() -> None:
    titles = ["a/b:c*[d]?", "项目", "项目", "'引号'", "", "长" * 40, "长" * 40, "History"]
    book = write_workbook([Sheet(title, [Column("列")], []) for title in titles])
    names = CalamineWorkbook.from_filelike(BytesIO(book)).sheet_names
    assert names == [
        "a b c d",
        "项目",
        "项目 2",
        "引号",
        "Sheet",
        "长" * 31,
        "长" * 29 + " 2",
        "History 2",
    ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", "17"),
        ("money_wan", 1.5),
        ("money_wan", Fraction(1, 2)),
        ("percent", "80%"),
        ("date", "2020-09-30"),
        ("date", datetime(2020, 9, 30, 23, tzinfo=UTC)),
    ],
)
def test_a_value_of_another_kind_is_refused(kind: Any, value: object) -> None:
    with pytest.raises(TypeError):
        write_workbook([Sheet("甲", [Column("列", kind)], [(value,)])])


def test_a_row_too_short_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zip"):
        written(("甲公司", "012320400"))


def test_the_header_stays_in_sight_filters_and_is_repeated_in_print() -> None:
    book = write_workbook([Sheet("项目", COLUMNS, [ROW, ROW], notes=["项目清单"])])
    sheet = ZipFile(BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    assert 'topLeftCell="A4"' in sheet
    assert '<autoFilter ref="A3:G5"' in sheet
    assert "$3:$3" in ZipFile(BytesIO(book)).read("xl/workbook.xml").decode()


def test_a_long_sheet_is_written_row_by_row() -> None:
    rows = ((f"企业{n}", f"{n:09}", n) for n in range(20_001))
    read_back = read(write_workbook([Sheet("长", COLUMNS[:3], rows)]))
    assert read_back[20_001] == ["企业20000", "000020000", 20_000]
