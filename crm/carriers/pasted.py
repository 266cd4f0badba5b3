"""Rooms pasted as lines: 楼 房号 面积 类型, by tab, comma or spaces. Read and checked before anything is saved."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from crm.carriers.models import RoomKind
from crm.core.errors import DomainError
from crm.core.words import N_

MOST_LINES = 1000
LARGEST_AREA = Decimal(1_000_000)  # ㎡: more is a slip of the keyboard
_HEAD = ("楼", "楼栋", "building")


@dataclass(frozen=True)
class Line:
    """One line as it was read; `problem` is a Chinese msgid where it cannot be taken."""

    number: int
    text: str
    building: str = ""
    room: str = ""
    area: Decimal | None = None
    kind: RoomKind = RoomKind.OFFICE
    problem: str = ""

    @property
    def floor(self) -> int | None:
        """The floor that a room number of three or four digits begins with."""
        found = re.fullmatch(r"[A-Za-z]?(\d{1,2})\d{2}室?", self.room)
        return int(found[1]) if found else None


def read(text: str, words: Mapping[str, RoomKind], taken: set[tuple[str, str]]) -> list[Line]:
    """The lines with what is wrong with each. `words`: a kind's label → kind; `taken`: (building, room) that are there.

    Raises DomainError when there are none or too many.
    """
    found = [(n, raw.strip()) for n, raw in enumerate(text.splitlines(), 1) if raw.strip()]
    if found and _cells(found[0][1])[0].lower() in _HEAD:
        found = found[1:]
    if not found:
        raise DomainError(N_("请粘贴至少一行。"), field="lines")
    if len(found) > MOST_LINES:
        raise DomainError(N_("一次最多 %(most)s 行，请分批。"), field="lines", most=MOST_LINES)
    seen = set(taken)
    lines = []
    for number, raw in found:
        line = _line(number, raw, words)
        key = (line.building, line.room)
        if not line.problem and key in seen:
            line = Line(number, raw, problem=N_("这个房间已经登记，或前面已有同号的行。"))
        seen.add(key)
        lines.append(line)
    return lines


def _line(number: int, raw: str, words: Mapping[str, RoomKind]) -> Line:
    cells = _cells(raw)
    if not 3 <= len(cells) <= 4:
        return Line(number, raw, problem=N_("应有三到四列：楼、房号、面积、类型。"))
    building, room, size = cells[:3]
    if not building or not room or len(building) > 60 or len(room) > 30:
        return Line(number, raw, problem=N_("楼和房号不能为空，也不能过长。"))
    area = _area(size)
    if area is None:
        return Line(number, raw, problem=N_("面积应是大于0的数字（㎡）。"))
    kind = words.get(cells[3].lower(), None) if len(cells) == 4 and cells[3] else RoomKind.OFFICE
    if kind is None:
        return Line(
            number, raw, problem=N_("不认识的类型；可用：办公、研发、厂房、工位、会议、其他。")
        )
    return Line(number, raw, building, room, area, kind)


def _cells(raw: str) -> list[str]:
    for separator in ("\t", ",", "，"):
        if separator in raw:
            return [cell.strip() for cell in raw.split(separator)]
    return re.split(r"\s+", raw)


def _area(text: str) -> Decimal | None:
    cleaned = re.sub(r"(㎡|m2|m²|平方米|平米)$", "", text.strip())
    try:
        area = Decimal(cleaned).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return area if area.is_finite() and 0 < area <= LARGEST_AREA else None
