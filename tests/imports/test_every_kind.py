"""What holds of every kind that can be imported, also of those to come."""

import re
from typing import Any

from crm.core import registry
from crm.core.attributes import Sort
from crm.imports.checking import Read, judge
from crm.imports.kinds import Draft, ImportKind, Outcome
from crm.people.models import User
from tests.factories import make_company
from tests.imports.rows import words

EXAMPLE = "常州光合智能装备有限公司"
OF_A_FIRM = "companies"  # registers firms: the others' examples are about one that is there


def _somebody(cast: Any, kind: ImportKind) -> User:
    people = (cast.a, cast.investment)
    return next(person for person in people if person.may(kind.action))


def test_each_kind_says_by_what_a_record_is_known_and_its_example_checks_clean(
    app: Any, cast: Any
) -> None:
    assert {
        "companies", "contacts", "qualifications", "operating_reports", "activities", "projects",
    } <= registry.import_kinds.keys()  # fmt: skip
    for key, kind in registry.import_kinds.items():
        assert kind.natural_key, f"{key}: nothing says by what a record is known again"
        (verdict,) = kind.check([_example(kind)], _somebody(cast, kind))
        if key != OF_A_FIRM and any(a.sort is Sort.COMPANY and a.example for a in kind.attributes):
            assert verdict.outcome is Outcome.ERROR, f"{key}: the firm is not there yet"
    make_company(cast.carrier_a, EXAMPLE)
    for key, kind in registry.import_kinds.items():
        if key != OF_A_FIRM:
            (verdict,) = kind.check([_example(kind)], _somebody(cast, kind))
            assert verdict.outcome is Outcome.CREATE, f"{key}: {words(verdict)}"


def _example(kind: ImportKind) -> Draft:
    """The example row of its template, as it is read."""
    return Draft(2, {one.name: one.read(one.example) for one in kind.attributes})


def test_each_kind_has_a_page_for_its_records_and_a_list_that_there_is(app: Any) -> None:
    rules = {str(rule) for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    for key, kind in registry.import_kinds.items():
        page = re.compile(re.escape(kind.page) + r"<int:\w+>")
        assert any(page.fullmatch(rule) for rule in rules), f"{key}: {kind.page}… is no page"
        assert not kind.list_key or kind.list_key in registry.lists, key


def test_no_two_columns_of_a_kind_are_headed_alike(app: Any) -> None:
    for key, kind in registry.import_kinds.items():
        heads = [head for one in kind.attributes for head in (one.label, *one.headings)]
        twice = {head for head in heads if heads.count(head) > 1}
        assert not twice, f"{key}: {twice}"


def test_a_row_of_empty_cells_is_refused_and_no_rows_are_none(app: Any, cast: Any) -> None:
    for key, kind in registry.import_kinds.items():
        by = _somebody(cast, kind)
        empty = Draft(2, {one.name: one.read("  ") for one in kind.attributes})
        (verdict,) = judge(kind, Read([empty], {}, {}), by)
        assert verdict.outcome is Outcome.ERROR, key
        assert list(kind.check([], by)) == [], key
