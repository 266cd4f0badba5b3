"""A later recomputation of the same day: frozen + came − went ± changed = now, each row with its cause."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from crm.audit.services import SYSTEM
from crm.audit.verification import VerificationState
from crm.companies.models import Company, Residence
from crm.core import clock
from crm.core.db import session, writing
from crm.evidence import services as evidence
from crm.evidence import verification
from crm.evidence.kinds import KINDS
from crm.evidence.kinds.financings import Financing, Instrument, InvestorKind
from crm.evidence.kinds.patents import Patent, PatentKind
from crm.evidence.services import Row
from crm.ladder.models import Qualification, QualificationKind
from crm.metrics.catalogue import METRICS
from crm.operating.models import OperatingReport
from crm.people.scope import WHOLE_PARK_SCOPE, scope_of
from crm.projects.models import Project, Stage
from crm.reference import counting
from crm.reference.counting import EntrantTerms
from crm.snapshots.causes import Cause
from crm.snapshots.differences import compare
from crm.snapshots.models import Snapshot
from crm.snapshots.paper import paper_of
from crm.targets.board import board
from crm.targets.models import Indicator, ReviewState
from tests import factories
from tests.evidence.conftest import firm as firm
from tests.evidence.conftest import least, patent_number
from tests.evidence.conftest import neighbour as neighbour
from tests.metrics.test_figures import certificate, entrant
from tests.snapshots.conftest import AUG_31
from tests.targets.test_standing import flats, indicator, reported

PATENTS = KINDS["patents"]


@pytest.fixture
def patents(plan):
    """T03 is bound to the register of patents."""
    with writing():
        session.get_one(Indicator, indicator(plan, "T03").id).metric = "evidence.patents_applied"


def patent(cast, firm, serial, on=date(2020, 5, 6), *, verified=True, also=()):
    facts = least(
        PATENTS, number=patent_number(serial), title=f"专利{serial}", happened_on=on, kind=PatentKind.INVENTION
    )  # fmt: skip
    row = Row(
        facts, firm.id, co_holder_ids=tuple(one.id for one in also),
        state=VerificationState.VERIFIED if verified else VerificationState.PENDING, reported_by_id=cast.a.id,
    )  # fmt: skip
    with writing():
        (number,) = evidence.save_many(PATENTS, [row], by=SYSTEM)
    return number


def changed(cast, number, **facts):
    with writing():
        found = session.get_one(Patent, number)
        values = {**evidence.facts_of(PATENTS, found), **facts}
        evidence.correct(PATENTS, found, Row(values, found.company_id), by=cast.a, version=None)
        session.flush()
        verification.verify(found, by=cast.unit_head, version=None)


def against(found, code, scope=WHOLE_PARK_SCOPE):
    found = session.get_one(Snapshot, found.id)
    figure = next(one for one in found.figures if one.code == code)
    line = next(one for one in paper_of(found, is_demo=False).lines if one.code == code)
    return compare(figure, line, scope)


def told(comparison):
    return sorted((one.label, one.cause, one.amount) for one in comparison.differences)


def reconciles(comparison):
    parts = comparison.frozen + comparison.came - comparison.went + comparison.changed
    return parts == comparison.now


def test_each_row_says_why_it_is_not_as_it_was(plan, cast, firm, patents, taken):
    kept, gone, moved, redated, later = (
        patent(cast, firm, 1),
        patent(cast, firm, 2),
        patent(cast, firm, 3),
        patent(cast, firm, 4),
        patent(cast, firm, 5, verified=False),
    )
    found = taken(until="approved")
    assert against(found, "T03").differences == ()
    patent(cast, firm, 6)
    patent(cast, firm, 7, date(2020, 9, 1))  # after the day: no difference
    with writing():
        evidence.archive(session.get_one(Patent, gone), by=cast.a, version=None)
    changed(cast, moved, happened_on=date(2020, 9, 2))
    changed(cast, redated, happened_on=date(2020, 6, 1))
    with writing():
        verification.verify(session.get_one(Patent, later), by=cast.unit_head, version=None)
    comparison = against(found, "T03")
    assert told(comparison) == [
        ("专利2", Cause.WITHDRAWN, -1),
        ("专利3", Cause.CORRECTED, -1),
        ("专利4", Cause.CORRECTED, 0),
        ("专利5", Cause.VERIFIED_LATER, 1),
        ("专利6", Cause.LATE, 1),
    ]
    assert (comparison.frozen, comparison.now) == (4, 4)
    assert reconciles(comparison)
    assert comparison.is_intact
    assert len(comparison.rows) == 4
    assert kept in {row.record_id for row in comparison.rows}


REGISTERS = {
    key: metric.page.removeprefix("/evidence/").strip("/")
    for key, metric in METRICS.items()
    if metric.page.startswith("/evidence/")
}
PROVED = {
    "ladder.high_tech_holders": QualificationKind.HIGH_TECH,
    "ladder.high_tech_certified": QualificationKind.HIGH_TECH,
    "ladder.above_scale_holders": QualificationKind.ABOVE_SCALE,
    "ladder.new_reformed_quoted_listed": QualificationKind.QUOTED,
}
OTHERS = {
    "companies.new_entrants": False,
    "projects.started_floor_area": False,
    "ladder.new_large_earners": True,
    "evidence.firms_of_the_fund": True,
}
"""The metrics of neither; whether what proves them is verified by a second person."""

YI = Decimal(100_000_000)
MAY, SEP_2 = date(2020, 5, 6), date(2020, 9, 2)


def bound_to(plan, keys):
    """A target of the plan for each metric: its code by the metric."""
    with writing():
        targets = session.scalars(select(Indicator).where(Indicator.plan_id == plan.id)).all()
        for one, key in zip(targets, keys, strict=False):
            one.metric, one.filters = key, {}
        return {key: one.code for one, key in zip(targets, keys, strict=False)}


def of_register(register, firm, serial, *, verified=True):
    """One record of a register; its number, and the facts of another day."""
    kind, day = KINDS[register], MAY + timedelta(serial)
    facts = least(
        kind, title=f"第{serial}条", holder=firm.name, source=f"{serial}", happened_on=day
    )
    moved = {"happened_on": SEP_2}
    facts |= {"events": {"persons": 7}, "transformations": {"output": Decimal(70_000)}}.get(
        register, {}
    )
    if register == "patents":
        facts |= {"number": patent_number(serial), "kind": PatentKind.INVENTION, "granted_on": day}
        moved |= {"granted_on": SEP_2}
    state = VerificationState.VERIFIED if verified else VerificationState.PENDING
    with writing():
        (number,) = evidence.save_many(kind, [Row(facts, firm.id, state=state)], by=SYSTEM)
    return number, moved


def test_every_register_says_why_its_figures_are_not_as_they_were(plan, cast, firm, taken):
    codes = bound_to(plan, REGISTERS)
    registers = sorted(set(REGISTERS.values()))
    before = {
        register: [of_register(register, firm, n, verified=n != 4) for n in range(1, 5)]
        for register in registers
    }
    found = taken()
    for register in registers:
        kind = KINDS[register]
        of_register(register, firm, 5)
        (_kept, _), (gone, _), (redated, moved), (later, _) = before[register]
        with writing():
            evidence.archive(session.get_one(kind.model, gone), by=cast.a, version=None)
            one = session.get_one(kind.model, redated)
            facts = evidence.facts_of(kind, one) | moved
            evidence.correct(kind, one, Row(facts, one.company_id), by=cast.a, version=None)
            session.flush()
            verification.verify(one, by=cast.unit_head, version=None)
            verification.verify(session.get_one(kind.model, later), by=cast.unit_head, version=None)
    shown = board(session.get_one(Snapshot, found.id).plan, AUG_31, WHOLE_PARK_SCOPE)
    for key, code in codes.items():
        comparison = against(found, code)
        gone, redated = (before[REGISTERS[key]][place][0] for place in (1, 2))
        assert {one.record_id: one.cause for one in comparison.differences if one.amount < 0} == {
            gone: Cause.WITHDRAWN,
            redated: Cause.CORRECTED,
        }, key
        came = sorted(one.cause for one in comparison.differences if one.amount > 0)
        assert came == [Cause.LATE, Cause.VERIFIED_LATER], key
        assert reconciles(comparison), key
        assert comparison.now == shown.row(code).actual, key


def test_firms_and_their_certificates_say_why_they_no_longer_count(plan, cast, taken):
    codes = bound_to(plan, PROVED)

    def holders(number):
        firms = [entrant(cast.carrier_a, date(2016, 1, 1)) for _ in range(number)]
        kinds = set(PROVED.values())
        return [(one, [certificate(one, kind, MAY) for kind in kinds]) for one in firms]

    _kept, (gone, refused), (redated, moved), (left, _) = holders(4)
    found = taken()
    ((late, _),) = holders(1)
    with writing():
        for one in refused:
            session.get_one(Qualification, one.id).state = VerificationState.RETURNED
        for one in moved:
            again = session.get_one(Qualification, one.id)
            again.counts_from = again.issued_on = SEP_2
        session.get_one(Company, left.id).archived_at = clock.now()
    shown = board(session.get_one(Snapshot, found.id).plan, AUG_31, WHOLE_PARK_SCOPE)
    for key, code in codes.items():
        comparison = against(found, code)
        assert {one.record_id: one.cause for one in comparison.differences} == {
            gone.id: Cause.WITHDRAWN,
            redated.id: Cause.CORRECTED,
            left.id: Cause.WITHDRAWN,
            late.id: Cause.LATE,
        }, key
        assert reconciles(comparison), key
        assert comparison.now == shown.row(code).actual, key


def planted(key, cast, *, verified=True):
    """What one of the other metrics counts: the number of its record, and what proves it."""
    state = VerificationState.VERIFIED if verified else VerificationState.PENDING
    if key == "projects.started_floor_area":
        flat = flats(cast, (Stage.CONSTRUCTION, date(2020, 8, 3)))
        return flat.id, flat
    firm = entrant(cast.carrier_a, MAY)
    if key == "companies.new_entrants":
        return firm.id, session.scalars(
            select(Residence).where(Residence.company_id == firm.id)
        ).one()
    if key == "ladder.new_large_earners":
        certificate(firm, QualificationKind.ABOVE_SCALE, MAY)
        factories.make_operating_report(firm, 2019, 12, date(2019, 12, 31), revenue=YI - 1)
        report = factories.make_operating_report(
            firm, 2020, 6, date(2020, 6, 30), revenue=YI, state=state
        )
        return firm.id, report
    certificate(firm, QualificationKind.HIGH_TECH, MAY)
    money = least(
        KINDS["financings"], title="园区引导基金", holder=firm.name, happened_on=MAY,
        instrument=Instrument.FUND, investor_kind=InvestorKind.GUIDANCE_FUND,
    )  # fmt: skip
    with writing():
        rows = [Row(money, firm.id, state=state)]
        (number,) = evidence.save_many(KINDS["financings"], rows, by=SYSTEM)
    return firm.id, session.get_one(Financing, number)


def withdraw(proof, cast):
    """The firm or project goes from the register; a sum that came in, alone."""
    with writing():
        if isinstance(proof, Financing):
            evidence.archive(session.get_one(Financing, proof.id), by=cast.a, version=None)
        elif isinstance(proof, Project):
            session.get_one(Project, proof.id).archived_at = clock.now()
        else:
            session.get_one(Company, proof.company_id).archived_at = clock.now()


def correct(proof, cast):
    """Another day after the snapshot's, less floor, or a later report that tells less."""
    if isinstance(proof, OperatingReport):
        firm = session.get_one(Company, proof.company_id)
        factories.make_operating_report(firm, 2020, 7, date(2020, 7, 31), revenue=YI - 1)
        return
    with writing():
        again = session.get_one(type(proof), proof.id)
        if isinstance(again, Project):
            again.floor_area = 60_000
        elif isinstance(again, Residence):
            again.from_on = SEP_2
        else:
            kind = KINDS["financings"]
            facts = evidence.facts_of(kind, again) | {"happened_on": SEP_2}
            evidence.correct(kind, again, Row(facts, again.company_id), by=cast.a, version=None)
            session.flush()
            verification.verify(again, by=cast.unit_head, version=None)


@pytest.mark.parametrize(("key", "is_verified"), OTHERS.items())
def test_entrants_floor_area_large_earners_and_the_funds_firms_say_why(
    key, is_verified, plan, cast, taken
):
    code = bound_to(plan, [key])[key]
    if key == "projects.started_floor_area":
        with writing():
            session.get_one(Indicator, indicator(plan, code).id).filters = {
                "purpose": "talent_housing"
            }
    _kept, (gone, lost), (redated, moved) = (planted(key, cast) for _ in range(3))
    expected = {gone: Cause.WITHDRAWN, redated: Cause.CORRECTED}
    if is_verified:
        later, waiting = planted(key, cast, verified=False)
        expected[later] = Cause.VERIFIED_LATER
    found = taken()
    withdraw(lost, cast)
    correct(moved, cast)
    expected[planted(key, cast)[0]] = Cause.LATE
    if is_verified:
        with writing():
            session.get_one(type(waiting), waiting.id).state = VerificationState.VERIFIED
    comparison = against(found, code)
    assert {one.record_id: one.cause for one in comparison.differences} == expected
    assert reconciles(comparison)
    shown = board(session.get_one(Snapshot, found.id).plan, AUG_31, WHOLE_PARK_SCOPE)
    assert comparison.now == shown.row(code).actual


def test_no_metric_is_left_out_of_these_tests():
    assert METRICS.keys() == REGISTERS.keys() | PROVED.keys() | OTHERS.keys()


def test_a_unit_sees_its_own_rows_and_a_shared_record_counts_once_for_each(
    plan, cast, firm, neighbour, patents, taken
):
    patent(cast, firm, 1, also=(neighbour,))
    patent(cast, firm, 2)
    found = taken(until="approved")
    patent(cast, firm, 3)
    patent(cast, neighbour, 4)
    for person, frozen, came in ((cast.leader, 2, 2), (cast.a, 2, 1), (cast.b, 1, 1)):
        comparison = against(found, "T03", scope_of(person))
        assert (comparison.frozen, comparison.came) == (frozen, came), person.name
        assert reconciles(comparison)
    line = next(one for one in paper_of(found, is_demo=False).lines if one.code == "T03")
    by_unit = {part.unit_id: part.value for part in line.parts}
    assert (by_unit[cast.park.id], by_unit[cast.carrier_a.id], by_unit[cast.carrier_b.id]) == (
        2,
        2,
        1,
    )


def test_another_rule_or_another_metric_is_a_change_of_what_counts(
    plan, cast, firm, patents, taken
):
    entrant(cast.carrier_a)
    branch = entrant(cast.carrier_a, kind="branch")
    patent(cast, firm, 1)
    found = taken(until="approved")
    with writing():
        kinds = frozenset({"enterprise", "branch"})
        counting.decree(EntrantTerms(kinds=kinds), valid_from=date(2020, 1, 1), by=SYSTEM)
        session.get_one(Indicator, indicator(plan, "T03").id).metric = "evidence.patents_granted"
    assert [(one.record_id, one.cause) for one in against(found, "T01").differences] == [
        (branch.id, Cause.RULES)
    ]
    assert told(against(found, "T03")) == [("专利1", Cause.RULES, -1)]
    with writing():
        session.get_one(Indicator, indicator(plan, "T03").id).metric = "companies.new_entrants"
    comparison = against(found, "T03")
    assert {one.cause for one in comparison.differences} == {Cause.RULES}
    assert reconciles(comparison)


def test_a_later_report_by_hand_takes_the_place_of_the_one_that_counted(plan, cast, taken):
    target = indicator(plan, "T08")
    reported(cast, target, "120", date(2020, 7, 31))
    reported(cast, target, "150", AUG_31, state=ReviewState.SIGNED)
    found = taken(until="approved")
    reported(cast, target, "160.5", AUG_31)
    comparison = against(found, "T08")
    assert sorted((one.cause, one.amount) for one in comparison.differences) == [
        (Cause.CORRECTED, -120),
        (Cause.LATE, Decimal("160.5")),
    ]
    assert comparison.now == Decimal("160.5")
    assert reconciles(comparison)


def test_a_project_that_was_sealed_since_is_in_the_sum_and_not_on_the_page(plan, cast, taken):

    flat = flats(cast, (Stage.CONSTRUCTION, date(2020, 8, 3)))
    found = taken(until="approved")
    with writing():
        session.get_one(Project, flat.id).is_sealed = True
    for person, seen in ((cast.auditor, 0), (cast.leader, 1)):
        comparison = against(found, "T44", scope_of(person))
        assert (len(comparison.differences), len(comparison.rows)) == (seen, seen)
        assert comparison.hidden == 1 - seen
        assert (comparison.frozen, comparison.now) == (15, 0)
        assert reconciles(comparison)


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["add", "archive", "redate", "share", "verify"]),
        st.integers(0, 5),
        st.integers(0, 200),
    ),
    max_size=6,
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_whatever_is_done_later_the_sums_reconcile_and_the_rows_are_the_figures(
    edits, plan, cast, firm, neighbour, patents, taken
):
    serials = iter(range(session.query(Patent).count() + 1, 10_000))
    for also in ((), (neighbour,)):
        patent(cast, firm, next(serials), also=also)
    patent(cast, firm, next(serials), verified=False)
    session.expire_all()
    found = taken()
    for what, which, days in edits:
        day = date(2020, 3, 1) + timedelta(days)
        query = select(Patent.id).where(Patent.archived_at.is_(None)).order_by(Patent.id)
        ids = list(session.scalars(query))
        number = ids[which % len(ids)] if ids else None
        if what in ("add", "share") or number is None:
            patent(cast, firm, next(serials), day, also=(neighbour,) if what == "share" else ())
        elif what == "archive":
            with writing():
                evidence.archive(session.get_one(Patent, number), by=cast.a, version=None)
        elif what == "redate":
            changed(cast, number, happened_on=day)
        elif session.get_one(Patent, number).state == VerificationState.PENDING:
            with writing():
                verification.verify(
                    session.get_one(Patent, number), by=cast.unit_head, version=None
                )
    for person in (cast.leader, cast.a, cast.b):
        comparison = against(found, "T03", scope_of(person))
        shown = board(session.get_one(Snapshot, found.id).plan, AUG_31, scope_of(person))
        assert reconciles(comparison)
        assert comparison.now == shown.row("T03").actual
