from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crm.core.attributes import Attribute, MoneyUnit, Sort
from crm.core.errors import DomainError
from crm.core.words import LabelledEnum


class Colour(LabelledEnum):
    RED = "red", "红"
    BLUE = "blue", "蓝", "蓝色", "天蓝"


@pytest.mark.parametrize(
    "cell",
    ["2020-09-30", "2020/9/30", "2020.9.30", "2020年9月30日", "20200930", "44104", 44104.0, " ２０２０-０９-３０ ",
     date(2020, 9, 30), datetime(2020, 9, 30, 8, tzinfo=UTC), "2020-09-30 00:00:00"],
)  # fmt: skip
def test_a_day_is_read_however_people_write_it(cell):
    assert Attribute("on", "日期", Sort.DATE).read(cell) == date(2020, 9, 30)


@pytest.mark.parametrize("cell", ["2020-02-30", "9月", "30/9/2020", True, "2020-9", 7.0])
def test_what_is_no_day_is_refused_in_a_sentence(cell):
    with pytest.raises(DomainError, match="日期|这一天"):
        Attribute("on", "日期", Sort.DATE).read(cell)


@pytest.mark.parametrize(
    ("cell", "unit", "yuan"),
    [
        ("1,200.5", MoneyUnit.WAN, "12005000.00"),
        (1200.5, MoneyUnit.QIAN, "1200500.00"),
        ("2.8", MoneyUnit.YI, "280000000.00"),
        (0.1, MoneyUnit.YUAN, "0.10"),
        ("０.００５", MoneyUnit.YUAN, "0.01"),
    ],
)
def test_an_amount_is_read_in_the_unit_of_its_column(cell, unit, yuan):
    assert Attribute("amount", "金额", Sort.MONEY).read(cell, unit) == Decimal(yuan)


@pytest.mark.parametrize("cell", ["一百", "1e400", "NaN", float("inf"), True, "1e20"])
def test_what_is_no_amount_is_refused(cell):
    with pytest.raises(DomainError):
        Attribute("amount", "金额", Sort.MONEY).read(cell)


def test_an_empty_cell_is_nothing_and_a_whole_float_has_no_point():
    text = Attribute("number", "编号", Sort.CODE)
    assert text.read("  \u200b ") is None
    assert text.read(None) is None
    assert text.read(320412.0) == "320412"
    assert text.read("ｇｒ 2020-1 ") == "GR2020-1"


def test_choices_are_known_by_label_by_value_and_by_the_words_of_others():
    one = Attribute("colour", "颜色", Sort.CHOICE, choices=Colour)
    several = Attribute("colours", "颜色", Sort.CHOICES, choices=Colour)
    assert one.read("红") is Colour.RED
    assert one.read("BLUE") is Colour.BLUE
    assert one.read("天蓝") is Colour.BLUE
    assert several.read("红、蓝") == frozenset(Colour)
    with pytest.raises(DomainError, match="可选：红、蓝"):
        one.read("绿")


def test_text_that_no_file_can_hold_or_that_is_too_long_is_refused():
    text = Attribute("name", "名称", longest=4)
    with pytest.raises(DomainError, match="不能保存"):
        text.read("a\x07b")
    with pytest.raises(DomainError, match="不能超过4个字符"):
        text.read("常州科教城")
    assert text.read("a \n b") == "a b"
    assert Attribute("note", "说明", Sort.LINES).read("a\r\nb") == "a\nb"


def test_yes_and_no():
    flag = Attribute("is_new", "是否新增", Sort.BOOL)
    assert [flag.read(cell) for cell in ("是", "否", "√", True, 0.0)] == [
        True,
        False,
        True,
        True,
        False,
    ]
    with pytest.raises(DomainError):
        flag.read("也许")
