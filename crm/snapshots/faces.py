"""The faces of a snapshot: page, PDF, workbook. None of them computes a figure."""

from typing import Any

from flask import render_template
from flask_babel import gettext as _

from crm.documents.pdf import printed
from crm.documents.workbook import Column, Sheet, write_workbook
from crm.people.scope import Scope
from crm.reference.settings import is_demo_data
from crm.snapshots.models import Snapshot
from crm.snapshots.paper import Line, Paper
from crm.snapshots.promised import MilestoneLine
from crm.snapshots.wording import notes, sentences, source_of
from crm.targets.wording import plan_word, target_text
from crm.web.filters import day, moment
from crm.web.locale import label

FORMATS = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def to_file(found: Snapshot, paper: Paper, scope: Scope, kind: str) -> bytes:
    """An approved one as a file of one of FORMATS."""
    if kind == "xlsx":
        return _workbook(found, paper, scope)
    return printed(to_page(found, paper, scope, on_paper=True))


def to_page(
    found: Snapshot, paper: Paper, scope: Scope, *, on_paper: bool = False, **more: Any
) -> str:
    return render_template(
        "snapshots/show.html",
        snapshot=found,
        paper=paper,
        notes=notes(paper),
        sentences=sentences(paper),
        source_of=source_of,
        on_paper=on_paper,
        as_of=paper.as_of,
        scope=label(scope.label),
        generated_at=paper.taken_at,
        is_demo_data=paper.is_demo or is_demo_data(),
        **more,
    )


def _workbook(found: Snapshot, paper: Paper, scope: Scope) -> bytes:
    columns = [
        Column(_("编号"), "text", 8),
        Column(_("指标"), "text", 30),
        Column(_("单位"), "text", 10),
        Column(_("年度目标"), "text", 12),
        Column(_("系统数"), "decimal", 12),
        Column(_("上报数"), "decimal", 12),
        Column(_("外部权威数"), "decimal", 12),
        Column(_("来源和日期"), "text", 24),
        Column(_("差异原因"), "text", 34),
        Column(_("完成率"), "percent", 10),
        Column(_("序时进度"), "percent", 10),
        Column(_("高于/低于（百分点）"), "decimal", 12),
        Column(_("灯"), "text", 8),
        Column(_("责任单位"), "text", 20),
    ]
    heading = [
        paper.title,
        _("统计截止：%(day)s", day=day(paper.as_of)),
        _("统计范围：%(scope)s", scope=label(scope.label)),
        _("审定人：%(name)s，%(at)s", name=paper.approved_by, at=moment(paper.approved_at)),
        _("摘要（SHA-256）：%(digest)s", digest=found.sha256),
    ]
    if paper.is_demo or is_demo_data():
        heading.append(_("演示数据：由程序生成，不是真实记录"))
    promises = [
        Column(_("编号"), "text", 8),
        Column(_("节点"), "text", 30),
        Column(_("时限起"), "date", 12),
        Column(_("时限止"), "date", 12),
        Column(_("系统完成日期"), "date", 14),
        Column(_("上报完成日期"), "date", 14),
        Column(_("差异原因"), "text", 34),
        Column(_("灯"), "text", 8),
        Column(_("责任单位"), "text", 20),
    ]
    said = [[one] for one in sentences(paper)]
    return write_workbook(
        [
            Sheet(paper.title, columns, map(_sheet_row, paper.lines), [*heading, *notes(paper)]),
            Sheet(_("重点节点"), promises, map(_milestone_row, paper.milestones), heading),
            Sheet(_("文字"), [Column(_("文字"), "text", 110)], said, heading),
        ]
    )


def _sheet_row(line: Line) -> tuple[object, ...]:
    return (
        line.code,
        plan_word(line),
        plan_word(line, "unit_word"),
        target_text(line),  # type: ignore[arg-type] # the promise under the same names
        line.system,
        line.said.reported,
        line.said.authority,
        source_of(line),
        line.said.reason,
        line.standing.completion,
        line.standing.pace,
        line.standing.gap_points,
        label(line.standing.light),
        line.unit,
    )


def _milestone_row(line: MilestoneLine) -> tuple[object, ...]:
    return (
        line.code,
        f"{plan_word(line)} · {label(line.event)}",
        line.not_before,
        line.due_on,
        line.system_on,
        line.told.on,
        line.told.reason,
        label(line.light),
        line.unit,
    )
