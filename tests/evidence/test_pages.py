"""Pages of evidence: what is typed is recorded, found, corrected, verified by another and counted; nobody else gets at it."""

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.verification import VerificationState
from crm.core.attributes import Sort
from crm.core.db import session
from crm.evidence.kinds import KINDS
from crm.evidence.kinds.patents import Patent
from tests.evidence.conftest import least, patent_number, save

State = VerificationState


def typed(kind, firm, **more):
    """What the form of a kind sends for its least facts."""
    values = {}
    for name, value in least(kind, holder=firm.name, **more).items():
        if value is not None:
            is_money = kind.by_name[name].sort is Sort.MONEY
            values[name] = str(value / 10_000 if is_money else getattr(value, "value", value))
    return values


def only(kind):
    session.rollback()
    session.expire_all()
    return session.scalars(select(kind.model)).one()


@pytest.mark.parametrize("key", KINDS)
def test_a_record_goes_from_its_form_to_its_figure(key, firm, cast, browser_of):
    kind, a, supervisor = KINDS[key], browser_of("a"), browser_of("supervisor")
    assert a.get(f"/evidence/{key}/new?company={firm.id}").text.count(firm.name) == 1
    answer = a.post(f"/evidence/{key}", data=typed(kind, firm, source="公示名单"))
    assert answer.status_code == 303, answer.text
    found = only(kind)
    page = f"/evidence/{key}/{found.id}"
    assert (answer.location, found.company_id) == (page, firm.id)
    assert "核验后计入" in a.get(page).text
    assert f">{found.title}</a>" in a.get(f"/evidence/{key}?q={found.title}").text
    assert f"登记{kind.label}" not in supervisor.get(f"/evidence/{key}").text
    again = a.post(f"/evidence/{key}", data=typed(kind, firm))
    assert (again.status_code, "已有相同的记录" in again.text) == (409, True)
    assert a.post(f"{page}/verifications").status_code == 403
    assert supervisor.post(f"{page}/verifications", data={"version": 1}).status_code == 303
    assert only(kind).state == State.VERIFIED
    correction = typed(kind, firm, note="已核对原件", source="公示名单") | {"version": 2}
    assert a.post(f"{page}/corrections", data=correction).status_code == 303
    assert (only(kind).state, only(kind).note) == (State.VERIFIED, "已核对原件")
    stale = a.post(f"{page}/corrections", data=correction)
    assert (stale.status_code, "已核对原件" in stale.text) == (409, True)
    assert a.post(f"{page}/archivings", data={"version": 3}).status_code == 303
    assert "已归档" in a.get(page).text
    assert a.post(f"{page}/restorations").status_code == 303
    assert only(kind).archived_at is None


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(firm, neighbour, browser_of):
    a, kind = browser_of("a"), KINDS["patents"]
    wrong = typed(kind, firm) | {"number": "201710601862.4", "happened_on": "2020-10-01"}
    answer = a.post("/evidence/patents", data=wrong)
    assert answer.status_code == 422
    for said in ("校验位不符", "日期不能晚于今天", "201710601862.4"):
        assert said in answer.text
    answer = a.post("/evidence/patents", data=typed(kind, neighbour))
    assert (answer.status_code, "由其所在单位登记" in answer.text) == (422, True)


def test_who_may_not_sees_and_does_nothing(firm, cast, browser_of):
    record_id = save("patents", cast.a, company_id=firm.id)
    b, investor, admin = browser_of("b"), browser_of("investment"), browser_of("admin")
    page = f"/evidence/patents/{record_id}"
    for address in (page, f"{page}/corrections/new", f"/evidence/companies/{firm.id}"):
        assert b.get(address).status_code == 404
    assert b.post(f"{page}/archivings").status_code == 404
    assert (investor.get(page).status_code, admin.get(page).status_code) == (200, 403)
    assert investor.post("/evidence/patents", data={}).status_code == 403
    assert browser_of("a").get("/evidence/none").status_code == 404


def test_a_source_is_verified_in_one_click_but_for_its_exceptions(firm, cast, browser_of):
    ids = [
        save("patents", cast.a, company_id=firm.id, number=patent_number(n), source="国知局导出")
        for n in range(3)
    ]
    supervisor = browser_of("supervisor")
    queue = supervisor.get("/evidence/verification")
    assert "国知局导出" in queue.text
    assert "核验证明材料：3 项待核" in supervisor.get("/todo").text
    page = supervisor.get("/evidence/verification/patents?source=国知局导出")
    seen = page.text.split('name="seen" value="')[1].split('"')[0]
    sent = {"source": "国知局导出", "seen": seen, "exception": ids[1]}
    refused = supervisor.post("/evidence/verification/patents", data=sent)
    assert (refused.status_code, "退回的原因" in refused.text) == (422, True)
    done = supervisor.post("/evidence/verification/patents", data=sent | {"reason": "名称不符"})
    assert done.status_code == 303
    session.rollback()
    states = [session.get_one(Patent, number).state for number in ids]
    assert states == [State.VERIFIED, State.RETURNED, State.VERIFIED]
    assert "名称不符" in browser_of("a").get(f"/evidence/patents/{ids[1]}").text


def test_personal_data_is_masked_until_a_logged_look(firm, cast, browser_of):
    record_id = save("talents", cast.a, company_id=firm.id, phone="13812345678")
    page = f"/evidence/talents/{record_id}"
    a = browser_of("a")
    for address in (page, "/evidence/talents?cols=phone", f"{page}/corrections/new"):
        text = a.get(address).text
        assert "138****5678" in text
        assert "13812345678" not in text
    assert a.post(f"{page}/reveals").status_code == 403
    kept = typed(KINDS["talents"], firm, phone="138****5678") | {"version": 1}
    assert a.post(f"{page}/corrections", data=kept).status_code == 303
    assert only(KINDS["talents"]).phone == "13812345678"
    log = session.scalars(select(AuditEntry.details)).all()
    assert not any("13812345678" in details for details in log)


def test_a_firms_page_counts_its_records_of_every_kind_in_one_statement(
    firm, neighbour, cast, browser_of, query_count
):
    save("patents", cast.a, company_id=firm.id)
    save("contracts", cast.b, company_id=neighbour.id, co_holder_ids=(firm.id,))
    a = browser_of("a")
    text = a.get(f"/evidence/companies/{firm.id}").text
    assert "专利 1" in text
    assert "产学研合同 1" in text
    with query_count() as few:
        a.get("/evidence/patents")
    for serial in range(10, 30):
        save("patents", cast.a, company_id=firm.id, number=patent_number(serial))
    with query_count() as many:
        a.get("/evidence/patents")
    assert len(few) == len(many)
