"""Nobody reads, counts, finds or changes what belongs to another unit: every address, form and file, also of later features.

A has one record of every kind (belongings.py), B as well. B then goes through the whole URL map with A's numbers.
"""

import io
import re
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import islice, product
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import update
from werkzeug.routing import Rule

from crm.companies.models import CompanyLink, LinkKind
from crm.core.db import Base, session, writing
from crm.people.models import User
from crm.people.roles import Action, Right, Role
from tests import factories
from tests.web.belongings import (
    DAY,
    NOBODYS,
    Belongings,
    Rows,
    Stored,
    make_belongings,
    make_people,
    make_plan,
    make_sealed,
)
from tests.web.url_map import PARAMETER, addresses, rules

SECRET, SOUGHT = "鸱吻qzxjvqk", "骊珠"
MARKS = (
    "鸱吻",
    "qzxjvqk",
)  # as they stand in an answer, whatever it is written in; too long to come up by chance in a token
PLAIN = "乙方"

READERS: dict[str, tuple[tuple[Role, ...], tuple[Right, ...]]] = {
    "staff": ((Role.INCUBATOR_STAFF,), ()),
    "every right": (
        (Role.INCUBATOR_STAFF, Role.UNIT_STAFF, Role.UNIT_HEAD),
        tuple(Right),
    ),
    "admin": ((Role.ADMIN,), tuple(Right)),
}
ADMINS_OWN = frozenset({Action.USERS_MANAGE, Action.RULES_MANAGE})
KINDS = {
    "followup.create_activity": "visit",
    "links.create": "controls",
    "letting.create_let": "space",
    "space.create_room": "office",
    "space.update_room": "office",
    "ladder.create_qualification": "high_tech",
    "projects.create": "construction",
    "projects.update": "construction",
}
"""What a form's `kind` may be, where it is not the kind of an entrant or a firm."""
ENDING = (
    "archiv",
    "departures",
    "transfers",
    "undo",
    "endings",
    "closures",
    "completions",
    "cancellations",
)  # at last
OF_THE_MOMENT = re.compile(
    r"[\w-]{20,}\.[\w-]{6}\.[\w-]{27}|\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\dZ)?"
    r'|name="token"[^>]*value="[\w-]{22}"'
)
"""A form's tokens, the time at which a page was made: others at each call."""
FILES = tuple(
    (address, {"format": form, "all": "1"})
    for address, forms in (
        ("/companies/files", ("csv", "xlsx")), ("/ladder/qualifications/files", ("csv", "xlsx")),
        ("/reports/pipeline/files", ("pdf", "xlsx", "json")),
    )
    for form in forms
)  # fmt: skip
OF_SEALED = {"project_id", "partner_id", "payment_id", "activity_id", "task_id", "instruction_id"}
"""The parameters that name what hangs on a sealed project in the sweep."""
NOTED = {"audit_entries"}  # that somebody looked or was refused


@pytest.fixture
def plan(cast: factories.Cast) -> Any:
    return make_plan(cast.carrier_a, cast.carrier_b)


@pytest.fixture
def mine(cast: factories.Cast, plan: Any) -> Belongings:
    """What B has."""
    return make_belongings(cast.carrier_b, cast.park, plan, PLAIN)


@pytest.fixture
def theirs(cast: factories.Cast, plan: Any, mine: Belongings) -> Belongings:
    """What A has, all of it marked, and where it touches what B has: a firm's parent, the builder of a project."""
    made = make_belongings(cast.carrier_a, cast.park, plan, SECRET + SOUGHT)
    firm, of_mine = made.values["company_id"][0], mine.values["company_id"][0]
    _link(firm, of_mine)
    built = factories.make_project(cast.carrier_a, f"项目{SECRET}", builder_id=of_mine)
    return replace(made, rows=made.rows | {("projects", built.id)})


def _link(parent_id: int, child_id: int) -> None:
    link = CompanyLink(
        parent_id=parent_id, child_id=child_id, kind=LinkKind.HOLDS_SHARES, from_on=DAY
    )
    factories._add(link)


@pytest.fixture(params=list(READERS))
def reader(request: Any, cast: factories.Cast) -> User:
    roles, rights = READERS[request.param]
    return factories.make_user(*roles, unit=cast.carrier_b, rights=rights)


@pytest.fixture
def database(app: Flask) -> Iterator[Stored]:
    rows = Stored()
    yield rows
    rows.close()


@pytest.fixture
def strongest(cast: factories.Cast) -> User:
    roles, rights = READERS["every right"]
    return factories.make_user(*roles, unit=cast.carrier_b, rights=rights)


def test_every_kind_of_record_is_among_those_that_are_swept(theirs: Belongings) -> None:
    """A new table belongs in tests/web/belongings.py: a row of it, or its name under NOBODYS."""
    made = {table for table, _key in theirs.rows}
    tables = {table.name for table in Base.metadata.sorted_tables}
    assert tables - made - NOBODYS == set()


def test_an_address_of_somebody_elses_record_is_refused_and_changes_nothing(
    app: Flask, theirs: Belongings, mine: Belongings, reader: User, database: Stored
) -> None:
    client = factories.signed_in_client(app, reader)
    before, form, wrong = database.rows(), _form(theirs), []
    for number, (rule, method) in enumerate(rules(app)):
        if Role.ADMIN in reader.roles and _guard(app, rule) & ADMINS_OWN:
            continue
        for address in addresses(rule, theirs, mine):
            headers = {"HX-Request": "true"} if number % 2 else {}
            answer = client.open(address, method=method, data=form, headers=headers)
            marks = _marks_in(_told(answer))
            if answer.status_code not in (403, 404) or marks:
                wrong.append((method, address, answer.status_code, marks))
        if method != "GET":
            wrong += [(method, rule.rule, change) for change in _changes(before, database.rows())]
    assert wrong == []
    assert _changes(before, database.rows()) == []


def test_what_others_have_shows_in_no_page_count_file_or_search(
    app: Flask, cast: factories.Cast, plan: Any, mine: Belongings, strongest: User
) -> None:
    """Every page of B's is the same, letter by letter, before A has anything and after; the files carry the time."""
    client = factories.signed_in_client(app, strongest)
    people = make_people(cast.carrier_a, cast.park)  # whom a request may be given to
    before = dict(_pages(app, client, mine))
    make_belongings(cast.carrier_a, cast.park, plan, SECRET + SOUGHT, people)
    after = dict(_pages(app, client, mine))
    assert [address for address in before if before[address] != after[address]] == []
    texts = after | {str(file): _told(client.post(file[0], data=file[1])) for file in FILES}
    assert [address for address, text in texts.items() if _marks_in(text)] == []


def test_what_is_sealed_shows_nowhere_to_who_may_not_see_it(
    app: Flask, cast: factories.Cast, mine: Belongings
) -> None:
    """A project of B's is 保密: for all the others, whatever else they may do, each page is as if there were none."""
    owner = factories.make_user(Role.INVESTMENT, unit=cast.office)
    everything_else = set(Role) - {Role.LEADER, Role.UNIT_HEAD, Role.ADMIN}
    reader = factories.make_user(*everything_else, unit=cast.carrier_b, rights=tuple(Right))
    client = factories.signed_in_client(app, reader)
    before = dict(_pages(app, client, mine))
    sealed, milestone = make_sealed(mine, owner, cast.leader, SECRET + SOUGHT)
    after = dict(_pages(app, client, mine))
    assert [address for address in before if before[address] != after[address]] == []
    with writing():
        session.merge(milestone).project_id = sealed["project_id"][0]
    told = {
        address: _told(client.get(address))
        for address in ("/targets", f"/targets/{milestone.code}", "/")
    }
    told |= {str(file): _told(client.post(file[0], data=file[1])) for file in FILES}
    assert [address for address, text in (after | told).items() if _marks_in(text)] == []
    theirs = replace(mine, values={**mine.values, **sealed})
    wrong = [
        (method, address, answer.status_code)
        for rule, method in rules(app)
        if "/projects/<int:record_id>" in rule.rule or OF_SEALED & set(PARAMETER.findall(rule.rule))
        for address in addresses(rule, theirs)
        if (answer := client.open(address, method=method, data=_form(mine))).status_code
        not in (403, 404)
        or _marks_in(_told(answer))
    ]
    assert wrong == []
    seen = factories.signed_in_client(app, owner).get(f"/projects/{sealed['project_id'][0]}")
    assert _marks_in(seen.text)


def _pages(app: Flask, client: FlaskClient, mine: Belongings) -> Iterator[tuple[str, str]]:
    for rule, method in rules(app):
        if method == "GET" and not rule.endpoint.startswith("accounts."):
            for address in addresses(rule, mine):
                answer = client.get(address)
                text = _text_of(answer.data) if answer.status_code == 200 else answer.status
                yield address, OF_THE_MOMENT.sub("", text)


def test_a_number_of_somebody_elses_record_in_a_query_says_nothing_of_it(
    app: Flask, theirs: Belongings, mine: Belongings, strongest: User
) -> None:
    client = factories.signed_in_client(app, strongest)
    firm, unit = theirs.values["company_id"][0], theirs.unit.id
    queries = (
        {"unit": unit},
        {"view": theirs.values["view_id"][0]},
        {"subject": "company", "record": firm},
        {"subject": "project", "record": theirs.values["project_id"][0]},
        {"q": SOUGHT, "other": SOUGHT, "carrier": unit, "owner": theirs.staff.id, "key": unit, "by": "unit"},
        {"by": theirs.staff.id, "builder_id": SOUGHT, "report": theirs.values["report_id of operating"][0]},
        {"where": f"unit:is:{unit}", "name": SOUGHT, "company_id": firm},
    )  # fmt: skip
    wrong = []
    for rule, method in rules(app):
        if method != "GET":
            continue
        for address, query in product(islice(addresses(rule, mine), 1), queries):
            answer = client.get(address, query_string=query)
            if (marks := _marks_in(_told(answer))) or answer.status_code >= 500:
                wrong.append((address, query, answer.status_code, marks))
    assert wrong == []


def test_a_number_of_somebody_elses_record_in_a_form_binds_nothing_to_it(
    app: Flask, theirs: Belongings, mine: Belongings, strongest: User, database: Stored
) -> None:
    """B's own forms, filled as they ought to be but for the numbers of A's records in them."""
    client = factories.signed_in_client(app, strongest)
    _first_versions(Base.metadata.tables)
    wrong: list[Any] = []
    posts = [rule for rule, method in rules(app) if method == "POST"]
    for rule in sorted(posts, key=lambda rule: any(word in rule.rule for word in ENDING)):
        if rule.endpoint.startswith("accounts."):
            continue
        for address in addresses(rule, mine):
            before = database.rows()
            kind = KINDS.get(rule.endpoint, "enterprise")
            answer = client.post(address, data=_form(theirs) | {"kind": kind})
            if (marks := _marks_in(_told(answer))) or answer.status_code >= 500:
                wrong.append((address, answer.status_code, marks))
            after = database.rows()
            changed = _changes(before, after)
            wrong += [(address, change) for change in changed if change in theirs.rows]
            wrong += [(address, *hit) for hit in _references(changed, after, theirs)]
            _first_versions({table for table, _key in changed})
    assert wrong == []


def _first_versions(names: Collection[str]) -> None:
    """Every record of these tables at its first version again, which the form names."""
    tables = [Base.metadata.tables[name] for name in names]
    if versioned := [table for table in tables if "version" in table.columns]:
        with writing():
            for table in versioned:
                session.execute(update(table).values(version=1))


def _references(
    changed: list[tuple[str, Any]], after: Rows, side: Belongings
) -> Iterator[tuple[str, Any, str]]:
    """The columns of changed rows that name a record of that side; its people and the unit itself may be named."""
    for table, key in changed:
        row = after[table].get(key)
        for place, column in enumerate(Base.metadata.tables[table].columns):
            for foreign in column.foreign_keys:
                target = foreign.column.table.name
                if row and target not in ("users", "units") and (target, row[place]) in side.rows:
                    yield table, key, column.name


def _guard(app: Flask, rule: Rule) -> frozenset[Action]:
    guard = getattr(app.view_functions[rule.endpoint], "guard", None)
    return guard if isinstance(guard, frozenset) else frozenset()


def _form(side: Belongings) -> dict[str, str]:
    """All the fields that a form of ours has, filled so that it passes for right, and naming that side's records."""
    firm, other = side.values["company_id"][0], side.unit.id
    project = str(side.values["project_id"][0])
    day, later = "2020-09-29", "2020-10-30"
    return {
        "version": "1", "seen": "1", "ids": ",".join(map(str, side.values["company_id"])), "id": str(firm),
        "name": "改名有限公司", "number": "9", "what": "做", "summary": "写", "text": "写", "reason": "改", "why": "改",
        "note": "改", "opinion": "改", "people": "改", "result": "改", "result_note": "改", "scan": "改", "decision": "agreed",
        "on": day, "happened_on": day, "received_on": day, "given_on": day, "signed_on": day, "pledge_on": day,
        "reviewed_on": day, "from_on": day, "as_of_on": day, "issued_on": day, "effective_on": day,
        "established_on": day, "first_reported_on": day, "due_on": later, "agreed_to_on": later,
        "unit": str(other), "unit_id": str(other), "carrier": str(other), "carrier_id": str(other),
        "owner": str(side.staff.id), "owner_id": str(side.staff.id), "leader": str(side.staff.id),
        "staff_contact_id": str(side.staff.id), "by": str(side.staff.id), "company_id": str(firm),
        "record": str(firm), "subject": "company", "view": str(side.values["view_id"][0]), "view_id": "1",
        "project_id": str(side.values["project_id"][0]), "room_id": str(side.values["room_id"][0]),
        "building_id": str(side.values["building_id"][0]), "report": str(side.values["report_id of operating"][0]),
        "is_received": "1", "area": "10", "satisfied": "yes",
        "format": "csv", "change": "industry_code", "industry_code": "I65", "state": f"unit={other}", "role": "parent",
        "to_stage": "negotiating", "year": "2020", "through_month": "9", "value": "2", "is_another": "1",
        "residence_kind": "registered", "is_counted": "1", "origin": "domestic", "purpose": "research",
        "category": "policy", "start": "0", "key": "signed", "lines": "A座,9,10",
        "money_unit": "wan", "firm": str(firm), f"staff-{firm}": "3", f"version-{firm}": "0",
        "batch": "1", "company": str(firm), "pick": f"{side.values['declaration_id'][0]}-1", "to_state": "planned",
        "until_on": later, "is_met": "yes", "nature": "new", "currency": "cny", "figure": "agreed", "valid_from": day,
        "paid_on": day, "amount": "3", "voucher": "9", "month": "2020-09", "completed": "60", "project": project,
        f"plan-{project}": "5", f"works-{project}": "60",
    }  # fmt: skip


def _told(answer: Any) -> str:
    """All that an answer says: its head, its text, the text of the file in it."""
    return unquote(str(answer.headers)) + _text_of(answer.data)


def _text_of(body: bytes) -> str:
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            return "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    if body.startswith(b"%PDF"):
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    return body.decode("utf-8", "replace")


def _marks_in(text: str) -> list[str]:
    """The marks that stand in a text, each with what is around it."""
    found = (re.search(rf".{{0,60}}{mark}.{{0,20}}", text) for mark in MARKS if mark in text)
    return [hit[0] for hit in found if hit]


def _changes(before: Rows, after: Rows) -> list[tuple[str, Any]]:
    """The rows that are not as they were, the log's apart."""
    return [
        (table, key)
        for table, rows in after.items()
        if table not in NOTED and rows is not before[table]  # which was not read again
        for key in rows.keys() | before[table].keys()
        if rows.get(key) != before[table].get(key)
    ]
