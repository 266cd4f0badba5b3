"""年末预计高企: each term of the formula, who is in it and who is not."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import select

from crm.core.db import session, writing
from crm.declarations.expectation import FEW, PassRate, Term, expected, rows
from crm.declarations.models import Declaration, State
from crm.declarations.services import step_many
from crm.ladder.models import QualificationKind as Proof
from crm.people.scope import WHOLE_PARK_SCOPE, scope_of
from tests import factories

TODAY = date(2020, 9, 30)


def resident(carrier, name="", to_on=None):
    firm = factories.make_company(carrier, name)
    factories.make_residence(firm, carrier, date(2016, 5, 3), to_on)
    return firm


def certify(firm, issued_on, ends_on):
    return factories.make_qualification(firm, Proof.HIGH_TECH, issued_on, ends_on)


def names(term, scope=WHOLE_PARK_SCOPE):
    return sorted(row.name for row in session.execute(rows(term, scope, TODAY)))


@pytest.fixture
def park(cast):
    """Three certificates in force, one of them ending this year; four declarations of this year, five decided before."""
    a, b = cast.carrier_a, cast.carrier_b
    certify(resident(a, "有效甲"), date(2019, 11, 22), date(2022, 11, 22))
    certify(resident(b, "有效乙"), date(2018, 10, 24), date(2021, 10, 24))
    ending = resident(a, "到期")
    certify(ending, date(2017, 11, 17), date(2020, 11, 17))
    certify(resident(a, "已失效"), date(2017, 8, 25), date(2020, 8, 25))
    certify(resident(a, "已迁出", date(2020, 9, 1)), date(2019, 11, 22), date(2022, 11, 22))
    batch, before = factories.make_batch(), factories.make_batch(year=2019)
    factories.make_declaration(batch, ending, State.PUBLICISED)
    factories.make_declaration(batch, resident(a, "在审甲"), State.FILED)
    factories.make_declaration(batch, resident(b, "在审乙"), State.ACCEPTED)
    factories.make_declaration(batch, resident(a, "拟报"), State.PLANNED)
    for state in [State.RECOGNISED] * 3 + [State.REJECTED] + [State.FILED]:
        factories.make_declaration(before, resident(a), state, date(2019, 11, 22))
    return cast


def test_the_formula(park):
    found = expected(WHOLE_PARK_SCOPE, TODAY)
    terms = (found.valid, found.ending, found.publicised, found.in_review)
    assert terms == (3, 1, 1, 2)
    assert (found.rate.passed, found.rate.decided) == (3, 4)
    assert found.value == 3 - 1 + 1 + 2 * Fraction(4, 6)


def test_a_past_day_asks_how_each_declaration_stood_then(park):
    """The steps of the park are of 1 September, those of the year before of 22 November."""
    before = expected(WHOLE_PARK_SCOPE, date(2020, 8, 31))
    assert (before.publicised, before.in_review, before.valid) == (0, 0, 4)
    declared = session.scalars(
        select(Declaration).where(Declaration.state == State.PUBLICISED)
    ).one()
    with writing():
        held = [session.get_one(Declaration, declared.id)]
        step_many(held, State.REJECTED, on=TODAY, note="核查", versions={declared.id: 1}, by=park.a)
    for on, number in ((TODAY - timedelta(1), 1), (TODAY, 0)):
        assert expected(WHOLE_PARK_SCOPE, on).publicised == number
        assert len(session.execute(rows(Term.PUBLICISED, WHOLE_PARK_SCOPE, on)).all()) == number
    assert expected(WHOLE_PARK_SCOPE, date(2019, 11, 21)).rate.decided == 0


def test_each_term_opens_the_firms_that_make_it_up(park):
    assert names(Term.VALID) == sorted(["有效甲", "有效乙", "到期"])
    assert names(Term.ENDING) == ["到期"]
    assert names(Term.PUBLICISED) == ["到期"]
    assert names(Term.IN_REVIEW) == sorted(["在审甲", "在审乙"])
    assert len(names(Term.DECIDED)) == 4


def test_a_scope_sees_its_own_terms(park):
    scope = scope_of(park.b)
    assert names(Term.VALID, scope) == ["有效乙"]
    assert names(Term.IN_REVIEW, scope) == ["在审乙"]
    assert expected(scope, TODAY).rate.decided == 0


def test_an_early_renewal_is_not_counted_twice_nor_who_has_left(cast):
    batch = factories.make_batch()
    early = resident(cast.carrier_a)
    certify(early, date(2018, 10, 24), date(2021, 10, 24))
    factories.make_declaration(batch, early, State.PUBLICISED)
    gone = resident(cast.carrier_a, to_on=date(2020, 9, 1))
    factories.make_declaration(batch, gone, State.FILED)
    found = expected(WHOLE_PARK_SCOPE, TODAY)
    assert (found.valid, found.publicised, found.in_review) == (1, 0, 0)


@pytest.mark.parametrize(("ends_on", "ending"), [(date(2021, 1, 1), 1), (date(2021, 1, 2), 0)])
def test_a_certificate_of_the_last_day_ends_this_year(cast, ends_on, ending):
    certify(resident(cast.carrier_a), date(2018, 1, 1), ends_on)
    found = expected(WHOLE_PARK_SCOPE, TODAY)
    assert (found.valid, found.ending) == (1, ending)


def test_a_renewed_firm_holds_its_new_certificate(cast):
    firm = resident(cast.carrier_a)
    certify(firm, date(2017, 11, 17), date(2020, 11, 17))
    certify(firm, date(2020, 9, 11), date(2023, 9, 11))
    found = expected(WHOLE_PARK_SCOPE, TODAY)
    assert (found.valid, found.ending) == (1, 0)


@pytest.mark.parametrize(
    ("passed", "decided", "rate", "is_smoothed"),
    [
        (0, 0, Fraction(1, 2), True),
        (FEW - 1, FEW - 1, Fraction(FEW, FEW + 1), True),
        (FEW, FEW, Fraction(1), False),
        (20, 40, Fraction(1, 2), False),
    ],
)
def test_the_rate_of_few_decisions_is_smoothed(passed, decided, rate, is_smoothed):
    found = PassRate(passed, decided)
    assert (found.value, found.is_smoothed) == (rate, is_smoothed)
