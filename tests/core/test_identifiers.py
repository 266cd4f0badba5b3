"""USCC (GB 32100-2015) and patent numbers: the valid, the invalid, and what people type."""

import pytest

from crm.core.errors import DomainError
from crm.core.identifiers import clean_patent_number, clean_uscc, uscc_check_character

WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def _sum(first_17: str) -> int:
    return sum(ALPHABET.index(c) * w for c, w in zip(first_17, WEIGHTS, strict=True))


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91110108551385082Q", "91310000MA1K000006"])
def test_a_valid_code_is_kept_as_it_is(code: str) -> None:
    assert clean_uscc(code) == code


@pytest.mark.parametrize("code", ["91310115MA1H8R7C6D", "91110108MA00ABC123"])
def test_samples_printed_on_the_web_with_a_wrong_check_character_are_refused(code: str) -> None:
    with pytest.raises(DomainError, match="校验位") as refused:
        clean_uscc(code)
    assert refused.value.field == "uscc"


def test_a_remainder_of_zero_gives_the_check_character_zero() -> None:
    """Many published snippets look up character 31 of 31 here and crash."""
    first = next(
        code for number in range(1000) if _sum(code := f"91320412MA{number:07d}") % 31 == 0
    )
    assert uscc_check_character(first) == "0"
    assert clean_uscc(first + "0") == first + "0"
    with pytest.raises(DomainError):
        clean_uscc(first + "1")


@pytest.mark.parametrize("number", range(0, 400, 7))
def test_the_check_character_agrees_with_the_standards_formula(number: int) -> None:
    first = f"91320412MA{number:07d}"
    assert uscc_check_character(first) == ALPHABET[(31 - _sum(first) % 31) % 31]


@pytest.mark.parametrize(
    "typed",
    [
        "91350100m000100y43",
        "９１３５０１００Ｍ０００１００Ｙ４３",
        " 91350100 M000100Y 43 ",
        "91350100-M000100Y4-3",
        "91350100\u3000M000100Y43",
    ],
)
def test_width_case_spaces_and_dashes_do_not_matter(typed: str) -> None:
    assert clean_uscc(typed) == "91350100M000100Y43"


def test_a_wrong_length_is_told_with_the_length_found() -> None:
    with pytest.raises(DomainError, match="现为17位"):
        clean_uscc("91350100M000100Y4")
    with pytest.raises(DomainError, match="现为19位"):
        clean_uscc("91350100M000100Y431")


@pytest.mark.parametrize("letter", "IOSVZ")
def test_letters_that_the_standard_leaves_out_are_refused(letter: str) -> None:
    with pytest.raises(DomainError, match="不含 I、O、S、V、Z"):
        clean_uscc(f"91350100{letter}000100Y43")


@pytest.mark.parametrize("code", ["中" * 18, "9135010①M000100Y4", "91350100M000100Y4\x00"])
def test_other_characters_are_refused_with_a_sentence(code: str) -> None:
    with pytest.raises(DomainError):
        clean_uscc(code)


@pytest.mark.parametrize("number", ["201710601862.3", "97101765.4", "95115608.X"])
def test_a_valid_patent_number_is_kept_as_it_is(number: str) -> None:
    assert clean_patent_number(number) == number
    assert clean_patent_number(f"ZL {number.replace('.', '').lower()}") == number


def test_a_patent_number_with_a_wrong_check_character_is_refused() -> None:
    with pytest.raises(DomainError, match="校验位"):
        clean_patent_number("201710601862.4")
