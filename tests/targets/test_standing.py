import json
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from crm.audit.services import SYSTEM
from crm.core.db import session, writing
from crm.ladder.models import QualificationKind
from crm.people.scope import WHOLE_PARK_SCOPE, scope_of
from crm.plans.planning import bind_milestone
from crm.projects.models import Purpose, Stage
from crm.reference import settings
from crm.targets import queries
from crm.targets.as_json import as_dict
from crm.targets.board import board
from crm.targets.models import ReviewState
from crm.targets.pace import Light, Timing
from crm.targets.services import ReportRow, report_many
from tests import factories
from tests.metrics.test_figures import certificate, entrant

SEP_30 = date(2020, 9, 30)
REPEATS = {"T01": ["T24"], "T02": ["T25"], "T06": ["T17"], "T07": ["T18"]}


def stand(plan, as_of=SEP_30, scope=WHOLE_PARK_SCOPE):
    return board(plan, as_of, scope)


def indicator(plan, code):
    return next(i for i in session.scalars(queries.indicators(plan)) if i.code == code)


def milestone(plan, code):
    return next(m for m in session.scalars(queries.milestones(plan)) if m.code == code)


def reported(cast, thing, value, as_of_on=SEP_30, state=ReviewState.VERIFIED):
    is_milestone = thing.code.startswith("M")
    row = ReportRow(
        indicator_id=None if is_milestone else thing.id,
        milestone_id=thing.id if is_milestone else None,
        as_of_on=as_of_on,
        value=Decimal(value),
        note="月报",
        reported_by_id=cast.unit_staff.id,
        state=state,
    )
    with writing():
        report_many([row], by=SYSTEM)


def bind(plan, code, project):
    with writing():
        bind_milestone(milestone(plan, code), project, by=SYSTEM)


def flats(cast, *steps, area=150_000):
    return factories.make_project(
        cast.office, "人才公寓", *steps, floor_area=area, purpose=Purpose.TALENT_HOUSING
    )


def test_a_board_has_every_target_and_milestone_once(plan):
    found = as_dict(stand(plan))
    assert len(found["indicators"]) == 45
    assert [m["id"] for m in found["milestones"]] == [f"M{n}" for n in range(1, 8)]
    assert {i["id"]: i["mentions"] for i in found["indicators"] if i["mentions"]} == REPEATS


def test_the_board_as_json_has_plain_numbers_and_what_the_command_promises(plan, cast):
    for _ in range(3):
        entrant(cast.carrier_a)
    reported(cast, indicator(plan, "T08"), "195.5")
    found = json.loads(json.dumps(as_dict(stand(plan))))
    assert (found["year"], found["as_of"]) == (2020, "2020-09-30")
    one = {i["id"]: i for i in found["indicators"]}
    assert {
        key: one["T01"][key]
        for key in ("subject", "comparator", "target", "target_to", "unit", "actual", "completion")
    } == {
        "subject": "新增入驻企业",
        "comparator": ">=",
        "target": 360,
        "target_to": None,
        "unit": "家",
        "actual": 3,
        "completion": 0.008333,
    }
    assert (one["T01"]["pace"], one["T01"]["gap_points"]) == (0.75, -74.166667)
    assert (one["T01"]["light"], one["T01"]["source"]) == ("red", "computed")
    assert one["T01"]["metric"] == "companies.new_entrants"
    assert one["T08"]["actual"] == 195.5
    assert (one["T08"]["source"], one["T08"]["metric"]) == ("reported", None)
    assert (one["T04"]["floor"], one["T04"]["completion"]) == (2702, 0)
    assert (one["T09"]["target"], one["T09"]["target_to"]) == (1, 2)
    assert one["T08"]["modal"] == "力争"
    assert one["T14"]["parent"] == "T03"
    unknown = one["T42"]
    assert [unknown[key] for key in ("actual", "completion", "gap_points")] == [None, None, None]
    assert (unknown["light"], unknown["pace"]) == ("none", 0.75)


def test_a_stock_is_judged_from_the_opening_that_the_records_know(plan, cast):
    for issued in [date(2018, 1, 1)] * 3 + [date(2020, 4, 4)] * 2:
        certificate(entrant(cast.carrier_a, date(2016, 1, 1)), QualificationKind.HIGH_TECH, issued)
    row = stand(plan).row("T02")
    assert (row.actual, row.opening) == (5, 3)
    assert row.standing.gap_points == (Fraction(2, 127) - Fraction(3, 4)) * 100


def test_only_verified_reports_count_and_the_waiting_one_stands_beside(plan, cast):
    one = indicator(plan, "T42")
    reported(cast, one, "1500", date(2020, 8, 31))
    reported(cast, one, "1700", date(2020, 9, 15), ReviewState.SUBMITTED)
    reported(cast, one, "1800", SEP_30, ReviewState.SIGNED)
    reported(cast, one, "9999", SEP_30, ReviewState.RETURNED)
    row = stand(plan).row("T42")
    assert (row.actual, row.unverified.value) == (1500, 1800)
    found = {one["id"]: one for one in as_dict(stand(plan))["indicators"]}
    assert (row.beside, found["T42"]["unverified"]) == (1800, 1800)


def test_a_report_counts_from_its_own_date_and_the_latest_goes_first(plan, cast):
    one = indicator(plan, "T42")
    reported(cast, one, "1800", SEP_30)
    reported(cast, one, "1500", date(2020, 8, 31))
    assert stand(plan).row("T42").actual == 1800
    assert stand(plan, date(2020, 9, 29)).row("T42").actual == 1500
    assert stand(plan, date(2020, 8, 30)).row("T42").actual is None
    reported(cast, one, "1810", SEP_30)  # a correction for the same day
    assert stand(plan).row("T42").actual == 1810


def test_a_waiting_report_that_was_overtaken_is_not_shown(plan, cast):
    one = indicator(plan, "T42")
    reported(cast, one, "1500", date(2020, 8, 31), ReviewState.SUBMITTED)
    reported(cast, one, "1800", SEP_30)
    assert stand(plan).row("T42").unverified is None


def test_the_limits_of_the_lights_are_settings(plan, cast):
    reported(cast, indicator(plan, "T42"), "945")  # 63 % of 1500 against 75 %
    assert stand(plan).row("T42").light is Light.YELLOW
    with writing():
        settings.put("pace.yellow_points", 15, by=SYSTEM)
    assert stand(plan).row("T42").light is Light.GREEN


# less than the whole park


def test_a_unit_sees_its_own_contribution_without_a_light(plan, cast):
    for carrier in (cast.carrier_a, cast.carrier_a, cast.carrier_b):
        entrant(carrier)
    row = stand(plan, scope=scope_of(cast.a)).row("T01")
    assert (row.actual, row.light, row.standing.completion) == (2, Light.NONE, None)
    assert row.is_part
    assert stand(plan).row("T01").actual == 3


def test_a_unit_sees_only_the_reported_targets_that_it_answers_for(plan, cast):
    reported(cast, indicator(plan, "T08"), "200")  # 产业发展处
    reported(cast, indicator(plan, "T42"), "1800")  # another unit's
    found = stand(plan, scope=scope_of(cast.unit_staff))
    assert (found.row("T08").actual, found.row("T08").is_visible) == (200, True)
    assert (found.row("T42").actual, found.row("T42").is_visible) == (None, False)
    assert found.row("T08").light is Light.GREEN  # the whole figure, so it has a light
    assert not found.milestone("M1").is_visible
    assert len(as_dict(found)["indicators"]) == 45


# milestones


@pytest.mark.parametrize(
    ("as_of", "light"),
    [
        (date(2020, 6, 30), Light.NONE),
        (date(2020, 9, 29), Light.GREEN),
        (SEP_30, Light.YELLOW),
        (date(2020, 12, 31), Light.YELLOW),
        (date(2021, 1, 1), Light.RED),
    ],
)
def test_a_start_of_works_is_not_red_before_its_window_ends(plan, cast, as_of, light):
    bind(plan, "M1", factories.make_project(cast.office))
    assert stand(plan, as_of).milestone("M1").light is light


def test_approval_keeps_a_milestone_green_and_construction_makes_it_done(plan, cast):
    steps = ((Stage.APPROVAL, date(2020, 9, 1)), (Stage.CONSTRUCTION, date(2020, 10, 8)))
    bind(plan, "M1", factories.make_project(cast.office, "", *steps))
    assert stand(plan).milestone("M1").light is Light.GREEN
    before, on = (stand(plan, date(2020, 10, day)).milestone("M1") for day in (7, 8))
    assert (before.done_on, on.done_on) == (None, date(2020, 10, 8))
    assert on.light is Light.DONE


@pytest.mark.parametrize(
    ("accepted", "in_use", "done_on"),
    [
        (date(2020, 10, 9), None, None),
        (None, date(2020, 10, 9), None),
        (date(2020, 10, 9), date(2020, 10, 20), date(2020, 10, 20)),
        (date(2020, 10, 21), date(2020, 10, 20), date(2020, 10, 21)),
    ],
)
def test_completed_and_in_use_needs_both_dates(plan, cast, accepted, in_use, done_on):
    project = factories.make_project(cast.office, accepted_on=accepted, in_use_on=in_use)
    bind(plan, "M4", project)
    row = stand(plan, date(2020, 10, 31)).milestone("M4")
    assert row.done_on == done_on
    assert row.light is (Light.DONE if done_on else Light.YELLOW)
    assert stand(plan, date(2020, 10, 19)).milestone("M4").done_on is None


@pytest.mark.parametrize(
    ("started", "said"),
    [
        (date(2020, 6, 30), Timing.EARLY),
        (date(2020, 7, 1), Timing.IN_TIME),
        (date(2020, 12, 31), Timing.IN_TIME),
        (date(2021, 1, 1), Timing.LATE),
    ],
)
def test_the_second_half_year_is_neither_june_nor_the_next_january(plan, cast, started, said):
    for code in ("M1", "M2", "M3"):
        bind(plan, code, factories.make_project(cast.office, "", (Stage.CONSTRUCTION, started)))
    before, on = stand(plan, started - timedelta(days=1)), stand(plan, date(2021, 1, 1))
    for code in ("M1", "M2", "M3"):
        assert before.milestone(code).done_on is None
        assert (on.milestone(code).light, on.milestone(code).timing) == (Light.DONE, said)


@pytest.mark.parametrize(
    ("accepted", "in_use", "as_of", "lacks"),
    [
        (date(2020, 10, 9), None, date(2020, 10, 9), "已竣工验收，尚未投用"),
        (date(2020, 10, 9), None, date(2020, 10, 8), ""),
        (None, date(2020, 10, 9), date(2020, 10, 31), "已投用，尚未竣工验收"),
        (date(2020, 10, 9), date(2020, 10, 20), date(2020, 10, 19), "已竣工验收，尚未投用"),
        (date(2020, 10, 9), date(2020, 10, 20), date(2020, 10, 20), ""),
    ],
)
def test_half_of_completed_and_in_use_says_which_half_is_missing(
    plan, cast, accepted, in_use, as_of, lacks
):
    project = factories.make_project(cast.office, accepted_on=accepted, in_use_on=in_use)
    bind(plan, "M4", project)
    assert stand(plan, as_of).milestone("M4").lacks == lacks


def test_a_projects_page_shows_the_milestones_that_hang_on_it(plan, cast, browser_of):
    project = flats(
        cast, (Stage.APPROVAL, date(2020, 5, 1)), (Stage.CONSTRUCTION, date(2020, 6, 9))
    )
    bind(plan, "M5", project)
    bind(plan, "M1", project)
    page = browser_of("leader").get(f"/targets/projects/{project.id}").text
    assert page.index("/targets/M1?") < page.index("/targets/M5?")  # a bare "M5" may lie in a token
    assert "早于窗口期" in page
    assert browser_of("a").get(f"/targets/projects/{project.id}").status_code == 404
    other = factories.make_project(cast.office)
    empty = browser_of("leader").get(
        f"/targets/projects/{other.id}", headers={"HX-Request": "true"}
    )
    assert empty.text.strip() == ""


def test_the_flats_are_one_thing_with_their_milestone(plan, cast):
    started = date(2020, 9, 9)
    project = flats(cast, (Stage.APPROVAL, date(2020, 8, 1)), (Stage.CONSTRUCTION, started))
    bind(plan, "M5", project)
    found = stand(plan)
    assert found.row("T44").actual == 15
    assert found.row("T44").light is found.milestone("M5").light is Light.DONE
    assert found.milestone("M5").done_on == started
    before = stand(plan, date(2020, 9, 8))
    assert (before.row("T44").actual, before.milestone("M5").done_on) == (0, None)


@pytest.mark.parametrize(
    ("steps", "light"),
    [
        (((Stage.SIGNED, date(2020, 8, 1)),), Light.YELLOW),
        (((Stage.APPROVAL, date(2020, 9, 30)),), Light.GREEN),
        (((Stage.APPROVAL, date(2020, 10, 1)),), Light.YELLOW),
    ],
)
def test_the_flats_and_their_milestone_show_the_same_light(plan, cast, steps, light):
    bind(plan, "M5", flats(cast, *steps))
    found = stand(plan)
    assert found.row("T44").light is found.milestone("M5").light is light


def test_half_the_flats_started_is_neither_target_nor_milestone(plan, cast):
    steps = ((Stage.APPROVAL, date(2020, 8, 1)), (Stage.CONSTRUCTION, date(2020, 9, 9)))
    bind(plan, "M5", flats(cast, *steps, area=75_000))
    found = stand(plan)
    assert found.row("T44").standing.completion == Decimal("0.5")
    assert found.row("T44").light is found.milestone("M5").light is Light.GREEN


def test_the_training_bases_are_done_with_their_target_on_the_day_it_was_met(plan, cast):
    bases = indicator(plan, "T39")
    reported(cast, bases, "12", date(2020, 7, 31))
    assert stand(plan).milestone("M6").light is Light.GREEN  # on pace
    reported(cast, bases, "13", date(2020, 8, 31))
    reported(cast, bases, "14", SEP_30)
    row = stand(plan).milestone("M6")
    assert (row.done_on, row.light) == (date(2020, 8, 31), Light.DONE)
    assert stand(plan, date(2020, 8, 30)).milestone("M6").done_on is None


def test_a_milestone_without_a_project_is_done_when_verified(plan, cast):
    acceptance = milestone(plan, "M7")
    reported(cast, acceptance, "1", date(2020, 9, 18), ReviewState.SIGNED)
    row = stand(plan).milestone("M7")
    assert (row.done_on, row.unverified.as_of_on) == (None, date(2020, 9, 18))
    assert row.light is Light.YELLOW
    reported(cast, acceptance, "1", date(2020, 9, 19))
    assert stand(plan).milestone("M7").done_on == date(2020, 9, 19)
    assert stand(plan, date(2020, 9, 18)).milestone("M7").done_on is None


def test_a_board_costs_the_same_few_queries_for_many_rows(plan, cast, query_count):
    def queries_sent():
        session.expire_all()
        with query_count() as sent:
            as_dict(stand(queries.plan_of(2020)))
        return len(sent)

    bind(plan, "M1", factories.make_project(cast.office))
    few = queries_sent()
    for code in ("T40", "T42", "T08"):
        reported(cast, indicator(plan, code), "30")
    for _ in range(12):
        firm = entrant(cast.carrier_a)
        certificate(firm, QualificationKind.HIGH_TECH, date(2020, 8, 1))
    assert queries_sent() == few <= 15


def test_a_planned_curve_goes_before_the_straight_line(plan, cast):
    late = ["0"] * 8 + ["0.1", "0.2", "0.3", "1"]
    with writing():
        indicator(plan, "T30").curve = late
    assert stand(plan).row("T30").standing.pace == Decimal("0.1")
    assert stand(plan).row("T30").light is Light.YELLOW
