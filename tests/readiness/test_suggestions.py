"""Who is suggested for what, and when a suggestion that was decided comes back."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.verification import VerificationState
from crm.companies.models import Company, CompanyKind, ResidenceKind
from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError, StaleRecord
from crm.declarations.models import State
from crm.declarations.renewals import Renewal
from crm.followup.models import Task, TaskOrigin
from crm.ladder.models import QualificationKind as Proof
from crm.people.scope import WHOLE_PARK_SCOPE, scope_of
from crm.readiness import services
from crm.readiness.judging import decided, judged, of_firm, suggestions
from crm.readiness.models import Kind, Suggestion, SuggestionState
from crm.reference.size_classes import SizeClass
from tests import factories
from tests.readiness.conftest import report, resident

TODAY = date(2020, 9, 30)


def names(kind, on=TODAY, unit=None, scope=WHOLE_PARK_SCOPE, *, ready=False):
    found = suggestions(kind, scope, on, unit).firms
    return [firm.name for firm in found if firm.judgement.is_ready or not ready]


def fresh(firm):
    return session.get_one(Company, firm.id)


# Candidates


def test_who_is_over_the_line_and_not_on_the_register_is_suggested(cast, firm):
    under = resident(cast.carrier_a)
    report(under, 2020, 8, 1999)
    entered = resident(cast.carrier_a)
    report(entered, 2020, 8, 9000)
    factories.make_qualification(entered, Proof.ABOVE_SCALE, date(2019, 3, 25))
    assert names(Kind.ABOVE_SCALE) == [firm.name]


def test_a_report_counts_from_the_end_of_its_period_and_while_it_was_not_sent_back(cast, firm):
    assert names(Kind.ABOVE_SCALE, date(2020, 8, 30)) == []
    assert names(Kind.ABOVE_SCALE, date(2020, 8, 31)) == [firm.name]
    returned = resident(cast.carrier_a)
    report(returned, 2020, 8, 5000, state=VerificationState.RETURNED)
    assert names(Kind.ABOVE_SCALE) == [firm.name]


def test_the_newest_report_of_the_year_decides(cast, firm):
    report(firm, 2020, 3, 900)
    found = suggestions(Kind.ABOVE_SCALE, WHOLE_PARK_SCOPE, TODAY).firms
    assert [f.judgement.criteria[0].figure for f in found] == [Decimal(23_450_000)]


def test_only_enterprises_in_the_park_that_day_are_suggested(cast, firm):
    institute = resident(cast.carrier_a, kind=CompanyKind.INSTITUTE)
    report(institute, 2020, 8, 5000)
    gone = factories.make_company(cast.carrier_a)
    factories.make_residence(gone, cast.carrier_a, date(2016, 1, 1), date(2020, 9, 30))
    report(gone, 2020, 8, 5000)
    assert names(Kind.ABOVE_SCALE) == [firm.name]
    assert names(Kind.ABOVE_SCALE, date(2020, 9, 29)) == [gone.name, firm.name]


def test_scope_and_carrier_narrow_the_list(cast, firm):
    other = resident(cast.carrier_b)
    report(other, 2020, 8, 3000)
    assert names(Kind.ABOVE_SCALE) == [other.name, firm.name]
    assert names(Kind.ABOVE_SCALE, unit=cast.carrier_a) == [firm.name]
    assert names(Kind.ABOVE_SCALE, scope=scope_of(cast.b)) == [other.name]


def test_high_tech_lists_who_has_the_figures_first_and_leaves_out_holders(cast):
    figures = {"staff": 20, "tech_staff": 5, "high_tech_income": Decimal(7_000_000)}
    ready = resident(cast.carrier_a, "甲")
    report(ready, 2019, 12, 1000, r_and_d=Decimal(600_000), **figures)
    unknown = resident(cast.carrier_a, "乙")
    report(unknown, 2019, 12, 9000)
    too_little = resident(cast.carrier_a, "丙")
    report(too_little, 2019, 12, 1000, r_and_d=Decimal(299_999), **figures)
    holder = resident(cast.carrier_a, "丁")
    report(holder, 2019, 12, 1000, r_and_d=Decimal(600_000), **figures)
    factories.make_qualification(holder, Proof.HIGH_TECH, date(2019, 11, 22), date(2022, 11, 22))
    assert names(Kind.HIGH_TECH) == ["甲", "乙"]
    assert names(Kind.HIGH_TECH, ready=True) == ["甲"]
    assert names(Kind.HIGH_TECH, date(2022, 11, 21)) == []


def test_a_firm_in_incubation_is_suggested_for_graduation_with_its_reason(cast):
    firms = {}
    for name in ("certified", "sold", "long", "young", "not incubated"):
        firms[name] = resident(cast.carrier_a, name)
        since = date(2016, 9, 29) if name == "long" else date(2018, 9, 29)
        if name != "not incubated":
            factories.make_residence(
                firms[name], cast.carrier_a, since, kind=ResidenceKind.INCUBATED, is_counted=False
            )
    for name in ("certified", "not incubated"):
        factories.make_qualification(firms[name], Proof.HIGH_TECH, date(2019, 11, 22))
    report(firms["sold"], 2019, 12, 1001)
    assert sorted(names(Kind.GRADUATION)) == ["certified", "long", "sold"]
    assert sorted(names(Kind.GRADUATION, ready=True)) == ["certified", "sold"]


def test_a_persons_word_brings_a_firm_onto_the_list_of_graduates(cast):
    firm = resident(cast.carrier_a)
    factories.make_residence(
        firm, cast.carrier_a, date(2018, 1, 1), kind=ResidenceKind.INCUBATED, is_counted=False
    )
    assert names(Kind.GRADUATION) == []
    with writing():
        services.tick(fresh(firm), "financing", True, note="投资协议", version=None, by=cast.a)
    assert names(Kind.GRADUATION, ready=True) == [firm.name]


def test_who_may_lose_a_rung(cast):
    below, above, grown, known = (resident(cast.carrier_a, name) for name in "甲乙丙丁")
    for one, sold in ((below, 1999), (above, 2000)):
        factories.make_qualification(one, Proof.ABOVE_SCALE, date(2018, 3, 25))
        report(one, 2019, 12, sold)
    medium = {"size_class": SizeClass.MEDIUM}
    report(grown, 2020, 6, 4000, state=VerificationState.PENDING, **medium)
    report(known, 2020, 6, 4000, **medium)
    assert sorted(names(Kind.LOSING, ready=True)) == sorted([below.name, grown.name])


# 当年重新认定


@pytest.mark.parametrize(
    ("ends", "listed"),
    [
        (date(2020, 1, 1), False),  # its last day was 31 December 2019
        (date(2020, 1, 2), True),
        (date(2021, 1, 1), True),
        (date(2021, 1, 2), False),
    ],
)
def test_all_that_end_in_the_year_are_on_the_list_from_its_first_day(cast, ends, listed):
    firm = resident(cast.carrier_a)
    factories.make_qualification(firm, Proof.HIGH_TECH, date(2017, 6, 1), ends)
    for day in (date(2020, 1, 1), TODAY, date(2020, 12, 31)):
        assert names(Kind.RENEWAL, day) == ([firm.name] if listed else []), day


def renewals():
    found = suggestions(Kind.RENEWAL, WHOLE_PARK_SCOPE, TODAY).firms
    return {firm.name: firm.renewal for firm in found}


def test_the_list_says_who_has_filed_and_who_was_renewed(cast):
    batch = factories.make_batch()
    last_year = factories.make_batch(year=2019)
    states = {
        "none": None, "surveyed": State.SURVEYED, "planned": State.PLANNED, "filed": State.FILED,
        "publicised": State.PUBLICISED, "rejected": State.REJECTED,
    }  # fmt: skip
    for name, state in states.items():
        firm = resident(cast.carrier_a, name)
        factories.make_qualification(firm, Proof.HIGH_TECH, date(2017, 11, 17), date(2020, 11, 17))
        if state:
            factories.make_declaration(batch, firm, state)
        else:
            factories.make_declaration(last_year, firm, State.FILED)
    renewed = resident(cast.carrier_a, "renewed")
    factories.make_qualification(renewed, Proof.HIGH_TECH, date(2017, 6, 25), date(2020, 6, 25))
    factories.make_qualification(renewed, Proof.HIGH_TECH, date(2020, 6, 19), date(2023, 6, 19))
    not_filed = dict.fromkeys(["none", "surveyed", "planned", "rejected"], Renewal.NOT_FILED)
    filed = dict.fromkeys(["filed", "publicised"], Renewal.FILED)
    assert renewals() == {**not_filed, **filed, "renewed": Renewal.RENEWED}


def test_a_revoked_certificate_and_one_replaced_before_the_year_do_not_come_up(cast):
    revoked = resident(cast.carrier_a)
    factories.make_qualification(
        revoked, Proof.HIGH_TECH, date(2017, 11, 17), date(2020, 3, 2), revoked_on=date(2020, 3, 2)
    )
    early = resident(cast.carrier_a)
    factories.make_qualification(early, Proof.HIGH_TECH, date(2017, 11, 17), date(2020, 11, 17))
    factories.make_qualification(early, Proof.HIGH_TECH, date(2019, 12, 6), date(2022, 12, 6))
    assert renewals() == {}


# Decisions


def decide(what, firm, cast, version=None, on=None, **values):
    figures = judged([firm.id], Kind.ABOVE_SCALE, WHOLE_PARK_SCOPE, TODAY)[0].judgement.figures()
    with writing():
        return what(
            fresh(firm), Kind.ABOVE_SCALE, figures=figures, version=version, by=cast.a, **values
        )


def test_what_is_taken_up_becomes_a_task_and_stays_away(cast, firm):
    work = services.Work("准备入库材料", cast.a.id, date(2020, 10, 9))
    suggestion = decide(services.take_up, firm, cast, work=work)
    task = session.get_one(Task, suggestion.task_id)
    assert (task.origin, task.subject_id, task.owner_id) == (
        TaskOrigin.SUGGESTION,
        firm.id,
        cast.a.id,
    )
    assert names(Kind.ABOVE_SCALE) == []
    report(firm, 2020, 9, 2999)
    assert names(Kind.ABOVE_SCALE) == []
    assert [f.name for f in decided(Kind.ABOVE_SCALE, WHOLE_PARK_SCOPE, TODAY).firms] == [firm.name]


def test_what_is_dismissed_comes_back_with_other_figures(cast, firm):
    decide(services.dismiss, firm, cast, reason="即将迁出")
    assert names(Kind.ABOVE_SCALE) == []
    report(firm, 2020, 9, 2999)
    assert names(Kind.ABOVE_SCALE) == [firm.name]


def test_what_is_postponed_comes_back_on_its_day(cast, firm):
    decide(services.postpone, firm, cast, until_on=date(2020, 11, 2), reason="等审计报告")
    assert names(Kind.ABOVE_SCALE, date(2020, 11, 1)) == []
    assert names(Kind.ABOVE_SCALE, date(2020, 11, 2)) == [firm.name]


def test_next_year_it_is_suggested_again(cast, firm):
    decide(services.dismiss, firm, cast, reason="即将迁出")
    report(firm, 2021, 1, 2345)
    assert names(Kind.ABOVE_SCALE, date(2021, 2, 1)) == [firm.name]


@pytest.mark.parametrize("until_on", [date(2020, 9, 30), date(2020, 9, 29)])
def test_nothing_is_postponed_to_today_or_the_past(cast, firm, until_on):
    with pytest.raises(DomainError):
        decide(services.postpone, firm, cast, until_on=until_on, reason="等一等")


def test_a_reason_is_needed_and_the_second_of_two_is_told(cast, firm):
    with pytest.raises(DomainError):
        decide(services.dismiss, firm, cast, reason="")
    decide(services.dismiss, firm, cast, reason="即将迁出")
    with pytest.raises(StaleRecord):
        decide(services.dismiss, firm, cast, reason="也这么看")
    decide(services.dismiss, firm, cast, version=1, reason="也这么看")
    suggestion = session.scalars(select(Suggestion)).one()
    assert (suggestion.state, suggestion.reason, suggestion.version) == (
        SuggestionState.DISMISSED,
        "也这么看",
        2,
    )
    said = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert said == ["suggestion.dismissed"] * 2


def test_a_tick_is_taken_back_and_corrected_by_who_saw_it(cast, firm):
    with writing():
        services.tick(fresh(firm), "own_ip", True, note="软著2项", version=None, by=cast.a)
    with pytest.raises(StaleRecord), writing():
        services.tick(fresh(firm), "own_ip", False, note="已转让", version=None, by=cast.a)
    one = dict(of_firm(firm.id, WHOLE_PARK_SCOPE, TODAY))[Kind.HIGH_TECH]
    ticked = next(c for c in one.judgement.criteria if c.key == "own_ip")
    assert (ticked.verdict, ticked.tick.by, ticked.tick.note) == ("met", cast.a.name, "软著2项")
    with writing():
        services.tick(fresh(firm), "own_ip", None, note="记错了", version=1, by=cast.a)
    one = dict(of_firm(firm.id, WHOLE_PARK_SCOPE, TODAY))[Kind.HIGH_TECH]
    assert next(c for c in one.judgement.criteria if c.key == "own_ip").verdict == "no_data"


@pytest.mark.parametrize("kind", list(Kind))
def test_ten_firms_cost_as_many_queries_as_two(cast, query_count, kind):
    def add(number):
        firm = resident(cast.carrier_a)
        report(firm, 2020, 8, 2000 + number)
        report(firm, 2019, 12, 1500 + number)
        factories.make_residence(
            firm, cast.carrier_a, date(2016, 1, 1), kind=ResidenceKind.INCUBATED, is_counted=False
        )
        if kind in (Kind.RENEWAL, Kind.LOSING):
            proof = Proof.HIGH_TECH if kind is Kind.RENEWAL else Proof.ABOVE_SCALE
            factories.make_qualification(firm, proof, date(2017, 11, 17), date(2020, 11, 17))

    counts = []
    for n in (2, 8):
        for number in range(n):
            add(number)
        clock.today()
        session.rollback()
        with query_count() as queries:
            found = suggestions(kind, WHOLE_PARK_SCOPE, TODAY)
        counts.append((len(found.firms), len(queries)))
    assert [n for n, _ in counts] == [2, 10]
    assert counts[0][1] == counts[1][1]


def test_many_decisions_at_once_count_like_one(cast, firm):
    figures = judged([firm.id], Kind.ABOVE_SCALE, WHOLE_PARK_SCOPE, TODAY)[0].judgement.figures()
    row = services.DecisionRow(
        firm.id, Kind.ABOVE_SCALE, SuggestionState.DISMISSED, "计划迁出", figures, date(2020, 9, 21)
    )
    with writing():
        assert services.decide_many([row], by=cast.a) == 1
        assert services.decide_many([], by=cast.a) == 0
    assert names(Kind.ABOVE_SCALE) == []
    report(firm, 2020, 9, 2999)
    assert names(Kind.ABOVE_SCALE) == [firm.name]
