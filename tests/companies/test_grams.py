"""The search's index proposes every firm that has the words, whatever is written, moved or undone."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.audit.services import SYSTEM
from crm.companies import changes, grams, queries, residence, services
from crm.companies.former_names import Renaming
from crm.companies.models import Company, CompanyKind, ResidenceKind
from crm.companies.names import name_key, plain_text, search_text
from crm.companies.residence import ResidenceDetails
from crm.companies.services import CompanyDetails, Registration
from crm.core import clock
from crm.core.db import session, writing
from crm.people.models import Unit
from crm.people.scope import WHOLE_PARK_SCOPE, Scope
from crm.web.paging import COUNT_LIMIT, Count, count
from tests.factories import make_company, make_residence, make_unit, make_uscc

LETTERS = "甲乙有限公司aB1。 （%_𬭛"


def _found(words: str, scope: Scope = WHOLE_PARK_SCOPE) -> set[int]:
    query = queries.search(queries.visible_to(scope), words)
    return set(session.scalars(query.with_only_columns(Company.id)))


def _naively(words: str, scope: Scope = WHOLE_PARK_SCOPE) -> set[int]:
    read = plain_text(words).split()
    firms = session.scalars(queries.visible_to(scope))
    return {firm.id for firm in firms if all(word in firm.search_text for word in read)}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(st.text(LETTERS, min_size=1, max_size=12), min_size=1, max_size=6),
    asked=st.lists(st.text(LETTERS, max_size=5), min_size=1, max_size=6),
)
def test_a_search_finds_what_reading_every_firm_finds(
    two_units: tuple[Unit, Unit], names: list[str], asked: list[str]
) -> None:
    with writing():
        session.add_all(
            Company(
                name=name,
                name_key=name_key(name),
                search_text=search_text(name, None),
                kind=CompanyKind.TEAM,
                unit_id=two_units[number % 2].id,
            )
            for number, name in enumerate(names)
        )
    here = WHOLE_PARK_SCOPE.within(two_units[0])
    for words in (*asked, names[0][:2], names[-1][-3:]):
        assert _found(words) == _naively(words)
        assert _found(words, here) == _naively(words, here)


@pytest.fixture
def two_units(app: Any) -> tuple[Unit, Unit]:
    return make_unit(), make_unit()


@given(st.text(LETTERS, max_size=20), st.data())
def test_what_has_a_word_has_all_its_grams(text: str, data: Any) -> None:
    start = data.draw(st.integers(0, len(text)))
    word = text[start : data.draw(st.integers(start, len(text)))]
    assert grams.wanted(word) <= grams.grams_of(text)


@pytest.mark.parametrize("words", ["公司", "有限公司", "限", "yxgs", "甲", "  "])
def test_words_without_grams_of_their_own_are_found_all_the_same(app: Any, words: str) -> None:
    company = make_company(make_unit(), "常州甲科技有限公司")
    assert _found(words) == {company.id}


def test_former_names_and_people_are_found_telephone_numbers_are_not() -> None:
    text = search_text("甲公司", "91A", former_names=["ＢＣ厂"], people=["王小明"])
    assert text.split("\n") == ["甲公司", "bc厂", "91a", "王小明", "jgs", "bcc"]


def test_a_corrected_name_is_found_and_the_former_one_no_more(app: Any) -> None:
    company = make_company(make_unit(), "常州光子芯片有限公司", uscc=make_uscc(5))
    details = CompanyDetails("常州量子雷达有限公司", uscc=company.uscc)
    with writing():
        changes.change(
            session.get_one(Company, company.id),
            details,
            version=company.version,
            renaming=Renaming(is_correction=True),
            by=SYSTEM,
        )
    assert _found("雷达") == _proposed("雷达") == {company.id}
    assert _found("芯片") == _proposed("芯片") == set()


def test_what_was_undone_is_not_proposed(app: Any) -> None:
    company = make_company(make_unit(), "常州光子芯片有限公司")
    with writing():
        undone = session.begin_nested()
        session.get_one(Company, company.id).search_text = "量子雷达"
        session.flush()
        assert _proposed("雷达") == {company.id}
        undone.rollback()
    assert _proposed("雷达") == set()
    assert _proposed("芯片") == {company.id}


def test_a_firm_handed_over_is_found_where_it_went_to(app: Any) -> None:
    here, there = make_unit(), make_unit()
    company = make_company(here, "常州光子芯片有限公司")
    make_residence(company, here, date(2019, 3, 4))
    with writing():
        carrier = session.get_one(Unit, there.id)
        firm = session.get_one(Company, company.id)
        residence.transfer(firm, carrier, by=SYSTEM, on=date(2020, 5, 6))
    assert _found("芯片", WHOLE_PARK_SCOPE.within(there)) == {company.id}
    assert _found("芯片", WHOLE_PARK_SCOPE.within(here)) == set()


def test_a_deleted_firm_leaves_the_index_and_an_archived_one_is_found_in_the_archive(
    app: Any,
) -> None:
    first, second = (make_company(make_unit(), f"常州光子芯片{n}号") for n in "甲乙")
    with writing():
        session.get_one(Company, first.id).archived_at = clock.now()
        session.delete(session.get_one(Company, second.id))
    assert _proposed("芯片") == {first.id}
    assert _found("芯片") == set()
    archived = queries.search(queries.archived(WHOLE_PARK_SCOPE), "芯片")
    assert session.scalars(archived.with_only_columns(Company.id)).all() == [first.id]


def _proposed(word: str) -> set[int]:
    return set(session.scalars(grams.proposed([grams.wanted(word)])))


def _register_many(number: int, name: str) -> list[int]:
    carrier = make_unit()
    stay = ResidenceDetails(carrier.id, ResidenceKind.REGISTERED, date(2020, 1, 2))
    rows = [
        Registration(CompanyDetails(f"{name}{n}号", uscc=make_uscc()), residences=(stay,))
        for n in range(number)
    ]
    with writing():
        return services.register_many(rows, by=SYSTEM)


def test_firms_registered_in_bulk_are_found(app: Any) -> None:
    ids = _register_many(3, "常州光子芯片")
    assert _found("芯片") == set(ids)
    assert _found("芯片1号") == {ids[1]}


@pytest.fixture
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the index gave up at three firms and a list counted to two."""
    monkeypatch.setattr(queries, "_PROPOSED", 3)
    monkeypatch.setattr("crm.web.paging.COUNT_LIMIT", 2)


@pytest.mark.usefixtures("few_are_many")
def test_very_many_finds_are_read_in_the_lists_own_order_and_counted_to_the_limit(app: Any) -> None:
    ids = _register_many(9, "常州光子芯片")
    assert _found("芯片") == set(ids)
    query = queries.search(queries.visible_to(WHOLE_PARK_SCOPE), "芯片")
    assert str(count(query.with_only_columns(Company.id))) == "2+"
    few = query.where(
        Company.id.in_(ids[-2:])
    )  # none of them among those that the index named first
    assert count(few.with_only_columns(Company.id)) == Count(2)


def test_a_count_says_when_it_stopped() -> None:
    assert str(Count(COUNT_LIMIT, is_capped=True)) == "5000+"
