"""Walking a list: every row once, in order, both ways, whatever it is sorted by and however it is found."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from flask import Flask

from crm.companies.listing import COMPANIES
from crm.companies.models import Company, CompanyKind, FutureIndustry
from crm.core.db import session, writing
from crm.lists import walking
from crm.lists.walking import Order, Place, Walk, probe
from crm.people.scope import WHOLE_PARK_SCOPE
from tests.factories import make_unit, make_uscc

SORTABLE = [field.key for field in COMPANIES.all_fields() if field.can_sort]


@pytest.fixture
def firms(app: Flask) -> list[Company]:
    """Ties and gaps in every column."""
    unit = make_unit()
    with writing():
        made = [
            Company(
                name=f"公司{n % 5}",
                name_key="x",
                search_text="x",
                kind=list(CompanyKind)[n % 3],
                unit_id=unit.id,
                uscc=None if n % 4 == 0 else make_uscc(n),
                established_on=None if n % 4 == 0 else date(2019, 1, 1 + n % 3),
                registered_capital=None if n % 3 == 0 else Decimal(n % 2 * 100),
                future_industry=None if n % 5 == 0 else list(FutureIndustry)[n % 3],
                industry_code=["", "I65", "M73"][n % 3],
                legal_representative=["", "王一"][n % 2],
                recorded_at=datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=n % 4),
            )
            for n in range(23)
        ]
        session.add_all(made)
    return made


def _walk(order: Order, *, few: bool) -> Walk:
    query = COMPANIES.visible(WHOLE_PARK_SCOPE)
    ids = probe(query, Company.id).ids if few else None
    return Walk(query, Company.id, [Company.name], order, ids=ids)


def _expected(firms: list[Company], order: Order) -> list[int]:
    """Python's own sort: those with a value by it and their id, then those without by their id."""
    name = order.field.column.key if order.field else "id"

    def place(firm: Company) -> Any:
        value = getattr(firm, name)
        return getattr(value, "value", value), firm.id

    filled = [f for f in firms if getattr(f, name) not in (None, "")]
    empty = [f for f in firms if getattr(f, name) in (None, "")]
    filled.sort(key=place, reverse=order.is_descending)
    empty.sort(key=lambda firm: firm.id, reverse=order.is_descending)
    return [firm.id for firm in (*filled, *empty)]


@pytest.mark.parametrize("few", [True, False])
def test_every_row_comes_once_forwards_and_back(firms: list[Company], few: bool) -> None:
    for key, is_descending in [*product(SORTABLE, [False, True]), (None, True)]:
        order = Order(COMPANIES.field(key) if key else None, is_descending)
        walk, expected = _walk(order, few=few), _expected(firms, order)
        pages, place = [], Place()
        while True:
            page = walk.page(place, size=4)
            pages.append([row.id for row in page.rows])
            if page.next is None:
                break
            place = Place(page.next)
        assert [id_ for rows in pages for id_ in rows] == expected, key
        back = []
        while page.previous is not None:
            page = walk.page(Place(page.previous, is_before=True), size=4)
            back.append([row.id for row in page.rows])
        assert back[::-1] == pages[:-1], key
        assert [row.id for rows in walk.all() for row in rows] == expected, key


ODD_PLACES = (
    "x", "~", "~1", "a~b", "甲~9999999999", "NaN~1", "1e400~1", "0001-01-01T00:00:00~1", "0001-01-01T00:00:00+14:00~1",
    "9999-12-31T23:59:59-12:00~1", "-1", "9" * 40, "\ufffe~1", "team~1", "'~1",
)  # fmt: skip


def test_a_place_that_is_none_is_the_beginning_or_an_empty_page(firms: list[Company]) -> None:
    for key, text in product([*SORTABLE, None], ODD_PLACES):
        walk = _walk(Order(COMPANIES.field(key) if key else None), few=False)
        for is_before in (True, False):
            walk.page(Place(text, is_before))


def test_the_probe_counts_and_brings_the_ids_of_a_few(
    firms: list[Company], monkeypatch: pytest.MonkeyPatch
) -> None:
    query = COMPANIES.visible(WHOLE_PARK_SCOPE)
    hits = probe(query, Company.id)
    assert (str(hits.count), hits.ids is None) == ("23", False)
    monkeypatch.setattr(walking, "COUNT_LIMIT", 22)
    assert (str(probe(query, Company.id).count), probe(query, Company.id).ids) == ("22+", None)
    none = probe(query.where(Company.name == "无"), Company.id)
    assert none.count.number == 0
    assert Walk(query, Company.id, [], Order(), ids=none.ids).page(Place()).rows == []


def test_a_long_list_is_walked_along_its_index(firms: list[Company]) -> None:
    """On SQLite, what the planner says of each order that an index serves; nothing is sorted."""
    if session.get_bind().dialect.name != "sqlite":
        return
    for key in SORTABLE:
        for is_descending in (True, False):
            walk = _walk(Order(COMPANIES.field(key), is_descending), few=False)
            statement = walk._ordered(True, None, backwards=False).limit(5)
            sql = statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
            plan = session.connection().exec_driver_sql("EXPLAIN QUERY PLAN " + str(sql)).all()
            words = " ".join(str(row[3]) for row in plan)
            assert "INDEX" in words, (key, words)
            assert "TEMP B-TREE" not in words, (key, words)
