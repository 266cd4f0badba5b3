"""What a board is asked for: which targets, in which order, with which columns. All of it stands in the address."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from crm.core.words import N_
from crm.targets import beside
from crm.targets.pace import Light
from crm.targets.table.columns import Column, Line

COMPUTED, REPORTED = "computed", "reported"
SOURCES: Mapping[str, str] = {COMPUTED: N_("系统计算"), REPORTED: N_("人工填报")}
ORDER_OF_LIGHTS = (Light.RED, Light.YELLOW, Light.GREEN, Light.DONE, Light.NONE)
_LAST = Fraction(10**9)

ORDERS: Mapping[str, str] = {
    "": N_("计划顺序"),
    "points": N_("欠序时最多在前"),
    "completion": N_("完成率低的在前"),
    "light": N_("亮灯"),
    "unit": N_("责任单位"),
}


@dataclass(frozen=True)
class Asked:
    """`chapter` is a chapter's position as text ("0": 主要目标), `unit` the code of a responsible unit."""

    light: Light | None = None
    chapter: str = ""
    unit: str = ""
    source: str = ""
    order: str = ""
    columns: tuple[Column, ...] = ()

    @property
    def is_narrowed(self) -> bool:
        return bool(self.light or self.chapter or self.unit or self.source)

    @property
    def wanted(self) -> frozenset[str]:
        """The columns that have to be asked for beside the board."""
        return beside.ALL.intersection(column.key for column in self.columns)

    def fits(self, line: Line) -> bool:
        """All but the chapter, which says where a target stands, not what it is. A narrowed board has each target once."""
        indicator = line.row.indicator
        return (
            (self.light is None or line.row.light == self.light)
            and (not self.unit or indicator.unit.code == self.unit)
            and (not self.source or indicator.is_computed == (self.source == COMPUTED))
            and not (line.is_repeat and (self.light or self.unit or self.source))
        )

    def sorted(self, lines: Iterable[Line]) -> list[Line]:
        """In another order than the plan's: what nothing is known of comes last."""
        return sorted(lines, key=lambda line: (_KEYS[self.order](line), line.code))

    def pairs(self) -> dict[str, str]:
        """The parts of the address, without what is usual anyway."""
        found = {
            "light": self.light.value if self.light else "",
            "chapter": self.chapter,
            "unit": self.unit,
            "source": self.source,
            "sort": self.order,
        }
        return {name: value for name, value in found.items() if value}

    def but(self, **changes: Any) -> str:
        """The address of the same board asked otherwise, without its year and day."""
        return urlencode(replace(self, **changes).pairs())


def read(args: Mapping[str, str], columns_of_reader: tuple[Column, ...]) -> Asked:
    """What an address asks for; a word that is not known asks for nothing."""
    source, order = args.get("source", ""), args.get("sort", "")
    return Asked(
        light=next((light for light in Light if light == args.get("light")), None),
        chapter=args.get("chapter", "")[:4],
        unit=args.get("unit", "")[:40],
        source=source if source in SOURCES else "",
        order=order if order in ORDERS else "",
        columns=columns_of_reader,
    )


def _or_last(value: Fraction | None) -> Fraction:
    return _LAST if value is None else value


_KEYS: Mapping[str, Callable[[Line], Any]] = {
    "points": lambda line: _or_last(line.row.standing.gap_points),
    "completion": lambda line: _or_last(line.row.standing.completion),
    "light": lambda line: ORDER_OF_LIGHTS.index(line.row.light),
    "unit": lambda line: line.row.indicator.unit.name,
}
