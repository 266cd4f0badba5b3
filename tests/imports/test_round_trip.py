"""What a list exports and a person imports again changes nothing, of every kind that has a list."""

import io
from typing import Any

import pytest

from crm.core import registry
from crm.core.attributes import Attribute, Sort
from crm.core.db import session, writing
from crm.evidence.kinds import KINDS
from crm.files.content import MediaType
from crm.imports import mapping, sheets
from crm.imports.kinds import ImportKind
from crm.lists.fields import Listing
from crm.people.models import User
from crm.people.roles import Right
from tests.factories import make_company, make_uscc
from tests.imports.bringing import bring, bring_sheet, counts, land
from tests.imports.test_every_kind import EXAMPLE, person_for, reasons

LISTED = ("companies", "projects", "qualifications", *KINDS)
FILLED = {
    Sort.DATE: "2020-09-20",
    Sort.MONEY: "12.345",
    Sort.NUMBER: "3",
    Sort.DECIMAL: "1.5",
    Sort.BOOL: "是",
}
ANOTHER = {
    "companies": {
        "name": "常州光合另一家有限公司", "uscc": make_uscc(77), "industry_code": "I6513", "contact_email": "",
        "former_names": "", "renamed_on": "", "end_reason": "", "to_on": "", "contact_id_number": "",
        "established_on": "2018-05-21", "agreement_on": "2018-05-30",
    },
    "projects": {
        "name": "光合另一项目", "adds_to": "", "became_on": "", "stage": "", "stage_on": "", "stage_reason": "",
        "loss_reason": "", "is_sealed": "",
    },
    "qualifications": {
        "number": "GR201932004321", "label": "", "validity": "", "valid_to": "", "reports_from_on": "",
        "specialty": "",
    },
    "patents": {"number": "202010000001.1"},
    "financings": {"amount": "12.345"},
    "contracts": {"amount": "12.345", "registration_number": "2020320402000001"},
    "talents": {"id_number": "11010519491231002X"},
}  # fmt: skip
"""Of a second record, which has as many facts as its rules let stand together."""


@pytest.mark.parametrize("key", LISTED)
def test_a_list_that_was_exported_comes_in_again_without_a_change(
    key: str, app: Any, cast: Any, browser_of: Any
) -> None:
    assert {one.key for one in registry.import_kinds.values() if one.list_key} == {*LISTED}
    kind: ImportKind = registry.import_kinds[key]
    by = person_for(cast, kind)
    if key != "companies":
        make_company(cast.carrier_a, EXAMPLE)
    heads = [one.label for one in kind.attributes]
    example = [one.example for one in kind.attributes]
    filled = [_filled(kind, one) for one in kind.attributes]
    made = bring(key, heads, example, filled, by=by)
    assert counts(made) == (2, 0, 0, 0), reasons(made)
    land(made, by)
    with writing():
        session.get_one(User, by.id).rights = frozenset({Right.EXPORT})
    listing: Listing = registry.lists[kind.list_key]
    columns = [field.key for field in listing.columns()]
    for order in (columns, columns[::-1]):
        sent = {"format": "xlsx", "all": "1", "state": f"cols={','.join(order)}", "purpose": "核对"}
        answer = browser_of(by.username).post(f"{listing.address}/files", data=sent)
        assert answer.status_code == 200
        file = io.BytesIO(answer.data)
        sheet = sheets.read(file, MediaType.XLSX, mapping.known_keys(kind))
        again = bring_sheet(key, sheet, session.get_one(User, by.id))
        assert counts(again) == (0, 0, 2, 0), (reasons(again), sheet.headings)


def _filled(kind: ImportKind, one: Attribute) -> str:
    own = ANOTHER.get(kind.key, {})
    if one.name in own:
        return own[one.name]
    if one.name == "title":
        return f"{one.example}二"
    if one.example or one.sort in (Sort.UNIT, Sort.PERSON, Sort.COMPANY, Sort.CODE):
        return one.example
    if one.choices:
        return next(iter(one.choices)).label
    return FILLED.get(one.sort, f"{one.label}甲")
