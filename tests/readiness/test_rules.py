"""The rules by themselves: every criterion on both sides of its threshold and of its day."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from crm.ladder.models import QualificationKind as Proof
from crm.readiness import above_scale, graduation, high_tech, losing, tech_sme
from crm.readiness.criteria import Facts, Tick, Verdict, YearFigures, years_after
from crm.reference.size_classes import SizeClass, size_class

TODAY = date(2020, 9, 30)
MET, NOT_MET, NO_DATA = Verdict.MET, Verdict.NOT_MET, Verdict.NO_DATA


def wan(amount):
    return Decimal(str(amount)) * 10_000


def year(number, month=12, **figures):
    money = ("revenue", "assets", "r_and_d", "high_tech_income")
    figures = {name: wan(value) if name in money else value for name, value in figures.items()}
    return YearFigures(number, month, **figures)


def facts(*years, **values):
    return Facts(years={found.year: found for found in years}, **values)


def verdict(judge, known, key, on=TODAY):
    return next(c for c in judge(known, on).criteria if c.key == key).verdict


def test_the_worked_example_of_the_2017_table_is_medium():
    """Software, 103 people, 15 735万元: below 300 people it is medium, although the revenue would do for large."""
    assert size_class("I65", 103, wan(15735), None) is SizeClass.MEDIUM


# 达线未入库


@pytest.mark.parametrize(
    ("revenue", "expected"),
    [("1999.9999", NOT_MET), ("2000", MET), ("2000.0001", MET), (None, NO_DATA)],
)
def test_the_line_is_met_from_its_own_figure_on(revenue, expected):
    figures = {} if revenue is None else {"revenue": revenue}
    known = facts(year(2020, 8, **figures), industry_code="I65")
    assert verdict(above_scale.judge, known, "line") is expected


def test_last_years_revenue_does_not_count_for_the_line():
    known = facts(year(2019, revenue=9000), industry_code="I65")
    assert verdict(above_scale.judge, known, "line") is NO_DATA


def test_the_line_is_that_of_the_day():
    """1500万元 of software: over the line of 2019, under that of 2020."""
    known = facts(year(2019, 11, revenue=1500), year(2020, 1, revenue=1500), industry_code="I65")
    assert verdict(above_scale.judge, known, "line", date(2019, 12, 31)) is MET
    assert verdict(above_scale.judge, known, "line", date(2020, 1, 1)) is NOT_MET


@pytest.mark.parametrize(("staff", "expected"), [(49, NOT_MET), (50, MET), (None, NOT_MET)])
def test_until_2019_fifty_people_did_instead_of_the_revenue(staff, expected):
    known = facts(year(2019, 12, revenue=10, staff=staff), industry_code="I65")
    assert verdict(above_scale.judge, known, "line", date(2019, 12, 31)) is expected


def test_few_people_and_no_revenue_known_leave_it_open():
    known = facts(year(2019, 12, staff=20), industry_code="I65")
    assert verdict(above_scale.judge, known, "line", date(2019, 12, 31)) is NO_DATA


def test_who_is_on_the_register_is_not_ready_for_it():
    known = facts(year(2020, 8, revenue=3000), industry_code="I65", holds={Proof.ABOVE_SCALE: None})
    assert not above_scale.judge(known, TODAY).is_ready


def test_a_builder_is_ready_once_somebody_has_seen_the_licence():
    known = facts(year(2020, 8, revenue=30), industry_code="E47")
    assert not above_scale.judge(known, TODAY).is_ready
    seen = Facts(
        industry_code="E47", years=known.years, ticks={"licence": Tick(True, "资质证书", TODAY)}
    )
    assert above_scale.judge(seen, TODAY).is_ready


def test_without_a_class_nothing_can_be_said():
    judged = above_scale.judge(facts(year(2020, 8, revenue=9000), industry_code="K70"), TODAY)
    assert [c.verdict for c in judged.criteria] == [NO_DATA]
    assert not judged.is_ready


@pytest.mark.parametrize(
    ("industry", "established_on", "monthly"),
    [
        ("I65", date(2019, 12, 31), False),
        ("I65", date(2020, 1, 1), True),
        ("I65", None, False),
        ("E47", date(2005, 1, 1), True),
        ("K7010", date(2005, 1, 1), True),
    ],
)
def test_the_monthly_round_is_for_new_firms_building_and_property(
    industry, established_on, monthly
):
    known = Facts(industry_code=industry, established_on=established_on)
    line = above_scale.line_of(industry, TODAY)
    assert above_scale.is_monthly(known, line, TODAY) is monthly


def test_papers_for_the_yearly_round_are_ready_by_30_september():
    known = facts(industry_code="I65", established_on=date(2015, 1, 1))
    assert above_scale.judge(known, date(2020, 9, 30)).due_on == date(2020, 9, 30)
    assert above_scale.judge(known, date(2020, 10, 1)).due_on == date(2020, 12, 31)


# 高企


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (date(2019, 9, 30), MET),
        (date(2019, 10, 1), NOT_MET),
        (None, NO_DATA),
    ],
)
def test_registered_for_a_year_on_the_day(since, expected):
    assert verdict(high_tech.judge, facts(established_on=since), "registered") is expected


def test_a_firm_of_29_february_is_a_year_old_on_the_28th():
    assert years_after(date(2020, 2, 29), 1) == date(2021, 2, 28)
    known = facts(established_on=date(2020, 2, 29))
    assert verdict(high_tech.judge, known, "registered", date(2021, 2, 27)) is NOT_MET
    assert verdict(high_tech.judge, known, "registered", date(2021, 2, 28)) is MET


@pytest.mark.parametrize(
    ("tech", "staff", "expected"),
    [(9, 100, NOT_MET), (10, 100, MET), (None, 100, NO_DATA), (1, 0, NO_DATA), (3, None, NO_DATA)],
)
def test_a_tenth_of_the_people_is_technical(tech, staff, expected):
    known = facts(year(2020, 6, tech_staff=tech, staff=staff))
    assert verdict(high_tech.judge, known, "tech_staff") is expected


@pytest.mark.parametrize(
    ("revenue", "share"),
    [
        (1, 5), (5000, 5), ("5000.0001", 4), (20_000, 4), ("20000.0001", 3),
    ],
)  # fmt: skip
def test_the_share_of_r_and_d_goes_by_last_years_revenue(revenue, share):
    assert high_tech.required_share(wan(revenue)) == Fraction(share, 100)


@pytest.mark.parametrize(
    ("spent", "revenue", "expected"),
    [
        ("49.9999", 1000, NOT_MET), (50, 1000, MET),
        ("399.9999", 10_000, NOT_MET), (400, 10_000, MET),
        ("899.9999", 30_000, NOT_MET), (900, 30_000, MET),
        (None, 1000, NO_DATA), (50, 0, NO_DATA),
    ],
)  # fmt: skip
def test_r_and_d_reaches_five_four_or_three_per_cent(spent, revenue, expected):
    figures = {} if spent is None else {"r_and_d": spent}
    known = facts(year(2019, revenue=revenue, **figures), established_on=date(2019, 1, 2))
    assert verdict(high_tech.judge, known, "r_and_d") is expected


def test_r_and_d_is_summed_over_three_years_and_not_four():
    known = facts(
        year(2019, revenue=1000, r_and_d=20),
        year(2018, revenue=1000, r_and_d=60),
        year(2017, revenue=1000, r_and_d=70),
        year(2016, revenue=1000, r_and_d=900),
        established_on=date(2010, 1, 1),
    )
    found = next(c for c in high_tech.judge(known, TODAY).criteria if c.key == "r_and_d")
    assert (found.figure, found.verdict) == (Fraction(150, 3000), MET)
    assert found.note.values == {"n": 3}


def test_a_year_without_a_report_is_named_and_not_guessed():
    known = facts(year(2019, revenue=1000, r_and_d=60), established_on=date(2010, 1, 1))
    found = next(c for c in high_tech.judge(known, TODAY).criteria if c.key == "r_and_d")
    assert (found.verdict, found.note.values) == (MET, {"years": "2017、2018"})
    without = facts(year(2018, revenue=1000, r_and_d=60), established_on=date(2010, 1, 1))
    assert verdict(high_tech.judge, without, "r_and_d") is NO_DATA


def test_part_of_a_year_is_no_year_of_r_and_d():
    known = facts(year(2019, 11, revenue=1000, r_and_d=60))
    assert verdict(high_tech.judge, known, "r_and_d") is NO_DATA


@pytest.mark.parametrize(("income", "expected"), [("599.99", NOT_MET), (600, MET), (None, NO_DATA)])
def test_high_tech_income_is_six_tenths(income, expected):
    figures = {} if income is None else {"high_tech_income": income}
    known = facts(year(2019, revenue=1000, **figures))
    assert verdict(high_tech.judge, known, "high_tech_income") is expected


def ready_for_high_tech(**ticks):
    return facts(
        year(2019, revenue=1000, r_and_d=60, high_tech_income=700, staff=20, tech_staff=4),
        established_on=date(2015, 1, 1),
        ticks={key: Tick(is_met, "查看过", TODAY) for key, is_met in ticks.items()},
    )


def test_what_only_a_person_can_say_stays_open_but_does_not_keep_a_firm_from_the_list():
    judged = high_tech.judge(ready_for_high_tech(), TODAY)
    assert judged.is_ready
    assert (judged.count(MET), judged.count(NO_DATA)) == (4, 5)


def test_a_persons_no_keeps_it_from_the_list():
    assert not high_tech.judge(ready_for_high_tech(own_ip=False), TODAY).is_ready
    assert high_tech.judge(ready_for_high_tech(own_ip=True), TODAY).count(MET) == 5


def test_a_missing_figure_is_not_a_met_one():
    known = facts(established_on=date(2015, 1, 1))
    assert not high_tech.judge(known, TODAY).is_ready


# 科技型中小企业


@pytest.mark.parametrize(
    ("key", "most", "over"), [("staff", 500, 501), ("revenue", 20_000, "20000.01"), ("assets", 20_000, "20000.01")]
)  # fmt: skip
def test_a_tech_sme_stays_under_three_ceilings(key, most, over):
    assert verdict(tech_sme.judge, facts(year(2019, **{key: most})), key) is MET
    assert verdict(tech_sme.judge, facts(year(2019, **{key: over})), key) is NOT_MET
    assert verdict(tech_sme.judge, facts(), key) is NO_DATA


# 毕业 and 在孵


@pytest.mark.parametrize(
    ("before", "last", "expected"),
    [
        (400, 600, NOT_MET),
        (400, "600.01", MET),
        (None, "1000.01", MET),
        (None, 1000, NO_DATA),
        (None, None, NO_DATA),
    ],
)
def test_two_years_revenue_of_over_ten_million(before, last, expected):
    pairs = ((2018, before), (2019, last))
    known = facts(*(year(number, revenue=sold) for number, sold in pairs if sold is not None))
    assert verdict(graduation.judge, known, "revenue") is expected


def test_one_of_the_conditions_is_enough():
    assert graduation.judge(facts(holds={Proof.HIGH_TECH: date(2021, 1, 1)}), TODAY).is_ready
    assert graduation.judge(facts(holds={Proof.QUOTED: None}), TODAY).is_ready
    assert graduation.judge(
        facts(ticks={"financing": Tick(True, "投资协议", TODAY)}), TODAY
    ).is_ready
    assert not graduation.judge(facts(holds={Proof.TECH_SME: None}), TODAY).is_ready


@pytest.mark.parametrize(
    ("since", "warned"),
    [(date(2016, 9, 30), False), (date(2016, 9, 29), True), (None, False)],
)
def test_more_than_48_months_in_incubation_is_warned_of(since, warned):
    assert bool(graduation.judge(facts(incubated_from=since), TODAY).warnings) is warned


# Losing a rung


@pytest.mark.parametrize(("revenue", "expected"), [("1999.99", MET), (2000, NOT_MET)])
def test_an_above_scale_firm_below_its_line_last_year_is_at_risk(revenue, expected):
    holds = {Proof.ABOVE_SCALE: None}
    known = facts(year(2019, revenue=revenue), industry_code="I65", holds=holds)
    assert verdict(losing.judge, known, "below_line") is expected


def test_figures_that_outgrow_small_threaten_until_they_are_verified():
    for is_verified, at_risk in ((False, True), (True, False)):
        grown = YearFigures(2020, 6, is_verified=is_verified, size_class=SizeClass.MEDIUM)
        assert losing.judge(facts(grown), TODAY).is_ready is at_risk


# Coming back


def test_the_digest_changes_with_a_figure_a_verdict_and_a_limit_only():
    known = facts(year(2020, 8, revenue=3000), industry_code="I65")
    same = above_scale.judge(known, TODAY).figures()
    assert above_scale.judge(known, date(2020, 9, 1)).figures() == same
    more = facts(year(2020, 8, revenue=3001), industry_code="I65")
    assert above_scale.judge(more, TODAY).figures() != same
    assert above_scale.judge(known, date(2019, 12, 31)).figures() != same
    old = ready_for_high_tech()
    assert high_tech.judge(old, TODAY).figures() == high_tech.judge(old, date(2020, 9, 1)).figures()


def test_patents_in_force_prove_own_ip_and_a_person_may_say_otherwise():
    proved = next(
        c for c in high_tech.judge(facts(other_patents=1), TODAY).criteria if c.key == "own_ip"
    )
    assert (proved.verdict, proved.figure) == (MET, 1)
    denied = facts(inventions=2, ticks={"own_ip": Tick(False, "已转让", TODAY)})
    assert (
        next(c for c in high_tech.judge(denied, TODAY).criteria if c.key == "own_ip").verdict
        == NOT_MET
    )


@pytest.mark.parametrize(("raised", "verdict"), [("5000000", NO_DATA), ("5000000.01", MET)])
def test_risk_capital_over_five_million_is_enough_to_graduate(raised, verdict):
    judged = graduation.judge(facts(risk_capital=Decimal(raised)), TODAY)
    assert next(c for c in judged.criteria if c.key == "financing").verdict == verdict


@pytest.mark.parametrize(
    ("tech", "r_and_d", "inventions", "others", "score", "verdict"),
    [
        (30, 40, 0, 0, 50, NO_DATA),  # 20 + 30: software may bring the rest
        (29, 40, 0, 3, 64, MET),  # 16 + 30 + 18
        (10, 39, 1, 0, 54, NO_DATA),  # 4 + 20 + 30
        (9, 60, 1, 0, 80, NOT_MET),  # no points for the staff
        (10, 60, 0, 1, 60, MET),  # 4 + 50 + 6
    ],
)
def test_the_points_of_a_tech_sme_are_counted_where_they_are_known(
    tech, r_and_d, inventions, others, score, verdict
):
    figures = {"staff": 100, "tech_staff": tech, "revenue": 1000, "r_and_d": r_and_d}
    known = facts(year(2019, **figures), inventions=inventions, other_patents=others)
    found = next(c for c in tech_sme.judge(known, TODAY).criteria if c.key == "sme_score")
    assert (found.figure, found.verdict) == (score, verdict)
