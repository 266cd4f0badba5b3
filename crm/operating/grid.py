"""The grid: many firms' figures of one period, a row each. What was typed, what was there, what is wrong with a cell."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.core.attributes import MoneyUnit
from crm.core.db import session
from crm.core.errors import DomainError
from crm.operating.entering import Entry, Verdict
from crm.operating.figures import FIGURES, Figure, read, show, value_of
from crm.operating.models import OperatingReport
from crm.operating.periods import Period
from crm.operating.plausibility import Doubt
from crm.operating.queries import last_before
from crm.operating.services import OperatingDetails


@dataclass
class Cell:
    """One input: its name in the form, what stands in it, the firm's last figure beneath, what is wrong."""

    figure: Figure
    name: str
    text: str
    last: str
    error: DomainError | None = None


@dataclass
class Row:
    """A firm's line. Verified figures are shown and not typed over; `version` is 0 where there is no report yet."""

    company: Company
    report: OperatingReport | None
    last: OperatingReport | None
    cells: Sequence[Cell]
    error: DomainError | None = None
    doubts: Sequence[tuple[str, Doubt]] = ()
    is_saved: bool = False

    @property
    def version(self) -> int:
        return self.report.version if self.report else 0

    @property
    def is_fixed(self) -> bool:
        return self.report is not None and self.report.state == VerificationState.VERIFIED

    @property
    def is_refused(self) -> bool:
        return bool(self.error or self.doubts or any(cell.error for cell in self.cells))


@dataclass(frozen=True)
class Sheet:
    """A period and the unit of its amounts, chosen once for the whole sheet."""

    period: Period
    unit: MoneyUnit

    def rows_of(self, firms: Iterable[Company]) -> list[Row]:
        """As they are stored; two queries, however many firms."""
        firms = list(firms)
        ids = [firm.id for firm in firms]
        there = select(OperatingReport).where(
            OperatingReport.company_id.in_(ids),
            OperatingReport.year == self.period.year,
            OperatingReport.through_month == self.period.through_month,
        )
        reports = {report.company_id: report for report in session.scalars(there)}
        before = {r.company_id: r for r in session.scalars(last_before(ids, self.period))}
        return [self._row(firm, reports.get(firm.id), before.get(firm.id)) for firm in firms]

    def _row(
        self, firm: Company, report: OperatingReport | None, last: OperatingReport | None
    ) -> Row:
        cells = [
            Cell(f, f"{f.name}-{firm.id}", self._text(report, f), self._text(last, f))
            for f in FIGURES
        ]
        return Row(firm, report, last, cells)

    def _text(self, report: OperatingReport | None, figure: Figure) -> str:
        return "" if report is None else show(figure, value_of(report, figure.name), self.unit)

    def take(self, row: Row, form: Mapping[str, str]) -> Entry | None:
        """Put what was typed into a row's cells, each with its fault; what it says, or None where nothing was changed."""
        before = [cell.text for cell in row.cells]
        values = {}
        for cell in row.cells:
            cell.text = form.get(cell.name, cell.text).strip()
            try:
                values[cell.figure.name] = read(cell.figure, cell.text, self.unit)
            except DomainError as error:
                cell.error = error
        if row.is_fixed or row.is_refused or before == [cell.text for cell in row.cells]:
            return None
        seen = _version(form.get(f"version-{row.company.id}", ""))
        details = OperatingDetails(*self.period, **values)  # type: ignore[arg-type]
        return Entry(row.company, details, version=seen)


def _version(text: str) -> int | None:
    """The version that the page showed: None where there was no report."""
    return int(text[:9]) or None if text.isascii() and text.isdigit() else None


def blame(rows: Iterable[Row], verdicts: Iterable[Verdict], confirmed: Collection[str]) -> None:
    """Put what was refused or has to be asked where it is mended: at the cell, at the row."""
    by_firm = {row.company.id: row for row in rows}
    for verdict in verdicts:
        row = by_firm[verdict.entry.company.id]
        row.doubts = [(verdict.key(doubt), doubt) for doubt in verdict.open(confirmed)]
        cell = next(
            (c for c in row.cells if verdict.error and c.figure.name == verdict.error.field), None
        )
        if cell is not None:
            cell.error = verdict.error
        else:
            row.error = verdict.error
