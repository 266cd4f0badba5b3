"""A report with all that a report may hold, printed once for the tests that look at it."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crm.documents import options
from crm.documents.charts import to_svg
from crm.documents.pdf import to_pdf
from crm.web.filters import FILTERS

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "static"
STAGES = ("信息", "在谈", "意向", "签约", "报批", "在建", "竣工")


def sample_charts() -> dict[str, str]:
    months = [f"{month}月" for month in range(1, 13)]
    done = [0, 1, 1, 3, 5, 6, 8, 9, 12, None, None, None]
    plan = [1, 2, 4, 5, 6, 8, 9, 10, 11, 12, 14, 15]
    stages = options.stage_bars(STAGES, [31, 17, 9, 12, 5, 7, 3])
    against_plan = options.line_against_plan(months, done, plan, names=("实际完成", "序时计划"))
    return {"stages": to_svg(stages, 680, 240), "plan": to_svg(against_plan, 680, 240)}


def sample_html(rows: int = 40) -> str:
    templates = FileSystemLoader([ROOT / "templates", Path(__file__).parent / "templates"])
    env = Environment(loader=templates, autoescape=True, undefined=StrictUndefined)
    env.filters.update(FILTERS)
    env.globals.update(asset=lambda path: f"/static/{path}?v=1", _=lambda words: words, locale="zh")
    return env.get_template("sample.html").render(
        on_paper=True,
        as_of=date(2020, 9, 30),
        scope="全区",
        generated_at=datetime(2020, 9, 30, 1, 5, tzinfo=UTC),
        is_demo_data=True,
        rows=rows,
        base="/projects",
    )


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("report") / "report.pdf"
    file.write_bytes(to_pdf(sample_html(), static_root=STATIC, charts=sample_charts()))
    return file
