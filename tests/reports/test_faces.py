"""PDF, workbook and JSON of one report: the three agree to the last digit, whatever the projects are called."""

import json
import re
import subprocess
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from crm.audit.services import SYSTEM
from crm.core.db import writing
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.reference import settings
from crm.reports import faces, pipeline
from crm.web.filters import money, number
from tests.factories import Cast, make_project, make_unit
from tests.reports.conftest import HOSTILE

AS_OF = date(2020, 9, 30)


def text_of(pdf: bytes, folder: Path) -> str:
    file = folder / "report.pdf"
    file.write_bytes(pdf)
    return subprocess.run(
        ["pdftotext", "-layout", file, "-"], check=True, capture_output=True, text=True
    ).stdout


def sheets_of(workbook: bytes) -> list[list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(BytesIO(workbook))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def table(sheet: list[list[Any]]) -> list[list[Any]]:
    """The rows under the head: what follows the empty row after the notes."""
    return sheet[next(i for i, row in enumerate(sheet) if not any(row)) + 2 :]


def printed(text: str, label: str, cells: int) -> list[list[str]]:
    """The figures printed behind a label at the beginning of a line."""
    figures = r"\s+([\d,.]+|–)" * cells
    return [
        list(found) for found in re.findall(rf"^\s*{re.escape(label)}{figures}\s*$", text, re.M)
    ]


@pytest.fixture
def report(projects: Any) -> pipeline.PipelineReport:
    return pipeline.build(WHOLE_PARK_SCOPE, AS_OF)


def test_the_three_faces_agree_on_every_stage(
    report: pipeline.PipelineReport, tmp_path: Path
) -> None:
    text = text_of(faces.to_pdf(report), tmp_path)
    rows = table(sheets_of(faces.to_xlsx(report))[0])
    parsed = json.loads(faces.to_json(report), parse_float=Decimal)
    lines = [*parsed["stages"], parsed["total"], *parsed["aside"]]
    assert len(rows) == len(lines) == 10
    for row, line in zip(rows, lines, strict=True):
        counts = [
            line[name]
            for name in ("opening", "entered", "moved_on", "moved_back", "set_aside", "returned")
        ]
        counts.append(line["now"]["count"])
        expected, agreed = line["now"]["expected"], line["now"]["agreed"]
        assert row[1:8] == counts
        for cell, yuan in ((row[8], expected), (row[9], agreed)):
            assert cell == ("" if yuan is None else float(Decimal(yuan) / 10000))
        assert row[11] == (line["median_days"] if line["median_days"] is not None else "")
        figures = [number(n) for n in counts]
        figures += [money(None if yuan is None else Decimal(yuan)) for yuan in (expected, agreed)]
        figures.append(
            number(None if line["median_days"] is None else Decimal(line["median_days"]))
        )
        assert figures in printed(text, row[0], 10), row[0]


def test_the_three_faces_agree_on_every_part(
    report: pipeline.PipelineReport, tmp_path: Path
) -> None:
    text = text_of(faces.to_pdf(report), tmp_path)
    rows = table(sheets_of(faces.to_xlsx(report))[3])
    parts = [
        (by["label"], part["label"], part["now"])
        for by in json.loads(faces.to_json(report), parse_float=Decimal)["breakdowns"]
        for part in by["parts"]
    ]
    assert len(rows) == len(parts)
    for row, (by, part, now) in zip(rows, parts, strict=True):
        assert row[:3] == [by, part, now["count"]]
        amounts = [
            None if yuan is None else Decimal(yuan) for yuan in (now["expected"], now["agreed"])
        ]
        assert row[3:5] == ["" if yuan is None else float(yuan / 10000) for yuan in amounts]
        assert [number(now["count"]), *map(money, amounts)] in printed(text, part, 3), part


def test_the_rows_behind_the_figures_add_up_to_them(report: pipeline.PipelineReport) -> None:
    book = sheets_of(faces.to_xlsx(report))
    figures, rows = table(book[0]), table(book[1])
    assert len(rows) == sum(row[7] for row in figures if row[0] != "合计") == 10
    for stage in figures[:7]:
        members = [row for row in rows if row[3] == stage[0]]
        assert len(members) == stage[7]
        column, total = (9, stage[9]) if stage[9] != "" else (8, stage[8])
        assert sum(row[column] or 0 for row in members) == pytest.approx(total or 0, abs=1e-9)


def test_every_movement_stands_in_all_three(
    report: pipeline.PipelineReport, tmp_path: Path
) -> None:
    rows = table(sheets_of(faces.to_xlsx(report))[2])
    steps = json.loads(faces.to_json(report))["movements"]
    text = text_of(faces.to_pdf(report), tmp_path)
    assert [(row[0], row[5].isoformat()) for row in rows] == [
        (step["project_id"], step["on"]) for step in steps
    ]
    for _, project, kind, before, after, on, _ in rows:
        place = re.escape(project[:4]) + r"\S*\s+" + r"\s+".join((kind, before or "–", after))
        assert re.search(rf"{on}\s+{place}", text), project


def test_the_summary_says_the_same_on_paper_in_the_workbook_and_as_json(
    report: pipeline.PipelineReport, tmp_path: Path
) -> None:
    standing, movement = json.loads(faces.to_json(report))["summary"]
    assert standing == (
        "截至9月30日，七个一批项目共8个，其中信息项目3个、在谈项目1个、意向项目2个、签约项目1个、报批项目0个、在建项目1个、竣工项目0个。"
        "信息至意向阶段预计投资0.86亿元，签约至竣工阶段协议投资6亿元。"
    )
    assert (
        movement
        == "较8月31日新增1个、推进2个、后退1个、暂停1个、流失1个、恢复1个；停留超过常规时限的项目2个。"
    )
    paper = re.sub(r"\s", "", text_of(faces.to_pdf(report), tmp_path))
    heading = [row[0] for row in sheets_of(faces.to_xlsx(report))[0]]
    for sentence in (standing, movement):
        assert sentence in paper
        assert sentence in heading


def test_a_hostile_name_is_text_everywhere(report: pipeline.PipelineReport, tmp_path: Path) -> None:
    rows = table(sheets_of(faces.to_xlsx(report))[1])
    hostile = next(row for row in rows if row[1].startswith("=1+1"))
    assert (hostile[1], hostile[7]) == (HOSTILE, "@SUM(A1)")
    assert HOSTILE in [line["name"] for line in json.loads(faces.to_json(report))["lines"]]
    paper = re.sub(r"\s", "", text_of(faces.to_pdf(report), tmp_path))
    assert re.sub(r"\s", "", HOSTILE) in paper


def test_a_hostile_unit_does_not_break_the_charts(cast: Cast, tmp_path: Path) -> None:
    make_project(make_unit("甲\"<b>&']]>\u0001单位", cast.park), "某项目")
    assert "]]>" in text_of(faces.to_pdf(pipeline.build(WHOLE_PARK_SCOPE, AS_OF)), tmp_path)


def test_a_long_name_stays_on_the_page(cast: Cast, tmp_path: Path) -> None:
    make_project(cast.office, "超" * 120)
    assert (
        text_of(faces.to_pdf(pipeline.build(WHOLE_PARK_SCOPE, AS_OF)), tmp_path).count("超") >= 120
    )


def test_generated_data_are_marked_on_every_face(projects: Any, tmp_path: Path) -> None:
    mark = "演示数据：由程序生成，不是真实记录"
    plain = pipeline.build(WHOLE_PARK_SCOPE, AS_OF)
    assert mark not in text_of(faces.to_pdf(plain), tmp_path)
    with writing():
        settings.put("demo_data", {"seed": 1}, by=SYSTEM)
    report = pipeline.build(WHOLE_PARK_SCOPE, AS_OF)
    assert mark in text_of(faces.to_pdf(report), tmp_path)
    assert all(
        [mark] == [row[0] for row in sheet if row[0] == mark]
        for sheet in sheets_of(faces.to_xlsx(report))
    )
    assert json.loads(faces.to_json(report))["is_demo"] is True


def test_a_park_without_projects_still_prints(app: Any, tmp_path: Path) -> None:
    report = pipeline.build(WHOLE_PARK_SCOPE, AS_OF)
    assert "没有登记的项目" in text_of(faces.to_pdf(report), tmp_path)
    book = sheets_of(faces.to_xlsx(report))
    assert [row[7] for row in table(book[0])] == [0] * 10
    assert table(book[1]) == []


def test_projects_that_are_all_lost_still_print(cast: Cast, tmp_path: Path) -> None:
    from crm.projects.models import Stage

    make_project(
        cast.office, "已流失", (Stage.LEAD, date(2020, 1, 1)), (Stage.LOST, date(2020, 2, 2))
    )
    text = text_of(faces.to_pdf(pipeline.build(WHOLE_PARK_SCOPE, AS_OF)), tmp_path)
    assert "七个一批项目共0个" in text


def test_the_charts_are_vector(report: pipeline.PipelineReport, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(faces.to_pdf(report))
    images = subprocess.run(
        ["pdfimages", "-list", file], check=True, capture_output=True, text=True
    ).stdout
    assert len(images.splitlines()) == 2  # the heading of an empty list


def test_the_same_report_gives_the_same_file(report: pipeline.PipelineReport) -> None:
    assert faces.to_pdf(report) == faces.to_pdf(report)
