"""Single sentences in many phrasings, each with all that it promises and nothing else: targets.txt, milestones.txt."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from crm.plan_reader.reader import Reading, read

HERE = Path(__file__).parent
NOTHING = "-"


def cases(name: str) -> list[tuple[str, list[list[str]]]]:
    """Sentences, each with the rows that are indented below it."""
    found = []
    for block in (HERE / name).read_text().split("\n\n")[1:]:
        sentence, *rows = block.strip().split("\n")
        found.append((sentence, [row.strip().split("\t") for row in rows]))
    return found


def reading(sentence: str) -> Reading:
    return read(f"2020年工作要点\n一、目标\n{sentence}")


@pytest.mark.parametrize(("sentence", "promised"), cases("targets.txt"))
def test_a_sentence_promises_this_and_no_more(sentence, promised):
    found = reading(sentence).targets
    assert [_row(target) for target in found] == [_expected(row) for row in promised]
    for target, (subject, *__) in zip(found, promised, strict=True):
        assert subject == NOTHING or subject in target.subject


def _row(target):
    return (
        target.comparator,
        Fraction(target.value).limit_denominator(1000),
        target.unit,
        target.modal,
    )


def _expected(row):
    __, comparator, value, unit, modal = (("" if cell == NOTHING else cell) for cell in row)
    return comparator, Fraction(value), unit, modal


@pytest.mark.parametrize(("sentence", "dated"), cases("milestones.txt"))
def test_a_sentence_has_these_milestones_and_no_more(sentence, dated):
    found = reading(sentence).milestones
    rows = [[m.subject, m.event, m.not_before.isoformat(), m.due.isoformat()] for m in found]
    assert rows == dated


def test_a_range_has_an_upper_end():
    (target,) = reading("引进领军型创新创业团队10-15个。").targets
    assert (target.value, target.value_to) == (Decimal(10), Decimal(15))


def test_a_part_names_what_it_is_a_part_of_and_a_repeat_what_it_repeats():
    plan = "全年新增授权专利超2000件,其中发明专利超600件。\n二、创新\n新增授权专利超2000件。"
    whole, part, again = reading(plan).targets
    assert (whole.parent, part.parent, again.repeats) == (None, 0, 0)


def test_places_point_into_the_text_as_it_was_given():
    plan = "２０２０年工作要点\n一、目标\n全年新增企业３６０家以上，其中外资企业１０家。"
    for target in read(plan, 2020).targets:
        assert plan[target.start : target.end] == target.text
        assert plan[target.number_start : target.number_end] in ("３６０家", "１０家")
