"""The grid: of each target 上报数, 外部权威数 with its source and day, of each milestone its day, and why they differ."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from unicodedata import normalize

from crm.core.errors import DomainError
from crm.core.texts import is_refused, trimmed
from crm.core.words import N_
from crm.snapshots import promised
from crm.snapshots.paper import Line, Paper, Said
from crm.snapshots.promised import MilestoneLine, Told
from crm.snapshots.services import faults

LONGEST = {"authority_source": 120, "reason": 300}
DAYS = ("authority_on", "reported_on")


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

    @property
    def longest(self) -> int:
        return LONGEST.get(self.field, 40)


LABELS = {
    "reported": N_("上报数"),
    "authority": N_("外部权威数"),
    "authority_source": N_("来源"),
    "authority_on": N_("来源日期"),
    "reported_on": N_("上报完成日期"),
    "reason": N_("差异原因"),
}


class Row:
    """A line of the sheet: its cells, by what stands in each."""

    cells: Sequence[Cell]

    def _fill(self, code: str, texts: Mapping[str, str]) -> None:
        self.cells = [
            Cell(name, f"{name}-{code}", LABELS[name], text) for name, text in texts.items()
        ]

    @property
    def is_refused(self) -> bool:
        return any(cell.error for cell in self.cells)

    def _read(self, form: Mapping[str, str]) -> dict[str, Decimal | date | str | None]:
        return {cell.field: _read(cell, form) for cell in self.cells}

    def _blame(self, faults: Iterable[DomainError]) -> None:
        """Put every fault on its cell, once all of them can be read."""
        if not self.is_refused:
            for fault in faults:
                next(cell for cell in self.cells if cell.field == fault.field).error = fault


class FigureRow(Row):
    """A target's."""

    def __init__(self, line: Line) -> None:
        self.line, said = line, line.said
        texts = {
            "reported": _figure(said.reported),
            "authority": _figure(said.authority),
            "authority_source": said.authority_source,
            "authority_on": _iso(said.authority_on),
            "reason": said.reason,
        }
        self._fill(line.code, texts)

    def take(self, form: Mapping[str, str]) -> Said:
        """What was typed. An emptied 上报数 is the system's figure again."""
        values = self._read(form)
        reported = self.line.system if values["reported"] is None else values["reported"]
        said = Said(
            reported,  # type: ignore[arg-type]
            values["authority"],  # type: ignore[arg-type]
            values["authority_source"] or "",  # type: ignore[arg-type]
            values["authority_on"],  # type: ignore[arg-type]
            values["reason"] or "",  # type: ignore[arg-type]
        )
        self._blame(faults(self.line, said))
        return said


class MilestoneRow(Row):
    """A milestone's. An emptied day says that it is not done."""

    def __init__(self, line: MilestoneLine, as_of: date) -> None:
        self.line, self.as_of = line, as_of
        texts = {"reported_on": _iso(line.told.on), "reason": line.told.reason}
        self._fill(line.code, texts)

    def take(self, form: Mapping[str, str]) -> Told:
        values = self._read(form)
        told = Told(values["reported_on"], values["reason"] or "")  # type: ignore[arg-type]
        self._blame(promised.faults(self.line, told, self.as_of))
        return told


@dataclass(frozen=True)
class Sheet:
    """All that is typed in for a snapshot."""

    figures: Sequence[FigureRow]
    milestones: Sequence[MilestoneRow]

    @property
    def refused(self) -> int:
        return sum(row.is_refused for row in (*self.figures, *self.milestones))


def sheet_of(paper: Paper) -> Sheet:
    return Sheet(
        [FigureRow(line) for line in paper.lines],
        [MilestoneRow(line, paper.as_of) for line in paper.milestones],
    )


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _figure(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def _read(cell: Cell, form: Mapping[str, str]) -> Decimal | date | str | None:
    """A cell that the page did not send stays as it is."""
    cell.text = trimmed(form.get(cell.name, cell.text))[: cell.longest]
    if not cell.text:
        return None
    try:
        if cell.is_words:
            return _words(cell.text)
        return _day(cell.text) if cell.field in DAYS else _number(cell.text)
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
