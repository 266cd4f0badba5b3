from collections import Counter

from crm.reference import industries


def test_the_standard_has_twenty_sections_and_ninety_seven_divisions():
    assert len(industries.sections()) == 20
    assert len(industries.all_divisions()) == 97


def test_sections_run_from_a_to_t_and_divisions_from_01_to_97():
    assert "".join(section.code for section in industries.sections()) == "ABCDEFGHIJKLMNOPQRST"
    numbers = [int(division.code[1:]) for division in industries.all_divisions()]
    assert numbers == list(range(1, 98))


def test_every_division_stands_in_its_section():
    sizes = Counter(division.section for division in industries.all_divisions())
    assert sizes == {
        **{"A": 5, "B": 7, "C": 31, "D": 3, "E": 4, "F": 2, "G": 8, "H": 2, "I": 3, "J": 4},
        **{"K": 1, "L": 2, "M": 3, "N": 4, "O": 3, "P": 1, "Q": 2, "R": 5, "S": 6, "T": 1},
    }


def test_every_industry_has_a_chinese_and_an_english_name():
    for entry in (*industries.sections(), *industries.all_divisions()):
        assert entry.name_zh.strip()
        assert not entry.name_zh.isascii()
        assert entry.name_en.strip()
        assert entry.name_en.isascii()


def test_no_two_divisions_share_a_name():
    divisions = industries.all_divisions()
    assert len({division.name_zh for division in divisions}) == 97
    assert len({division.name_en for division in divisions}) == 97


def test_a_division_is_found_by_its_code_and_by_the_codes_below_it():
    software = industries.get("I65")
    assert software is not None
    assert (software.section, software.name_zh) == ("I", "软件和信息技术服务业")
    assert industries.get("I6513") == software
    assert industries.get("i65") == software


def test_a_code_that_is_no_division_finds_nothing():
    assert industries.get("I") is None
    assert industries.get("I62") is None
    assert industries.get("") is None
