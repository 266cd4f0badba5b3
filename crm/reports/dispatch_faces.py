"""The faces of 项目调度: page, PDF, workbook, DOCX. None of them computes a figure."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import render_template
from flask_babel import gettext as _

from crm.documents import word
from crm.documents.pdf import printed
from crm.documents.word import Paragraph, Table
from crm.documents.workbook import Column as SheetColumn
from crm.documents.workbook import Sheet, write_workbook
from crm.pipeline.flow import MoveKind
from crm.progress.wording import period_words
from crm.reports import sheets, wording
from crm.reports.dispatch import DispatchReport, OnePager
from crm.reports.dispatch_table import COLUMNS, Column
from crm.reports.faces import in_request
from crm.reports.figures import Movement, ProjectLine, StageLine
from crm.reports.pipeline import PipelineReport
from crm.web.filters import day, money, number
from crm.web.locale import label

FORMATS = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": word.MEDIA_TYPE,
}
TOLD = (MoveKind.NEW, MoveKind.ADVANCE, MoveKind.BACK, MoveKind.LOSS)
"""The steps of the month that the head of the report names one by one."""

TOLD_MOST = 12  # of one kind; the workbook has all
REASON_MOST = 100  # characters of why one was lost; the workbook has the rest


def title(report: DispatchReport) -> str:
    return str(_("%(month)s项目调度", month=period_words(report.period)))


def to_file(report: DispatchReport, kind: str) -> bytes:
    """The report as a file of one of FORMATS."""
    match kind:
        case "pdf":
            with in_request():
                return printed(_rendered(report, on_paper=True))
        case "xlsx":
            return _workbook(report)
        case _:
            return _document(report)


def to_page(report: DispatchReport, **more: Any) -> str:
    return _rendered(report, on_paper=False, **more)


def one_pager(found: OnePager, *, on_paper: bool, **more: Any) -> str:
    """The page of one project; `one_pager_pdf` prints it."""
    return render_template(
        "reports/dispatch_project.html",
        found=found,
        line=found.line,
        columns=COLUMNS,
        on_paper=on_paper,
        as_of=found.as_of,
        scope=found.line.project.unit,
        generated_at=found.generated_at,
        is_demo_data=found.is_demo,
        **more,
    )


def one_pager_pdf(found: OnePager) -> bytes:
    return printed(one_pager(found, on_paper=True))


def _rendered(report: DispatchReport, *, on_paper: bool, **more: Any) -> str:
    overview = report.overview
    return render_template(
        "reports/dispatch.html",
        report=report,
        title=title(report),
        columns=COLUMNS,
        told=[(kind, report.moved(kind)) for kind in TOLD],
        told_most=TOLD_MOST,
        outcome=outcome,
        standing=wording.standing(overview),
        movement=wording.movement(overview),
        notes=notes(report),
        on_paper=on_paper,
        as_of=overview.as_of,
        scope=label(overview.scope),
        generated_at=overview.generated_at,
        is_demo_data=overview.is_demo,
        **more,
    )


def notes(report: DispatchReport) -> list[str]:
    """How the table is to be read."""
    found = [
        _("列入意向至在建阶段的项目，以及本年竣工的项目。"),
        _("总投资：签约起为协议投资，意向阶段为预计投资；金额按各项目的币种，不同币种不相加。"),
        *wording.left_out(report.overview),
        _("灯按完成年度计划与序时进度之差；没有年度计划或没有填报完成投资的，不亮灯。"),
    ]
    if report.silent:
        found.append(_("其中%(n)s个项目本月未报进展。", n=report.silent))
    return found


def _heading(report: DispatchReport) -> list[str]:
    head = [title(report), *wording.heading(report.overview)[1:]]
    if report.issue is not None:
        head.append(_issued(report))
    return head


def _issued(report: DispatchReport) -> str:
    assert report.issue is not None
    return str(
        _("%(day)s 发布，批准人：%(name)s", day=day(report.issue.on), name=report.issue.approved_by)
    )


def _workbook(report: DispatchReport) -> bytes:
    columns = [
        SheetColumn(_("序号"), "int", 6),
        SheetColumn(_("编号"), "int", 8),
        *(_sheet_column(column) for column in COLUMNS),
    ]
    rows = [
        (place, line.project.id, *(column.value(line) for column in COLUMNS))
        for place, line in enumerate(report.lines, 1)
    ]
    overview, heading = report.overview, _heading(report)
    said = [wording.standing(overview), wording.movement(overview), *notes(report)]
    steps = [
        (m.project_id, m.project, label(m.kind), label(m.from_stage), label(m.to_stage), m.on, label(m.loss_reason), m.note)
        for m in overview.movements
    ]  # fmt: skip
    moved = [
        SheetColumn(_("编号"), "int", 8),
        SheetColumn(_("项目名称"), "text", 34),
        SheetColumn(_("变动"), "text", 8),
        SheetColumn(_("原阶段"), "text", 12),
        SheetColumn(_("现阶段"), "text", 12),
        SheetColumn(_("生效日期"), "date", 13),
        SheetColumn(_("流失或终止的原因类别"), "text", 22),
        SheetColumn(_("说明"), "text", 50),
    ]
    return write_workbook(
        [
            Sheet(_("项目调度"), columns, rows, [*heading, *said]),
            sheets.figures_sheet(overview, heading),
            Sheet(_("期内变动"), moved, steps, heading),
            sheets.projects_sheet(_("停滞项目"), overview.stalled, heading),
        ]
    )


def _sheet_column(column: Column) -> SheetColumn:
    """Points are written as a plain number; amounts in 万 of the currency that stands beside them."""
    kind = "decimal" if column.kind == "points" else column.kind
    header = str(column.header)
    if column.kind == "money_wan":
        header = _("%(figure)s（万）", figure=header)
    return SheetColumn(header, kind, column.width)


def _document(report: DispatchReport) -> bytes:
    return word.write_word(_blocks(report), word.A3_WIDE)


def _blocks(report: DispatchReport) -> Iterator[Paragraph | Table]:
    head, overview = _heading(report), report.overview
    yield Paragraph(head[0], "Title")
    yield Paragraph("　".join(head[1:]), "Note")
    yield Paragraph(_("一、总体情况"), "Heading 1")
    yield Paragraph(wording.standing(overview))
    yield Paragraph(wording.movement(overview))
    yield _stages(overview)
    for kind in TOLD:
        if steps := report.moved(kind):
            yield Paragraph(moved_words(kind, steps))
    if overview.stalled:
        yield Paragraph(stalled_words(overview.stalled))
    yield Paragraph(_("二、项目进展"), "Heading 1")
    yield Table(
        head=[_("序号"), *(str(column.header) for column in COLUMNS)],
        rows=[
            [str(place), *(column.written(line) for column in COLUMNS)]
            for place, line in enumerate(report.lines, 1)
        ],
        widths=[5, *(column.width for column in COLUMNS)],
        numbers=frozenset(i for i, column in enumerate(COLUMNS, 1) if column.is_number),
    )
    for place, note in enumerate(notes(report), 1):
        yield Paragraph(_("注%(n)s：%(note)s", n=place, note=note), "Note")


def _stages(overview: PipelineReport) -> Table:
    """Number and money of each stage, in the columns of the page."""
    head = [
        *(_("阶段"), _("期初"), _("进入"), _("期末")),
        *(_("预计投资（万元）"), _("协议投资（万元）"), _("停留中位（天）")),
    ]
    lines = (*overview.stages, overview.total, *overview.aside)
    return Table(head, map(_stage_row, lines), [16, 8, 8, 8, 16, 16, 14], frozenset(range(1, 7)))


def _stage_row(line: StageLine) -> list[str]:
    return [
        str(label(line.stage) if line.stage else _("合计")),
        number(line.opening),
        number(line.entered),
        number(line.now.count),
        money(line.now.expected),
        money(line.now.agreed),
        number(line.median_days),
    ]


def moved_words(kind: MoveKind, steps: tuple[Movement, ...]) -> str:
    """推进3个：甲（签约项目）、…; of a loss with its reason."""
    told = _("、").join(
        _("%(name)s（%(what)s）", name=step.project, what=outcome(step))
        for step in steps[:TOLD_MOST]
    )
    if len(steps) > TOLD_MOST:
        told += _("等")
    return str(_("%(kind)s%(n)s项次：%(told)s。", kind=label(kind), n=len(steps), told=told))


def stalled_words(lines: Sequence[ProjectLine]) -> str:
    """停滞3个：甲（在谈项目 90 天，通常 60 天）、…"""
    told = _("、").join(
        line.name
        + _("（%(stage)s %(n)s 天，通常 %(usual)s 天）", stage=label(line.stage), n=line.days, usual=line.usual_days)
        for line in lines[:TOLD_MOST]
    )  # fmt: skip
    if len(lines) > TOLD_MOST:
        told += _("等")
    return str(_("停滞%(n)s个：%(told)s。", n=len(lines), told=told))


def outcome(step: Movement) -> str:
    """Where a step led; of a loss why, in short."""
    if step.kind != MoveKind.LOSS:
        return str(label(step.to_stage))
    said = step.note if len(step.note) <= REASON_MOST else f"{step.note[:REASON_MOST]}…"
    why = [str(label(step.loss_reason)) if step.loss_reason else "", said]
    return str(_("：")).join(filter(None, why)) or str(label(step.to_stage))
