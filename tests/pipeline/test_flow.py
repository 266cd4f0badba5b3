"""What moved between two days: any random history reconciles, and every number is that of the rows behind it."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from crm.audit.services import SYSTEM
from crm.core.db import session, writing
from crm.core.money import Currency
from crm.people.scope import WHOLE_PARK_SCOPE, Scope
from crm.pipeline import flow as flows
from crm.pipeline.amounts import figure_of
from crm.pipeline.flow import MoveKind, Term
from crm.pipeline.paths import Meant
from crm.projects.models import PIPELINE, Figure, Origin, ProjectKind, Stage, Valuation
from crm.projects.queries import visible_to
from crm.projects.services import ProjectDetails, ProjectRow, StageStep, register_many
from tests import factories
from tests.conftest import TODAY, _empty

FIRST = date(2020, 9, 1)
DAYS = st.dates(FIRST, TODAY)
AMOUNTS = st.one_of(st.none(), st.integers(1, 9).map(lambda n: Decimal(n) * 1_000_000))
SAID = st.tuples(DAYS, st.sampled_from(list(Figure)), AMOUNTS)


@st.composite
def histories(draw):
    """The steps of a project, some on one day; whether it is sealed; its currency; what was said of its figures, in order."""
    steps, before = [], None
    for day in sorted(draw(st.lists(DAYS, min_size=1, max_size=6))):
        before = draw(st.sampled_from([stage for stage in Stage if stage != before]))
        steps.append((before, day))
    said = sorted(draw(st.lists(SAID, max_size=5)), key=lambda each: each[0])
    return steps, draw(st.booleans()), draw(st.sampled_from(list(Currency))), said


def written(data):
    unit = factories.make_unit()
    rows = [
        ProjectRow(
            ProjectDetails(
                name="项目", kind=ProjectKind.MOVE_IN, origin=Origin.LOCAL, unit_id=unit.id,
                is_sealed=is_sealed, currency=currency,
            ),
            tuple(StageStep(stage, day) for stage, day in steps),
        )
        for steps, is_sealed, currency, _said in data
    ]  # fmt: skip
    with writing():
        ids = register_many(rows, by=SYSTEM)
        for project_id, (*_rest, said) in zip(ids, data, strict=True):
            for day, figure, amount in said:
                session.add(
                    Valuation(
                        project_id=project_id, figure=figure, amount=amount, valid_from=day, note=""
                    )
                )
                session.flush()  # in the order they were said


def seen_by(scope):
    return Meant(scope, "", visible_to(scope))


class Replay:
    """One project, day by day."""

    def __init__(self, steps, said):
        self.steps, self.said = steps, said

    def stage(self, day):
        return next((stage for stage, on in reversed(self.steps) if on <= day), None)

    def amount(self, stage, day):
        told = [a for on, figure, a in self.said if on <= day and figure == figure_of(stage)]
        return told[-1] if told and told[-1] is not None else Decimal(0)


def replayed(data, since, until):
    """For each stage, term and currency: projects or steps, and their sum; of what was said anew only the sum."""
    counts, sums = defaultdict(int), defaultdict(Decimal)
    for steps, is_sealed, currency, said in data:
        if is_sealed:
            continue
        one = Replay(steps, said)

        def add(stage, term, amount, count=1, currency=currency):
            counts[stage, term] += count
            sums[stage, term, currency] += amount

        for term, day in ((Term.OPENING, since), (Term.CLOSING, until)):
            if stage := one.stage(day):
                add(stage, term, one.amount(stage, day))
        before = None
        for stage, day in steps:
            if since < day <= until:
                add(stage, Term.CAME, one.amount(stage, day))
                if before:
                    add(before, Term.WENT, one.amount(before, day))
            before = stage
        for n in range((until - since).days):
            yesterday, day = since + timedelta(n), since + timedelta(n + 1)
            if stage := one.stage(yesterday):
                add(stage, Term.REVALUED, one.amount(stage, day) - one.amount(stage, yesterday), 0)
    return counts, sums


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    data=st.lists(histories(), min_size=1, max_size=5),
    days=st.lists(DAYS, min_size=2, max_size=2, unique=True),
)
def test_any_history_reconciles_and_each_number_is_that_of_its_rows(app, data, days):
    session.remove()
    _empty(app)
    written(data)
    since, until = sorted(days)
    found = visible_to(WHOLE_PARK_SCOPE)
    flow = flows.build(seen_by(WHOLE_PARK_SCOPE), since, until)
    counts, sums = replayed(data, since, until)
    for stage, line in flow.stages.items():
        amounts = {term: line.of(term) for term in Term}
        for term, amount in amounts.items():
            if term != Term.REVALUED:
                assert amount.count == counts[stage, term]
            for currency in Currency:
                assert amount.sums.get(currency, 0) == sums[stage, term, currency]
            assert behind(found, since, until, stage, term) == (amount.count, total(amount))
        assert balance(line, lambda amount: amount.count, revalued=0) == amounts[Term.CLOSING].count
        assert balance(line, total, revalued=total(line.revalued)) == total(line.closing)
    whole = flow.total
    assert balance(whole, lambda amount: amount.count, revalued=0) == whole.closing.count


def total(amount):
    """With each currency on a scale of its own, so that none makes up for another."""
    cny, usd = (amount.sums.get(currency, Decimal(0)) for currency in Currency)
    return cny + usd * 10**12


def balance(line, figure, revalued):
    came, went = (sum(map(figure, steps.values())) for steps in (line.came, line.went))
    return figure(line.opening) + came - went + revalued


def behind(found, since, until, stage, term, *kinds):
    every = flows.behind(found, (since, until), stage, term, kinds).subquery()
    parts = select(every.c.currency, func.count(), func.sum(every.c.amount)).group_by(
        every.c.currency
    )
    rows = session.execute(parts).all()
    amount = flows.Amount(0, {currency: s for currency, _, s in rows if s is not None})
    return sum(number for _, number, _ in rows), total(amount)


SINCE = date(2020, 8, 31)


def test_each_kind_of_step_has_its_own_number_and_rows(app, cast):
    def project(*stages):
        factories.make_project(cast.office, "", *stages, expected_investment=Decimal(5_000_000))

    early, day = date(2020, 8, 1), date(2020, 9, 10)
    project((Stage.LEAD, day))
    project((Stage.LEAD, early), (Stage.INTENT, day))
    project((Stage.INTENT, early), (Stage.LEAD, day))
    project((Stage.INTENT, early), (Stage.PAUSED, day))
    project((Stage.LOST, early), (Stage.INTENT, day))
    project((Stage.PAUSED, early), (Stage.LOST, day))
    found = visible_to(WHOLE_PARK_SCOPE)
    flow = flows.build(seen_by(WHOLE_PARK_SCOPE), SINCE, TODAY)
    intent = flow.stages[Stage.INTENT]
    assert {kind: amount.count for kind, amount in intent.came.items()} == {
        MoveKind.ADVANCE: 1, MoveKind.RETURN: 1
    }  # fmt: skip
    assert {kind: amount.count for kind, amount in intent.went.items()} == {
        MoveKind.BACK: 1, MoveKind.PAUSE: 1
    }  # fmt: skip
    assert flow.stages[Stage.LEAD].came[MoveKind.NEW].sums == {Currency.CNY: Decimal(5_000_000)}
    assert flow.stages[Stage.LOST].of(Term.CAME).sums == {}
    for stage, line in flow.stages.items():
        for term in (Term.CAME, Term.WENT):
            for kind in MoveKind:
                amount = line.of(term, [kind])
                assert behind(found, SINCE, TODAY, stage, term, kind) == (
                    amount.count, total(amount),
                )  # fmt: skip
    total_of = flow.total
    assert (total_of.opening.count, total_of.closing.count) == (3, 4)
    assert total_of.of(Term.CAME).count == 2
    assert total_of.of(Term.WENT).count == 1


@pytest.mark.parametrize(
    ("since", "until"), [(TODAY, TODAY), (TODAY, SINCE), (SINCE, TODAY + timedelta(1))]
)
def test_two_days_that_make_no_period_are_refused(app, since, until):
    with pytest.raises(flows.PeriodRefused):
        flows.build(seen_by(WHOLE_PARK_SCOPE), since, until)


def test_nobodys_scope_has_no_flow(app, cast):
    factories.make_project(cast.office)
    flow = flows.build(seen_by(Scope((), "")), SINCE, TODAY)
    assert flow.passages == ()
    assert [flow.stages[stage].closing.count for stage in PIPELINE] == [0] * 7


def test_more_projects_cost_the_flow_no_more_queries(app, cast, query_count):
    costs = []
    for more in (2, 20):
        for _ in range(more):
            factories.make_project(cast.office, "", (Stage.LEAD, FIRST), (Stage.INTENT, TODAY))
        with query_count() as queries:
            flows.build(seen_by(WHOLE_PARK_SCOPE), SINCE, TODAY)
        costs.append(len(queries))
    assert costs == [1, 1]
