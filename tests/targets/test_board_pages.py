"""The board as a table that is narrowed, sorted, chosen from and taken out; two dates compared; levels set."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.core.db import session
from crm.people.roles import Right, Role
from crm.targets.models import Indicator
from tests import factories
from tests.metrics.test_figures import entrant
from tests.targets.test_standing import SEP_30, indicator, reported

HEAD_OF_2020 = ("T01", "T02", "T03", "T04", "T05", "T06", "T07", "T08")


@pytest.fixture
def page(browser_of, plan):
    def read(name, path, status=200):
        answer = browser_of(name).get(path)
        assert answer.status_code == status
        return answer.get_data(as_text=True)

    return read


@pytest.fixture
def exporter(app, cast, plan):
    user = factories.make_user(
        Role.SUPERVISOR, unit=session.merge(cast.park), rights=(Right.EXPORT,)
    )
    return factories.signed_in_client(app, user)


def sheet_of(answer):
    book = CalamineWorkbook.from_filelike(BytesIO(answer.data))
    return book.get_sheet_by_index(0).to_python()


def codes(text):
    return [code for code in HEAD_OF_2020 if f"/targets/{code}?" in text]


def test_the_board_is_narrowed_by_chapter_unit_and_source_and_sorted(page, plan, cast):
    entrant(cast.carrier_a)
    unit = indicator(plan, "T08").unit.code
    assert codes(page("leader", "/targets?chapter=0")) == list(HEAD_OF_2020)
    assert "T08" in (found := page("leader", f"/targets?unit={unit}&source=reported"))
    assert "/targets/T01?" not in found
    computed = page("leader", "/targets?source=computed&sort=points")
    assert "/targets/T01?" in computed
    assert "/targets/T08?" not in computed
    assert "一、国际合作" not in computed.split("<table")[1]
    assert "没有符合条件的指标" in page("leader", "/targets?unit=nowhere")


def test_the_columns_chosen_stay_in_the_browser(browser_of, plan):
    client = browser_of("leader")
    assert "上年实绩</th>" not in client.get("/targets").text
    assert "上年实绩</th>" in client.get("/targets?cols=last_year&cols=actual").text
    kept = client.get("/targets").text
    assert "上年实绩</th>" in kept
    assert "亮灯</th>" not in kept
    assert "亮灯</th>" in client.get("/targets?cols=nonsense").text


def test_the_table_is_taken_out_typed_and_its_rows_come_to_the_figure(exporter, plan, cast):
    for month in (2, 3, 9):
        entrant(session.merge(cast.carrier_a), date(2020, month, 10))
    table = exporter.post("/targets/files?as_of=2020-09-30", data={"format": "xlsx"})
    lines = sheet_of(table)
    head = next(n for n, line in enumerate(lines) if line[0] == "章节")
    one = dict(zip(lines[head], next(x for x in lines if x[2] == "T01"), strict=True))
    assert (one["年度目标"], one["累计完成"], one["本月"]) == (360, 3, 1)
    assert one["序时进度%"] == 0.75
    assert one["上年实绩"] == ""
    assert len(lines) == head + 1 + 45
    rows = exporter.post("/targets/T01/files?as_of=2020-09-30", data={"format": "xlsx"})
    found = sheet_of(rows)
    assert found[-1][3] == sum(line[3] for line in found[-4:-1]) == 3
    assert exporter.post("/targets/files", data={"format": "pdf"}).data.startswith(b"%PDF")
    csv = exporter.post("/targets/T01/files", data={"format": "csv"}).get_data(as_text=True)
    assert csv.count("\n") == 1 + 3 + 1
    assert exporter.post("/targets/files", data={"format": "exe"}).status_code == 422
    assert exporter.post("/targets/T08/files", data={"format": "csv"}).status_code == 422
    logged = session.scalars(
        select(AuditEntry.action).where(AuditEntry.action == "report.exported")
    )
    assert len(logged.all()) == 4


def test_who_may_not_export_takes_nothing_out(browser_of, plan):
    for path in ("/targets/files", "/targets/T01/files"):
        assert browser_of("a").post(path, data={"format": "csv"}).status_code == 403


def test_rows_are_narrowed_to_a_unit_of_the_readers_scope(page, cast):
    entrant(cast.carrier_a, date(2020, 3, 10), name="甲方公司")
    entrant(cast.carrier_b, date(2020, 4, 10), name="乙方公司")
    code, other = cast.carrier_a.code, cast.carrier_b.code
    text = page("leader", f"/targets/T01?unit={code}")
    assert "甲方公司" in text
    assert "乙方公司" not in text
    both = page("leader", "/targets/T01?order=asc")
    assert both.index("甲方公司") < both.index("乙方公司")
    page("a", f"/targets/T01?unit={other}", 404)
    page("leader", "/targets/T01?unit=nowhere", 404)


def test_two_dates_are_compared_and_the_rows_say_why(page, plan, cast):
    entrant(cast.carrier_a, date(2020, 3, 10), name="先来公司")
    entrant(cast.carrier_a, SEP_30, name="后到公司")
    reported(cast, indicator(plan, "T42"), "250", date(2020, 8, 31))
    reported(cast, indicator(plan, "T42"), "268")
    days = "from=2020-08-31&to=2020-09-30"
    text = page("leader", f"/targets/compare?{days}")
    assert "+18" in text
    one = page("leader", f"/targets/T01/compare?{days}")
    assert "后到公司" in one
    assert "先来公司" not in one
    assert "人工填报的指标没有逐条记录" in page("leader", f"/targets/T42/compare?{days}")
    page("a", f"/targets/T42/compare?{days}", 404)
    page("leader", "/targets/compare?from=2020-09-30&to=2020-08-31", 422)
    page("leader", "/targets/compare?from=x", 422)


def test_sentences_are_there_to_be_copied_by_chapter_and_all(page, plan, cast):
    entrant(cast.carrier_a)
    text = page("leader", "/targets/sentences?as_of=2020-09-30")
    said = "截至9月底，新增入驻企业完成1家，占年度目标的0.3%，低于序时进度74.7个百分点。"
    assert text.count(said) == 2  # in its chapter, and in the whole
    one = page("leader", "/targets/sentences?as_of=2020-09-30&chapter=0")
    assert one.count(said) == 1
    assert "T41" not in one


def test_levels_stand_beside_the_target_each_with_its_light(browser_of, plan, cast):
    entrant(cast.carrier_a)
    client = browser_of("supervisor")
    version = indicator(plan, "T01").version
    typed = {"version": version, "floor": "1", "stretch": "400"}
    assert client.post("/targets/T01/levels?year=2020", data=typed).status_code == 303
    found = session.scalar(select(Indicator).where(Indicator.code == "T01"))
    assert (found.floor_value, found.stretch_value) == (Decimal(1), Decimal(400))
    text = client.get("/targets/T01").text
    assert "三档目标" in text
    assert "设置三档目标" in text  # its history
    stale = client.post("/targets/T01/levels?year=2020", data=typed)
    assert stale.status_code == 409
    wrong = client.post(
        "/targets/T01/levels?year=2020", data={**typed, "version": version + 1, "floor": "500"}
    )
    assert wrong.status_code == 422
    assert "底线应比目标容易达到" in wrong.text
    assert 'value="500"' in wrong.text
    endless = {"version": version + 1, "floor": "9" * 50}
    assert client.post("/targets/T01/levels?year=2020", data=endless).status_code == 422
    assert client.post("/targets/M1/levels", data=typed).status_code == 404
    assert browser_of("leader").post("/targets/T01/levels", data=typed).status_code == 403


def test_the_pages_of_targets_cost_the_same_few_queries_for_many_rows(
    browser_of, plan, cast, query_count
):
    carrier, client = cast.carrier_a, browser_of("leader")
    paths = (
        "/targets?cols=in_month&cols=growth&cols=expected",
        "/targets/T01?as_of=2020-09-29",
        "/targets/T02?as_of=2020-09-29",
        "/targets/compare",
        "/targets/T01/compare?from=2020-01-01",
        "/targets/sentences",
    )

    def cost():
        counts = []
        for path in paths:
            with query_count() as sent:
                assert client.get(path).status_code == 200
            counts.append(len(sent))
        return counts

    entrant(carrier)
    few = cost()
    for number in range(6):
        entrant(session.merge(carrier), date(2020, 2, number + 1))
    assert cost() == few
    assert max(few) <= 20, dict(zip(paths, few, strict=True))
