"""Two records of one firm become one, and two again: every row that hangs on them, of whatever room."""

from datetime import date
from typing import Any

from crm.companies import merge_children, merging, unmerging
from crm.companies.duplicate_models import Merge
from crm.companies.merge_children import NOT_MOVED
from crm.companies.models import Company
from crm.core import registry
from crm.core.db import session, writing
from crm.ladder.models import QualificationKind
from tests import factories

DAY = date(2020, 3, 2)


def merge(winner: Company, loser: Company, by: Any, **facts: Any) -> int:
    with writing():
        one, other = session.get_one(Company, winner.id), session.get_one(Company, loser.id)
        details = merging.defaults(one, other)
        from dataclasses import replace

        return merging.merge(
            one, other, replace(details, **facts), version=None, other_version=None, by=by
        ).id


def unmerge(merge_id: int, by: Any, **how: Any) -> None:
    with writing():
        unmerging.undo(session.get_one(Merge, merge_id), by=by, **how)


def test_every_table_that_names_a_firm_has_words_or_a_reason_to_stay(app):
    for reference in merge_children.all_references():
        if reference.name not in NOT_MOVED:
            known = registry.children.keys() & {reference.name, reference.table.name}
            assert known, (
                f"say in registry.children what {reference.name} is, or in NOT_MOVED why it stays"
            )


def test_smoke(app, cast):
    one, other = factories.make_company(cast.carrier_a), factories.make_company(cast.carrier_a)
    factories.make_residence(one, cast.carrier_a, DAY)
    factories.make_residence(other, cast.carrier_a, date(2020, 1, 2))
    factories.make_qualification(other, QualificationKind.HIGH_TECH, DAY)
    number = merge(one, other, cast.head_a if hasattr(cast, "head_a") else cast.supervisor)
    firm = session.get_one(Company, one.id)
    assert [r.from_on for r in firm.residences] == [date(2020, 1, 2)]
    unmerge(number, cast.supervisor)
    assert [r.from_on for r in session.get_one(Company, one.id).residences] == [DAY]
