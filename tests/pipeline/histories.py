"""Histories as the demo world makes them and as they go on in life, as Paths: no database."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from random import Random

import numpy as np

from crm.demo.names import Namer
from crm.demo.office import Builder, Office
from crm.demo.pipeline import projects
from crm.pipeline.arrays import number_of
from crm.pipeline.paths import KINDS, NEVER, Paths
from crm.projects.models import PIPELINE, ProjectKind, Stage

LAST_DAY = date(2020, 9, 30)
Step = tuple[Stage, date]
USUAL = (25, 50, 80, 35, 110, 330)  # days in a stage, as in crm.demo.pipeline


def as_paths(histories: Iterable[tuple[ProjectKind, Sequence[Step], int]]) -> Paths:
    """A naive replay. Each history: kind, steps in order, 万元."""
    histories = list(histories)
    came = np.full((len(histories), len(PIPELINE)), NEVER)
    lost_on = np.full(len(histories), NEVER)
    for number, (_, steps, _) in enumerate(histories):
        for stage, on in steps:
            lost_on[number] = number_of(on) if stage == Stage.LOST else NEVER
            for place in range(len(PIPELINE)):
                if stage in PIPELINE[place:] and came[number, place] == NEVER:
                    came[number, place] = number_of(on)
    amounts = np.array([[wan, wan] for _, _, wan in histories], np.int64).reshape(-1, 2)
    return Paths(
        ids=np.arange(len(histories)),
        came=came,
        lost_on=lost_on,
        kinds=np.array([KINDS.index(kind) for kind, _, _ in histories], np.int64),
        currencies=np.zeros(len(histories), np.int64),
        amounts=amounts,
        chosen=np.ones(len(histories), np.bool_),
    )


def of_the_demo_world(seed: int, count: int) -> Paths:
    rng = Random(seed)
    units = dict.fromkeys(("investment", "construction", "ustp", "longcheng", "dut"), 1)
    builders = [Builder(1, date(2010, 1, 1))]
    office = Office(rng, Namer(Random(seed), ()), units, [1], builders, LAST_DAY, LAST_DAY)
    return as_paths(
        (
            row.details.kind,
            [(step.to_stage, step.effective_on) for step in row.steps],
            int((row.details.expected_investment or 0) // 10_000),
        )
        for row in projects(count, office)
    )


def that_go_on(seed: int, count: int) -> Paths:
    """The same stays, forwards: they come in at a steady rate, some are lost or skip a stage, and none knows when we look."""
    rng = Random(seed)
    return as_paths(_one(rng) for _ in range(count))


def _one(rng: Random) -> tuple[ProjectKind, list[Step], int]:
    first = date(2017, 1, 1)
    kind = rng.choices(KINDS, (4, 6))[0]
    slower = 1.3 if kind == ProjectKind.CONSTRUCTION else 0.8
    day = first + timedelta(days=rng.randrange((LAST_DAY - first).days))
    steps = [(Stage.LEAD, day)]
    for place, usual in enumerate(USUAL):
        day += timedelta(days=max(4, int(usual * slower * rng.uniform(0.35, 1.5))))
        lot = rng.random()
        if lot < 0.08:
            steps.append((Stage.LOST, day))
            break
        if lot > 0.03 + 0.08 or place == len(USUAL) - 1:
            steps.append((PIPELINE[place + 1], day))
    past = [(stage, on) for stage, on in steps if on <= LAST_DAY]
    return kind, past, int(rng.lognormvariate(0, 0.8) * 5_000)
