"""The pages of snapshots: from taking one to its files, and who may do what."""

import io
import re
from datetime import date

from python_calamine import CalamineWorkbook
from sqlalchemy import select

from crm.core.db import session
from crm.snapshots.models import Snapshot, SnapshotState
from tests.metrics.test_figures import entrant
from tests.snapshots.conftest import AUG_31, told_done
from tests.targets.test_standing import indicator, reported

HERE = "/targets/snapshots"


def only():
    return session.scalars(select(Snapshot).order_by(Snapshot.id.desc())).first()


def typed(page):
    """What the grid would send: every cell as it stands."""
    cells = re.findall(r'name="([\w-]+)" value="([^"]*)"', page)
    return {name: value for name, value in cells if name != "csrf_token"}


def test_from_the_draft_through_the_grid_to_the_frozen_paper(cast, plan, browser_of):
    entrant(cast.carrier_a)
    reported(cast, indicator(plan, "T08"), "150.5", AUG_31)
    maker, leader = browser_of("supervisor"), browser_of("leader")
    assert "9月份指标通报" in maker.get(f"{HERE}/new").text
    made = maker.post(HERE, data={"as_of": "2020-08-31", "title": "8月份指标通报"})
    assert made.status_code == 303
    here = f"{HERE}/{only().id}"
    assert "草拟" in maker.get(here).text
    assert leader.get(f"{here}/figures").status_code == 403
    form = typed(maker.get(f"{here}/figures").text)
    assert (form["reported-T01"], form["reported-T08"], form["reported-T12"]) == ("1", "150.5", "")
    form |= {"reported-T01": "2", "authority-T08": "148", "authority_source-T08": "市统计局"}
    refused = maker.post(f"{here}/figures", data=form)
    assert refused.status_code == 422
    assert "2 项指标需要更正" in refused.text
    assert "市统计局" in refused.text
    form |= {
        "reason-T01": "含一家已签约",
        "reason-T08": "口径不同",
        "authority_on-T08": "2020-09-15",
    }
    assert maker.post(f"{here}/figures", data=form).status_code == 303
    stale = maker.post(f"{here}/figures", data=form | {"reason-T01": "又改"})
    assert stale.status_code == 409
    assert "又改" in stale.text
    maker.post(f"{here}/submissions", data={"version": only().version})
    assert "审定并冻结" not in maker.get(here).text
    assert maker.post(f"{here}/approvals", data={"version": only().version}).status_code == 403
    assert "审定指标快照" in leader.get("/todo").text
    assert leader.post(f"{here}/approvals", data={"version": only().version}).status_code == 303
    page = leader.get(here).text
    for words in ("韩主任", only().sha256, "市统计局 2020-09-15", "含一家已签约", "与审定时一致"):
        assert words in page
    assert "截至8月底，新增入驻企业完成2家" in page  # of what was reported
    assert maker.post(f"{here}/figures", data=form).status_code == 409
    target = indicator(plan, "T08")
    assert "市统计局" in leader.get(f"{HERE}/targets/{target.id}").text
    assert f"{HERE}/targets/{target.id}" in leader.get("/targets/T08").text
    sheet = leader.post(f"{here}/files", data={"format": "xlsx"}).data
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_index(0).to_python()
    assert ["T01", 1.0, 2.0] in [[row[0], row[4], row[5]] for row in rows if len(row) > 5]
    assert any(only().sha256 in str(row[0]) for row in rows)
    assert leader.post(f"{here}/files", data={"format": "pdf"}).data.startswith(b"%PDF")


def test_a_draft_may_be_sent_back_given_up_and_is_nobody_elses(taken, cast, browser_of):
    here = f"{HERE}/{taken(until='submitted').id}"
    maker, leader = browser_of("supervisor"), browser_of("leader")
    for name in ("a", "unit_staff", "auditor", "investment"):
        assert browser_of(name).get(here).status_code == 404
        assert "8月份指标通报" not in browser_of(name).get(HERE).text
    assert leader.post(f"{here}/returns", data={"version": only().version}).status_code == 422
    back = {"version": only().version, "reason": "T08 请再核对"}
    assert leader.post(f"{here}/returns", data=back).status_code == 303
    assert "T08 请再核对" in maker.get(here).text
    assert leader.post(f"{here}/abandonments", data={"version": 3}).status_code == 403
    assert maker.post(f"{here}/files", data={"format": "pdf"}).status_code == 403  # no such right
    assert leader.post(f"{here}/files", data={"format": "pdf"}).status_code == 404  # not approved
    maker.post(f"{here}/abandonments", data={"version": only().version})
    assert only().state == SnapshotState.ABANDONED


def test_bad_days_titles_and_a_second_one_of_an_approved_day_are_told_in_the_form(
    taken, browser_of
):
    taken(until="approved")
    maker = browser_of("supervisor")
    for data, words in (
        ({"as_of": "2020-08-31", "title": ""}, "标题"),
        ({"as_of": "2020-10-01", "title": "甲"}, "日期不能晚于今天"),
        ({"as_of": "2019-12-31", "title": "甲"}, "应在计划年度2020年内"),
        ({"as_of": "2020-08-31", "title": "甲"}, "请选择更正它"),
    ):
        answer = maker.post(HERE, data=data)
        assert answer.status_code in (409, 422), data
        assert words in answer.text, data
    assert browser_of("leader").post(HERE, data={}).status_code == 403


def test_a_figure_shows_its_rows_and_what_came_since_to_whom_they_belong(
    cast, plan, taken, browser_of
):
    firm = entrant(cast.carrier_a, name="常州早来科技有限公司")
    here = f"{HERE}/{taken(until='approved').id}"
    assert "没有变动" in browser_of("leader").get(here).text
    entrant(cast.carrier_b, date(2020, 7, 1), name="常州迟录科技有限公司")
    leader = browser_of("leader")
    assert f"{here}/figures/T01#differences" in leader.get(here).text
    page = leader.get(f"{here}/figures/T01").text
    assert "常州早来" in page
    assert "常州迟录" in page
    assert "补录" in page
    own = browser_of("a").get(f"{here}/figures/T01").text
    assert f"/companies/{firm.id}" in own
    assert "常州迟录" not in own
    assert browser_of("a").get(f"{here}/figures/T08").status_code == 404  # another unit reports it
    assert leader.get(f"{here}/figures/T99").status_code == 404


def test_the_table_costs_the_same_however_many_snapshots_and_rows(
    cast, plan, taken, browser_of, query_count
):
    leader = browser_of("leader")
    number = taken(until="approved").id
    counts = []
    for day in (date(2020, 7, 31), date(2020, 6, 30)):
        with query_count() as queries:
            leader.get(HERE)
            leader.get(f"{HERE}/{number}")
            leader.get(f"{HERE}/targets/{indicator(plan, 'T01').id}")
        counts.append(len(queries))
        for _ in range(3):
            entrant(cast.carrier_a)
        taken(day, until="approved", title=f"{day}")
    assert counts[0] == counts[1]


def test_the_command_takes_lists_and_compares(app, cast, plan):
    import json

    run = app.test_cli_runner().invoke
    entrant(cast.carrier_a)
    args = ["targets", "snapshot"]
    made = run(args=[*args, "--as-of", "2020-08-31", "--title", "命令", "--json"])
    assert made.exit_code == 0, made.output
    found = json.loads(made.stdout)
    assert {one["id"]: one["system"] for one in found["indicators"]}["T01"] == 1
    late = entrant(cast.carrier_b)
    told_done(cast, "M7", AUG_31)
    compared = run(args=[*args, "--differences", str(found["id"]), "--json"])
    (one,) = json.loads(compared.stdout)["indicators"]
    (milestone,) = json.loads(compared.stdout)["milestones"]
    assert (milestone["id"], milestone["before_on"], milestone["now_on"]) == (
        "M7",
        None,
        "2020-08-31",
    )
    assert (one["id"], one["frozen"], one["came"], one["now"]) == ("T01", 1, 1, 2)
    assert [(row["record"], row["cause"]) for row in one["rows"]] == [
        (f"/companies/{late.id}", "late")
    ]
    assert "命令" in run(args=[*args, "--list"]).output
    assert json.loads(run(args=[*args, "--list", "--json"]).stdout)[0]["state"] == "draft"
    printed = run(args=[*args, "--differences", str(found["id"])]).output
    assert "补录" in printed
    assert re.search(r"^M7 .+ – +2020-08-31$", printed, re.MULTILINE)
    for wrong in (["--differences", "99"], ["--as-of", "1999-01-01"], []):
        assert run(args=[*args, *wrong]).exit_code != 0
