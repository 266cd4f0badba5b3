"""The grid: for each target 上报数, 外部权威数 with its source and day, and why they differ, all typed in on one page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from unicodedata import normalize

from crm.core.errors import DomainError
from crm.core.texts import is_refused, trimmed
from crm.core.words import N_
from crm.snapshots.paper import Line, Said
from crm.snapshots.services import faults

LONGEST = {"authority_source": 120, "reason": 300}


@dataclass
class Cell:
    """One input: which figure it is, what stands in it, what is wrong."""

    field: str
    name: str  # in the form
    label: str
    text: str = ""
    error: DomainError | None = None

    @property
    def is_words(self) -> bool:
        return self.field in LONGEST


LABELS = {
    "reported": N_("上报数"),
    "authority": N_("外部权威数"),
    "authority_source": N_("来源"),
    "authority_on": N_("来源日期"),
    "reason": N_("差异原因"),
}


@dataclass
class Row:
    """A target's line of the sheet."""

    line: Line
    cells: Sequence[Cell] = field(init=False)

    def __post_init__(self) -> None:
        said = self.line.said
        texts = {
            "reported": _figure(said.reported),
            "authority": _figure(said.authority),
            "authority_source": said.authority_source,
            "authority_on": said.authority_on.isoformat() if said.authority_on else "",
            "reason": said.reason,
        }
        self.cells = [
            Cell(name, f"{name}-{self.line.code}", LABELS[name], text)
            for name, text in texts.items()
        ]

    @property
    def is_refused(self) -> bool:
        return any(cell.error for cell in self.cells)

    def take(self, form: Mapping[str, str]) -> Said:
        """What was typed. An emptied 上报数 is the system's figure again; every fault is put on its cell."""
        values = {cell.field: _read(cell, form) for cell in self.cells}
        reported = self.line.system if values["reported"] is None else values["reported"]
        said = Said(
            reported,  # type: ignore[arg-type]
            values["authority"],  # type: ignore[arg-type]
            values["authority_source"] or "",  # type: ignore[arg-type]
            values["authority_on"],  # type: ignore[arg-type]
            values["reason"] or "",  # type: ignore[arg-type]
        )
        if not self.is_refused:
            for fault in faults(self.line, said):
                next(cell for cell in self.cells if cell.field == fault.field).error = fault
        return said


def rows_of(lines: Iterable[Line]) -> list[Row]:
    return [Row(line) for line in lines]


def _figure(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def _read(cell: Cell, form: Mapping[str, str]) -> Decimal | date | str | None:
    """A cell that the page did not send stays as it is."""
    cell.text = trimmed(form.get(cell.name, cell.text))[: LONGEST.get(cell.field, 40)]
    if not cell.text:
        return None
    try:
        if cell.is_words:
            return _words(cell.text)
        return _day(cell.text) if cell.field == "authority_on" else _number(cell.text)
    except DomainError as error:
        cell.error = error
        return None


def _words(text: str) -> str:
    if any(is_refused(sign) for sign in text):
        raise DomainError(N_("含有不能保存的字符，请重新输入。"))
    return text


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(normalize("NFKC", text))
    except ValueError:
        raise DomainError(N_("请填写日期，如 2020-09-30。")) from None
    if day.year < 1900:
        raise DomainError(N_("年份不合理，请核对。"))
    return day


def _number(text: str) -> Decimal:
    try:
        figure = Decimal(normalize("NFKC", text).replace(",", ""))
    except InvalidOperation:
        raise DomainError(N_("请填写数字，如 1900 或 2.8。")) from None
    if not figure.is_finite() or figure.adjusted() > 12:  # more digits than any figure has
        raise DomainError(N_("请填写数字，如 1900 或 2.8。"))
    return figure
