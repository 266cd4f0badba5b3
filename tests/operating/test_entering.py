"""Figures entered by hand, in the grid, by file: all or none, odd ones confirmed, nothing that is there lost."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.queries import details_of
from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.core.db import session, writing
from crm.operating.entering import Entry, NotEntered, enter_many, judge
from crm.operating.models import OperatingReport
from crm.operating.plausibility import DoubtKind
from crm.operating.services import AlreadyReported, OperatingDetails
from tests import factories

HALF_YEAR = OperatingDetails(2020, 6, Decimal(4_990_000), Decimal(9_000_000), 23)


@pytest.fixture
def firms(cast):
    return [factories.make_company(cast.carrier_a, industry_code="I65") for _ in range(3)]


def enter(by, *pairs, confirmed=(), **values):
    """(firm, details) pairs."""
    with writing():
        entries = [Entry(session.get_one(Company, f.id), details, **values) for f, details in pairs]
        return enter_many(entries, by=by, confirmed=confirmed)


def stored():
    return session.scalars(select(OperatingReport).order_by(OperatingReport.id)).all()


def test_one_bad_row_keeps_all_from_being_written(cast, firms):
    bad = replace(HALF_YEAR, staff=-1)
    with pytest.raises(NotEntered) as refused:
        enter(cast.a, (firms[0], HALF_YEAR), (firms[1], bad))
    first, second = refused.value.verdicts
    assert (first.error, second.error.field) == (None, "staff")
    assert stored() == []


def test_an_odd_figure_waits_until_this_very_question_is_confirmed(cast, firms):
    factories.make_operating_report(firms[0], 2020, 3, date(2020, 3, 31), staff=5)
    pair = (firms[0], HALF_YEAR)
    with pytest.raises(NotEntered) as asked:
        enter(cast.a, pair)
    (verdict,) = asked.value.verdicts
    assert [doubt.kind for doubt in verdict.doubts] == [DoubtKind.STAFF]
    keys = [key for key, _doubt in verdict.keyed]
    with pytest.raises(NotEntered):
        enter(cast.a, (firms[0], replace(HALF_YEAR, staff=24)), confirmed=keys)
    with pytest.raises(NotEntered):  # another firm's yes
        enter(cast.a, pair, confirmed=[key.replace(str(firms[0].id), "999", 1) for key in keys])
    (report,) = enter(cast.a, pair, confirmed=keys)
    assert report.confirmed == "staff:staff"
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert details_of(entry)["changes"]["confirmed"][1] == "staff:staff"


def test_figures_are_compared_with_the_last_that_were_not_sent_back(cast, firms):
    factories.make_operating_report(firms[0], 2020, 3, date(2020, 3, 31), staff=20)
    factories.make_operating_report(
        firms[0], 2020, 5, date(2020, 5, 31), staff=2, state=VerificationState.RETURNED
    )
    factories.make_operating_report(firms[0], 2020, 8, date(2020, 8, 31), staff=2)
    assert len(enter(cast.a, (firms[0], HALF_YEAR))) == 1


def test_a_file_sent_twice_changes_nothing_and_another_one_asks_before_it_replaces(cast, firms):
    pair = (firms[0], HALF_YEAR)
    (report,) = enter(cast.a, pair, source="甲.xlsx")
    assert (report.source, report.state) == ("甲.xlsx", VerificationState.PENDING)
    assert enter(cast.b, pair, source="甲.xlsx") == []
    other = (firms[0], replace(HALF_YEAR, staff=22))
    with pytest.raises(NotEntered) as asked:
        enter(cast.b, other, source="乙.xlsx")
    keys = [key for key, _doubt in asked.value.verdicts[0].keyed]
    (report,) = enter(cast.b, other, source="乙.xlsx", confirmed=keys)
    assert (report.staff, report.source, report.version) == (22, "乙.xlsx", 2)


def test_a_file_replaces_what_was_sent_back_without_a_question_and_never_what_is_verified(
    cast, firms
):
    for firm, state in zip(
        firms, (VerificationState.RETURNED, VerificationState.VERIFIED), strict=False
    ):
        factories.make_operating_report(firm, 2020, 6, date(2020, 6, 30), staff=20, state=state)
    (report,) = enter(cast.a, (firms[0], HALF_YEAR), source="甲.xlsx")
    assert (report.state, report.staff) == (VerificationState.PENDING, 23)
    with pytest.raises(NotEntered) as refused:
        enter(cast.a, (firms[1], HALF_YEAR), source="乙.xlsx")
    assert isinstance(refused.value.verdicts[0].error, AlreadyReported)


def test_many_entries_cost_the_same_few_queries(app, cast, firms, query_count):
    there = session.scalars(select(Company)).all()

    def cost(some):
        with query_count() as queries:
            judge([Entry(firm, HALF_YEAR) for firm in some])
        return len(queries)

    assert cost(there[:1]) == cost(there) == 2
