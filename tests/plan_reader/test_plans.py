"""Whole plans: their chapters, what looks back and what looks forward, and the files they come in."""

import io
import json
from pathlib import Path
from time import process_time

import docx
import pytest
from weasyprint import HTML

from crm.core.errors import DomainError
from crm.plan_reader.files import Unreadable, flowing, text_of
from crm.plan_reader.reader import read

PLAN = (Path(__file__).parent / "plan.txt").read_text()


@pytest.fixture(scope="module")
def found():
    return read(PLAN)


def test_the_plan_is_of_the_year_that_is_to_come(found):
    assert found.year == 2024


def test_chapters_and_tasks_are_told_apart(found):
    assert [(chapter.number, len(chapter.tasks)) for chapter in found.chapters] == [
        ("一", 2), ("二", 0), ("三", 0), ("四", 5), ("五", 0),
    ]  # fmt: skip
    assert found.chapters[3].tasks[1] == ("2", "加快载体建设")


def test_what_was_reached_last_year_is_no_target(found):
    assert {target.chapter for target in found.targets} == {"三", "四", "五"}
    assert len(found.targets) == 30


def test_each_target_knows_its_task(found):
    (fund,) = (
        target for target in found.targets if target.unit == "亿元" and "基金" in target.subject
    )
    assert (fund.chapter, fund.task, fund.subject) == ("四", "4", "设立天使基金")


def test_a_milestone_goes_on_speaking_of_the_same_building(found):
    centre = [(m.event, m.due.isoformat()) for m in found.milestones if m.subject == "科创中心二期"]
    assert centre == [("封顶", "2024-06-30"), ("竣工验收", "2024-12-31")]


def test_a_plan_without_a_year_asks_for_it():
    with pytest.raises(DomainError, match="年份"):
        read("新增企业5家。")
    assert len(read("新增企业5家。", 2024).targets) == 1


def as_docx(text: str) -> bytes:
    document = docx.Document()
    for line in text.splitlines():
        document.add_paragraph(line)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def as_pdf(text: str) -> bytes:
    lines = "".join(f"<p>{line}</p>" for line in text.splitlines())
    return HTML(string=f"<style>body{{font-family:Noto Sans CJK SC}}</style>{lines}").write_pdf()


TABLE = (
    ("序号", "指标名称", "单位", "2023年完成", "2024年目标", "责任部门"),
    ("1", "在孵企业数", "家", "168", "≥1,190", "孵化部"),
    ("2", "专利申请量（其中发明专利）", "件", "420（130）", "500（150）", "转化部"),
    ("3", "园区总收入增长率", "", "12%", "15%左右", "财务部"),
    ("4", "独角兽企业数（家）", "", "0", "3～5", "企服部"),
    ("5", "招引百万元税收企业", "家", "21", "25（力争30）", "招商部"),
)
TASKS = (
    ("序号", "重点工作", "责任单位", "完成时限"),
    ("1", "完成三期土地平整，供地25公顷。", "规建局", "6月底"),
)
PROMISED = [
    ("在孵企业数", ">=", 1190, "家", ""),
    ("专利申请量", "=", 500, "件", ""),
    ("发明专利", "=", 150, "件", ""),
    ("园区总收入增长率", "=", 15, "%", ""),
    ("独角兽企业数", "range", 3, "家", ""),
    ("招引百万元税收企业", "=", 25, "家", ""),
    ("招引百万元税收企业", "=", 30, "家", "力争"),
    ("供地", "=", 25, "公顷", ""),
]


def rows_as_text() -> bytes:
    return "\n".join("\t".join(row) for row in (*TABLE, *TASKS)).encode()


def rows_as_html() -> bytes:
    rows = "".join(
        f"<tr>{''.join(f'<td><p>{cell}</p></td>' for cell in row)}</tr>" for row in (*TABLE, *TASKS)
    )
    return f"<html><body><table>{rows}</table></body></html>".encode()


def rows_as_docx() -> bytes:
    document = docx.Document()
    for rows in (TABLE, TASKS):
        table = document.add_table(0, len(rows[0]))
        for row in rows:
            for cell, said in zip(table.add_row().cells, row, strict=True):
                cell.text = said
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


@pytest.mark.parametrize("written", [rows_as_text, rows_as_html, rows_as_docx])
def test_a_table_promises_what_stands_in_its_column_of_goals(written):
    text = text_of(written())
    found = read(text, 2024)
    told = [(t.subject, t.comparator, t.value, t.unit, t.modal) for t in found.targets]
    assert told == PROMISED
    assert all(text[t.start : t.end] == t.text for t in found.targets)
    assert (found.targets[2].parent, found.targets[-1].due.isoformat()) == (1, "2024-06-30")
    (works,) = found.milestones
    assert (works.subject, works.due.isoformat()) == ("三期土地平整", "2024-06-30")


def test_a_plan_of_three_years_has_a_column_for_each():
    text = "科技创新行动计划（2023—2025年）\n指标\t2022年\t2023年目标\t2024年目标\t2025年目标\n高企（家）\t90\t100\t120\t150以上"
    found = read(text)
    assert [(t.value, t.due.year) for t in found.targets] == [(100, 2023), (120, 2024), (150, 2025)]


def test_reading_takes_time_in_proportion_to_length():
    def seconds(text: str) -> float:
        started = process_time()
        read(text)
        return process_time() - started

    seconds(PLAN)
    assert seconds(PLAN * 8) < 16 * min(seconds(PLAN) for __ in range(3))


FORMS = {
    "utf-8": PLAN.encode("utf-8-sig"),
    "gb18030": PLAN.encode("gb18030"),
    "html": "<html><head><title>x5家</title></head><body><script>var a='新增9家'</script>"
    f"{''.join(f'<p>{line}</p>' for line in PLAN.splitlines())}</body></html>".encode(),
}  # fmt: skip


@pytest.mark.parametrize("form", [*FORMS, "docx", "pdf"])
def test_every_form_of_file_says_the_same(form, found):
    data = {"docx": as_docx, "pdf": as_pdf}[form](PLAN) if form not in FORMS else FORMS[form]
    again = read(text_of(data))
    told = [(t.subject, t.comparator, t.value, t.unit, t.task) for t in again.targets]
    assert told == [(t.subject, t.comparator, t.value, t.unit, t.task) for t in found.targets]
    assert [m.subject for m in again.milestones] == [m.subject for m in found.milestones]


BROKEN = (
    b"",
    b"PK\x03\x04broken",
    b"%PDF-1.7 broken",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken",
    b"\xff\xd8\xff\xe0\0\x10JFIF\0",
)


@pytest.mark.parametrize("data", BROKEN)
def test_what_is_no_document_is_refused_in_a_sentence(data):
    with pytest.raises(Unreadable):
        text_of(data)


def test_printed_lines_flow_together_again():
    assert flowing("1.招商引资。全年引进\n项目50个,\n- 2 -\n其中外资8个。\n2.载体建设") == (
        "1.招商引资。全年引进项目50个,其中外资8个。\n2.载体建设"
    )


def test_the_command_prints_what_programs_read(app, tmp_path):
    file = tmp_path / "plan.txt"
    file.write_text(PLAN)
    said = app.test_cli_runner().invoke(args=["plan", "read", str(file), "--json"])
    told = json.loads(said.output)
    assert len(told["targets"]) == 30
    first = told["targets"][0]
    assert (first["subject"], first["comparator"], first["value"], first["unit"]) == (
        "营业收入",
        ">",
        175,
        "亿元",
    )
    assert PLAN[first["start"] : first["end"]] == first["text"]
    assert told["milestones"][0]["due"] == "2024-03-31"


def test_the_command_refuses_a_picture_in_a_sentence(app, tmp_path):
    file = tmp_path / "plan.pdf"
    file.write_bytes(b"%PDF-1.7 broken")
    said = app.test_cli_runner().invoke(args=["plan", "read", str(file)])
    assert said.exit_code == 1
    assert "PDF" in said.output
