"""A figure taken apart: by unit, by month, and between two days. The parts always come to the figure."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import literal, select

from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.core.db import session, writing
from crm.ladder.models import QualificationKind
from crm.metrics.catalogue import METRICS
from crm.metrics.figures import Metric, Question, drill_down, figure
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.targets import beside as beside_module
from crm.targets.beside import a_year_before, beside
from crm.targets.compare import differences
from crm.targets.compare.differences import Change
from crm.targets.indicator.by_unit import by_unit
from crm.targets.indicator.chart import last_year
from crm.targets.indicator.forecast import forecast
from crm.targets.indicator.months import months, quarters
from crm.targets.models import AnnualPlan, Indicator, ReviewState
from tests import factories
from tests.evidence.conftest import save
from tests.metrics.test_figures import certificate, entrant
from tests.targets.test_standing import SEP_30, indicator, reported, stand

ENTRANTS, HOLDERS = METRICS["companies.new_entrants"], METRICS["ladder.high_tech_holders"]
PATENTS = METRICS["evidence.patents_applied"]
OLD = date(2016, 1, 1)
DAYS = st.dates(date(2019, 11, 1), date(2020, 12, 31))


def ask(metric, as_of=SEP_30, year=2020):
    return Question(metric, as_of, year, WHOLE_PARK_SCOPE)


def holder(carrier, issued, ended=None):
    firm = entrant(carrier, OLD)
    certificate(firm, QualificationKind.HIGH_TECH, issued, ended)
    return firm


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    facts=st.lists(st.tuples(st.booleans(), DAYS, st.none() | DAYS), max_size=6),
    days=st.tuples(DAYS, DAYS),
)
def test_parts_months_and_changes_come_to_the_figure(plan, cast, facts, days):
    carriers = session.merge(cast.carrier_a), session.merge(cast.carrier_b)
    for is_b, start, end in facts:
        if end is None or end > start:
            holder(carriers[is_b], start, end)
            entrant(carriers[is_b], start, to_on=end)
    earlier, later = sorted(days)
    board = stand(plan, later)
    for metric in (ENTRANTS, HOLDERS):
        before, after = ask(metric, earlier), ask(metric, later)
        sums = differences.sums(before, after)
        came, went, changed = (sums[change] for change in Change)
        total = figure(before) + came.after - went.before + changed.difference
        assert total == figure(after)
        moved = differences.moved(before, after, offset=0, limit=100)
        assert len(moved) == sum(one.count for one in sums.values())
        was, now = ({row.record_id for row in drill_down(one)} for one in (before, after))
        assert {row.record_id for row in moved if row.change == Change.IN} == now - was
        assert {row.record_id for row in moved if row.change == Change.OUT} == was - now
        assert by_unit(after, WHOLE_PARK_SCOPE, None).total == figure(after)
    for code in ("T01", "T02"):
        row = board.row(code)
        year = months(board, row)
        opening = row.opening if row.opening is not None and code == "T02" else 0
        for periods in (year, quarters(year)):
            assert sum(one.done for one in periods if one.done is not None) == (
                row.actual - opening if board.as_of.year == 2020 else 0
            )


def test_a_record_that_counts_otherwise_is_told_apart_from_one_that_came(cast):
    def by_month(start, until, filters):
        return select(
            Company.id.label("record_id"), Company.name.label("label"), literal(OLD).label("happened_on"),
            literal(until.month).label("contribution"), Company.unit_id.label("unit_id"),
        )  # fmt: skip

    factories.make_company(cast.carrier_a)
    factories.make_company(cast.carrier_b)
    metric = Metric("made.up", "", "", "", "/", by_month)
    sums = differences.sums(ask(metric, date(2020, 3, 9)), ask(metric))
    assert [sums[change].count for change in Change] == [0, 0, 2]
    assert (sums[Change.CHANGED].before, sums[Change.CHANGED].difference) == (6, 12)


def test_a_shared_record_counts_in_each_unit_and_once_in_the_whole(cast):
    firms = [entrant(carrier, OLD) for carrier in (cast.carrier_a, cast.carrier_b)]
    save(
        "patents", cast.a, company_id=firms[0].id, co_holder_ids=(firms[1].id,),
        state=VerificationState.VERIFIED,
    )  # fmt: skip
    found = by_unit(ask(PATENTS), WHOLE_PARK_SCOPE, None)
    assert sorted((part.unit.id, part.value) for part in found.parts) == [
        (cast.carrier_a.id, 1),
        (cast.carrier_b.id, 1),
    ]
    assert (figure(ask(PATENTS)), found.total) == (1, 2)


def test_a_unit_opens_down_to_its_own_part_and_those_below(cast):
    below = factories.make_unit("甲园", cast.carrier_a)
    for carrier, number in ((cast.carrier_a, 1), (below, 2), (cast.carrier_b, 3)):
        for _ in range(number):
            entrant(carrier)
    whole = by_unit(ask(ENTRANTS), WHOLE_PARK_SCOPE, None)
    assert [(p.unit.id, p.value, p.has_below) for p in whole.parts] == [
        (cast.carrier_a.id, 3, True),
        (cast.carrier_b.id, 3, False),
    ]
    opened = by_unit(ask(ENTRANTS), WHOLE_PARK_SCOPE, cast.carrier_a)
    assert [(p.unit.id, p.value, p.is_own) for p in opened.parts] == [
        (below.id, 2, False),
        (cast.carrier_a.id, 1, True),
    ]
    assert opened.above.id == cast.park.id


def test_the_month_and_last_year_stand_beside_the_figure(plan, cast):
    for day in (date(2020, 8, 31), date(2020, 9, 1), SEP_30):
        entrant(cast.carrier_a, day)
    for day in (date(2019, 9, 30), date(2019, 10, 1), date(2019, 12, 31)):
        entrant(cast.carrier_a, day)
    found = beside(stand(plan))[indicator(plan, "T01").id]
    assert (found.in_month, found.last_year, found.growth) == (2, 3, Fraction(2))
    assert beside(stand(plan, date(2020, 8, 31)))[indicator(plan, "T01").id].in_month == 1


@pytest.mark.parametrize(("baseline", "is_alike"), [(None, True), (1, True), (450, False)])
def test_last_year_is_set_beside_only_where_the_records_give_what_was_published(
    plan, cast, baseline, is_alike
):
    entrant(cast.carrier_a, date(2019, 3, 10))
    entrant(cast.carrier_a)
    with writing():
        indicator(plan, "T01").baseline = baseline and Decimal(baseline)
    board = stand(plan)
    found = beside(board)[indicator(plan, "T01").id]
    assert (found.growth is not None, found.last_year) == (is_alike, baseline or 1)
    assert found.is_by_records == (baseline is None)
    assert bool(last_year(board, board.row("T01")).values) == is_alike
    for one in beside_module.ALL:  # each column by itself says the same
        alone = beside(board, {one})[indicator(plan, "T01").id]
        assert getattr(alone, one) == getattr(found, one)


def test_a_report_is_compared_with_that_of_the_same_day_where_the_target_meant_the_same(plan, cast):
    target = indicator(plan, "T42")
    reported(cast, target, "268")
    with writing():
        earlier = AnnualPlan(year=2019, name="2019年工作要点")
        session.add(earlier)
        session.flush()
        columns = {c.name: getattr(target, c.name) for c in Indicator.__table__.columns}
        for code, more in (("T07", {}), ("T08", {"definition": "按人次计"})):
            session.add(
                Indicator(**columns | {"id": None, "plan_id": earlier.id, "code": code} | more)
            )
    for code, value, day, state in (
        ("T07", "200", date(2019, 9, 30), ReviewState.VERIFIED),
        ("T07", "220", date(2019, 9, 30), ReviewState.SIGNED),
        ("T07", "150", date(2019, 8, 31), ReviewState.VERIFIED),
        ("T08", "100", date(2019, 9, 30), ReviewState.VERIFIED),
    ):
        reported(cast, indicator(earlier, code), value, day, state)
    found = beside(stand(plan))[target.id]
    assert (found.growth, found.is_by_records) == (Fraction(268, 200) - 1, False)
    with writing():
        indicator(plan, "T42").definition = "另一种口径"
    assert beside(stand(plan))[target.id].growth is None


def test_a_reported_month_is_known_only_between_two_reported_months(plan, cast):
    target = indicator(plan, "T42")
    reported(cast, target, "250", date(2020, 7, 31))
    reported(cast, target, "268", SEP_30)
    assert beside(stand(plan))[target.id].in_month is None
    reported(cast, target, "260", date(2020, 8, 31))
    assert beside(stand(plan))[target.id].in_month == 8


def test_days_a_year_before_keep_the_end_of_a_month():
    assert a_year_before(date(2021, 2, 28)) == date(2020, 2, 29)
    assert a_year_before(date(2020, 2, 28)) == date(2019, 2, 28)
    assert a_year_before(SEP_30) == date(2019, 9, 30)


def test_a_forecast_rests_on_two_past_years_or_on_the_months_so_far(plan, cast):
    for month in (1, 2, 2, 3, 3, 3):
        entrant(cast.carrier_a, date(2020, month, 15))
    board = stand(plan, date(2020, 4, 10))

    def end():
        return forecast(board, board.row("T01"), months(board, board.row("T01")))

    linear = end()
    assert (linear.low, linear.middle, linear.high) == (Fraction(39, 2), 24, Fraction(57, 2))
    assert (linear.years, linear.months) == ((), 3)
    for year, days in ((2018, 2), (2019, 4)):  # of 4 each: a half, and all, by 10 April
        for n in range(4):
            entrant(cast.carrier_a, date(year, 3 if n < days else 11, 5))
    empirical = end()
    assert (empirical.low, empirical.middle, empirical.high) == (6, 8, 12)
    assert empirical.years == (2018, 2019)
    over = stand(plan, date(2020, 12, 31))
    assert forecast(over, over.row("T01"), months(over, over.row("T01"))) is None
