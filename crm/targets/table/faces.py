"""The files of targets: the 指标完成情况表 as workbook, CSV or on paper, and the rows behind one figure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from typing import Any

from flask import render_template, send_file
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from crm.core import clock
from crm.documents.delimited import write_csv
from crm.documents.pdf import printed
from crm.documents.workbook import Column as SheetColumn
from crm.documents.workbook import Sheet, write_workbook
from crm.metrics.figures import DrillRow
from crm.reference.settings import is_demo_data
from crm.targets.board import Board
from crm.targets.standing import Row
from crm.targets.table import columns
from crm.targets.table.columns import Line
from crm.targets.table.tree import Branch
from crm.targets.wording import plan_word, target_text
from crm.web.filters import as_decimal, day, moment
from crm.web.locale import label

FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
}
ROW_FORMATS = ("xlsx", "csv")
PLACES = 6


@dataclass(frozen=True)
class File:
    kind: str
    content: bytes
    name: str


def board_file(board: Board, tree: Sequence[Branch], kind: str) -> File:
    """The whole table, whatever columns the page shows."""
    title = str(_("%(year)s年指标完成情况表", year=board.plan.year))
    if kind == "pdf":
        content = _printed(board, tree, title)
    else:
        notes = _notes(title, board)
        content = _table(kind, title, _head(), list(_rows(tree)), notes)
    return File(kind, content, f"{title}-{day(board.as_of)}.{kind}")


def rows_file(board: Board, row: Row, rows: Sequence[DrillRow], unit: str, kind: str) -> File:
    """The rows behind a figure; their sum, which stands below them, is the figure."""
    indicator = row.indicator
    assert row.metric is not None
    counted = _("计入（%(unit)s）", unit=label(row.metric.unit))
    head = [
        SheetColumn(_("记录"), "text", 40),
        SheetColumn(_("日期"), "date"),
        SheetColumn(_("单位"), "text", 24),
        SheetColumn(counted, "decimal"),
    ]
    lines: list[Sequence[Any]] = [
        (fact.label, fact.happened_on, fact.unit, fact.contribution) for fact in rows
    ]
    total = sum((fact.contribution for fact in rows), 0 * indicator.target)
    lines.append((_("合计（共 %(n)s 条）", n=len(rows)), None, "", total))
    title = f"{indicator.code} {plan_word(indicator)}"
    notes = [*_notes(title, board), _("单位：%(name)s", name=unit)]
    content = _table(kind, indicator.code, head, lines, notes)
    return File(kind, content, f"{title}-{day(board.as_of)}.{kind}")


def as_download(file: File) -> Response:
    return send_file(
        BytesIO(file.content), FORMATS[file.kind], as_attachment=True, download_name=file.name
    )


def _table(
    kind: str,
    title: str,
    head: Sequence[SheetColumn],
    rows: Sequence[Sequence[Any]],
    notes: Sequence[str],
) -> bytes:
    if kind == "csv":
        names = [column.header for column in head]
        return write_csv(names, ([_plain(value) for value in row] for row in rows))
    return write_workbook([Sheet(title, head, rows, notes)])


def _plain(value: Any) -> Any:
    return as_decimal(value, PLACES).normalize() if isinstance(value, Fraction) else value


def _head() -> list[SheetColumn]:
    first = [
        SheetColumn(_("章节"), "text", 18),
        SheetColumn(_("序号"), "int", 6),
        SheetColumn(_("编号"), "text", 6),
        SheetColumn(_("指标"), "text", 32),
        SheetColumn(_("目标表述"), "text", 12),
    ]
    return [*first, *(SheetColumn(label(c.label), c.kind, c.width) for c in columns.COLUMNS)]


def _rows(tree: Sequence[Branch]) -> Iterator[Sequence[Any]]:
    for branch in tree:
        chapter = plan_word(branch.chapter) if branch.chapter else _("主要目标")
        for line in branch.lines:
            yield (chapter, line.number, line.code, columns.name(line), _target(line)) + tuple(
                column.value(line) for column in columns.COLUMNS
            )


def _target(line: Line) -> str:
    indicator = line.row.indicator
    return f"{label(indicator.modal)}{target_text(indicator)}"


def _notes(title: str, board: Board) -> list[str]:
    demo = [_("演示数据：由程序生成，不是真实记录")] if is_demo_data() else []
    return [
        title,
        _("统计截止：%(day)s", day=day(board.as_of)),
        _("数据范围：%(scope)s", scope=label(board.scope.label)),
        _("生成时间：%(moment)s", moment=moment(clock.now())),
        *demo,
    ]


def _printed(board: Board, tree: Sequence[Branch], title: str) -> bytes:
    html = render_template(
        "targets/paper.html",
        title=title,
        board=board,
        tree=tree,
        columns=columns.COLUMNS,
        name=columns.name,
        target=_target,
        on_paper=True,
        as_of=board.as_of,
        scope=label(board.scope.label),
        generated_at=clock.now(),
        is_demo_data=is_demo_data(),
    )
    return printed(html)
