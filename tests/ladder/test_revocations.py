"""The end of a proof counts from its day on, once a second person has verified it; until then it is shown beside the figure."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.queries import details_of
from crm.audit.verification import SamePerson, VerificationState
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError, StaleRecord
from crm.ladder import revocations
from crm.ladder.models import Qualification, QualificationKind, Revocation
from crm.ladder.pyramid import pyramid
from crm.ladder.queries import holders
from crm.ladder.rungs import Rung
from crm.people.scope import WHOLE_PARK_SCOPE, scope_of
from tests import factories

Kind = QualificationKind
ENDED, EVE = date(2020, 9, 1), date(2020, 8, 31)


@pytest.fixture
def firm(cast):
    company = factories.make_company(cast.carrier_a, "常州领航机器人有限公司")
    factories.make_residence(company, cast.carrier_a, date(2018, 3, 1))
    return company


@pytest.fixture
def proof(firm):
    return factories.make_qualification(
        firm, Kind.HIGH_TECH, date(2018, 11, 22), date(2021, 11, 22)
    )


def reported(proof, by, on=ENDED, reason="未达标"):
    with writing():
        fresh = session.get_one(Qualification, proof.id)
        found = revocations.report(fresh, on=on, reason=reason, source="苏高企协〔2020〕3号", by=by)
        session.flush()
        return found.id


def verified(ids, by, scope=WHOLE_PARK_SCOPE, version=1):
    with writing():
        return revocations.verify(scope, dict.fromkeys(ids, version), by=by)


def held(on):
    stock = len(session.execute(holders(Kind.HIGH_TECH, on)).all())
    assert (
        stock == next(s for s in pyramid(WHOLE_PARK_SCOPE, on) if s.rung is Rung.HIGH_TECH).holding
    )
    return stock


def test_it_ends_the_proof_on_its_day_only_once_it_is_verified(cast, proof):
    end = reported(proof, cast.a)
    assert (held(EVE), held(ENDED)) == (1, 1)
    assert verified([end], cast.supervisor) == 1
    assert (held(EVE), held(ENDED)) == (1, 0)
    ended = session.get_one(Qualification, proof.id)
    assert (ended.revoked_on, ended.reason) == (ENDED, "未达标")
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert entry.action == "qualification.revoked"
    assert details_of(entry)["changes"]["counts_to"] == ["2021-11-22", "2020-09-01"]


def test_nobody_verifies_an_end_of_his_own_nor_one_that_was_changed_or_is_out_of_scope(cast, proof):
    end = reported(proof, cast.supervisor)
    for by, scope, version, error in (
        (cast.supervisor, WHOLE_PARK_SCOPE, 1, SamePerson),
        (cast.leader, WHOLE_PARK_SCOPE, 2, StaleRecord),
        (cast.leader, scope_of(cast.b), 1, StaleRecord),
    ):
        with pytest.raises(error):
            verified([end], by, scope, version)
    assert held(ENDED) == 1


def test_one_that_goes_back_changes_nothing_and_may_be_reported_again(cast, proof):
    end = reported(proof, cast.a)
    with pytest.raises(Conflict):
        reported(proof, cast.b)
    with writing():
        found = session.get_one(Revocation, end)
        revocations.send_back(found, reason="公告中没有这家企业", by=cast.supervisor, version=1)
    assert held(ENDED) == 1
    verified([reported(proof, cast.a, EVE)], cast.supervisor)
    assert (held(EVE - timedelta(1)), held(EVE)) == (1, 0)


@pytest.mark.parametrize(
    ("on", "reason", "field"),
    [
        (date(2018, 11, 21), "取消", "on"),
        (date(2020, 10, 1), "取消", "on"),
        (date(2020, 9, 1), "", "reason"),
    ],
)
def test_one_before_the_issue_after_today_or_without_reason_is_refused(
    cast, proof, on, reason, field
):
    with pytest.raises(DomainError) as caught:
        reported(proof, cast.a, on, reason)
    assert caught.value.field == field


def test_what_is_ended_or_over_is_not_ended_again(cast, firm):
    day = date(2019, 5, 5)
    over = factories.make_qualification(firm, Kind.HIGH_TECH, date(2016, 5, 5), day)
    ended = factories.make_qualification(
        firm, Kind.ABOVE_SCALE, date(2016, 5, 5), day, revoked_on=day
    )
    with pytest.raises(DomainError):
        reported(over, cast.a, day)
    with pytest.raises(Conflict):
        reported(ended, cast.a, day)


def test_several_are_verified_in_as_many_statements_as_one(cast, firm, query_count):
    proofs = [
        factories.make_qualification(firm, Kind.TECH_SME, date(2020, 3, 1), number=str(number))
        for number in range(7)
    ]
    ends = [reported(proof, cast.a) for proof in proofs]
    costs = []
    for some in (ends[:1], ends[1:]):
        session.expire_all()
        with query_count() as statements:
            assert verified(some, cast.supervisor) == len(some)
        costs.append(len(statements))
    assert costs[0] == costs[1]


def test_the_pages_show_what_waits_and_take_the_second_persons_word(browser_of, cast, proof):
    end = reported(proof, cast.a)
    verifier = browser_of("supervisor")
    queue = verifier.get("/ladder/verifications").text
    assert f'value="{end}:1"' in queue
    assert "1 项证明的终止" in verifier.get("/ladder").text
    own = browser_of("a")
    assert (
        own.post("/ladder/revocations/verifications", data={"seen": f"{end}:1"}).status_code == 403
    )
    address = f"/ladder/revocations/{end}/returns"
    assert verifier.get(f"{address}/new").status_code == 200
    assert verifier.post(address, data={"reason": "", "version": "1"}).status_code == 422
    assert verifier.post("/ladder/revocations/verifications", data={"seen": "x"}).status_code == 422
    answer = verifier.post("/ladder/revocations/verifications", data={"seen": f"{end}:1"})
    assert answer.status_code == 303
    assert verifier.post(address, data={"reason": "迟了", "version": "1"}).status_code == 409
    page = own.get(f"/ladder/qualifications/{proof.id}").text
    assert VerificationState.VERIFIED.label in page
    assert "取消资格" in page
