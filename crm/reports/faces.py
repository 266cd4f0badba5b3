"""The faces of one report: page, PDF, workbook, JSON. None of them computes a figure."""

import json
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import current_app, has_request_context, render_template
from flask_babel import gettext as _

from crm.documents import options
from crm.documents.cells import plain_text
from crm.documents.charts import to_svg
from crm.documents.options import Option
from crm.documents.pdf import printed
from crm.reports import sheets, wording
from crm.reports.pipeline import PipelineReport
from crm.web.locale import label

# More than that belongs into the workbook: paper and page name how many there are.
LONGEST_LIST = 200
CHART_WIDTH, CHART_HEIGHT, PART_HEIGHT = 680, 240, 34
FORMATS = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


def to_file(report: PipelineReport, kind: str) -> bytes:
    """The report as a file of one of FORMATS."""
    if kind == "pdf":
        return to_pdf(report)
    if kind == "xlsx":
        return to_xlsx(report)
    return to_json(report).encode()


def to_page(report: PipelineReport, **more: Any) -> str:
    """The page on screen; its charts open the projects behind them at `rows_href`."""
    return _rendered(report, charts(report, more.get("rows_href")), on_paper=False, **more)


def to_pdf(report: PipelineReport) -> bytes:
    """The report on paper, its charts as vector. Works without a request as well."""
    with in_request():
        drawn = charts(report)
        html = _rendered(report, drawn, on_paper=True)
        svg = {
            chart.name: to_svg(chart.option, CHART_WIDTH, chart.height) for chart in drawn.values()
        }
    return printed(html, svg)


def to_xlsx(report: PipelineReport) -> bytes:
    with in_request():
        return sheets.workbook(report)


def to_json(report: PipelineReport) -> str:
    """All of the dataclass, amounts in yuan, enumerations by their stored values."""
    with in_request():
        return json.dumps(as_dict(report), ensure_ascii=False, indent=1)


def file_name(report: PipelineReport, kind: str) -> str:
    return f"{wording.title(report)}-{report.as_of.isoformat()}.{kind}"


def in_request() -> Any:
    """Words and addresses need a request; the command line has none."""
    return nullcontext() if has_request_context() else current_app.test_request_context()


def _rendered(
    report: PipelineReport, drawn: Mapping[str, "Chart"], *, on_paper: bool, **more: Any
) -> str:
    return render_template(
        "reports/pipeline.html",
        report=report,
        charts=drawn,
        standing=wording.standing(report),
        movement=wording.movement(report),
        notes=wording.notes(report),
        longest_list=LONGEST_LIST,
        on_paper=on_paper,
        as_of=report.as_of,
        scope=label(report.scope),
        generated_at=report.generated_at,
        is_demo_data=report.is_demo,
        **more,
    )


@dataclass(frozen=True)
class Chart:
    """One chart: the same option for browser and paper."""

    name: str
    title: str
    option: Option
    height: int


def charts(report: PipelineReport, rows_href: str | None = None) -> dict[str, Chart]:
    """Stages, and the parts of each breakdown; counts only, so that no two kinds of money share an axis."""
    if not report.total.now.count:
        return {}
    stages = options.stage_bars(
        _words(line.stage for line in report.stages),
        [line.now.count for line in report.stages],
        [f"{rows_href}&by=stage&key={line.stage}" for line in report.stages] if rows_href else None,
    )
    drawn = {"stages": Chart("stages", _("各阶段项目数（个）"), stages, CHART_HEIGHT)}
    for by in report.breakdowns:
        option = options.breakdown_bars(
            _words(part.label for part in by.parts),
            [part.now.count for part in by.parts],
            [f"{rows_href}&by={by.name}&key={p.key}" for p in by.parts] if rows_href else None,
        )
        title = _("按%(fact)s分的项目数（个）", fact=label(by.label))
        drawn[by.name] = Chart(by.name, title, option, PART_HEIGHT * (len(by.parts) + 1))
    return drawn


def _words(labels: Iterable[Any]) -> list[str]:
    return [plain_text(label(item)) for item in labels]


def as_dict(report: PipelineReport) -> dict[str, Any]:
    """The report as plain values. Amounts are yuan; a day is text like 2020-09-30."""
    found = _plain(asdict(report))
    found["title"] = wording.title(report)
    found["scope"] = label(report.scope)
    found["currency"] = "CNY yuan"
    found["summary"] = [wording.standing(report), wording.movement(report)]
    for line, given in zip(found["stages"], report.stages, strict=True):
        line["label"] = label(given.stage)
    for movement, step in zip(found["movements"], report.movements, strict=True):
        movement["kind"] = step.kind.value
    return found  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case Decimal():
            # the shortest literal that means this amount: exact to the fen up to ten million million yuan
            return int(value) if value == value.to_integral_value() else float(value)
        case date() | datetime():
            return value.isoformat()
        case _:
            return value
