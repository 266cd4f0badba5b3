"""认定: the qualification comes with it, once, for all of a selection or for none."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from crm.audit.verification import VerificationState
from crm.core.db import session, writing
from crm.declarations.models import Category, Declaration, DeclarationBatch, State
from crm.declarations.recognition import Recognition, recognise_many
from crm.declarations.services import BatchDetails, StepsRefused, open_batch
from crm.evidence.kinds.grants import Grant
from crm.evidence.kinds.talents import Programme, Talent, Way
from crm.ladder.models import Level, Qualification
from crm.ladder.models import QualificationKind as Proof
from tests import factories

TODAY, ISSUED = date(2020, 9, 30), date(2020, 9, 11)


@pytest.fixture
def batch(cast):
    return factories.make_batch(number="第二批")


@pytest.fixture
def two(cast, batch):
    names = ("常州甲科技有限公司", "常州乙科技有限公司")
    firms = [factories.make_company(cast.carrier_a, name) for name in names]
    return [factories.make_declaration(batch, firm, State.PUBLICISED) for firm in firms]


def recognise(declarations, results, by, **values):
    versions = {d.id: values.pop("version", 1) for d in declarations}
    given = dict(zip([d.id for d in declarations], results, strict=True))
    with writing():
        held = [session.get_one(Declaration, d.id) for d in declarations]
        recognise_many(
            held, given, on=TODAY, source="苏高企协〔2020〕8号", versions=versions, by=by
        )


def proofs():
    return session.scalars(select(Qualification).order_by(Qualification.id)).all()


def test_each_firm_gets_its_certificate_and_the_declaration_names_it(cast, two):
    recognise(two, [Recognition(ISSUED, "GR1"), Recognition(date(2020, 9, 14), "GR2")], cast.a)
    found = proofs()
    assert [(p.number, p.issued_on, p.counts_to, p.batch, p.source) for p in found] == [
        ("GR1", ISSUED, date(2023, 9, 11), "2020年第二批", "苏高企协〔2020〕8号"),
        ("GR2", date(2020, 9, 14), date(2023, 9, 14), "2020年第二批", "苏高企协〔2020〕8号"),
    ]
    session.expire_all()
    made = [session.get_one(Declaration, d.id) for d in two]
    assert [(d.state, d.qualification_id) for d in made] == [
        (State.RECOGNISED, proof.id) for proof in found
    ]
    assert [proof.is_renewal for proof in found] == [False, False]


@pytest.mark.parametrize(
    ("ends", "is_renewal"),
    [(date(2020, 1, 1), False), (date(2020, 1, 2), True), (date(2020, 11, 17), True)],
)
def test_after_a_certificate_that_ends_in_the_year_it_is_a_renewal(cast, two, ends, is_renewal):
    factories.make_qualification(two[0].company, Proof.HIGH_TECH, date(2017, 3, 1), ends)
    recognise(two[:1], [Recognition(ISSUED, "GR1")], cast.a)
    assert [proof.is_renewal for proof in proofs()] == [False, is_renewal]


@pytest.mark.parametrize(
    "results",
    [
        [Recognition(ISSUED, "GR1"), Recognition(ISSUED)],  # no number
        [Recognition(ISSUED, "GR1"), Recognition(ISSUED, "GR1")],  # one number for two
        [Recognition(ISSUED, "GR1"), Recognition(date(2020, 10, 1), "GR2")],  # tomorrow
    ],
)
def test_one_fault_and_nothing_is_written(cast, two, results):
    with pytest.raises(StepsRefused):
        recognise(two, results, cast.a)
    session.expire_all()
    assert proofs() == []
    assert {session.get_one(Declaration, d.id).state for d in two} == {State.PUBLICISED}


def test_a_number_that_the_firm_holds_already_is_named(cast, two):
    factories.make_qualification(two[1].company, Proof.HIGH_TECH, date(2017, 1, 5), number="GR2")
    with pytest.raises(StepsRefused) as refused:
        recognise(two, [Recognition(ISSUED, "GR1"), Recognition(ISSUED, "GR2")], cast.a)
    assert [fault.name for fault in refused.value.faults] == ["常州乙科技有限公司"]
    assert session.scalar(select(func.count(Qualification.id))) == 1


def test_nobody_is_recognised_twice(cast, two):
    recognise(two[:1], [Recognition(ISSUED, "GR1")], cast.a)
    for version in (1, 2):
        with pytest.raises(StepsRefused):
            recognise(two[:1], [Recognition(ISSUED, "GR9")], cast.a, version=version)
    assert len(proofs()) == 1


def test_a_label_is_declared_and_given_like_a_certificate(cast):
    label = factories.make_label("专精特新中小企业")
    factories.make_qualification(
        firm := factories.make_company(cast.carrier_a), Proof.LABEL, ISSUED,
        label_id=factories.make_label().id, number="ZJ1",
    )  # fmt: skip
    with writing():
        details = BatchDetails(
            Category.ENTERPRISE, 2020, TODAY, Proof.LABEL, label.id, number="第一批"
        )
        batch = open_batch(details, by=cast.a)
        session.flush()
        batch_id = batch.id
    batch = session.get_one(DeclarationBatch, batch_id)
    assert (batch.what, batch.programme) == ("专精特新中小企业",) * 2
    declared = factories.make_declaration(batch, firm, State.PUBLICISED)
    recognise([declared], [Recognition(ISSUED, "ZJ1")], cast.a)  # another label's number is no bar
    new = proofs()[-1]
    assert (new.label_id, new.counts_to) == (label.id, date(2023, 9, 11))
    assert session.get_one(Declaration, declared.id).qualification_id == new.id


def test_the_statistics_office_gives_no_number(cast):
    batch = factories.make_batch(kind=Proof.ABOVE_SCALE, programme="above_scale", number="年度")
    firms = [factories.make_company(cast.carrier_a) for _ in range(2)]
    declared = [factories.make_declaration(batch, firm, State.ACCEPTED) for firm in firms]
    recognise(declared, [Recognition(ISSUED), Recognition(ISSUED)], cast.a)
    assert {proof.number for proof in proofs()} == {"2020-09-11"}
    session.expire_all()
    assert all(session.get_one(Declaration, d.id).qualification_id for d in declared)


def test_a_talents_result_stands_on_the_declaration_and_in_the_register(cast):
    batch = factories.make_batch(kind=None, programme="龙城英才计划")
    firm = factories.make_company(cast.carrier_a)
    declared = factories.make_declaration(batch, firm, State.PUBLICISED, applicant="李四")
    result = Recognition(ISSUED, level="市级", amount=Decimal(1_000_000))
    recognise([declared], [result], cast.a)
    session.expire_all()
    made = session.get_one(Declaration, declared.id)
    assert (made.result_on, made.level, made.amount) == (ISSUED, "市级", Decimal(1_000_000))
    assert proofs() == []
    talent = session.query(Talent).one()
    assert (talent.title, talent.programme, talent.way, talent.company_id) == (
        "李四", Programme.LONGCHENG, Way.BROUGHT_IN, firm.id,
    )  # fmt: skip
    assert (talent.happened_on, talent.state) == (ISSUED, VerificationState.PENDING)


def test_a_funding_result_with_a_sum_becomes_a_grant(cast):
    batch = factories.make_batch(category=Category.FUNDING, kind=None, programme="省重点研发计划")
    firms = [factories.make_company(cast.carrier_a) for _ in range(2)]
    declared = [factories.make_declaration(batch, firm, State.PUBLICISED) for firm in firms]
    recognise(declared, [Recognition(ISSUED, amount=Decimal(7)), Recognition(ISSUED)], cast.a)
    grant = session.query(Grant).one()
    assert (grant.amount, grant.level) == (Decimal(7), Level.PROVINCIAL)
    assert grant.company_id == firms[0].id
