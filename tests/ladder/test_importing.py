"""Qualifications from spreadsheets: 高企 and 科小 lists and labels, waiting for a second person, undone as they came."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.verification import VerificationState
from crm.core.db import session, writing
from crm.imports.kinds import RevertRefused
from crm.ladder import verification
from crm.ladder.models import Qualification, QualificationKind
from crm.people.scope import scope_of
from tests.factories import make_company, make_label
from tests.imports.rows import check, land, outcomes, revert, words

FIRM = "常州甲科技有限公司"
HIGH_TECH = {
    "company": FIRM,
    "number": "GR201932001234",
    "issued_on": "2019/11/22",
    "validity": "三年",
}
TECH_SME = {"company": FIRM, "number": "20203204120A000123", "issued_on": "2020年4月30日"}


def _held() -> list[Qualification]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(Qualification).order_by(Qualification.id)))


def test_lists_as_they_are_published_land_and_wait_for_a_second_person(app: Any, cast: Any) -> None:
    make_company(cast.carrier_a, FIRM)
    make_label("专精特新")
    label = {
        "company": FIRM,
        "label": "专精特新",
        "issued_on": "2020-06-01",
        "validity": "2023-05-31",
    }
    landed = land(
        "qualifications", cast.a, HIGH_TECH, TECH_SME, label, source="苏高企协〔2019〕17号"
    )
    high_tech, tech_sme, special = _held()
    assert [one.kind for one in (high_tech, tech_sme, special)] == [
        QualificationKind.HIGH_TECH, QualificationKind.TECH_SME, QualificationKind.LABEL,
    ]  # fmt: skip
    assert (high_tech.counts_from, high_tech.counts_to) == (date(2019, 11, 22), date(2022, 11, 22))
    assert tech_sme.counts_to == date(2021, 1, 1)
    assert (special.valid_to, special.number) == (date(2023, 5, 31), "2020-06-01")
    assert {one.state for one in _held()} == {VerificationState.PENDING}
    scope = scope_of(cast.supervisor)
    (batch,) = verification.batches(scope, cast.supervisor)
    assert (batch.source, batch.number) == ("苏高企协〔2019〕17号", 3)
    assert (
        outcomes(check("qualifications", cast.a, HIGH_TECH, TECH_SME, label)) == ["unchanged"] * 3
    )
    with writing():
        verification.verify_batch(scope, batch.source, seen=batch.seen, by=cast.supervisor)
    with pytest.raises(RevertRefused) as refused:
        revert("qualifications", cast.a, landed)
    assert len(refused.value.rows) == 3


def test_a_correction_asks_a_second_person_anew_and_undoing_it_brings_the_verification_back(
    app: Any, cast: Any
) -> None:
    make_company(cast.carrier_a, FIRM)
    land("qualifications", cast.a, HIGH_TECH)
    with writing():
        verification.verify(_held()[0], by=cast.supervisor, version=1)
    landed = land(
        "qualifications", cast.a, {**HIGH_TECH, "issued_on": "2019-12-05", "batch": "第二批"}
    )
    (one,) = _held()
    assert (one.state, one.counts_to) == (VerificationState.PENDING, date(2022, 12, 5))
    revert("qualifications", cast.a, landed)
    (one,) = _held()
    assert (one.state, one.counts_to, one.batch) == (
        VerificationState.VERIFIED,
        date(2022, 11, 22),
        "",
    )
    assert one.verified_by_id == cast.supervisor.id
    new = land("qualifications", cast.a, TECH_SME)
    revert("qualifications", cast.a, new)
    assert [each.number for each in _held()] == ["GR201932001234"]


def test_what_is_wrong_is_said_by_column(app: Any, cast: Any, query_count: Any) -> None:
    make_company(cast.carrier_a, FIRM)
    make_company(cast.carrier_b, "常州乙科技有限公司")
    found = check(
        "qualifications",
        cast.a,
        {**HIGH_TECH, "company": "常州乙科技有限公司"},
        {**HIGH_TECH, "issued_on": "2020-10-01"},
        {**HIGH_TECH, "validity": "5年"},
        {**HIGH_TECH, "number": "苏1234"},
        {**HIGH_TECH, "kind": "上市", "authority": "美国"},
        {**HIGH_TECH, "label": "没有的"},
        {**TECH_SME, "valid_to": "2020-12-31"},
    )
    assert outcomes(found) == ["error"] * 7
    assert [words(verdict)[0][0] for verdict in found] == [
        "company", "issued_on", "validity", "kind", "authority", "label", "valid_to",
    ]  # fmt: skip
    with query_count() as few:
        land("qualifications", cast.a, HIGH_TECH)
    rows = [{**TECH_SME, "number": f"20203204120A00020{n}"} for n in range(5)]
    with query_count() as many:
        land("qualifications", cast.a, *rows)
    assert len(many) == len(few)
    with query_count() as few:
        land("qualifications", cast.a, {**rows[0], "batch": "一"})
    with query_count() as many:
        four = land(
            "qualifications",
            cast.a,
            *({**row, "batch" if n % 2 else "authority": "二"} for n, row in enumerate(rows[1:])),
        )
    assert len(many) == len(few)
    revert("qualifications", cast.a, four)
