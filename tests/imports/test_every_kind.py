"""What holds of every kind that can be imported, also of those to come."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from crm.core import registry
from crm.core.db import session
from crm.imports import undo
from crm.imports.kinds import ImportKind
from crm.imports.models import Import, ImportRow, ImportState
from crm.imports.stored import faults_from
from crm.people.models import User
from crm.projects.named import PROJECT
from tests.factories import make_company, make_project
from tests.imports.bringing import bring, counts, fresh, land

EXAMPLE = "常州光合智能装备有限公司"
OURS = {"companies", "contacts", "qualifications", "operating_reports", "activities", "projects"}


def person_for(cast: Any, kind: ImportKind) -> User:
    return next(person for person in (cast.a, cast.investment) if person.may(kind.action))


def _example(kind: ImportKind, by: User) -> Import:
    """The example row of its template, brought in under the labels of its columns."""
    heads = [one.label for one in kind.attributes]
    return bring(kind.key, heads, [one.example for one in kind.attributes], by=by)


def reasons(import_: Import) -> list[str]:
    rows = session.scalars(select(ImportRow.faults).where(ImportRow.import_id == import_.id))
    return [str(error) for text in rows for _column, error in faults_from(text)]


def test_each_kinds_example_lands_changes_nothing_the_second_time_and_is_undone(
    app: Any, cast: Any
) -> None:
    assert registry.import_kinds.keys() >= OURS
    others = [key for key in registry.import_kinds if key != "companies"]
    for key in ("companies", *others):  # the firms' own is undone before the others are about it
        kind = registry.import_kinds[key]
        by = person_for(cast, kind)
        if key == others[0]:
            make_company(cast.carrier_a, EXAMPLE)
            make_project(cast.office, PROJECT.example)
        first = _example(kind, by)
        assert counts(first) == (1, 0, 0, 0), f"{key}: {reasons(first)}"
        land(first, by)
        assert counts(_example(kind, by)) == (0, 0, 1, 0), f"{key}: the same file changes nothing"
        undo.undo(first.id, by.id)
        assert fresh(first).state is ImportState.UNDONE
        assert counts(_example(kind, by)) == (1, 0, 0, 0), f"{key}: nothing of it is left"


def test_a_row_without_anything_is_refused(app: Any, cast: Any) -> None:
    for key, kind in registry.import_kinds.items():
        heads = [one.label for one in kind.attributes]
        found = bring(kind.key, heads, ["" for _ in heads], by=person_for(cast, kind))
        assert counts(found) == (0, 0, 0, 1), key
        assert reasons(found), key
        assert list(kind.check([], person_for(cast, kind))) == [], key


def test_each_kind_says_by_what_a_record_is_known_and_where_it_opens(app: Any) -> None:
    told = (Path(__file__).parents[2] / "docs/imports.md").read_text(encoding="utf-8")
    rules = {str(rule) for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    for key, kind in registry.import_kinds.items():
        assert kind.natural_key, f"{key}: nothing says by what a record is known again"
        assert f"| `{key}` {kind.label} |" in told, f"{key}: docs/imports.md does not tell of it"
        address = app.url_map.bind("").match(f"{kind.page}1")
        assert 1 in address[1].values(), f"{key}: {kind.page}… is no page of a record"
        assert not kind.list_key or kind.list_key in registry.lists, key
        assert not kind.verifications or kind.verifications in rules, key
        heads = [head for one in kind.attributes for head in (one.label, *one.headings)]
        twice = {head for head in heads if heads.count(head) > 1}
        assert not twice, f"{key}: {twice} stand over two columns"
