"""Whole plans: their chapters, what looks back and what looks forward, and the files they come in."""

import io
import json
from pathlib import Path

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
