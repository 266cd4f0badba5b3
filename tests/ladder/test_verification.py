"""核验: only what a second person has confirmed counts; a whole source document in one click, exceptions returned."""

from datetime import date

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.verification import SamePerson, VerificationState
from crm.companies.models import Company
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError, StaleRecord
from crm.ladder import labels, queries, services, verification
from crm.ladder.labels import LabelDetails
from crm.ladder.models import Level, Qualification, QualificationKind, Validity
from crm.ladder.pyramid import pyramid
from crm.ladder.renewals import awaiting_renewal
from crm.ladder.rungs import Rung
from crm.ladder.services import QualificationDetails
from crm.people.roles import Role
from crm.people.scope import WHOLE_PARK_SCOPE, scope_of
from tests import factories

Kind, State = QualificationKind, VerificationState
PENDING, SOURCE = VerificationState.PENDING, "苏高企协〔2020〕8号"
TODAY = date(2020, 9, 30)


@pytest.fixture
def firm(cast):
    company = factories.make_company(cast.carrier_a)
    factories.make_residence(company, cast.carrier_a, date(2016, 3, 1))
    return company


@pytest.fixture
def head(cast):
    return factories.make_user(Role.UNIT_HEAD, unit=cast.carrier_a)


def proof_of(company, by=None, **values):
    values = {"source": SOURCE, "state": PENDING, "reported_by_id": by and by.id, **values}
    return factories.make_qualification(
        company, Kind.HIGH_TECH, date(2018, 1, 2), date(2021, 1, 2), **values
    )


def fresh(proof):
    session.expire_all()
    return session.get_one(Qualification, proof.id)


def batch_of(reader, source=SOURCE):
    return verification.batch(scope_of(reader), source, reader)[0]


def verify_batch(reader, **values):
    seen = values.pop("seen", None) or batch_of(reader).seen
    with writing():
        return verification.verify_batch(scope_of(reader), SOURCE, seen=seen, by=reader, **values)


def test_a_proof_counts_nowhere_before_it_is_verified(firm, cast):
    proof = proof_of(firm, cast.a)

    def figures():
        steps = {step.rung: step.holding for step in pyramid(WHOLE_PARK_SCOPE, TODAY)}
        held = queries.standings_of([firm.id], TODAY)[firm.id].rung == Rung.HIGH_TECH
        on_board = len(session.execute(queries.holders(Kind.HIGH_TECH, TODAY)).all())
        year = (date(2018, 1, 1), date(2018, 12, 31))
        won = len(session.execute(queries.awarded(Kind.HIGH_TECH, *year)).all())
        ending = session.execute(queries.ending_within(120, WHOLE_PARK_SCOPE, TODAY)).all()
        return steps[Rung.HIGH_TECH], held, on_board, won, len(ending)

    assert figures() == (0, False, 0, 0, 0)
    with writing():
        verification.verify(fresh(proof), by=cast.supervisor, version=1)
    assert figures() == (1, True, 1, 1, 1)


def test_who_entered_it_does_not_verify_it(firm, cast, head):
    proof = proof_of(firm, head)
    with pytest.raises(SamePerson), writing():
        verification.verify(fresh(proof), by=head, version=1)
    assert fresh(proof).state == PENDING
    with writing():
        verification.verify(fresh(proof), by=cast.supervisor, version=1)
    assert (fresh(proof).state, fresh(proof).verified_by_id) == (
        State.VERIFIED,
        cast.supervisor.id,
    )


def test_what_was_changed_since_it_was_seen_is_not_verified(firm, cast):
    proof = proof_of(firm, cast.a)
    with pytest.raises(StaleRecord), writing():
        verification.verify(fresh(proof), by=cast.supervisor, version=0)


def test_what_is_returned_says_why_is_corrected_and_waits_anew(firm, cast, head):
    proof = proof_of(firm, cast.a, number="GR1")
    with pytest.raises(DomainError, match="请填写原因"), writing():
        verification.send_back(fresh(proof), reason="", by=head, version=1)
    with writing():
        verification.send_back(fresh(proof), reason="编号有误", by=head, version=1)
    assert (fresh(proof).state, fresh(proof).review_note) == (State.RETURNED, "编号有误")
    with pytest.raises(Conflict), writing():
        verification.verify(fresh(proof), by=cast.supervisor, version=None)
    details = QualificationDetails(Kind.HIGH_TECH, "GR2", date(2018, 1, 2), source=SOURCE)
    with writing():
        assert services.correct(fresh(proof), details, by=cast.a, version=2)
    corrected = fresh(proof)
    assert (corrected.state, corrected.number, corrected.review_note) == (PENDING, "GR2", "")
    assert corrected.verified_by_id is None


def test_a_batch_is_verified_at_once_but_for_the_exceptions(firm, cast):
    others = [factories.make_company(cast.carrier_b) for _ in range(3)]
    proofs = [proof_of(company, cast.a) for company in (firm, *others)]
    another_source = proof_of(firm, cast.a, source="另一份", number="别")
    with pytest.raises(DomainError, match="请填写退回的原因"):
        verify_batch(cast.supervisor, exceptions={proofs[1].id})
    counts = verify_batch(cast.supervisor, exceptions={proofs[1].id}, reason="名称不符")
    assert counts == (3, 1)
    assert [fresh(proof).state.value for proof in proofs] == [
        "verified",
        "returned",
        "verified",
        "verified",
    ]
    assert (fresh(proofs[1]).review_note, fresh(proofs[0]).version) == ("名称不符", 2)
    assert fresh(another_source).state == PENDING
    actions = session.scalars(select(AuditEntry.action)).all()
    assert actions.count("qualification.verified_many") == 1
    assert actions.count("qualification.returned_many") == 1


def test_a_batch_leaves_what_the_verifier_entered_to_somebody_else(firm, cast, head):
    own = proof_of(firm, head)
    other = proof_of(factories.make_company(cast.carrier_a), cast.a)
    assert (batch_of(head).number, batch_of(head).own) == (2, 1)
    assert verify_batch(head) == (1, 0)
    assert (fresh(own).state, fresh(other).state) == (PENDING, State.VERIFIED)


def test_a_batch_that_grew_or_changed_since_is_looked_at_again(firm, cast):
    proof = proof_of(firm, cast.a)
    seen = batch_of(cast.supervisor).seen
    late = proof_of(factories.make_company(cast.carrier_b), cast.b)
    with pytest.raises(Conflict, match="有增减或更正"):
        verify_batch(cast.supervisor, seen=seen)
    assert {fresh(proof).state, fresh(late).state} == {PENDING}
    seen = batch_of(cast.supervisor).seen
    assert verify_batch(cast.supervisor, seen=seen) == (2, 0)
    with pytest.raises(Conflict, match="没有待核"):  # the button pressed twice
        verify_batch(cast.supervisor, seen=seen)


def test_a_head_verifies_what_lies_in_the_own_unit_only(firm, cast, head):
    proof_of(firm, cast.a)
    theirs = proof_of(factories.make_company(cast.carrier_b), cast.b)
    assert batch_of(head).number == 1
    assert verify_batch(head) == (1, 0)
    assert fresh(theirs).state == PENDING


def test_the_queue_costs_one_query_however_many_wait(firm, cast, query_count):
    def cost(number):
        for _ in range(number):
            proof_of(factories.make_company(cast.carrier_a), cast.a)
        assert cast.supervisor.id
        with query_count() as found:
            assert verification.batches(WHOLE_PARK_SCOPE, cast.supervisor)
        return len(found)

    assert cost(2) == cost(8) == 1


# 更名, corrections


def test_a_new_name_on_the_certificate_keeps_number_validity_and_verification(firm, cast):
    proof = proof_of(firm, cast.a, state=State.VERIFIED, number="GR1", name_on_it="旧名")
    details = QualificationDetails(
        Kind.HIGH_TECH, "GR1", date(2018, 1, 2), name_on_it="新名", source=SOURCE
    )
    with writing():
        assert not services.correct(fresh(proof), details, by=cast.a, version=1)
    renamed = fresh(proof)
    assert (renamed.state, renamed.name_on_it, renamed.counts_to) == (
        State.VERIFIED,
        "新名",
        date(2021, 1, 2),
    )
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.action == "qualification.corrected")
    ).one()
    assert "旧名" in entry.details


def test_a_new_name_on_a_waiting_proof_does_not_let_its_author_verify_it(firm, cast, head):
    proof = proof_of(firm, head, number="GR1")
    details = QualificationDetails(
        Kind.HIGH_TECH, "GR1", date(2018, 1, 2), name_on_it="新名", source=SOURCE
    )
    with writing():
        assert services.correct(fresh(proof), details, by=cast.a, version=1)
    with pytest.raises(SamePerson), writing():
        verification.verify(fresh(proof), by=head, version=2)


def test_another_date_on_a_verified_proof_asks_a_second_person_anew(firm, cast):
    proof = proof_of(firm, cast.b, state=State.VERIFIED, number="GR1")
    details = QualificationDetails(Kind.HIGH_TECH, "GR1", date(2018, 1, 3), source=SOURCE)
    with writing():
        assert services.correct(fresh(proof), details, by=cast.a, version=1)
    assert (fresh(proof).state, fresh(proof).reported_by_id) == (PENDING, cast.a.id)
    assert fresh(proof).counts_to == date(2021, 1, 3)


def test_a_correction_cannot_take_anothers_number_nor_a_day_after_its_end(firm, cast):
    proof_of(firm, cast.a, number="GR1")
    ended_on = date(2019, 1, 1)
    proof = factories.make_qualification(
        firm, Kind.HIGH_TECH, date(2018, 1, 2), ended_on, revoked_on=ended_on, number="GR2"
    )
    taken = QualificationDetails(Kind.HIGH_TECH, "GR1", date(2018, 1, 2))
    with pytest.raises(services.AlreadyRecorded), writing():
        services.correct(fresh(proof), taken, by=cast.a, version=1)
    late = QualificationDetails(Kind.HIGH_TECH, "GR2", date(2019, 1, 2))
    with pytest.raises(DomainError, match="不能早于取得日期"), writing():
        services.correct(fresh(proof), late, by=cast.a, version=1)
    assert fresh(proof).number == "GR2"


# 到期待重新认定


def waits(on):
    return [row.id for row in session.execute(awaiting_renewal(WHOLE_PARK_SCOPE, on))]


def ended(firm, counts_to=date(2020, 7, 20), **values):
    values = {"renewal_filed_on": date(2020, 6, 15), **values}
    return factories.make_qualification(
        firm, Kind.HIGH_TECH, counts_to.replace(year=counts_to.year - 3), counts_to, **values
    )


def test_an_ended_certificate_whose_renewal_is_filed_waits_until_the_years_end(firm):
    ended(firm)
    assert waits(date(2020, 7, 19)) == []  # still in the stock
    assert waits(date(2020, 7, 20)) == waits(date(2020, 12, 31)) == [firm.id]
    assert waits(date(2021, 1, 1)) == []


def test_it_waits_only_from_the_day_of_filing_and_only_when_filed_the_same_year(firm, cast):
    ended(firm, renewal_filed_on=date(2020, 8, 10))
    assert (waits(date(2020, 8, 9)), waits(date(2020, 8, 10))) == ([], [firm.id])
    other = factories.make_company(cast.carrier_a)
    factories.make_residence(other, cast.carrier_a, date(2016, 1, 1))
    ended(other, renewal_filed_on=date(2019, 12, 31))
    assert waits(TODAY) == [firm.id]


def test_a_certificate_that_ends_with_the_year_never_waits(firm):
    ended(firm, date(2021, 1, 1), renewal_filed_on=date(2020, 11, 2))
    assert waits(date(2020, 12, 31)) == waits(date(2021, 1, 1)) == []


def test_who_holds_a_new_certificate_was_revoked_left_or_is_unverified_does_not_wait(firm, cast):
    old = ended(firm)
    new = factories.make_qualification(
        firm, Kind.HIGH_TECH, date(2020, 9, 10), date(2023, 9, 10), state=PENDING
    )
    assert waits(TODAY) == [firm.id]  # the new one is not verified yet
    with writing():
        session.get_one(Qualification, new.id).state = State.VERIFIED
    assert (waits(date(2020, 9, 9)), waits(date(2020, 9, 10))) == ([firm.id], [])
    with writing():
        session.delete(session.get_one(Qualification, new.id))
        session.get_one(Qualification, old.id).revoked_on = date(2020, 7, 20)
    assert waits(TODAY) == []
    gone = factories.make_company(cast.carrier_a)
    factories.make_residence(gone, cast.carrier_a, date(2016, 1, 1), date(2020, 9, 1))
    ended(gone)
    assert (waits(date(2020, 8, 31)), waits(date(2020, 9, 1))) == ([gone.id], [])


def test_a_renewal_is_filed_in_the_year_in_which_the_certificate_ends(firm, cast):
    proof = ended(firm, renewal_filed_on=None)
    for on, sentence in (
        (date(2019, 12, 31), "到期当年（2020年）"),
        (date(2020, 10, 1), "不能晚于今天"),
    ):
        with pytest.raises(DomainError, match=sentence), writing():
            services.file_renewal(fresh(proof), on=on, by=cast.a, version=1)
    with writing():
        services.file_renewal(fresh(proof), on=date(2020, 1, 1), by=cast.a, version=1)
    assert waits(TODAY) == [firm.id]
    with writing():
        services.file_renewal(fresh(proof), on=None, by=cast.a, version=2)
    assert waits(TODAY) == []


def test_a_renewal_is_of_a_high_tech_certificate(firm, cast):
    other = factories.make_qualification(firm, Kind.ABOVE_SCALE, date(2018, 1, 2))
    with pytest.raises(DomainError), writing():
        services.file_renewal(fresh(other), on=TODAY, by=cast.a, version=1)


# Other labels


def award(firm, by, **values):
    details = QualificationDetails(Kind.LABEL, "", date(2020, 2, 29), **values)
    with writing():
        return services.award(session.get_one(Company, firm.id), details, by=by)


@pytest.mark.parametrize(
    ("validity", "years", "ends"),
    [
        (Validity.YEARS, 3, date(2023, 3, 1)),
        (Validity.YEARS, 4, date(2024, 2, 29)),
        (Validity.YEAR_END, None, date(2021, 1, 1)),
        (Validity.OPEN, None, None),
    ],
)
def test_a_label_counts_as_long_as_its_kind_says(firm, cast, validity, years, ends):
    label = factories.make_label(validity=validity, years=years, authority="省工信厅")
    proof = award(firm, cast.a, label_id=label.id)
    assert (proof.counts_from, proof.counts_to) == (date(2020, 2, 29), ends)
    assert (proof.authority, proof.level) == ("省工信厅", Level.PROVINCIAL)


def test_the_last_day_printed_on_a_label_goes_before_its_rule(firm, cast):
    label = factories.make_label()
    proof = award(firm, cast.a, label_id=label.id, valid_to=date(2022, 12, 31))
    assert proof.counts_to == date(2023, 1, 1)


def test_two_labels_of_one_day_and_one_without_a_number_do_not_clash(firm, cast):
    first, second = factories.make_label(), factories.make_label()
    award(firm, cast.a, label_id=first.id)
    award(firm, cast.a, label_id=second.id)
    with pytest.raises(services.AlreadyRecorded):
        award(firm, cast.a, label_id=first.id)
    with pytest.raises(DomainError, match="请选择资质种类"):
        award(firm, cast.a)
    with pytest.raises(DomainError, match="请选择资质种类"):
        award(firm, cast.a, label_id=987654)


def test_a_label_proves_no_rung(firm, cast):
    label = factories.make_label()
    proof = award(firm, cast.a, label_id=label.id)
    with writing():
        verification.verify(fresh(proof), by=cast.supervisor, version=1)
    assert queries.standings_of([firm.id], TODAY)[firm.id].rung == Rung.STARTUP
    assert all(
        not step.holding for step in pyramid(WHOLE_PARK_SCOPE, TODAY) if step.rung != Rung.STARTUP
    )


def test_labels_are_kept_by_name_and_retired_not_deleted(cast):
    details = LabelDetails("雏鹰企业", Level.MUNICIPAL, Validity.YEARS, years=3)
    with writing():
        made = labels.add(details, by=cast.admin)
    with pytest.raises(labels.LabelExists), writing():
        labels.add(details, by=cast.admin)
    for years, validity in ((None, Validity.YEARS), (3, Validity.OPEN)):
        with pytest.raises(DomainError), writing():
            labels.add(LabelDetails("甲", Level.MUNICIPAL, validity, years=years), by=cast.admin)
    with writing():
        labels.retire(session.get_one(type(made), made.id), by=cast.admin)
    assert session.scalars(labels.offered()).all() == []
    assert len(session.scalars(labels.every()).all()) == 1
