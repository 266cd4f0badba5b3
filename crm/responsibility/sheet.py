"""任务分解表: every target that is split, with each unit's part and light; on screen, on paper and as a workbook."""

import io
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import render_template, send_file
from flask_babel import gettext as _

from crm.audit.services import Actor, record
from crm.core import clock
from crm.documents.pdf import printed
from crm.documents.workbook import Column, Sheet, write_workbook
from crm.people.scope import Scope
from crm.reference import settings
from crm.responsibility.shares import Split, splits
from crm.targets.models import AnnualPlan
from crm.targets.wording import plan_word
from crm.web.locale import label

FORMATS = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Breakdown:
    """The table as of a day, seen from a scope."""

    plan: AnnualPlan
    as_of: date
    scope: Scope
    splits: tuple[Split, ...]
    generated_at: datetime

    @property
    def title(self) -> str:
        return str(_("%(year)s年度任务分解表", year=self.plan.year))


def build(plan: AnnualPlan, scope: Scope) -> Breakdown:
    as_of = clock.opening_date(plan.year)
    return Breakdown(plan, as_of, scope, tuple(splits(plan, as_of, scope)), clock.now())


def page(found: Breakdown, *, on_paper: bool) -> str:
    return render_template(
        "responsibility/shares.html",
        found=found,
        on_paper=on_paper,
        as_of=found.as_of,
        scope=label(found.scope.label),
        generated_at=found.generated_at,
        is_demo_data=settings.is_demo_data(),
    )


def to_file(found: Breakdown, kind: str) -> Any:
    """The answer that a browser saves."""
    if kind == "pdf":
        content = printed(page(found, on_paper=True))
    else:
        content = write_workbook([_sheet(found)])
    name = f"{found.title}-{found.as_of.isoformat()}.{kind}"
    return send_file(io.BytesIO(content), FORMATS[kind], as_attachment=True, download_name=name)


def note_export(found: Breakdown, kind: str, *, by: Actor) -> None:
    """Who took which figures out, in the audit log."""
    record(
        "responsibility.exported",
        None,
        by=by,
        name=found.title,
        format=kind,
        as_of=found.as_of,
        scope=found.scope.label,
        rows=sum(len(split.rows) for split in found.splits),
    )


def _sheet(found: Breakdown) -> Sheet:
    columns = [
        Column(_("编号"), width=8),
        Column(_("指标"), width=28),
        Column(_("计量单位")),
        Column(_("责任单位"), width=20),
        Column(_("年度目标"), "decimal"),
        Column(_("承担单位"), width=24),
        Column(_("其中")),
        Column(_("分解数"), "decimal"),
        Column(_("完成"), "decimal"),
        Column(_("完成率"), "percent"),
        Column(_("序时进度"), "percent"),
        Column(_("灯")),
    ]
    rows = [
        (
            split.indicator.code,
            plan_word(split.indicator),
            plan_word(split.indicator, "unit_word"),
            split.indicator.unit.name,
            split.whole.value,
            row.share.unit.name,
            _("其中") if row.is_inner else "",
            row.share.value,
            row.standing.actual,
            row.standing.completion,
            row.standing.pace,
            label(row.light.label) if row.light.value != "none" else "–",
        )
        for split in found.splits
        for row in split.rows
    ]
    notes = [found.title, _("截至 %(day)s", day=found.as_of.isoformat()), label(found.scope.label)]
    if settings.is_demo_data():
        notes.append(_("演示数据：由程序生成，不是真实记录"))
    return Sheet(found.title, columns, rows, notes)
