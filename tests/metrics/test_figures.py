from datetime import date
from decimal import Decimal
from itertools import product
from random import Random

import pytest

from crm.audit.services import SYSTEM
from crm.audit.verification import VerificationState
from crm.companies.models import CompanyKind, ResidenceKind
from crm.core import clock
from crm.core.db import session, writing
from crm.evidence.kinds import KINDS
from crm.evidence.kinds.financings import InvestorKind
from crm.evidence.services import Row, save_many
from crm.ladder.models import QualificationKind
from crm.metrics import figures
from crm.metrics.catalogue import METRICS
from crm.metrics.figures import Question, count, curve, drill_down, figure, reached_on
from crm.people.models import Unit
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.projects.models import Purpose, Stage
from tests import factories
from tests.evidence.conftest import least, patent_number

JAN_1, MAR_10, SEP_30, OCT_1 = (
    date(2020, 1, 1),
    date(2020, 3, 10),
    date(2020, 9, 30),
    date(2020, 10, 1),
)
FLATS = {"purpose": "talent_housing", "from": "2020-07-01", "to": "2020-12-31"}
INCUBATORS = {"carriers": "national_incubators"}
ENTRANTS = "companies.new_entrants"
HOLDERS = "ladder.high_tech_holders"
SCALE = "ladder.above_scale_holders"
CERTIFIED = "ladder.high_tech_certified"
EQUITY = "ladder.new_reformed_quoted_listed"
LARGE = "ladder.new_large_earners"
AREA = "projects.started_floor_area"


def ask(key, as_of=SEP_30, scope=WHOLE_PARK_SCOPE, filters=None):
    if filters is None:
        filters = FLATS if key == AREA else {}
    return Question(METRICS[key], as_of, 2020, scope, tuple(filters.items()))


def entrant(carrier, from_on=MAR_10, *, to_on=None, **values):
    residence = {
        key: values.pop(key)
        for key in ("agreement_on", "is_counted", "residence_kind")
        if key in values
    }
    if "residence_kind" in residence:
        residence["kind"] = residence.pop("residence_kind")
    firm = factories.make_company(carrier, **values)
    factories.make_residence(firm, carrier, from_on, to_on, **residence)
    return firm


def certificate(firm, kind, counts_from, counts_to=None, **values):
    return factories.make_qualification(firm, kind, counts_from, counts_to, **values)


# 新增入驻企业


@pytest.mark.parametrize(
    ("from_on", "counted"),
    [(date(2019, 12, 31), 0), (JAN_1, 1), (SEP_30, 1), (OCT_1, 0)],
)
def test_an_entrant_counts_from_its_first_day_in_the_year_until_the_day_asked(
    cast, from_on, counted
):
    entrant(cast.carrier_a, from_on)
    assert figure(ask(ENTRANTS)) == counted


def test_a_year_is_closed_after_its_31_december(cast):
    entrant(cast.carrier_a, date(2020, 12, 31))
    entrant(cast.carrier_a, date(2021, 1, 1))
    assert figure(ask(ENTRANTS, date(2021, 3, 1))) == 1


@pytest.mark.parametrize("kind", [k for k in CompanyKind if k != CompanyKind.ENTERPRISE])
def test_only_enterprises_are_entrants(cast, kind):
    entrant(cast.carrier_a, kind=kind)
    assert figure(ask(ENTRANTS)) == 0


def test_an_entrant_needs_its_licence_and_its_agreement_signed_by_then(cast):
    entrant(cast.carrier_a, uscc=None)
    entrant(cast.carrier_a, agreement_on=None)
    entrant(cast.carrier_a, agreement_on=OCT_1)
    assert figure(ask(ENTRANTS)) == 0
    entrant(cast.carrier_a, agreement_on=SEP_30)
    assert figure(ask(ENTRANTS)) == 1


def test_an_address_for_work_only_is_no_entry(cast):
    entrant(cast.carrier_a, residence_kind=ResidenceKind.OPERATING)
    assert figure(ask(ENTRANTS)) == 0


def test_a_move_between_carriers_is_not_a_second_entry(cast):
    firm = entrant(cast.carrier_a, MAR_10, to_on=date(2020, 6, 1))
    factories.make_residence(firm, cast.carrier_b, date(2020, 6, 1))
    old = entrant(cast.carrier_a, date(2018, 5, 1), to_on=date(2020, 6, 1))
    factories.make_residence(old, cast.carrier_b, date(2020, 6, 1))
    assert [row.record_id for row in drill_down(ask(ENTRANTS))] == [firm.id]
    assert figure(ask(ENTRANTS, scope=WHOLE_PARK_SCOPE.within(cast.carrier_a))) == 1
    assert figure(ask(ENTRANTS, scope=WHOLE_PARK_SCOPE.within(cast.carrier_b))) == 0


def test_a_firm_that_comes_back_is_not_new(cast):
    firm = entrant(cast.carrier_a, date(2017, 2, 1), to_on=date(2019, 2, 1))
    factories.make_residence(firm, cast.carrier_a, MAR_10)
    assert figure(ask(ENTRANTS)) == 0


def test_two_registrations_of_one_day_are_one_entry(cast):
    firm = entrant(cast.carrier_a)
    factories.make_residence(firm, cast.carrier_b, MAR_10, is_counted=False)
    assert figure(ask(ENTRANTS)) == count(ask(ENTRANTS)) == 1


def test_an_entry_without_a_counted_carrier_counts_nowhere(cast):
    entrant(cast.carrier_a, is_counted=False)
    assert figure(ask(ENTRANTS)) == 0


def test_an_archived_firm_counts_nowhere(cast):
    entrant(cast.carrier_a, archived_at=clock.now())
    assert figure(ask(ENTRANTS)) == 0


# stocks


@pytest.mark.parametrize(
    ("key", "kind"),
    [(HOLDERS, QualificationKind.HIGH_TECH), (SCALE, QualificationKind.ABOVE_SCALE)],
)
@pytest.mark.parametrize(
    ("counts_from", "counts_to", "held"),
    [
        (SEP_30, None, 1),
        (OCT_1, None, 0),
        (date(2017, 10, 1), OCT_1, 1),
        (date(2017, 9, 30), SEP_30, 0),
    ],
)
def test_a_holder_counts_while_its_proof_is_valid(cast, key, kind, counts_from, counts_to, held):
    certificate(entrant(cast.carrier_a, date(2016, 1, 1)), kind, counts_from, counts_to)
    assert figure(ask(key)) == held


def test_a_holder_with_two_certificates_is_one_firm(cast):
    firm = entrant(cast.carrier_a, date(2016, 1, 1))
    certificate(firm, QualificationKind.HIGH_TECH, date(2017, 11, 1), date(2020, 11, 1))
    certificate(firm, QualificationKind.HIGH_TECH, date(2020, 9, 1), date(2023, 9, 1))
    assert figure(ask(HOLDERS)) == 1


@pytest.mark.parametrize(("left_on", "held"), [(OCT_1, 1), (SEP_30, 0), (date(2020, 9, 29), 0)])
def test_a_holder_that_left_the_park_no_longer_counts(cast, left_on, held):
    firm = entrant(cast.carrier_a, date(2016, 1, 1), to_on=left_on)
    certificate(firm, QualificationKind.HIGH_TECH, date(2018, 1, 1))
    assert figure(ask(HOLDERS)) == held


def test_a_holder_counts_for_the_carrier_of_the_day_asked(cast):
    firm = entrant(cast.carrier_a, date(2016, 1, 1), to_on=date(2020, 6, 1))
    factories.make_residence(firm, cast.carrier_b, date(2020, 6, 1))
    certificate(firm, QualificationKind.HIGH_TECH, date(2018, 1, 1))
    in_b = WHOLE_PARK_SCOPE.within(cast.carrier_b)
    assert figure(ask(HOLDERS, scope=in_b)) == 1
    assert figure(ask(HOLDERS, date(2020, 5, 31), in_b)) == 0


def test_the_opening_stock_is_the_metric_on_the_last_day_of_the_year_before(cast):
    for issued in (date(2018, 1, 1), date(2019, 12, 31), JAN_1, MAR_10):
        firm = entrant(cast.carrier_a, date(2016, 1, 1))
        certificate(firm, QualificationKind.HIGH_TECH, issued)
    assert (figure(ask(HOLDERS).opening), figure(ask(HOLDERS))) == (2, 4)


# certificates and listings


def test_certified_counts_certificates_issued_in_the_year_while_resident(cast):
    resident = date(2016, 1, 1)
    for issued in (date(2019, 12, 31), JAN_1, SEP_30, OCT_1):
        certificate(entrant(cast.carrier_a, resident), QualificationKind.HIGH_TECH, issued)
    certificate(
        entrant(cast.carrier_a, date(2020, 5, 2)), QualificationKind.HIGH_TECH, date(2020, 5, 1)
    )
    brought_along = entrant(cast.carrier_a, resident)
    certificate(brought_along, QualificationKind.HIGH_TECH, MAR_10, is_moved_in=True)
    assert figure(ask(CERTIFIED)) == 2


def test_certified_in_the_national_incubators_leaves_the_other_carriers_out(cast):
    below = factories.make_unit("加速器", cast.carrier_a)
    for carrier in (cast.carrier_a, below, cast.carrier_b):
        certificate(
            entrant(carrier, date(2016, 1, 1)), QualificationKind.HIGH_TECH, date(2020, 8, 1)
        )
    assert figure(ask(CERTIFIED)) == 3
    assert figure(ask(CERTIFIED, filters=INCUBATORS)) == 2


def test_a_certificate_counts_for_the_carrier_of_its_day_of_issue(cast):
    firm = entrant(cast.carrier_a, date(2016, 1, 1), to_on=date(2020, 6, 1))
    factories.make_residence(firm, cast.carrier_b, date(2020, 6, 1))
    certificate(firm, QualificationKind.HIGH_TECH, date(2020, 5, 31))
    assert figure(ask(CERTIFIED, filters=INCUBATORS)) == 1
    assert figure(ask(CERTIFIED, scope=WHOLE_PARK_SCOPE.within(cast.carrier_b))) == 0


def test_a_firm_that_reformed_and_was_quoted_in_one_year_is_one(cast):
    firm = entrant(cast.carrier_a, date(2016, 1, 1))
    certificate(firm, QualificationKind.SHARE_REFORM, MAR_10)
    certificate(firm, QualificationKind.QUOTED, date(2020, 8, 8))
    listed = entrant(cast.carrier_b, date(2016, 1, 1))
    certificate(listed, QualificationKind.LISTED, date(2020, 7, 7))
    certificate(entrant(cast.carrier_b, date(2016, 1, 1)), QualificationKind.LISTED, OCT_1)
    rows = drill_down(ask(EQUITY))
    assert [(row.record_id, row.happened_on) for row in rows] == [
        (listed.id, date(2020, 7, 7)),
        (firm.id, MAR_10),
    ]


# floor area


def flats(cast, started_on, area, **values):
    steps = ((Stage.APPROVAL, date(2020, 5, 1)), (Stage.CONSTRUCTION, started_on))
    values = {"purpose": Purpose.TALENT_HOUSING, **values}
    return factories.make_project(cast.office, "", *steps, floor_area=area, **values)


@pytest.mark.parametrize(
    ("started_on", "counted"),
    [(date(2020, 6, 30), 0), (date(2020, 7, 1), 9), (SEP_30, 9), (OCT_1, 0)],
)
def test_floor_area_counts_in_its_window_in_ten_thousand_square_metres(cast, started_on, counted):
    flats(cast, started_on, 90_000)
    assert figure(ask(AREA)) == counted


def test_floor_area_of_another_purpose_is_left_out_and_parts_of_ten_thousand_are_exact(cast):
    flats(cast, date(2020, 7, 1), 150_000, purpose=Purpose.OFFICE)
    flats(cast, date(2020, 7, 1), 12_345)
    flats(cast, date(2020, 8, 1), 70_001)
    assert figure(ask(AREA)) == Decimal("8.2346")
    assert reached_on(ask(AREA), Decimal("1.2345")) == date(2020, 7, 1)
    assert reached_on(ask(AREA), Decimal("8")) == date(2020, 8, 1)
    assert reached_on(ask(AREA), Decimal("8.3")) is None


# one Select: figure, rows and curve


def plant(cast, rng):
    """One world of many records: firms that come, move and leave, certificates, flats, evidence of every kind and state."""
    days = [
        date.fromordinal(n) for n in range(date(2019, 11, 1).toordinal(), OCT_1.toordinal() + 1)
    ]
    firms, below = [], factories.make_unit("加速器", cast.carrier_a)
    for number in range(9):
        carrier = (cast.carrier_a, cast.carrier_b, below)[number % 3]
        firms.append(
            entrant(carrier, rng.choice(days), to_on=date(2020, 8, 1) if number == 7 else None)
        )
        for kind in QualificationKind:
            certificate(firms[-1], kind, rng.choice(days))
        flats(cast, rng.choice(days), 1_234 + number)
    for number, carrier in enumerate((cast.carrier_a, cast.carrier_b, below)):
        earner = entrant(carrier, date(2016, 1, 1))
        certificate(earner, QualificationKind.ABOVE_SCALE, date(2018, 1, 1))
        for year, wan in ((2019, 9_000), (2020, 10_000 + number)):
            end = date(year, 12 if year == 2019 else 6, 31 if year == 2019 else 30)
            revenue = Decimal(wan * 10_000)
            factories.make_operating_report(earner, year, end.month, end, revenue=revenue)
    clock.set_business_date(date(2021, 1, 31))
    for kind in KINDS.values():
        rows = [evidence_row(kind, number, rng, days, firms) for number in range(30)]
        with writing():
            save_many(kind, rows, by=SYSTEM)
    return below


def evidence_row(kind, number, rng, days, firms):
    day, whose = rng.choice(days), rng.sample(firms, 2)
    name = number // 2 if kind.key == "talents" else number  # one person under two programmes
    values = least(kind, happened_on=day, title=f"第{name}条", source=str(number))
    if kind.key == "patents":
        values |= {
            "number": patent_number(number + 1, day.year),
            "granted_on": rng.choice([None, *days]),
        }
        if values["granted_on"] and values["granted_on"] < day:
            values["granted_on"] = day
    for one in kind.own:
        if one.choices and one.name not in ("kind", "status"):
            values[one.name] = rng.choice(tuple(one.choices))
    if kind.key == "financings":
        values["investor_kind"] = InvestorKind.GUIDANCE_FUND
    if kind.key == "events":
        values["persons"] = number
    if kind.key == "transformations":
        values["output"] = Decimal(number * 10_000)
    if kind.key in ("contracts", "grants", "financings"):
        values["amount"] = Decimal(rng.randrange(1, 10**9)) / 100
    state = rng.choice(
        (VerificationState.VERIFIED, VerificationState.VERIFIED, VerificationState.PENDING)
    )
    co_holders = (whose[1].id,) if kind.is_shared and number % 3 == 0 else ()
    return Row(
        values | {"holder": f"甲{number}"}, whose[0].id, co_holder_ids=co_holders, state=state
    )


def test_figure_rows_and_curve_never_disagree(cast):
    below = plant(cast, Random(20))
    in_a, in_b, in_below = (
        WHOLE_PARK_SCOPE.within(session.get(Unit, unit.id))
        for unit in (cast.carrier_a, cast.carrier_b, below)
    )
    views = (
        (SEP_30, WHOLE_PARK_SCOPE, {}),
        (date(2020, 8, 3), in_a, {}),
        (SEP_30, in_below, {}),
        (SEP_30, WHOLE_PARK_SCOPE, INCUBATORS),
    )
    is_told = set()
    for key, (as_of, scope, filters) in product(METRICS, views):
        given = (FLATS if key == AREA else {}) | filters
        one = ask(key, as_of, scope, given)
        for question in (one, one.unverified) if one.unverified else (one,):
            rows = drill_down(question)
            assert figure(question) == sum(row.contribution for row in rows), key
            assert len(rows) == count(question) == len({row.record_id for row in rows}), key
            if rows:
                is_told.add(key)
        points = curve(one)
        assert (points[-1].on, points[-1].value) == (as_of, figure(one)), key
        some = points[1::4]
        asked = [ask(key, point.on, scope, given) for point in some]
        assert [point.value for point in some] == figures.figures(asked), key
    assert is_told == set(METRICS)
    for key, as_of in product(METRICS, (date(2020, 8, 3), SEP_30)):
        whole, a, b, inner = figures.figures(
            [ask(key, as_of, scope) for scope in (WHOLE_PARK_SCOPE, in_a, in_b, in_below)]
        )
        assert inner <= a <= whole, key  # a scope within another adds nothing to it
        parts = a + b if key != AREA else whole  # the flats are the office's
        assert parts == whole or (METRICS[key].is_distinct and parts > whole), key


def test_a_curve_has_each_month_end_and_the_day_asked_for(cast):
    ends = [point.on for point in curve(ask(ENTRANTS, date(2020, 3, 30)))]
    assert ends == [date(2020, 1, 31), date(2020, 2, 29), date(2020, 3, 30)]
    assert [p.on for p in curve(ask(ENTRANTS, date(2020, 2, 29)))] == ends[:2]
    assert len(curve(ask(ENTRANTS, date(2021, 5, 5)))) == 12
    assert curve(ask(ENTRANTS, date(2019, 12, 31))) == []


def test_the_rows_come_page_by_page_newest_first(cast):
    for day in range(1, 8):
        entrant(cast.carrier_a, date(2020, 2, day))
    first, second = (drill_down(ask(ENTRANTS), offset=n, limit=5) for n in (0, 5))
    assert [row.happened_on.day for row in [*first, *second]] == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_every_metric_says_what_it_counts(metric):
    assert metric.sentence.endswith("。")
    assert metric.unit
    assert metric.page.startswith("/")
