"""The list, the board and the flow of the same projects: one filter for all, sums of each currency apart, numbers that open."""

import json
import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest

from crm.core.db import session, writing
from crm.core.money import Currency
from crm.followup.models import LastContact
from crm.lists.models import SavedView
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.pipeline import board as boards
from crm.projects.models import Figure, Origin, Stage, Valuation
from crm.projects.queries import visible_to
from tests import factories

BEGAN, DAY = date(2020, 3, 5), date(2020, 9, 10)
HTMX = {"HX-Request": "true"}
WAN = Decimal(10_000)


def says(project, figure, amount, day):
    with writing():
        session.add(
            Valuation(project_id=project.id, figure=figure, amount=amount, valid_from=day, note="")
        )


def names_on(page):
    return set(
        re.findall(r'<a (?:class="board__title" )?href="/projects/\d+"[^>]*>([^<]+)</a>', page)
    )


@pytest.fixture
def three(cast):
    """One of carrier a in dollars, two of carrier b, one of these the investor's own and sealed."""
    make, lead = factories.make_project, (Stage.LEAD, BEGAN)
    return [
        make(cast.carrier_a, "甲中心", lead, (Stage.INTENT, DAY), currency=Currency.USD,
             expected_investment=300 * WAN, origin=Origin.SINO_GERMAN),
        make(cast.carrier_b, "乙基地", lead, (Stage.INTENT, DAY), expected_investment=500 * WAN),
        make(cast.carrier_b, "丙总部", lead, (Stage.SIGNED, DAY), owner=cast.investment, is_sealed=True,
             expected_investment=900 * WAN, agreed_investment=800 * WAN),
    ]  # fmt: skip


FILTERS = {
    "where=stage:is:intent": {"甲中心", "乙基地"},
    "where=mine:is:1": {"丙总部"},
    "where=origin:is:sino_german": {"甲中心"},
    "where=expected:from:600": {"丙总部"},
    "where=expected_usd:from:100": {"甲中心"},
    "where=days:from:20": {"甲中心", "乙基地", "丙总部"},
    "where=days:from:21": set(),
    "where=days:between:0,20": {"甲中心", "乙基地", "丙总部"},
    "where=stalled:is:1": set(),
    "where=any;stage:is:signed;origin:is:sino_german": {"甲中心", "丙总部"},
    "q=甲": {"甲中心"},
}


@pytest.mark.parametrize(("asked", "found"), FILTERS.items())
def test_list_and_board_take_the_same_filter(app, browser_of, three, asked, found):
    browser = browser_of("investment")
    for address in ("/projects", "/projects/board"):
        assert names_on(browser.get(f"{address}?{asked}").text) == found
    assert f"/projects/board?{asked.split('=')[0]}=" in browser.get(f"/projects?{asked}").text


@pytest.mark.parametrize("address", ["/projects", "/projects/board", "/projects/flow"])
def test_a_saved_view_shows_on_every_face_and_a_filter_without_sense_says_so(
    app, cast, browser_of, three, address
):
    browser = browser_of("investment")
    with writing():
        view = SavedView(
            list_key="projects", name="中德", state="where=origin:is:sino_german",
            owner_id=cast.investment.id, is_default=True,
        )  # fmt: skip
        session.add(view)
    number = view.id
    for asked in ("", f"?view={number}"):
        page = browser.get(address + asked).text
        assert "投资来源 是 中德" in page
        assert "乙基地" not in page
    assert "投资来源 是 中德" not in browser.get(f"{address}?view=0").text
    assert browser.get(f"{address}?where=moon:is:1").status_code == 422
    field = browser.get(f"{address}?edit=field&field=unit", headers=HTMX).text
    assert 'id="builder-inputs"' in field


def test_the_list_goes_out_as_a_file_to_who_may_take_it(app, browser_of, three):
    data = {"format": "xlsx", "all": "1", "state": "where=stage:is:intent"}
    assert browser_of("a").post("/projects/files", data=data).status_code == 403
    file = browser_of("leader").post("/projects/files", data=data)
    assert file.data.startswith(b"PK")


def test_a_column_adds_up_each_currency_by_itself_and_past_days_as_they_were_said(app, three):
    first, second, _sealed = three
    says(second, Figure.EXPECTED, 700 * WAN, date(2020, 9, 20))

    def intent(day):
        session.rollback()
        board = boards.build(visible_to(WHOLE_PARK_SCOPE), as_of=day)
        return board.columns[2].sums, {c.name: c.investment for c in board.columns[2].cards}

    for day, amount in ((date(2020, 9, 19), 500 * WAN), (date(2020, 9, 20), 700 * WAN)):
        sums, cards = intent(day)
        assert sums == {Currency.CNY: amount, Currency.USD: 300 * WAN}
        assert cards == {first.name: 300 * WAN, second.name: amount}


def test_a_card_tells_of_silence_sealing_and_its_gate(app, cast, browser_of, three):
    for project, day in ((three[0], date(2020, 7, 1)), (three[1], date(2020, 9, 1))):
        with writing():
            session.add(LastContact(subject_type="project", subject_id=project.id, last_on=day))
    old = factories.make_project(cast.office, "丁楼", (Stage.LEAD, date(2020, 8, 1)))
    spoken = factories.make_project(cast.office, "戊楼", (Stage.LEAD, date(2020, 7, 31)))
    silent = factories.make_project(cast.office, "己楼", (Stage.LEAD, date(2020, 7, 31)))
    with writing():
        session.add(LastContact(subject_type="project", subject_id=spoken.id, last_on=DAY))
    page = browser_of("investment").get("/projects/board").text
    cards = dict(re.findall(r'<li class="[^"]*" id="card-(\d+)"(.*?)</li>', page, re.S))
    assert {n for n, card in cards.items() if "久未跟进" in card} == {str(silent.id)}
    assert "久未跟进" not in cards[str(old.id)]  # sixty days, not more
    assert "关口" in cards[str(old.id)]
    assert "保密" in cards[str(three[2].id)]


def links(page):
    return [unescape(a) for a in re.findall(r'href="(/projects/flow/rows\?[^"]+)"', page)]


def test_every_number_of_the_flow_opens_rows_with_the_very_same_total(app, browser_of, three):
    says(three[1], Figure.EXPECTED, 700 * WAN, date(2020, 9, 20))
    browser = browser_of("investment")
    page = browser.get("/projects/flow?from=2020-08-31&to=2020-09-30").text
    numbers = re.findall(r'href="(/projects/flow/rows\?[^"]+)">([\d,]+)</a>', page)
    assert len(numbers) >= 8
    for address, number in numbers:
        rows = browser.get(unescape(address)).text
        assert f"共 {number} 项" in rows
        assert rows.count('<th scope="row">') == int(number)
    (revalued,) = [a for a in links(page) if "of=revalued" in a]
    assert "预计投资 0.02 亿元" in browser.get(revalued).text
    assert "丙总部" not in browser_of("a").get(links(page)[0]).text


@pytest.mark.parametrize("days", ["from=2020-09-30&to=2020-09-30", "from=2020-09-01&to=2020-10-01"])
def test_days_that_make_no_period_are_kept_and_refused(app, browser_of, days):
    answer = browser_of("investment").get(f"/projects/flow?{days}")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'value="{}"'.format(days.rpartition("=")[2]) in answer.text
    rows = f"/projects/flow/rows?{days}&of=closing&stage=lead"
    assert browser_of("investment").get(rows).status_code == 422


@pytest.mark.parametrize(
    "asked", ["of=moon&stage=lead", "of=came&stage=moon", "of=came&stage=lead&kind=x"]
)
def test_a_number_that_does_not_exist_is_not_there(app, browser_of, asked):
    assert browser_of("investment").get(f"/projects/flow/rows?{asked}").status_code == 404


def test_the_flow_of_others_shows_nothing_sealed_and_nothing_of_other_units(app, browser_of, three):
    for name, count in (("a", 1), ("b", 1), ("leader", 3), ("auditor", 2), ("investment", 3)):
        page = browser_of(name).get("/projects/flow?from=2020-08-31&to=2020-09-30").text
        whole = re.search(r'<tr class="total">.*?</tr>', page, re.S)[0]
        closing = re.findall(r'data-label="期末"><span>(\d+)', whole)
        assert closing == [str(count)], name
    assert browser_of("admin").get("/projects/flow").status_code == 403


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=["projects", *arguments])


def test_the_command_line_tells_the_same(app, cast, three):
    board = json.loads(run(app, "board", "--as-of", "2020-09-09", "--json").output)
    assert board["as_of"] == "2020-09-09"
    assert [(s["stage"], s["count"]) for s in board["stages"] if s["count"]] == [("lead", 2)]
    now = json.loads(run(app, "board", "--json").output)["stages"]
    (intent,) = [stage for stage in now if stage["stage"] == "intent"]
    assert intent["amounts"] == {"CNY": "5000000.00", "USD": "3000000.00"}
    flow = json.loads(
        run(app, "flow", "--from", "2020-08-31", "--to", "2020-09-30", "--json").output
    )
    assert (flow["from"], flow["to"]) == ("2020-08-31", "2020-09-30")
    assert [(p["from"], p["to"], p["count"]) for p in flow["passages"]] == [("lead", "intent", 2)]
    assert "意向项目" in run(app, "flow", "--unit", cast.carrier_a.code).output
    assert "合计" in run(app, "flow").output
    for wrong in (
        ("board", "--as-of", "2020-10-01"),
        ("board", "--as-of", "moon"),
        ("board", "--unit", "moon"),
        ("flow", "--from", "2020-09-30", "--to", "2020-09-30"),
    ):
        result = run(app, *wrong)
        assert result.exit_code != 0
        assert "Traceback" not in result.output
