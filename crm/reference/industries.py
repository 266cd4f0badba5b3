"""Industries: the sections and divisions of GB/T 4754-2017 (国民经济行业分类).

A division is written with its section's letter, `I65`, as statistics offices print it.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DATA = Path(__file__).with_name("data") / "industries.csv"


@dataclass(frozen=True)
class Section:
    """门类, one letter: A to T."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Industry:
    """大类, a letter and two digits; `section` is the letter."""

    code: str
    section: str
    name_zh: str
    name_en: str


@cache
def sections() -> tuple[Section, ...]:
    return tuple(Section(*row) for row in _rows() if len(row[0]) == 1)


@cache
def all_divisions() -> tuple[Industry, ...]:
    return tuple(Industry(code, code[0], *names) for code, *names in _rows() if len(code) == 3)


def get(code: str) -> Industry | None:
    """The division with this code; longer codes (`I6513`) find the division they belong to."""
    return _by_code().get(code[:3].upper())


@cache
def _by_code() -> dict[str, Industry]:
    return {division.code: division for division in all_divisions()}


def _rows() -> list[list[str]]:
    with _DATA.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]
