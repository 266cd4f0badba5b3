"""Firms that may be one: which pairs are found, that they keep up with what is written, and what people say of them."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from crm.audit.services import SYSTEM
from crm.companies import codes, comparing, duplicates
from crm.companies.archive import archive, restore
from crm.companies.changes import change
from crm.companies.contacts import add_contact
from crm.companies.duplicate_models import DuplicatePair, PairState, Reason
from crm.companies.models import Company
from crm.companies.resemblance import Face, keys_of, reasons_for, score
from crm.companies.services import (
    CompanyDetails,
    ContactDetails,
    Registration,
    details_of,
    register,
    register_many,
)
from crm.core.db import session, writing
from crm.core.errors import Conflict
from tests import factories

CODE = factories.make_uscc(1)
WRONG = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
PHONE = "13800000001"


def swapped(code: str, at: int) -> str:
    return code[:at] + code[at + 1] + code[at] + code[at + 2 :]


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (Face(1, "常州甲科技（集团）有限责任公司", None), Face(2, "常州 甲科技(集团)股份有限公司", None), Reason.NAME),
        (Face(1, "江苏甲华科技有限公司", None), Face(2, "常州市甲华科技有限公司", None), Reason.REGION),
        (Face(1, "常州佳科智能有限公司", None), Face(2, "常州嘉科智能有限公司", None), Reason.READING),
        (Face(1, "常州新名有限公司", None, ("常州旧名有限公司",)), Face(2, "常州旧名有限公司", None), Reason.FORMER),
        (Face(1, "常州甲华有限公司", CODE), Face(2, "无锡乙丙有限公司", WRONG), Reason.CODE),
        (Face(1, "常州甲华有限公司", CODE), Face(2, "无锡乙丙有限公司", swapped(CODE, 8)), Reason.CODE),
        (Face(1, "甲华智能科技", None, (), ("+86 138-0000-0001",)), Face(2, "甲华智能装备", None, (), (PHONE,)), Reason.PHONE),
    ],
)  # fmt: skip
def test_what_makes_two_firms_look_like_one(one: Face, other: Face, reason: Reason) -> None:
    assert reasons_for(one, other) == reasons_for(other, one) == {reason}
    assert keys_of(one) & keys_of(other)
    assert score(frozenset({reason}), one, other) > 50


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Face(1, "常州甲科技有限公司", None), Face(2, "常州乙科技有限公司", None)),
        (Face(1, "常州甲科技", None, ("旧名",)), Face(2, "常州乙科技", None, ("旧名",))),
        (Face(1, "甲华智能", None, (), ("13800000001",)), Face(2, "乙丙食品", None, (), ("13800000001",))),
        (Face(1, "甲", factories.make_uscc(11)), Face(2, "乙", factories.make_uscc(12))),
    ],
)  # fmt: skip
def test_what_does_not(one: Face, other: Face) -> None:
    """Other names; one former name of both; a shared telephone alone; two codes that were given out one after the other."""
    assert not reasons_for(one, other)


def test_a_slip_in_a_code_leads_back_to_it() -> None:
    for at in range(17):
        if CODE[at] != CODE[at + 1]:
            assert CODE in codes.corrections(swapped(CODE, at)) or not 1 < at < 8
    for at in range(18):
        wrong = CODE[:at] + ("1" if CODE[at] == "0" else "0") + CODE[at + 1 :]
        assert CODE in codes.corrections(wrong)
        assert codes.is_near(CODE, wrong)
    assert codes.corrections(CODE) == set() == codes.corrections("甲")


def pairs() -> dict[tuple[str, str], DuplicatePair]:
    names = dict(session.execute(select(Company.id, Company.name)).all())
    return {
        (names[p.lower_id], names[p.higher_id]): p for p in session.scalars(select(DuplicatePair))
    }


def registered(cast: factories.Cast, name: str, **details: object) -> int:
    with writing():
        found = Registration(
            CompanyDetails(name, uscc=factories.make_uscc(), **details), unit_id=cast.carrier_a.id
        )
        return register(found, by=cast.a, despite_lookalikes=True).id


def test_pairs_keep_up_with_what_is_written_of_firms(app, cast):
    one, other = registered(cast, "常州甲华有限公司"), registered(cast, "常州乙丙有限公司")
    assert pairs() == {}
    with writing():
        company = session.get_one(Company, other)
        change(company, replace(details_of(company), name="常州甲花有限公司"), version=1, by=cast.a)
    assert [p.reasons for p in pairs().values()] == [{Reason.READING}]
    with writing():
        for id_ in (one, other):
            add_contact(
                session.get_one(Company, id_),
                ContactDetails("张三", phone="13800000001"),
                by=cast.a,
            )
    assert [p.reasons for p in pairs().values()] == [{Reason.READING}]
    with writing():
        archive(session.get_one(Company, one), reason="重复", version=None, by=cast.a)
    assert pairs() == {}
    with writing():
        restore(session.get_one(Company, one), by=cast.a)
    assert len(pairs()) == 1


def test_many_at_once_find_what_one_by_one_would(app, cast):
    names = ["常州甲华有限公司", "江苏甲华有限公司", "常州甲花有限公司", "常州乙丙有限公司"]
    rows = [
        Registration(CompanyDetails(name, uscc=factories.make_uscc()), unit_id=cast.carrier_a.id)
        for name in names
    ]
    with writing():
        register_many(rows[:2], by=SYSTEM)
        register_many(rows[2:], by=SYSTEM)
    at_once = {names: (pair.reasons, pair.score) for names, pair in pairs().items()}
    assert len(at_once) == 3
    with writing():
        session.execute(DuplicatePair.__table__.delete())
        for ids in duplicates.slices():
            duplicates.look_again_many(ids)
    assert {names: (pair.reasons, pair.score) for names, pair in pairs().items()} == at_once


def test_the_daily_look_goes_on_where_it_stopped_and_rests_while_nothing_is_written(
    app, cast, query_count, monkeypatch
):
    monkeypatch.setattr(duplicates, "SLICE", 2)
    monkeypatch.setattr(comparing, "SLICES_A_DAY", 1)
    for name in ("常州甲华有限公司", "常州乙丙有限公司", "常州甲华股份有限公司"):
        factories.make_company(cast.carrier_a, name)  # past the services that keep the pairs
    comparing.compare_daily()
    assert pairs() == {}
    comparing.compare_daily()
    assert len(pairs()) == 1
    comparing.compare_daily()  # finds the end
    session.rollback()
    with query_count() as resting:
        comparing.compare_daily()
    assert len(resting) <= 2
    factories.make_company(cast.carrier_a, "常州乙丙股份有限公司")
    for _day in range(3):
        comparing.compare_daily()
    assert len(pairs()) == 2


def test_a_dismissed_pair_comes_back_only_with_another_name_or_code(app, cast):
    one, other = registered(cast, "常州甲华有限公司"), registered(cast, "常州甲华有限责任公司")
    (pair,) = pairs().values()
    assert pair.state == PairState.DISMISSED  # who registers despite the warning has said so
    assert pair.decided_by_id == cast.a.id
    with writing():
        duplicates.look_again_many([one, other])
    assert next(iter(pairs().values())).state == PairState.DISMISSED
    with writing():
        company = session.get_one(Company, one)
        change(
            company, replace(details_of(company), name="常州甲华股份有限公司"), version=1, by=cast.a
        )
    (pair,) = pairs().values()
    assert pair.state == PairState.OPEN
    with writing():
        duplicates.dismiss(session.get_one(DuplicatePair, pair.id), by=cast.a)
    with writing(), pytest.raises(Conflict):
        duplicates.dismiss(session.get_one(DuplicatePair, pair.id), by=cast.a)
    with writing():
        duplicates.reopen(session.get_one(DuplicatePair, pair.id), by=cast.a)
    assert next(iter(pairs().values())).decided_by_id is None


def test_a_name_that_very_many_share_says_nothing(app, cast):
    rows = [
        Registration(
            CompanyDetails("常州科创有限公司", uscc=factories.make_uscc()),
            unit_id=cast.carrier_a.id,
        )
        for _ in range(duplicates.MOST_ALIKE + 1)
    ]
    with writing():
        register_many(rows, by=SYSTEM)
    assert pairs() == {}
