"""Two people at the same firm at the same moment: one is told, and nothing of either is lost or half done."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Select, select

from crm.companies import archive, bulk
from crm.companies.changes import change
from crm.companies.models import Company, CompanyKind
from crm.companies.services import CompanyDetails, details_of
from crm.core.db import session, writing
from crm.core.errors import Conflict, StaleRecord
from crm.lists.models import BulkChange
from crm.people.models import User
from tests.factories import make_company

KIND = {"kind": CompanyKind.BRANCH}


@pytest.fixture
def firm(cast: Any) -> Company:
    return make_company(cast.carrier_a, "常州甲有限公司")


def edit(firm_id: int, by_id: int, version: int = 1) -> Callable[[], Any]:
    def act() -> None:
        with writing():
            firm = session.get_one(Company, firm_id)
            details = CompanyDetails(**{**vars(details_of(firm)), "legal_representative": "王"})
            change(firm, details, version=version, by=session.get_one(User, by_id))

    return act


def only(firm_id: int) -> Select[Company]:
    return select(Company).where(Company.id == firm_id)


def now(firm_id: int) -> Company:
    session.rollback()
    session.expire_all()
    return session.get_one(Company, firm_id)


def test_an_edit_and_a_bulk_edit_of_one_firm_do_not_overwrite_each_other(
    cast: Any, firm: Company, at_once: Any
) -> None:
    firm_id, staff_id = firm.id, cast.a.id
    seen = bulk.plan(only(firm_id), KIND).digest

    def change_many() -> None:
        with writing():
            bulk.change_many(only(firm_id), KIND, seen=seen, by=session.get_one(User, staff_id))

    said = at_once(edit(firm_id, staff_id), change_many)
    assert [type(answer) for answer in said if answer] in ([StaleRecord], [Conflict])
    kept = now(firm_id)
    assert kept.version == 2
    assert (kept.legal_representative == "王") != (kept.kind == CompanyKind.BRANCH)


def test_undoing_a_bulk_edit_leaves_alone_what_is_edited_meanwhile(
    cast: Any, firm: Company, at_once: Any
) -> None:
    firm_id, staff_id = firm.id, cast.a.id
    with writing():
        seen = bulk.plan(only(firm_id), KIND).digest
        made = bulk.change_many(only(firm_id), KIND, seen=seen, by=cast.a)
        change_id = made.id

    def undo() -> bulk.Undone:
        with writing():
            made = session.get_one(BulkChange, change_id)
            return bulk.undo(made, only(firm_id), by=session.get_one(User, staff_id))

    edited, undone = at_once(edit(firm_id, staff_id, version=2), undo)
    kept = now(firm_id)
    assert kept.version == 3
    if isinstance(edited, StaleRecord):
        assert (undone.count, kept.kind, kept.legal_representative) == (
            1,
            CompanyKind.ENTERPRISE,
            "",
        )
    else:
        assert (undone.count, kept.kind, kept.legal_representative) == (0, CompanyKind.BRANCH, "王")


def test_two_who_undo_a_bulk_edit_undo_it_once(cast: Any, firm: Company, at_once: Any) -> None:
    firm_id, staff_id = firm.id, cast.a.id
    with writing():
        seen = bulk.plan(only(firm_id), KIND).digest
        change_id = bulk.change_many(only(firm_id), KIND, seen=seen, by=cast.a).id

    def undo() -> bulk.Undone:
        with writing():
            made = session.get_one(BulkChange, change_id)
            return bulk.undo(made, only(firm_id), by=session.get_one(User, staff_id))

    said = at_once(undo, undo)
    assert sorted(isinstance(answer, bulk.Undone) for answer in said) == [False, True]
    assert now(firm_id).version == 3


def test_of_an_edit_and_an_archiving_at_once_one_is_told(
    cast: Any, firm: Company, at_once: Any
) -> None:
    firm_id, staff_id = firm.id, cast.a.id

    def put_away() -> None:
        with writing():
            firm = session.get_one(Company, firm_id)
            by = session.get_one(User, staff_id)
            archive.archive(firm, reason="重复登记", version=1, by=by)

    said = at_once(edit(firm_id, staff_id), put_away)
    assert [type(answer) for answer in said if answer] == [StaleRecord]
    kept = now(firm_id)
    assert (kept.archived_at is None) == (kept.legal_representative == "王")
