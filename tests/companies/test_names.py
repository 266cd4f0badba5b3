"""Keys by which names look alike, and what a search finds."""

import pytest

from crm.companies.names import initials, name_key, search_text


@pytest.mark.parametrize(
    "name",
    [
        "常州甲科技有限公司",
        "常州甲科技有限责任公司",
        "常州甲科技股份有限公司",
        "常州 甲科技　有限公司",
        "（常州）甲科技有限公司",
        "(常州)甲科技【有限公司】",
        "常州甲科技",
    ],
)
def test_width_brackets_spaces_and_legal_form_do_not_matter(name: str) -> None:
    assert name_key(name) == "常州甲科技"


def test_latin_letters_are_read_in_lower_case_and_half_width() -> None:
    assert name_key("ＡＢＣ（中国）Ｌａｂ有限公司") == name_key("abc(中国)lab") == "abc中国lab"


@pytest.mark.parametrize("name", ["有限公司", "（）", "𬭛"])
def test_a_key_is_never_empty(name: str) -> None:
    assert name_key(name)


def test_a_key_fits_its_column_even_where_one_character_becomes_many() -> None:
    assert len(name_key("ﷺ" * 120)) == 120


def test_initials_are_read_in_their_phrase() -> None:
    assert initials("重庆银行") == "cqyh"
    assert initials("重量行走") == "zlxz"
    assert initials("长江ABC12乐器".lower()) == "cjabc12yq"


def test_a_search_text_holds_name_code_and_initials() -> None:
    text = search_text("常州甲科技（集团）有限公司", "91350100M000100Y43")
    assert "常州甲科技(集团)有限公司" in text
    assert "91350100m000100y43" in text
    assert "czjkjjtyxgs" in text
