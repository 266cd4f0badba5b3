"""三档目标: beside the target itself a floor (底线) and a stretch (冲刺), each with a light of its own."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from crm.audit.services import Actor, changes_of, record
from crm.core.errors import DomainError
from crm.core.words import N_, LabelledEnum
from crm.targets.board import Board
from crm.targets.models import Indicator
from crm.targets.pace import Comparator, Standing, assess
from crm.targets.services import LARGEST, PLACES
from crm.targets.standing import Row, terms_of


class Level(LabelledEnum):
    """How high a target is set; its own value is the plan's."""

    FLOOR = "floor", N_("底线")
    TARGET = "target", N_("目标")
    STRETCH = "stretch", N_("冲刺")


@dataclass(frozen=True)
class Stage:
    """One level of a target and where the figure stands against it."""

    level: Level
    value: Decimal
    standing: Standing


def stages(board: Board, row: Row) -> list[Stage]:
    """The levels that are set, lowest first; none where there is only the target, or a part is seen."""
    indicator = row.indicator
    values = {
        Level.FLOOR: indicator.floor_value,
        Level.TARGET: indicator.target,
        Level.STRETCH: indicator.stretch_value,
    }
    found = [(level, value) for level, value in values.items() if value is not None]
    if len(found) == 1 or row.is_part:
        return []
    return [
        Stage(level, value, row.standing)
        if level == Level.TARGET
        else Stage(level, value, _standing(board, row, value, board.as_of))
        for level, value in found
    ]


def set_levels(
    indicator: Indicator,
    floor: Decimal | None,
    stretch: Decimal | None,
    *,
    by: Actor,
    version: int | None = None,
) -> None:
    """Set or take away the two levels beside the target. Raises DomainError with the field that is wrong, StaleRecord."""
    indicator.expect_version(version)
    _check(indicator, floor, "floor", is_easier=True)
    _check(indicator, stretch, "stretch", is_easier=False)
    indicator.floor_value, indicator.stretch_value = floor, stretch
    changes = changes_of(indicator)
    record(
        "target.levels_set",
        indicator,
        by=by,
        name=f"{indicator.code} {indicator.name}",
        changes=changes,
    )


def _standing(board: Board, row: Row, value: Decimal, as_of: date) -> Standing:
    terms = replace(terms_of(row.indicator, row.opening), target=value, target_to=None)
    if terms.comparator == Comparator.RANGE:
        terms = replace(terms, comparator=Comparator.AT_LEAST)
    return assess(terms, row.actual, as_of, board.limits)


def _check(indicator: Indicator, value: Decimal | None, field: str, *, is_easier: bool) -> None:
    if value is None:
        return
    if not 0 < value < LARGEST or value != round(value, PLACES):
        raise DomainError(N_("请填写大于零的数，小数最多保留四位。"), field=field)
    is_ceiling = indicator.comparator == Comparator.AT_MOST
    if value == indicator.target or (value < indicator.target) != (is_easier != is_ceiling):
        message = N_("底线应比目标容易达到。") if is_easier else N_("冲刺应比目标更高。")
        raise DomainError(message, field=field)
