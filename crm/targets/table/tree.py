"""The plan as it reads: 主要目标, then chapter → task → targets, a repeat shown as what it repeats."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm.targets.beside import Beside
from crm.targets.board import Board
from crm.targets.models import Chapter, IndicatorMention, PlanTask
from crm.targets.pace import Light
from crm.targets.table.asking import Asked
from crm.targets.table.columns import Line

HEAD = "0"
"""The place of the plan's head targets, which stand in no chapter."""


@dataclass(frozen=True)
class Twig:
    """A task with its targets; the head targets of the plan stand under no task."""

    task: PlanTask | None
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Branch:
    """A chapter; `bare_tasks` are those that the plan gives no number. Unlike figures have no sum: lights are counted."""

    chapter: Chapter | None
    twigs: tuple[Twig, ...]
    bare_tasks: tuple[PlanTask, ...] = ()

    @property
    def lines(self) -> list[Line]:
        """Its targets, each once."""
        return [line for twig in self.twigs for line in twig.lines if not line.is_repeat]

    @property
    def lights(self) -> Mapping[Light, int]:
        return Counter(line.row.light for line in self.lines)


def branches(
    board: Board, chapters: Sequence[Chapter], beside: Mapping[int, Beside], asked: Asked
) -> list[Branch]:
    """The board as a tree, with no more than what is asked for; in another order than the plan's one branch with all."""
    lines = _lines(board, beside)
    tree = [_branch(None, (None,), lines, asked)] if asked.chapter in ("", HEAD) else []
    for chapter in chapters:
        if asked.chapter in ("", str(chapter.position)):
            tree.append(_branch(chapter, chapter.tasks, lines, asked))
    is_whole = board.scope.is_whole_park and not asked.is_narrowed
    tree = [branch for branch in tree if branch.twigs or (is_whole and branch.bare_tasks)]
    if not asked.order:
        return tree
    once = {line.row.indicator.id: line for branch in tree for line in branch.lines}
    return [Branch(None, (Twig(None, tuple(asked.sorted(once.values()))),))] if once else []


def _branch(
    chapter: Chapter | None,
    tasks: Sequence[PlanTask | None],
    lines: Mapping[int | None, Sequence[Line]],
    asked: Asked,
) -> Branch:
    twigs, bare = [], []
    for task in tasks:
        stated = lines[task.id if task else None]
        found = tuple(line for line in stated if line.row.is_visible and asked.fits(line))
        if found:
            twigs.append(Twig(task, found))
        elif task is not None and not stated:
            bare.append(task)
    return Branch(chapter, tuple(twigs), tuple(bare))


def _lines(board: Board, beside: Mapping[int, Beside]) -> Mapping[int | None, Sequence[Line]]:
    """Where the plan states what, by task. A target's number is its own place's."""
    stated: dict[int | None, list[IndicatorMention]] = defaultdict(list)
    rows = {row.indicator.id: row for row in board.rows}
    numbers = {number: n for n, number in enumerate(rows, 1)}
    for row in board.rows:
        for mention in row.indicator.mentions:
            stated[mention.task_id].append(mention)
    found: dict[int | None, list[Line]] = defaultdict(list)
    for task_id, mentions in stated.items():
        for mention in sorted(mentions, key=lambda mention: mention.code):
            row = rows[mention.indicator_id]
            number = numbers[row.indicator.id] if mention.code == row.indicator.code else None
            found[task_id].append(
                Line(mention.code, number, row, beside.get(row.indicator.id, Beside()))
            )
    return found
