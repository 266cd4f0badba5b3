"""Records are known again by their keys, count where their firm was on their own day, and wait anew when figures change."""

from datetime import date

import pytest

from crm.audit.verification import VerificationState
from crm.companies import archive, residence, residence_corrections
from crm.companies.models import Company, EndReason, Residence
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.evidence import services
from crm.evidence.kinds import KINDS
from crm.evidence.kinds.patents import ApplicantKind, Patent, PatentKind
from crm.evidence.models import CoHolder
from crm.evidence.services import AlreadyRecorded, Row
from tests.evidence.conftest import least, patent_number, save

PATENTS = KINDS["patents"]
State = VerificationState


def fresh(record_id, model=Patent):
    session.rollback()
    session.expire_all()
    return session.get_one(model, record_id)


@pytest.mark.parametrize("key", KINDS)
def test_every_kind_is_recorded_once_and_only_once(key, firm, cast):
    record_id = save(key, cast.a, company_id=firm.id)
    found = fresh(record_id, KINDS[key].model)
    assert (found.counted_unit_id, found.unit_id, found.state) == (
        cast.carrier_a.id, cast.carrier_a.id, State.PENDING,
    )  # fmt: skip
    with pytest.raises(AlreadyRecorded):
        save(key, cast.a, company_id=firm.id)
    with writing():
        services.archive(fresh(record_id, KINDS[key].model), by=cast.a, version=1)
    save(key, cast.a, company_id=firm.id)
    with pytest.raises(AlreadyRecorded), writing():
        services.restore(KINDS[key], fresh(record_id, KINDS[key].model), by=cast.a)


@pytest.mark.parametrize("key", KINDS)
def test_what_is_required_is_asked_for(key, firm, cast):
    for one in KINDS[key].own:
        if one.is_required and one.name != "kind":
            with pytest.raises(DomainError) as refused:
                save(key, cast.a, company_id=firm.id, **{one.name: None})
            assert refused.value.field == one.name


def test_a_patent_knows_its_kind_by_its_number_and_its_applicant_by_the_firm(firm, cast):
    found = fresh(save("patents", cast.a, company_id=firm.id, number=patent_number(kind=2)))
    assert (found.kind, found.applicant_kind) == (PatentKind.UTILITY_MODEL, ApplicantKind.FIRM)
    with pytest.raises(DomainError, match="与专利类型不符"):
        save(
            "patents",
            cast.a,
            company_id=firm.id,
            number=patent_number(2, kind=3),
            kind=PatentKind.INVENTION,
        )
    with pytest.raises(DomainError, match="不能早于"):
        save(
            "patents",
            cast.a,
            company_id=firm.id,
            number=patent_number(3),
            granted_on=date(2020, 3, 11),
        )


def test_a_fact_counts_where_its_firm_was_on_each_of_its_days(firm, cast):
    with writing():
        company = session.get_one(Company, firm.id)
        residence.transfer(company, cast.carrier_b, on=date(2020, 6, 1), by=cast.leader)
    days = [date(2016, 2, 29), date(2016, 3, 1), date(2020, 5, 31), date(2020, 6, 1)]
    homes = []
    for serial, day in enumerate(days, 1):
        record_id = save("patents", cast.b, company_id=firm.id, number=patent_number(serial, day.year),
                         happened_on=day, granted_on=date(2020, 6, 2))  # fmt: skip
        found = fresh(record_id)
        assert (found.unit_id, found.granted_unit_id) == (cast.carrier_b.id, cast.carrier_b.id)
        homes.append(found.counted_unit_id)
    assert homes == [None, cast.carrier_a.id, cast.carrier_a.id, cast.carrier_b.id]


def test_each_record_of_a_co_holder_counts_by_its_own_day(firm, neighbour, cast):
    with writing():
        moved = session.get_one(Company, firm.id)
        residence.transfer(
            moved, session.merge(cast.carrier_b), on=date(2020, 6, 1), by=cast.leader
        )
    before, after = (
        save("patents", cast.b, company_id=neighbour.id, co_holder_ids=(firm.id,),
             number=patent_number(n), happened_on=day)
        for n, day in ((7, date(2020, 5, 1)), (8, date(2020, 7, 1)))
    )  # fmt: skip
    with writing():
        residence.tell_of(session.get_one(Company, firm.id))
    homes = {row.record_id: row.counted_unit_id for row in session.query(CoHolder)}
    assert homes == {before: cast.carrier_a.id, after: cast.carrier_b.id}


def test_what_counts_follows_each_change_of_residence(firm, neighbour, cast):
    """Moved, moved back by undo, left, its beginning corrected, archived and restored; as co-holder too."""
    record_id = save("patents", cast.a, company_id=firm.id, happened_on=date(2020, 7, 1))
    shared = save("patents", cast.b, company_id=neighbour.id, co_holder_ids=(firm.id,),
                  number=patent_number(9), happened_on=date(2020, 7, 1))  # fmt: skip

    def homes():
        found = fresh(record_id)
        held = session.query(CoHolder).filter_by(record_id=shared).one()
        return found.counted_unit_id, held.counted_unit_id, found.unit_id

    a, b = cast.carrier_a.id, cast.carrier_b.id

    def act(what, *args, **more):
        with writing():
            what(session.get_one(Company, firm.id), *args, by=cast.leader, **more)

    assert homes() == (a, a, a)
    act(residence.transfer, session.merge(cast.carrier_b), on=date(2020, 6, 1))
    assert homes() == (b, b, b)
    act(residence_corrections.undo, reason="误办")
    assert homes() == (a, a, a)
    act(residence.leave, on=date(2020, 7, 1), reason=EndReason.MOVED_OUT)
    assert homes() == (None, None, a)
    act(residence_corrections.undo, reason="误办")
    stay = session.query(Residence).filter_by(company_id=firm.id).one()
    with writing():
        correction = residence_corrections.Correction(date(2020, 7, 2), None, None, "", None, "")
        residence_corrections.correct(session.get_one(Residence, stay.id), correction, reason="笔误",
                                      version=None, by=cast.a)  # fmt: skip
    assert homes() == (None, None, a)
    act(archive.archive, reason="重复", version=None)
    assert homes() == (None, None, a)


def test_without_a_firm_it_counts_where_it_is_kept_or_nowhere(cast):
    talent = fresh(save("talents", cast.a), KINDS["talents"].model)
    assert talent.counted_unit_id == cast.carrier_a.id
    assert fresh(save("patents", cast.a)).counted_unit_id is None
    with pytest.raises(DomainError, match="没有找到这家企业"):
        save("financings", cast.a)


def test_nobody_writes_for_a_firm_or_a_unit_outside_the_scope(neighbour, cast):
    with pytest.raises(DomainError, match="不在您的数据范围内"):
        save("patents", cast.a, company_id=neighbour.id)
    with pytest.raises(DomainError, match="不在您的数据范围内"):
        save("talents", cast.a, unit_id=cast.carrier_b.id)


def test_a_verified_record_waits_anew_only_where_figures_rest_on_the_change(firm, cast):
    record_id = save("patents", cast.a, company_id=firm.id, state=State.VERIFIED)
    values = services.facts_of(PATENTS, fresh(record_id))

    def correct(**changes):
        with writing():
            row = Row({**values, **changes}, firm.id)
            return services.correct(PATENTS, fresh_inside(record_id), row, by=cast.a, version=None)

    def fresh_inside(number):
        return session.get_one(Patent, number)

    assert correct(title="另一个名称", note="备注") is False
    assert correct(happened_on=date(2020, 3, 13)) is True
    assert fresh(record_id).verified_by_id is None


def test_many_are_written_in_a_constant_number_of_statements(firm, cast, query_count):
    def write(number, first):
        rows = [
            Row(least(PATENTS, number=patent_number(first + n)), firm.id) for n in range(number)
        ]
        with query_count() as few, writing():
            services.save_many(PATENTS, rows, by=cast.a)
        return len(few)

    assert write(2, 100) == write(40, 200)
