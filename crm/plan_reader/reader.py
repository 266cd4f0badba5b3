"""A plan's text in, everything it promises out."""

import re
from dataclasses import dataclass, replace

from crm.core.errors import DomainError
from crm.core.words import N_
from crm.plan_reader.layout import masked, narrow, plan_year, sentences
from crm.plan_reader.milestones import Milestone, milestones_of
from crm.plan_reader.targets import Target, targets_of


@dataclass(frozen=True)
class Chapter:
    """A chapter with its tasks: each a sign (一, 18) and a heading."""

    number: str
    title: str
    tasks: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Reading:
    """What a plan says, in the order in which it says it."""

    year: int
    chapters: tuple[Chapter, ...]
    targets: tuple[Target, ...]
    milestones: tuple[Milestone, ...]


def read(text: str, year: int | None = None) -> Reading:
    """All chapters, targets and milestones of a plan. `year`: the plan's, where its text does not say it.

    Raises DomainError where nobody says the year.
    """
    plain = narrow(text)
    year = year or plan_year(plain)
    if year is None:
        raise DomainError(N_("文中没有写明年份，请填写是哪一年的计划。"), field="year")
    bare = masked(plain)
    targets: list[Target] = []
    milestones: list[Milestone] = []
    chapters: dict[tuple[str, str], dict[tuple[str, str], None]] = {}
    said: dict[tuple[object, ...], int] = {}
    joined: list[Target] = []
    for sentence in sentences(plain, year):
        if sentence.chapter:
            tasks = chapters.setdefault((sentence.chapter, sentence.chapter_title), {})
            if sentence.task:
                tasks.setdefault((sentence.task, sentence.task_title))
        whole, joined_before, joined = None, joined, []
        for target in targets_of(plain, bare, sentence, year, joined_before):
            joined.append(target)
            if target.parent is None:
                whole = len(targets)
            parent = whole if target.parent is not None else None
            target = replace(target, parent=parent, text=text[target.start : target.end].strip())
            first = said.setdefault(_saying(target), len(targets))
            targets.append(replace(target, repeats=first if first < len(targets) else None))
        joined = joined if sentence.of(plain).endswith(";") else []
        milestones.extend(
            replace(found, text=text[found.start : found.end].strip())
            for found in milestones_of(plain, bare, sentence, year)
        )
    found = tuple(Chapter(*name, tuple(tasks)) for name, tasks in chapters.items())
    return Reading(year, found, tuple(targets), tuple(milestones))


def _saying(target: Target) -> tuple[object, ...]:
    """What two targets have alike where one repeats the other."""
    about = re.sub(r"[\s的]|全年|总数", "", target.subject)
    return about, target.value, target.value_to, target.unit
