"""Pages of proofs: shown, corrected, verified alone and by the batch; the register, its files and its labels."""

import io
import re
import zipfile
from datetime import date

import pytest
from sqlalchemy import select

from crm.audit.verification import VerificationState
from crm.core.db import session
from crm.ladder.models import Qualification, QualificationKind, QualificationLabel
from crm.people.roles import Right, Role
from tests import factories

Kind = QualificationKind
FRAGMENT = {"HX-Request": "true"}
CERTIFICATE = {"kind": "high_tech", "number": "GR202032000777", "issued_on": "2020-09-02"}


@pytest.fixture
def firm(cast):
    company = factories.make_company(cast.carrier_a, "常州领航机器人有限公司")
    factories.make_residence(company, cast.carrier_a, date(2018, 3, 1))
    return company


@pytest.fixture
def certificate(firm):
    return factories.make_qualification(
        firm, Kind.HIGH_TECH, date(2017, 11, 17), date(2020, 11, 17), number="GR201732000321"
    )


# One proof


@pytest.fixture
def pending(firm, cast):
    return factories.make_qualification(
        firm, Kind.HIGH_TECH, date(2020, 9, 2), date(2023, 9, 2), number="GR202032000555",
        state=VerificationState.PENDING, reported_by_id=cast.a.id, source="苏高企协〔2020〕8号",
    )  # fmt: skip


def state_of(proof):
    session.expire_all()
    return session.get_one(Qualification, proof.id).state.value


def test_a_waiting_proof_says_so_on_the_panel_and_on_its_own_page(browser_of, firm, pending):
    panel = browser_of("a").get(f"/ladder/companies/{firm.id}", headers=FRAGMENT).text
    assert "核验后计入" in panel
    assert "初创企业" in panel  # it proves nothing yet
    page = browser_of("leader").get(f"/ladder/qualifications/{pending.id}").text
    assert "GR202032000555" in page
    assert "苏高企协〔2020〕8号" in page
    assert "/verifications" not in page
    assert browser_of("b").get(f"/ladder/qualifications/{pending.id}").status_code == 404


def test_a_proof_is_verified_by_a_supervisor_once(browser_of, pending):
    address = f"/ladder/qualifications/{pending.id}/verifications"
    assert browser_of("a").post(address).status_code == 403
    assert browser_of("leader").post(address).status_code == 403
    supervisor = browser_of("supervisor")
    assert supervisor.post(address, data={"version": "7"}).status_code == 409
    assert supervisor.post(address, data={"version": "1"}).status_code == 303
    assert state_of(pending) == "verified"
    assert supervisor.post(address, data={"version": "1"}).status_code == 409


def test_a_proof_is_returned_with_a_reason_and_corrected(browser_of, firm, pending):
    supervisor, address = browser_of("supervisor"), f"/ladder/qualifications/{pending.id}"
    assert supervisor.get(f"{address}/returns/new").status_code == 200
    assert supervisor.post(f"{address}/returns", data={"version": "1"}).status_code == 422
    back = {"version": "1", "reason": "编号与公告不符"}
    assert supervisor.post(f"{address}/returns", data=back).status_code == 303
    assert "编号与公告不符" in browser_of("a").get(f"/ladder/companies/{firm.id}").text
    staff = browser_of("a")
    assert 'value="GR202032000555"' in staff.get(f"{address}/corrections/new").text
    data = {**CERTIFICATE, "number": "GR202032000556", "version": "1"}
    assert staff.post(f"{address}/corrections", data=data).status_code == 409  # seen before
    assert staff.post(f"{address}/corrections", data={**data, "version": "2"}).status_code == 303
    assert state_of(pending) == "pending"
    assert "GR202032000555" in staff.get(address).text  # among the corrections


@pytest.mark.parametrize("step", ["corrections", "renewals", "revocations"])
def test_only_who_keeps_the_firm_changes_its_proofs(browser_of, pending, step):
    address = f"/ladder/qualifications/{pending.id}/{step}"
    for name, status in (("b", 404), ("leader", 403), ("supervisor", 403), ("auditor", 403)):
        assert browser_of(name).get(f"{address}/new").status_code == status, name
        assert browser_of(name).post(address, data=CERTIFICATE).status_code == status, name
    assert browser_of("a").get(f"{address}/new").status_code == 200


def test_a_new_name_leaves_a_verified_proof_verified(browser_of, firm, certificate):
    data = {
        "number": certificate.number, "issued_on": "2017-11-17", "version": "1", "name_on_it": "常州领航智能有限公司",
    }  # fmt: skip
    address = f"/ladder/qualifications/{certificate.id}/corrections"
    assert browser_of("a").post(address, data=data).status_code == 303
    assert state_of(certificate) == "verified"
    assert (
        "证书名称：常州领航智能有限公司" in browser_of("a").get(f"/ladder/companies/{firm.id}").text
    )


def test_a_renewal_filing_is_noted(browser_of, certificate):
    browser, address = browser_of("a"), f"/ladder/qualifications/{certificate.id}/renewals"
    wrong = browser.post(address, data={"version": "1", "on": "2019-09-01"})
    assert (wrong.status_code, "2020年" in wrong.text) == (422, True)
    assert browser.post(address, data={"version": "1", "on": "2020-06-01"}).status_code == 303
    assert browser.post(address, data={"version": "1", "on": "2020-06-02"}).status_code == 409
    assert session.get_one(Qualification, certificate.id).renewal_filed_on == date(2020, 6, 1)


def test_a_label_and_a_reporting_month_are_recorded(browser_of, firm):
    label = factories.make_label("瞪羚企业", authority="省科技厅")
    browser, address = browser_of("a"), f"/ladder/companies/{firm.id}/qualifications"
    data = {"kind": "label", "issued_on": "2020-09-02"}
    assert browser.post(address, data=data).status_code == 422
    assert browser.post(address, data={**data, "label_id": str(label.id)}).status_code == 303
    scale = {
        "kind": "above_scale", "issued_on": "2020-09-02", "reports_from_on": "2020-10", "specialty": "industry"
    }  # fmt: skip
    assert browser.post(address, data=scale).status_code == 303
    page = browser.get(f"/ladder/companies/{firm.id}").text
    assert "瞪羚企业" in page
    assert "省科技厅" in page
    proofs = session.scalars(select(Qualification).order_by(Qualification.id)).all()
    assert [proof.reports_from_on for proof in proofs] == [None, date(2020, 10, 1)]
    assert proofs[0].counts_to == date(2023, 9, 2)


# The queue


def test_a_batch_is_verified_in_one_click_from_the_queue(browser_of, cast, pending):
    supervisor = browser_of("supervisor")
    page = supervisor.get("/ladder/verifications").text
    assert "苏高企协〔2020〕8号" in page
    assert "1 项待核" in supervisor.get("/todo").text
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    data = {"source": "苏高企协〔2020〕8号", "seen": seen}
    assert supervisor.post("/ladder/verifications", data={**data, "seen": "x"}).status_code == 409
    assert supervisor.post("/ladder/verifications", data=data).status_code == 303
    assert state_of(pending) == "verified"
    assert supervisor.post("/ladder/verifications", data=data).status_code == 409
    assert "没有待核的资质" in supervisor.get("/ladder/verifications").text
    assert "待核" not in supervisor.get("/todo").text


def test_exceptions_of_a_batch_are_ticked_off_with_a_reason(browser_of, cast, pending):
    supervisor = browser_of("supervisor")
    address = "/ladder/verifications/batch?source=苏高企协〔2020〕8号"
    page = supervisor.get(address).text
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    data = {"source": "苏高企协〔2020〕8号", "seen": seen, "exception": str(pending.id)}
    refused = supervisor.post("/ladder/verifications", data=data)
    assert (refused.status_code, "请填写退回的原因" in refused.text) == (422, True)
    assert f'value="{pending.id}" aria-label="退回 常州领航机器人有限公司" checked' in refused.text
    supervisor.post("/ladder/verifications", data={**data, "reason": "名称不符"})
    assert state_of(pending) == "returned"
    assert supervisor.get(address).location == "/ladder/verifications"


def test_the_queue_is_for_who_verifies_and_shows_the_own_scope(browser_of, app, cast, pending):
    for name in ("a", "leader", "auditor"):
        assert browser_of(name).get("/ladder/verifications").status_code == 403
    head_of_b = factories.make_user(Role.UNIT_HEAD, unit=cast.carrier_b)
    page = factories.signed_in_client(app, head_of_b).get("/ladder/verifications").text
    assert "苏高企协〔2020〕8号" not in page


# The register and its labels


def test_the_register_filters_searches_exports_and_costs_the_same(
    browser_of, cast, firm, certificate, pending, query_count
):
    browser = browser_of("a")
    page = browser.get("/ladder/qualifications").text
    assert "GR201732000321" in page
    assert "GR202032000555" in page
    waiting = browser.get("/ladder/qualifications?where=state:is:pending").text
    assert ("GR201732000321" in waiting, "GR202032000555" in waiting) == (False, True)
    for query in ("q=GR2017", "q=lhjqr&where=kind:is:high_tech", "where=issued_on:to:2018-01-01"):
        assert "GR201732000321" in browser.get(f"/ladder/qualifications?{query}").text, query
    assert "GR2" not in browser_of("b").get("/ladder/qualifications").text
    by_issue = browser.get("/ladder/qualifications?sort=-counts_to").text
    assert by_issue.index("GR202032000555") < by_issue.index("GR201732000321")

    def cost():
        with query_count() as queries:
            assert browser.get("/ladder/qualifications?sort=issued_on").status_code == 200
        return len(queries)

    few = cost()
    for number in range(8):
        other = factories.make_company(cast.carrier_a)
        factories.make_qualification(other, Kind.TECH_SME, date(2020, 1, 2), number=f"T{number}")
    assert cost() == few


def test_the_register_is_exported_by_who_has_the_right(app, cast, browser_of, firm, certificate):
    assert browser_of("a").post("/ladder/qualifications/files", data={}).status_code == 403
    person = factories.make_user(Role.INCUBATOR_STAFF, unit=cast.carrier_a, rights=(Right.EXPORT,))
    browser = factories.signed_in_client(app, person)
    answer = browser.post("/ladder/qualifications/files", data={"format": "csv", "all": "1"})
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert "GR201732000321" in archive.read("数据.csv").decode()
    answer.close()
    assert browser.post("/ladder/qualifications/files", data={"format": "x"}).status_code == 422


def test_an_administrator_keeps_the_labels(browser_of):
    admin = browser_of("admin")
    assert admin.get("/ladder/labels/new").status_code == 200
    data = {"name": "雏鹰企业", "level": "municipal", "validity": "years", "years": ""}
    assert admin.post("/ladder/labels", data=data).status_code == 422
    assert admin.post("/ladder/labels", data={**data, "years": "3"}).status_code == 303
    assert admin.post("/ladder/labels", data={**data, "years": "3"}).status_code == 409
    label = session.scalars(select(QualificationLabel)).one()
    assert admin.get(f"/ladder/labels/{label.id}/edit").status_code == 200
    changed = {"name": "雏鹰", "level": "municipal", "validity": "open", "version": "1"}
    assert admin.post(f"/ladder/labels/{label.id}", data=changed).status_code == 303
    assert admin.post(f"/ladder/labels/{label.id}", data=changed).status_code == 409
    assert admin.post(f"/ladder/labels/{label.id}/retirements").status_code == 303
    assert "已停用" in browser_of("leader").get("/ladder/labels").text
    for address in ("/ladder/labels", f"/ladder/labels/{label.id}"):
        assert browser_of("a").post(address, data=changed).status_code == 403
    assert admin.get("/ladder/labels/987654/edit").status_code == 404
