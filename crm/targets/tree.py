"""The plan as it reads: 主要目标, then chapter → task → targets, a repeat shown as what it repeats."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from crm.targets.models import Chapter, IndicatorMention, PlanTask
from crm.targets.pace import Light
from crm.targets.standing import Board, Row


@dataclass(frozen=True)
class Leaf:
    """A target where the plan states it; a repeat has the code of the place and the row of the original."""

    code: str
    row: Row

    @property
    def is_repeat(self) -> bool:
        return self.code != self.row.indicator.code


@dataclass(frozen=True)
class Twig:
    """A task with its targets; the head targets of the plan stand under no task."""

    task: PlanTask | None
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True)
class Branch:
    """A chapter; `bare_tasks` are those that the plan gives no number."""

    chapter: Chapter | None
    twigs: tuple[Twig, ...]
    bare_tasks: tuple[PlanTask, ...] = ()


def branches(board: Board, chapters: Sequence[Chapter], light: Light | None) -> list[Branch]:
    """The board as a tree; with a light only the targets that show it, each once."""
    by_id = {row.indicator.id: row for row in board.rows if row.is_visible}
    stated: dict[int | None, list[IndicatorMention]] = defaultdict(list)  # by task
    for row in board.rows:
        for mention in row.indicator.mentions:
            stated[mention.task_id].append(mention)
    tree = [Branch(None, (_twig(None, stated[None], by_id, light),))]
    for chapter in chapters:
        twigs = (_twig(task, stated[task.id], by_id, light) for task in chapter.tasks)
        bare = tuple(task for task in chapter.tasks if not stated[task.id])
        tree.append(Branch(chapter, tuple(twig for twig in twigs if twig.leaves), bare))
    is_whole = light is None and board.scope.is_whole_park
    return [b for b in tree if any(t.leaves for t in b.twigs) or (is_whole and b.bare_tasks)]


def _twig(
    task: PlanTask | None,
    mentions: Sequence[IndicatorMention],
    rows: dict[int, Row],
    light: Light | None,
) -> Twig:
    ordered = sorted(mentions, key=lambda mention: mention.code)
    leaves = [Leaf(m.code, rows[m.indicator_id]) for m in ordered if m.indicator_id in rows]
    if light is not None:
        leaves = [leaf for leaf in leaves if leaf.row.light == light and not leaf.is_repeat]
    return Twig(task, tuple(leaves))
