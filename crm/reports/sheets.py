"""The workbook of a pipeline report: figures as numbers, then the rows behind them."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _

from crm.documents.workbook import Column, Sheet, write_workbook
from crm.reports import wording
from crm.reports.figures import Figures, ProjectLine, StageLine
from crm.reports.pipeline import PipelineReport
from crm.web.locale import label


def workbook(report: PipelineReport) -> bytes:
    """Figures, projects, movements, parts, stalled: one sheet each, each with its heading."""
    heading = wording.heading(report)
    return write_workbook(
        [
            figures_sheet(report, heading),
            projects_sheet(_("项目明细"), report.lines, heading),
            _movements(report),
            _parts(report),
            projects_sheet(_("停滞项目"), report.stalled, heading),
        ]
    )


def _money_columns() -> list[Column]:
    return [
        Column(_("预计投资（万元，信息至意向）"), "money_wan", 18),
        Column(_("协议投资（万元，签约至竣工）"), "money_wan", 18),
        Column(_("未填投资额（个）"), "int", 12),
    ]


def _money(now: Figures) -> tuple[object, ...]:
    return now.expected, now.agreed, now.without_amount


def figures_sheet(report: PipelineReport, heading: Sequence[str]) -> Sheet:
    """Number and money of each stage."""
    columns = [
        Column(_("阶段"), "text", 16),
        Column(_("期初（个）"), "int", 10),
        Column(_("进入（项次）"), "int", 10),
        Column(_("推进（项次）"), "int", 10),
        Column(_("后退（项次）"), "int", 10),
        Column(_("暂停流失（项次）"), "int", 12),
        Column(_("恢复（项次）"), "int", 10),
        Column(_("期末（个）"), "int", 10),
        *_money_columns(),
        Column(_("停留中位天数"), "decimal", 12),
    ]
    notes = [*heading, wording.standing(report), wording.movement(report)]
    rows = [_stage_row(line) for line in (*report.stages, report.total, *report.aside)]
    return Sheet(_("汇总"), columns, rows, [*notes, *wording.notes(report)])


def _stage_row(line: StageLine) -> tuple[object, ...]:
    return (
        label(line.stage) if line.stage else _("合计"),
        line.opening,
        line.entered,
        line.moved_on,
        line.moved_back,
        line.set_aside,
        line.returned,
        line.now.count,
        *_money(line.now),
        line.median_days,
    )


def projects_sheet(title: str, lines: Iterable[ProjectLine], heading: Sequence[str]) -> Sheet:
    columns = [
        Column(_("编号"), "int", 8),
        Column(_("项目名称"), "text", 34),
        Column(_("类别"), "text", 10),
        Column(_("阶段"), "text", 12),
        Column(_("进入阶段日期"), "date", 13),
        Column(_("停留天数"), "int", 10),
        Column(_("常规时限（天）"), "int", 10),
        Column(_("投资方"), "text", 26),
        Column(_("预计投资"), "money_wan", 15),
        Column(_("协议投资"), "money_wan", 15),
        Column(_("投资单位"), "text", 10),
        Column(_("投资来源"), "text", 10),
        Column(_("未来产业"), "text", 16),
        Column(_("四类经济"), "text", 12),
        Column(_("责任单位"), "text", 20),
        Column(_("责任人"), "text", 10),
        Column(_("下一步工作"), "text", 30),
        Column(_("下一步时限"), "date", 13),
    ]
    return Sheet(title, columns, map(_project_row, lines), heading)


def _project_row(line: ProjectLine) -> tuple[Any, ...]:
    return (
        line.id,
        line.name,
        label(line.kind),
        label(line.stage),
        line.entered_on,
        line.days,
        line.usual_days,
        line.investor,
        line.expected_investment,
        line.agreed_investment,
        label(line.currency),
        label(line.origin),
        label(line.future_industry),
        label(line.economy_type),
        line.unit,
        line.owner,
        line.next_action,
        line.next_action_on,
    )


def _movements(report: PipelineReport) -> Sheet:
    columns = [
        Column(_("编号"), "int", 8),
        Column(_("项目名称"), "text", 34),
        Column(_("变动"), "text", 8),
        Column(_("原阶段"), "text", 12),
        Column(_("现阶段"), "text", 12),
        Column(_("生效日期"), "date", 13),
        Column(_("说明"), "text", 50),
    ]
    rows = [
        (m.project_id, m.project, label(m.kind), label(m.from_stage), label(m.to_stage), m.on, m.note)
        for m in report.movements
    ]  # fmt: skip
    return Sheet(_("期内变动"), columns, rows, wording.heading(report))


def _parts(report: PipelineReport) -> Sheet:
    columns = [
        Column(_("分类"), "text", 14),
        Column(_("名称"), "text", 24),
        Column(_("项目数（个）"), "int", 12),
        *_money_columns(),
    ]
    rows = [
        (label(breakdown.label), label(part.label), part.now.count, *_money(part.now))
        for breakdown in report.breakdowns
        for part in breakdown.parts
    ]
    return Sheet(_("分类情况"), columns, rows, wording.heading(report))
