"""Every kind comes out of a spreadsheet: new, again, changed, shared, refused; what was landed is taken back."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from crm.audit.verification import VerificationState
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.evidence import services
from crm.evidence.importing import import_kind
from crm.evidence.kinds import KINDS
from crm.evidence.kinds.patents import Patent
from crm.evidence.models import CoHolder
from crm.imports.kinds import Draft, Outcome
from tests.evidence.conftest import least, patent_number, save

SOURCE = "国知局2020年第一季度导出.xlsx"


def drafts(kind, firm, *rows):
    return [
        Draft(number, {**least(kind, holder=firm.name), **values})
        for number, values in enumerate(rows, 2)
    ]


def check(kind, rows, by):
    session.rollback()
    session.expire_all()
    return import_kind(kind).check(rows, by)


def bring_in(kind, rows, by):
    with writing():
        verdicts = import_kind(kind).check(rows, by)
        return import_kind(kind).land(verdicts, by, SOURCE)


@pytest.mark.parametrize("key", KINDS)
def test_a_second_import_changes_nothing_and_all_can_be_taken_back(key, firm, cast):
    kind = KINDS[key]
    rows = drafts(kind, firm, {})
    landed = bring_in(kind, rows, cast.a)
    assert [one.before for one in landed] == [None]
    found = session.get_one(kind.model, landed[0].record_id)
    assert (found.company_id, found.source, found.state) == (
        firm.id,
        SOURCE,
        VerificationState.PENDING,
    )
    assert [v.outcome for v in check(kind, rows, cast.a)] == [Outcome.UNCHANGED]
    stated = drafts(kind, firm, {"note": "补充说明"})
    changed = bring_in(kind, stated, cast.a)
    assert changed[0].before["note"] == ""
    with pytest.raises(DomainError, match="被修改"), writing():
        import_kind(kind).revert(landed, cast.a)
    with writing():
        import_kind(kind).revert(changed, cast.a)
    again = session.get_one(kind.model, landed[0].record_id)
    assert again.note == ""
    with writing():
        import_kind(kind).revert([replace(landed[0], version=again.version)], cast.a)
    assert [v.outcome for v in check(kind, rows, cast.a)] == [Outcome.CREATE]


def test_an_update_of_what_counts_waits_anew_and_its_undo_gives_the_verification_back(firm, cast):
    kind = KINDS["contracts"]
    number = {"registration_number": "2020320400001"}
    record_id = save("contracts", cast.a, company_id=firm.id, holder=firm.name,
                     state=VerificationState.VERIFIED, **number)  # fmt: skip
    landed = bring_in(kind, drafts(kind, firm, {**number, "amount": Decimal(7)}), cast.a)
    now = session.get_one(kind.model, record_id)
    assert (now.amount, now.state) == (Decimal(7), VerificationState.PENDING)
    with writing():
        import_kind(kind).revert(landed, cast.a)
    then = session.get_one(kind.model, record_id)
    assert (then.amount, then.state) == (Decimal(500_000), VerificationState.VERIFIED)


def test_each_park_firm_among_the_applicants_is_found(firm, neighbour, cast):
    kind = KINDS["patents"]
    text = f"常州大学；{neighbour.name};{firm.name}"
    landed = bring_in(kind, drafts(kind, firm, {"holder": text}), cast.a)
    found = session.get_one(Patent, landed[0].record_id)
    assert (found.company_id, found.counted_unit_id) == (firm.id, cast.carrier_a.id)
    shared = session.query(CoHolder).one()
    assert (shared.company_id, shared.counted_unit_id) == (neighbour.id, cast.carrier_b.id)


def test_every_fault_is_told_at_its_column(firm, neighbour, cast):
    kind = KINDS["financings"]
    rows = drafts(
        kind,
        firm,
        {},
        {},
        {"holder": neighbour.name, "happened_on": date(2020, 10, 1)},
        {"holder": "常州丙有限公司", "amount": None},
        {"holder": "常州甲科技股份有限公司"},
    )
    fine, twice, elsewhere, unknown, alike = check(kind, rows, cast.a)
    assert fine.outcome is Outcome.CREATE
    faults = [[fault.attribute for fault in v.faults] for v in (twice, elsewhere, unknown, alike)]
    assert faults == [[None], ["happened_on", "holder"], ["amount", "holder"], ["holder"]]
    assert [one.id for one in alike.look_alikes] == [firm.id]
    picked = check(kind, [replace(rows[4], chosen=firm.id)], cast.a)
    assert picked[0].outcome is Outcome.CREATE


def test_a_record_of_another_unit_is_not_changed(firm, neighbour, cast):
    save("patents", cast.b, company_id=neighbour.id)
    (verdict,) = check(KINDS["patents"], drafts(KINDS["patents"], firm, {}), cast.a)
    assert "其他单位" in verdict.faults[0].error.message


def test_masked_numbers_change_nothing(firm, cast):
    kind = KINDS["talents"]
    rows = drafts(kind, firm, {"phone": "13812345678"})
    bring_in(kind, rows, cast.a)
    masked = [replace(rows[0], values={**rows[0].values, "phone": "138****5678"})]
    assert check(kind, masked, cast.a)[0].outcome is Outcome.UNCHANGED


def test_a_row_without_a_number_that_fits_two_records_is_refused(firm, cast):
    kind = KINDS["talents"]
    numbers = [{"id_number": number} for number in ("11010519491231002X", "440524188001010014")]
    bring_in(kind, drafts(kind, firm, numbers[0]), cast.a)
    (found,) = check(kind, drafts(kind, firm, {"id_number": "1****************X"}), cast.a)
    assert found.outcome is Outcome.UNCHANGED
    bring_in(kind, drafts(kind, firm, numbers[1]), cast.a)
    (found,) = check(kind, drafts(kind, firm, {}), cast.a)
    assert [fault.attribute for fault in found.faults] == ["id_number"]


def test_checking_and_landing_cost_the_same_however_many_rows(firm, cast, query_count):
    kind = KINDS["patents"]

    def cost(number, first):
        rows = drafts(kind, firm, *({"number": patent_number(first + n)} for n in range(number)))
        with query_count() as asked:
            bring_in(kind, rows, cast.a)
        return len(asked)

    assert cost(2, 10) == cost(30, 100)


def test_the_service_says_what_a_record_holds(firm, cast):
    found = session.get_one(Patent, save("patents", cast.a, company_id=firm.id))
    assert services.facts_of(KINDS["patents"], found)["number"] == patent_number()
