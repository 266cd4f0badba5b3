"""Rooms pasted as lines."""

from decimal import Decimal

import pytest

from crm.carriers.models import RoomKind
from crm.carriers.pasted import MOST_LINES, read
from crm.core.errors import DomainError

WORDS = {kind.label: kind for kind in RoomKind}


@pytest.mark.parametrize(
    "line",
    [
        "A座\t301\t120.5\t研发",
        "A座,301,120.5㎡,研发",
        "A座，301，120.50，研发",
        "A座 301 120.5 研发",
    ],
)
def test_tabs_commas_and_spaces_separate(line: str) -> None:
    (found,) = read(line, WORDS, set())
    assert (found.building, found.room, found.area, found.kind, found.floor) == (
        "A座",
        "301",
        Decimal("120.5"),
        RoomKind.RESEARCH,
        3,
    )


def test_a_head_and_empty_lines_are_passed_over_and_the_kind_may_be_missing() -> None:
    found = read("楼\t房号\t面积\n\nA座\t1203\t80\n", WORDS, set())
    assert [(line.number, line.floor, line.kind) for line in found] == [(3, 12, RoomKind.OFFICE)]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("A座\t301", "三到四列"),
        ("A座\t\t120", "不能为空"),
        ("A座\t301\t大", "面积"),
        ("A座\t301\t0", "面积"),
        ("A座\t301\t-5", "面积"),
        ("A座\t301\tNaN", "面积"),
        ("A座\t301\t1e999999", "面积"),
        ("A座\t301\t50\t厕所", "不认识"),
        ("B座\t101\t50", "已经登记"),
    ],
)
def test_what_cannot_be_taken_is_said_line_by_line(line: str, problem: str) -> None:
    (found,) = read(line, WORDS, {("B座", "101")})
    assert problem in found.problem
    assert found.text == line


def test_a_room_comes_once() -> None:
    first, second = read("A座\t301\t50\nA座\t301\t60", WORDS, set())
    assert not first.problem
    assert second.problem


def test_nothing_and_too_much_are_refused() -> None:
    for text in ("", " \n ", "\n".join(f"A,{n},5" for n in range(MOST_LINES + 1))):
        with pytest.raises(DomainError):
            read(text, WORDS, set())
