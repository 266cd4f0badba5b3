"""For random histories and any date: the pyramid, the board, the list's filters, the firm's page and 五转 are one thing."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from crm.audit.verification import VerificationState
from crm.carriers.periods import Period
from crm.companies.listing import COMPANIES
from crm.companies.models import Company, CompanyKind, Residence, ResidenceKind
from crm.companies.queries import visible_to
from crm.core import clock
from crm.core.db import session, writing
from crm.ladder import transitions
from crm.ladder.history import COUNTED, Change, movements, steps
from crm.ladder.lives import lives_of
from crm.ladder.models import Qualification, QualificationKind
from crm.ladder.pyramid import firms_on, pyramid
from crm.ladder.qualifications import period
from crm.ladder.queries import standings_of
from crm.ladder.rungs import Rung
from crm.lists.fields import Operator
from crm.metrics.catalogue import METRICS
from crm.metrics.figures import Question, figure
from crm.operating.models import OperatingReport
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.reference.size_classes import SizeClass
from tests import factories

Kind = QualificationKind
START, END = date(2018, 12, 1), date(2021, 3, 1)
DAYS = st.integers(0, 26).map(lambda n: date(2019, 1, 1) + timedelta(days=30 * n))
STAYS = st.lists(
    st.tuples(st.booleans(), DAYS, st.booleans()), max_size=4, unique_by=lambda s: s[1]
)
FIRMS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from([CompanyKind.ENTERPRISE] * 3 + [CompanyKind.COLLEGE]),
            "is_licensed": st.booleans(),
            "established_on": st.none() | DAYS,
            "stays": STAYS,
            "is_open": st.booleans(),
            "proofs": st.lists(
                st.tuples(
                    st.sampled_from([*Kind, Kind.HIGH_TECH, Kind.TECH_SME]),
                    DAYS,
                    st.none() | DAYS,
                    st.sampled_from([False, False, True]),
                    st.sampled_from([VerificationState.VERIFIED, *VerificationState]),
                ),
                max_size=5,
            ),
            "reports": st.lists(
                st.tuples(
                    DAYS,
                    st.sampled_from([None, *SizeClass]),
                    st.sampled_from([None, 0, 3]),
                    st.sampled_from(list(VerificationState)[:2]),
                ),
                max_size=4,
                unique_by=lambda report: (report[0].year, report[0].month),
            ),
        }
    ),
    max_size=5,
)  # fmt: skip
BOARD = {
    "ladder.high_tech_holders": Rung.HIGH_TECH,
    "ladder.above_scale_holders": Rung.ABOVE_SCALE,
}
MANY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@MANY
@given(firms=FIRMS, on=DAYS)
def test_every_place_tells_the_same_of_a_day(cast, firms, on):
    clock.set_business_date(on)
    ids = write(cast, firms)
    standings, lives = standings_of(ids, on), lives_of(ids)
    holding = {rung: {i for i, s in standings.items() if rung in s.held} for rung in Rung}
    highest = {rung: {i for i, s in standings.items() if s.rung == rung} for rung in Rung}
    for step in pyramid(WHOLE_PARK_SCOPE, on):
        assert (step.holding, step.highest) == (len(holding[step.rung]), len(highest[step.rung]))
        assert opened(firms_on(step.rung, WHOLE_PARK_SCOPE, on)) == holding[step.rung]
        top = firms_on(step.rung, WHOLE_PARK_SCOPE, on, is_highest=True)
        assert opened(top) == highest[step.rung]
        assert listed("rung", step.rung) == highest[step.rung]
    assert listed("rung", *Rung) == {i for i, s in standings.items() if s.rung}
    assert listed("rung", *Rung, operator=Operator.NOT) == {i for i in ids if not standings[i].rung}
    for key, rung in BOARD.items():
        question = Question(METRICS[key], on, on.year, WHOLE_PARK_SCOPE)
        assert figure(question) == len(holding[rung])
        assert listed("qualification", rung.value) == holding[rung]
    for number, life in lives.items():
        walked = [step for step in steps(life, on) if step.from_on <= on]
        there = walked[-1].standing if walked else None
        assert (there.rung if there else None) == standings[number].rung
        if there:
            assert there.reason == standings[number].reason


@MANY
@given(firms=FIRMS, days=st.tuples(DAYS, DAYS))
def test_the_sql_of_the_transitions_is_the_rule_in_python(cast, firms, days):
    ids = write(cast, firms)
    asked = Period(min(days), max(days))
    expected = Counter()
    for number, life in lives_of(ids).items():
        for move in movements(life):
            if asked.start <= move.on <= asked.until:
                key = (number, move.rung.order, move.change, move.on, move.carrier_id)
                expected[(*key, int(move.is_jump))] += 1
    found = Counter(tuple(row) for row in session.execute(transitions.movements(asked)))
    assert found == expected
    assert max(found.values(), default=1) == 1
    check_the_table(cast, asked, expected)


def check_the_table(cast, asked, expected):
    units = (cast.carrier_a, cast.carrier_b)
    table = transitions.table(WHOLE_PARK_SCOPE, units, asked)
    for row, members in ((0, {u.id for u in units}), *((u.id, {u.id}) for u in units)):
        firms = defaultdict(set)
        for company_id, level, change, _on, carrier_id, is_jump in expected:
            if carrier_id in members:
                firms[level, change].add(company_id)
                if is_jump:
                    firms[level, "jump"].add(company_id)
        for rung in COUNTED:
            for change in Change:
                assert table.value(rung, change, row) == len(firms[rung.order, change])
            assert table.jumped(rung, row) == len(firms[rung.order, "jump"])


@MANY
@given(firms=FIRMS, days=st.tuples(DAYS, DAYS))
def test_what_was_gained_and_lost_explains_the_stock(cast, firms, days):
    ids = write(cast, firms)
    first, last = min(days), max(days)
    moves = session.execute(transitions.movements(Period(first, last))).all()
    before = pyramid(WHOLE_PARK_SCOPE, first - timedelta(1))
    after = pyramid(WHOLE_PARK_SCOPE, last)
    for then, now in zip(before, after, strict=True):
        if then.rung in COUNTED:
            mine = [move for move in moves if move.level == then.rung.order]
            lost = sum(move.change == Change.LOST for move in mine)
            assert now.holding - then.holding == len(mine) - 2 * lost
    assert len(ids) == len(firms)


@MANY
@given(firms=FIRMS)
def test_a_firm_arrives_on_a_rung_once_in_its_life(cast, firms):
    ids = write(cast, firms)
    for life in lives_of(ids).values():
        arrived = [move.rung for move in movements(life) if move.change is Change.ARRIVED]
        assert len(arrived) == len(set(arrived))
    found = session.execute(transitions.movements(Period(START, END))).all()
    arrived = Counter((m.company_id, m.level) for m in found if m.change == Change.ARRIVED)
    assert max(arrived.values(), default=0) <= 1


def opened(query):
    found = [row.id for row in session.execute(query)]
    assert len(found) == len(set(found))
    return set(found)


def listed(key, *values, operator=Operator.IS):
    """What the list of firms finds by a filter."""
    condition = COMPANIES.field(key).condition(operator, [str(value) for value in values])
    query = visible_to(WHOLE_PARK_SCOPE).with_only_columns(Company.id).where(condition)
    return set(session.scalars(query))


def write(cast, firms):
    with writing():
        for table in (Qualification, OperatingReport, Residence, Company):
            session.execute(table.__table__.delete())
        return [_insert(cast, number, firm) for number, firm in enumerate(firms)]


def _insert(cast, number, firm):
    name = f"常州{number}有限公司"
    company = Company(
        name=name, name_key=name, search_text=name, kind=firm["kind"], unit_id=cast.carrier_a.id,
        uscc=factories.make_uscc(number + 1) if firm["is_licensed"] else None,
        established_on=firm["established_on"],
    )  # fmt: skip
    session.add(company)
    session.flush()
    stays = list(_residences(cast, company.id, firm["stays"], firm["is_open"]))
    proofs = [_proof(company.id, str(index), *proof) for index, proof in enumerate(firm["proofs"])]
    reports = [
        {
            "company_id": company.id, "year": day.year, "through_month": day.month, "size_class": size,
            "period_end_on": day, "state": state, "revenue": None if revenue is None else Decimal(revenue),
        }
        for day, size, revenue, state in firm["reports"]
    ]  # fmt: skip
    for model, rows in ((Residence, stays), (Qualification, proofs), (OperatingReport, reports)):
        if rows:
            session.execute(insert(model), rows)
    return company.id


def _residences(cast, company_id, stays, is_open):
    """Counted ones from each day to the next, some followed by days elsewhere."""
    stays = sorted(stays, key=lambda stay: stay[1])
    for index, (is_in_a, from_on, goes_on) in enumerate(stays):
        is_last = index + 1 == len(stays)
        follows = None if is_last else stays[index + 1][1]
        to_on = follows if goes_on or (is_last and is_open) else from_on + timedelta(days=17)
        yield {
            "company_id": company_id, "kind": ResidenceKind.REGISTERED, "from_on": from_on, "to_on": to_on,
            "carrier_id": (cast.carrier_a if is_in_a else cast.carrier_b).id,
        }  # fmt: skip


def _proof(company_id, number, kind, issued_on, revoked_on, is_moved_in, state):
    revoked_on = max(issued_on, revoked_on) if revoked_on else None
    counts_from, counts_to = period(kind, issued_on, None, revoked_on)
    return {
        "company_id": company_id, "kind": kind, "number": number, "issued_on": issued_on,
        "revoked_on": revoked_on, "counts_from": counts_from, "counts_to": counts_to,
        "is_moved_in": is_moved_in, "state": state,
    }  # fmt: skip
