"""项目调度: what the month's table says, that all faces say the same, and that an issued report never changes."""

import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import docx
import pytest
from docx.enum.section import WD_ORIENTATION
from python_calamine import CalamineWorkbook

from crm.core import stored
from crm.core.db import session, writing
from crm.core.errors import DomainError, StaleRecord
from crm.core.money import Currency
from crm.documents.word import A3_WIDE, Paragraph, Table, write_word
from crm.milestones import problems, services
from crm.milestones.models import MilestoneKind
from crm.milestones.problems import ProblemDetails
from crm.milestones.services import MilestoneDetails
from crm.people.scope import WHOLE_PARK_SCOPE, scope_of
from crm.progress.models import Cadence, ProgressNote
from crm.progress.periods import period_of
from crm.progress.services import NoteTexts, write
from crm.projects.models import LossReason, Project, Stage
from crm.reports import dispatch
from crm.reports import dispatch_faces as faces
from crm.reports import services as report_services
from crm.reports.dispatch_table import COLUMNS
from crm.reports.models import IssuedReport
from crm.targets.pace import Light
from tests import factories

SEPTEMBER = date(2020, 9, 1)
LEAD, TALKS, INTENT, SIGNED, APPROVAL, BUILDING, COMPLETED, PAUSED, LOST = Stage


@pytest.fixture
def park(cast):
    """By name: one under way with all that can be said of it, one silent in dollars, and some that are not listed."""
    began = (LEAD, date(2019, 1, 7)), (SIGNED, date(2019, 8, 5)), (BUILDING, date(2020, 5, 11))
    busy = factories.make_project(
        cast.office, "甲大厦", *began, owner=cast.investment, summary="研发楼两栋", leader_id=cast.leader.id,
        expected_investment=Decimal("9e8"), agreed_investment=Decimal("8e8"),
    )  # fmt: skip
    factories.make_plan_of(busy, 2020, 12_000)
    for number, wan in ((8, 6_000), (9, 7_500)):
        factories.make_works_report(busy, date(2020, number, 1), wan)
    silent = factories.make_project(
        cast.carrier_a, "乙中心", (LEAD, date(2020, 2, 3)), (INTENT, date(2020, 9, 14)),
        currency=Currency.USD, expected_investment=Decimal("3e6"),
    )  # fmt: skip
    factories.make_project(cast.office, "丙线索", (LEAD, date(2020, 9, 2)))
    done = (BUILDING, date(2018, 5, 7)), (COMPLETED, date(2019, 12, 30))
    factories.make_project(cast.office, "去年竣工", (LEAD, date(2018, 1, 8)), *done)
    factories.make_project(
        cast.office, "今年竣工", (LEAD, date(2018, 1, 8)), (COMPLETED, date(2020, 1, 2))
    )
    lost = factories.make_project(
        cast.office, "流失项目", (LEAD, date(2020, 3, 2)), (LOST, date(2020, 9, 21))
    )
    with writing():
        step = session.merge(lost).changes[-1]
        step.note, step.loss_reason = "另选城市", LossReason.ELSEWHERE
        fresh = session.get_one(Project, busy.id)
        said = NoteTexts("主体封顶", "缺钢材", "砌筑", "协调道路")
        write(fresh, period_of(Cadence.MONTH, SEPTEMBER), said, version=0, by=cast.investment)
        services.promise(
            fresh, MilestoneDetails(MilestoneKind.PERMIT, date(2020, 8, 3), done_on=date(2020, 8, 4)), by=cast.investment
        )  # fmt: skip
        services.promise(
            fresh, MilestoneDetails(MilestoneKind.ACCEPTANCE, date(2020, 12, 1)), by=cast.investment
        )
        problems.raise_one(
            fresh,
            ProblemDetails("临时用电不足", cast.office.id, date(2020, 10, 9)),
            by=cast.investment,
        )
    return {"busy": busy, "silent": silent}


def build(scope=WHOLE_PARK_SCOPE, month=SEPTEMBER):
    return dispatch.build(scope, month)


def cells(line):
    return {str(column.header): column.written(line) for column in COLUMNS}


def test_the_table_has_the_projects_under_way_and_those_completed_this_year(park):
    assert [line.project.name for line in build().lines] == ["乙中心", "甲大厦", "今年竣工"]


def test_a_line_says_all_that_is_known_and_nothing_that_is_not(app, park):
    with app.test_request_context():
        silent, busy, _ = (cells(line) for line in build().lines)
    assert busy == {
        "项目名称": "甲大厦", "类别": "建设类", "投资方": busy["投资方"], "建设内容": "研发楼两栋", "币种": "万元",
        "总投资": "80,000", "年度计划投资": "12,000", "本月完成": "1,500", "累计完成": "7,500", "完成年度计划%": "62.5%",
        "序时进度%": "75.0%", "超（欠）序时（百分点）": "−12.5", "当前阶段": "在建项目", "进入阶段日期": "2020-05-11",
        "停留天数": "142", "本月进展": "主体封顶",
        "存在问题": "缺钢材\n临时用电不足（产业发展处，2020-10-09前解决）", "需协调事项": "协调道路",
        "下一节点与时限": "竣工验收 2020-12-01", "责任领导": "韩主任", "责任单位": "产业发展处", "责任人": "陈招商",
        "亮灯": "预警",
    }  # fmt: skip
    assert (silent["币种"], silent["总投资"], silent["年度计划投资"]) == ("万美元", "300", "–")
    assert {silent[name] for name in ("本月进展", "累计完成", "超（欠）序时（百分点）")} == {"–"}
    assert silent["亮灯"] == "不亮灯"


@pytest.mark.parametrize(
    ("wan", "light"),
    [(7_801, Light.GREEN), (7_800, Light.YELLOW), (12_000, Light.DONE), (5_399, Light.RED), (5_400, Light.YELLOW)],
)  # fmt: skip
def test_the_light_is_that_of_the_pace(cast, wan, light):
    project = factories.make_project(
        cast.office, "项目", (LEAD, date(2020, 1, 6)), (BUILDING, date(2020, 2, 3))
    )
    factories.make_plan_of(project, 2020, 12_000)
    factories.make_works_report(project, SEPTEMBER, wan)
    assert build().lines[0].light == light


def test_the_head_tells_what_moved_in_the_month(app, park):
    report = build()
    assert {line.stage: line.now.count for line in report.overview.stages}[INTENT] == 1
    with app.test_request_context():
        told = {kind: faces.moved_words(kind, report.moved(kind)) for kind in faces.TOLD}
    assert [text.split("：")[0] for text in told.values()] == ["新增1项次", "推进1项次", "后退0项次", "流失1项次"]  # fmt: skip
    assert told[faces.MoveKind.LOSS] == "流失1项次：流失项目（投资方选择其他地区：另选城市）。"


def test_a_month_that_lies_ahead_is_refused(app):
    with pytest.raises(DomainError, match="还没有开始"):
        build(month=date(2020, 10, 1))


def test_what_was_stored_comes_back_as_it_was(park):
    report = build()
    assert stored.loads(dispatch.DispatchReport, stored.dumps(report)) == report
    odd = replace(report.lines[0].money, share=Fraction(1, 3), planned=Decimal("0.10"))
    back = stored.loads(dispatch.Money, stored.dumps(odd))
    assert (back.share, str(back.planned)) == (Fraction(1, 3), "0.10")


def test_every_face_says_the_same(app, park, browser_of):
    with app.test_request_context():
        report = build()
        written = [cells(line) for line in report.lines]
        book = CalamineWorkbook.from_object(io.BytesIO(faces.to_file(report, "xlsx")))
        document = docx.Document(io.BytesIO(faces.to_file(report, "docx")))
        assert faces.to_file(report, "pdf").startswith(b"%PDF")
        assert faces.to_file(report, "docx") == faces.to_file(report, "docx")
    page = browser_of("leader").get("/reports/dispatch?month=2020-09").text
    rows_of_words = [[cell.text for cell in row.cells] for row in document.tables[-1].rows]
    assert rows_of_words[1:] == [
        [str(place), *line.values()] for place, line in enumerate(written, 1)
    ]
    for line in written:
        for value in "\n".join(line.values()).split("\n"):
            assert value in page, value
    rows = {row[2]: row for row in book.get_sheet_by_name("项目调度").to_python()}
    assert rows["甲大厦"][7:14] == [80_000, 12_000, 1_500, 7_500, 0.625, 0.75, -12.5]
    assert rows["乙中心"][8] == ""


def test_every_face_has_number_and_money_of_each_stage_and_who_stands_still(
    app, cast, park, browser_of
):
    factories.make_project(cast.office, "停滞线索", (LEAD, date(2019, 1, 7)))
    with app.test_request_context():
        report = build()
        book = CalamineWorkbook.from_object(io.BytesIO(faces.to_file(report, "xlsx")))
        document = docx.Document(io.BytesIO(faces.to_file(report, "docx")))
    page = browser_of("leader").get("/reports/dispatch?month=2020-09").text
    stages = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    building = ["在建项目", "1", "0", "1", "–", "80,000", "142"]
    assert building in stages
    row = re.search(r"<tr>\s*<th[^>]*>在建项目</th>.*?</tr>", page, re.S)[0]
    assert re.findall(r'<td class="num">(.*?)</td>', row) == building[1:]
    rows = {row[0]: row for row in book.get_sheet_by_name("汇总").to_python()}
    assert (rows["在建项目"][7], rows["在建项目"][9]) == (1, 80_000)
    assert book.get_sheet_by_name("停滞项目").to_python()[-1][1] == "停滞线索"
    (usual,) = {line.usual_days for line in report.overview.stalled}
    told = f"停滞1个：停滞线索（信息项目 632 天，通常 {usual} 天）。"
    assert told in [p.text for p in document.paragraphs]


def test_the_head_says_what_its_sums_of_yuan_lack(app, park, browser_of):
    dollars = "另有以美元计的预计投资300万美元"
    with app.test_request_context():
        document = docx.Document(io.BytesIO(faces.to_file(build(), "docx")))
    assert any(dollars in p.text for p in document.paragraphs)
    assert dollars in browser_of("leader").get("/reports/dispatch?month=2020-09").text


def test_a_long_reason_does_not_fill_the_head(app, park):
    (lost,) = build().moved(faces.MoveKind.LOSS)
    with app.test_request_context():
        told = faces.outcome(replace(lost, note="长" * 4000))
    assert told == "投资方选择其他地区：" + "长" * 100 + "…"


def test_an_issued_report_stays_as_it_was_and_tells_what_was_corrected(park, cast, browser_of):
    leader, clerk = browser_of("leader"), browser_of("investment")
    month = {"month": "2020-09"}
    assert clerk.post("/reports/dispatch/issued", data=month).status_code == 403
    answer = leader.post("/reports/dispatch/issued", data=month)
    assert answer.status_code == 303
    again = leader.post("/reports/dispatch/issued", data=month)
    assert (again.status_code, "已经发布" in again.text) == (409, True)
    note = session.query(ProgressNote).one()
    assert note.frozen_with == "2020年9月项目调度"
    said = {"version": note.version, "progress": "更正：主体到顶层"}
    address = f"/projects/notes/2020-09/{park['busy'].id}"
    assert "冻结" in clerk.get(address).text
    assert clerk.post(address, data=said).status_code == 303
    page = leader.get(answer.location).text
    assert page.count("主体封顶") == 2  # in the table, and as what the difference was
    assert page.count("更正：主体到顶层") == 1
    assert "可能被改动过" not in page
    assert "更正：主体到顶层" in leader.get("/reports/dispatch?month=2020-09").text
    assert "2020-09 项目调度" in clerk.get("/reports/dispatch/issued").text
    with writing():
        session.query(IssuedReport).one().content += " "
    assert "可能被改动过" in leader.get(answer.location).text


def test_a_note_changed_meanwhile_stops_the_issue(park, cast):
    report = build()
    with writing():
        write(
            session.get_one(Project, park["busy"].id), period_of(Cadence.MONTH, SEPTEMBER), NoteTexts("又改了"),
            version=1, by=cast.investment,
        )  # fmt: skip
    with pytest.raises(StaleRecord), writing():
        report_services.issue(report, None, "项目调度", by=cast.leader)


def test_what_is_sealed_goes_out_with_no_report(park, cast, browser_of):
    def seal(is_sealed):
        with writing():
            session.get_one(Project, park["busy"].id).is_sealed = is_sealed

    seal(True)
    leader, auditor = browser_of("leader"), browser_of("auditor")
    assert "甲大厦" in leader.get("/reports/dispatch?month=2020-09").text
    assert "甲大厦" not in auditor.get("/reports/dispatch?month=2020-09").text
    issued = leader.post("/reports/dispatch/issued", data={"month": "2020-09"}).location
    assert "甲大厦" not in auditor.get(issued).text
    seal(False)
    august = leader.post("/reports/dispatch/issued", data={"month": "2020-08"}).location
    assert "甲大厦" in auditor.get(august).text
    seal(True)  # sealed after it went out
    assert "甲大厦" not in auditor.get(august).text
    assert "甲大厦" in leader.get(august).text


def test_files_are_sent_and_noted_and_the_one_pager_is_of_ones_own_scope(park, cast, browser_of):
    leader, address = browser_of("leader"), f"/reports/dispatch/projects/{park['busy'].id}"
    for kind in faces.FORMATS:
        sent = leader.post("/reports/dispatch/files", data={"month": "2020-09", "format": kind})
        assert (sent.status_code, sent.mimetype) == (200, faces.FORMATS[kind])
    assert browser_of("auditor").post("/reports/dispatch/files", data={}).status_code == 403
    page = leader.get(address, query_string={"month": "2020-09"}).text
    assert "竣工验收" in page
    assert "临时用电不足" in page
    assert leader.post(f"{address}/files", data={"month": "2020-09"}).mimetype == "application/pdf"
    assert browser_of("b").get(address).status_code == 404
    assert leader.get(f"{address}?month=2020-11").status_code == 404
    for odd in ("2020-13", "x", "0001-01", "2020-10"):
        assert leader.get("/reports/dispatch", query_string={"month": odd}).status_code == 422


def test_a_unit_sees_its_own_reports_only(park, cast, browser_of):
    leader = browser_of("leader")
    of_a = leader.post(
        "/reports/dispatch/issued", data={"month": "2020-09", "unit": "ustp"}
    ).location
    of_park = leader.post("/reports/dispatch/issued", data={"month": "2020-09"}).location
    assert "乙中心" in browser_of("a").get(of_a).text
    assert browser_of("a").get(of_park).status_code == 404
    assert browser_of("b").get(of_a).status_code == 404


def test_three_hundred_projects_cost_the_statements_of_three(park, cast, query_count):
    def cost():
        session.expire_all()
        with query_count() as queries:
            report = build(scope_of(cast.leader))
        return len(queries), len(report.lines)

    few, _ = cost()
    for _ in range(40):
        factories.make_project(
            cast.office, "", (LEAD, date(2020, 1, 6)), (BUILDING, date(2020, 2, 3)), owner=cast.a
        )
    many, listed = cost()
    assert listed == 43
    assert many == few


def test_a_word_file_keeps_hostile_text_as_text_and_repeats_the_head_of_its_table():
    blocks = [Paragraph("<w:t>&\x07\n二行", "Title"), Table(["头"], [["]]>"]], [1], frozenset({0}))]
    document = docx.Document(io.BytesIO(write_word(blocks, A3_WIDE)))
    assert [p.text for p in document.paragraphs] == ["<w:t>&\n二行", ""]
    table, page = document.tables[0], document.sections[0]
    assert [cell.text for row in table.rows for cell in row.cells] == ["头", "]]>"]
    assert [bool(row._tr.xpath("w:trPr/w:tblHeader")) for row in table.rows] == [True, False]
    assert (page.orientation, page.page_width > page.page_height) == (
        WD_ORIENTATION.LANDSCAPE,
        True,
    )
    assert table.columns[0].width == page.page_width - page.left_margin - page.right_margin
    assert document.styles["Normal"].element.xpath("w:rPr/w:rFonts/@w:eastAsia") == ["仿宋"]
