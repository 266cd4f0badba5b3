import csv
import io
from decimal import Decimal

import pytest

from crm.documents.delimited import escaped, write_csv


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_text_that_begins_like_a_formula_is_escaped(start: str) -> None:
    assert escaped(f"{start}1+1") == f"'{start}1+1"
    assert escaped(f"甲{start}1") == f"甲{start}1"


def test_a_forbidden_character_does_not_hide_a_formula() -> None:
    assert escaped("\x00=1+1") == "'=1+1"


def test_a_negative_figure_stays_a_figure() -> None:
    assert escaped(-5) == "-5"
    assert escaped(Decimal("-12.50")) == "-12.50"
    assert escaped("-5") == "'-5"


def test_the_file_opens_in_excel_as_chinese_and_reads_back() -> None:
    file = write_csv(["名称", "备注"], [["甲,公司", '他说"好"\n再议'], ["喆镕", None]])
    assert file.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))
    assert rows == [["名称", "备注"], ["甲,公司", '他说"好"\n再议'], ["喆镕", ""]]


def test_headers_are_escaped_like_cells() -> None:
    assert "'=名称" in write_csv(["=名称"], []).decode("utf-8-sig")
