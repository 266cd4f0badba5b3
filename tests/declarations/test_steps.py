"""Steps of declarations: which may follow which, all or none of a selection, what is written down."""

from datetime import date
from itertools import product

import pytest
from sqlalchemy import func, select

from crm.audit.models import AuditEntry
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError
from crm.declarations.models import (
    Category,
    Declaration,
    DeclarationBatch,
    DeclarationStep,
    State,
)
from crm.declarations.services import (
    BatchDetails,
    DeclarationRow,
    StepRow,
    StepsRefused,
    change_batch,
    declare_many,
    open_batch,
    step_many,
)
from crm.declarations.steps import allowed, needs_reason
from crm.ladder.models import Qualification
from crm.ladder.models import QualificationKind as Proof
from tests import factories

TODAY = date(2020, 9, 30)
S = State
ONWARD = {
    (S.SURVEYED, S.PLANNED), (S.SURVEYED, S.FILED), (S.PLANNED, S.FILED), (S.FILED, S.ACCEPTED),
    (S.FILED, S.PUBLICISED), (S.FILED, S.RECOGNISED), (S.ACCEPTED, S.PUBLICISED), (S.ACCEPTED, S.RECOGNISED),
    (S.PUBLICISED, S.RECOGNISED),
}  # fmt: skip
IN_ORDER = [s for s in State if s is not S.REJECTED]


def is_back(before, after):
    if before is S.REJECTED:
        return after in IN_ORDER[:-1]
    return (
        before is not S.RECOGNISED
        and after is not S.REJECTED
        and IN_ORDER.index(after) < IN_ORDER.index(before)
    )


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_every_pair_of_states(before, after):
    refused = after is S.REJECTED and before not in (S.REJECTED, S.RECOGNISED)
    expected = (before, after) in ONWARD or is_back(before, after) or refused
    assert (after in allowed(before)) is expected
    if expected:
        assert needs_reason(before, after) is ((before, after) not in ONWARD)


@pytest.fixture
def batch(cast):
    return factories.make_batch()


@pytest.fixture
def three(cast, batch):
    return [
        factories.make_declaration(batch, factories.make_company(cast.carrier_a)) for _ in range(3)
    ]


def move(declarations, to_state, by, **values):
    versions = values.pop("versions", {d.id: 1 for d in declarations})
    values = {"on": TODAY, **values}
    with writing():
        held = [session.get_one(Declaration, d.id) for d in declarations]
        step_many(held, to_state, versions=versions, by=by, **values)


def states(declarations):
    session.expire_all()
    return [session.get_one(Declaration, d.id).state for d in declarations]


def test_a_selection_moves_together_and_each_keeps_its_event(cast, three):
    move(three, S.FILED, cast.a, on=date(2020, 9, 15), note="统一报送")
    assert states(three) == [S.FILED] * 3
    steps = session.scalars(
        select(DeclarationStep).where(DeclarationStep.to_state == S.FILED)
    ).all()
    assert {(s.from_state, s.effective_on, s.by_id, s.note) for s in steps} == {
        (S.SURVEYED, date(2020, 9, 15), cast.a.id, "统一报送")
    }
    assert len(steps) == 3
    entry = session.scalars(select(AuditEntry)).one()
    assert entry.action == "declaration.moved"


@pytest.mark.parametrize(
    ("issued_on", "is_noted"),
    [(date(2017, 1, 1), False), (date(2017, 1, 2), True), (date(2018, 1, 1), True), (date(2018, 1, 2), False)],
)  # fmt: skip
def test_filing_notes_the_renewal_on_a_certificate_that_ends_in_the_year(
    cast, three, issued_on, is_noted
):
    ends = issued_on.replace(year=issued_on.year + 3)
    proof = factories.make_qualification(three[0].company, Proof.HIGH_TECH, issued_on, ends)
    move(three, S.FILED, cast.a, on=date(2020, 9, 15))
    filed_on = session.get_one(Qualification, proof.id, populate_existing=True).renewal_filed_on
    assert filed_on == (date(2020, 9, 15) if is_noted else None)


def test_one_fault_and_nobody_moves(cast, batch, three):
    done = factories.make_declaration(
        batch, factories.make_company(cast.carrier_a, "已认定企业"), S.RECOGNISED
    )
    before = session.scalar(select(func.count(DeclarationStep.id)))
    with pytest.raises(StepsRefused) as refused:
        move([*three, done], S.FILED, cast.a)
    assert [fault.name for fault in refused.value.faults] == ["已认定企业"]
    assert states([*three, done]) == [S.SURVEYED] * 3 + [S.RECOGNISED]
    assert session.scalar(select(func.count(DeclarationStep.id))) == before
    assert session.scalar(select(func.count(AuditEntry.id))) == 0


def test_every_fault_is_told_at_once(cast, batch, three):
    filed = factories.make_declaration(
        batch, factories.make_company(cast.carrier_a), S.FILED, date(2020, 9, 20)
    )
    versions = {**{d.id: 1 for d in (*three, filed)}, three[1].id: 7}
    with pytest.raises(StepsRefused) as refused:
        move([three[0], three[1], filed], S.FILED, cast.a, versions=versions)
    assert len(refused.value.faults) == 2


@pytest.mark.parametrize(
    ("on", "is_right"),
    [
        (date(2020, 8, 31), False),
        (date(2020, 9, 1), True),
        (TODAY, True),
        (date(2020, 10, 1), False),
    ],
)
def test_a_step_is_not_before_the_last_one_nor_after_today(cast, three, on, is_right):
    if is_right:
        move(three[:1], S.PLANNED, cast.a, on=on)
    else:
        with pytest.raises(StepsRefused):
            move(three[:1], S.PLANNED, cast.a, on=on)


def test_back_and_refusal_need_a_reason(cast, three):
    move(three[:1], S.FILED, cast.a)
    for to_state in (S.SURVEYED, S.REJECTED):
        with pytest.raises(StepsRefused):
            move(three[:1], to_state, cast.a, versions={three[0].id: 2})
    move(three[:1], S.REJECTED, cast.a, note="研发占比不足", versions={three[0].id: 2})
    move(three[:1], S.PLANNED, cast.a, note="补充材料后再报", versions={three[0].id: 3})
    assert states(three[:1]) == [S.PLANNED]


def test_recognition_is_no_plain_step(cast, three):
    with pytest.raises(DomainError):
        move(three, S.RECOGNISED, cast.a)


# Batches


def details(**values):
    given = {"kind": Proof.HIGH_TECH, "number": "第一批"}
    return BatchDetails(Category.ENTERPRISE, 2020, date(2020, 7, 31), **{**given, **values})


def test_a_year_has_a_batch_once(cast):
    with writing():
        open_batch(details(), by=cast.a)
    with pytest.raises(Conflict), writing():
        open_batch(details(), by=cast.a)
    with writing():
        open_batch(details(number="第二批"), by=cast.a)
        open_batch(details(kind=Proof.TECH_SME), by=cast.a)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": None},
        {"kind": Proof.LISTED},
        {"kind": Proof.LABEL},
        {"kind": Proof.LABEL, "label_id": 987654},
        {"opens_on": date(2020, 8, 1)},
    ],
)
def test_a_batch_that_cannot_be_is_refused(cast, wrong):
    with pytest.raises(DomainError), writing():
        open_batch(details(**wrong), by=cast.a)
    with pytest.raises(DomainError), writing():
        open_batch(BatchDetails(Category.TALENT, 2020, date(2020, 7, 31)), by=cast.a)


def test_what_a_batch_is_for_stays_once_somebody_is_in_it(cast, batch, three):
    def change(**values):
        found = session.get_one(DeclarationBatch, batch.id)
        change_batch(found, details(**values), version=1, by=cast.a)

    with pytest.raises(DomainError), writing():
        change(kind=Proof.TECH_SME)
    with writing():
        change(number="秋季批")
    assert session.get_one(DeclarationBatch, batch.id).number == "秋季批"


def test_a_firm_is_in_a_batch_once_and_its_history_comes_with_it(cast, batch):
    firm = factories.make_company(cast.carrier_a)
    steps = (StepRow(S.SURVEYED, date(2020, 3, 2)), StepRow(S.FILED, date(2020, 4, 1)))
    row = DeclarationRow(batch.id, cast.carrier_a.id, steps, firm.id)
    with writing():
        assert declare_many([row], by=cast.a) == 1
    made = session.scalars(select(Declaration)).one()
    assert (made.state, made.state_on) == (S.FILED, date(2020, 4, 1))
    found = session.execute(select(DeclarationStep.from_state, DeclarationStep.to_state)).all()
    assert found == [(None, S.SURVEYED), (S.SURVEYED, S.FILED)]
    with pytest.raises(Conflict), writing():
        declare_many([row], by=cast.a)
