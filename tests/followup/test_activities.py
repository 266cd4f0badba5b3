"""Activities: what is written down, corrected and archived, and when a firm was last in touch with."""

from datetime import date

import pytest
from sqlalchemy import func, select

from crm.audit.models import AuditEntry
from crm.audit.queries import details_of
from crm.core.db import session, writing
from crm.core.errors import DomainError, StaleRecord
from crm.followup import services, subjects
from crm.followup.models import Activity, ActivityKind, LastContact
from crm.followup.services import ActivityDetails, ActivityRow
from crm.people.scope import WHOLE_PARK_SCOPE
from tests import factories


def log(firm, by, kind=ActivityKind.VISIT, on=date(2020, 9, 29), summary="走访"):
    with writing():
        ref = subjects.find("company", firm.id, WHOLE_PARK_SCOPE)
        details = ActivityDetails(kind, on, summary)
        return services.record_activity("company", ref, details, by=by)


def last_on(firm):
    return session.scalar(select(LastContact.last_on).where(LastContact.subject_id == firm.id))


def test_an_activity_keeps_the_unit_that_had_the_firm_then(cast, firm):
    activity = log(firm, cast.a)
    assert (activity.unit_id, activity.by_id) == (cast.carrier_a.id, cast.a.id)
    assert session.scalars(select(AuditEntry.action)).all() == ["activity.recorded"]


@pytest.mark.parametrize(
    ("on", "is_taken"), [(date(2020, 9, 30), True), (date(2020, 10, 1), False)]
)
def test_what_has_not_happened_yet_is_refused(cast, firm, on, is_taken):
    if is_taken:
        log(firm, cast.a, on=on)
    else:
        with pytest.raises(DomainError, match="晚于今天"):
            log(firm, cast.a, on=on)


def test_the_last_contact_is_the_latest_day_whatever_was_written_down_last(cast, firm):
    log(firm, cast.a, on=date(2020, 9, 20))
    log(firm, cast.a, on=date(2020, 5, 4))
    assert last_on(firm) == date(2020, 9, 20)


def test_a_note_is_no_contact(cast, firm):
    log(firm, cast.a, kind=ActivityKind.NOTE)
    assert last_on(firm) is None


def test_a_correction_stands_in_the_log_old_and_new_and_moves_the_last_contact(cast, firm):
    activity = log(firm, cast.a, on=date(2020, 9, 20))
    log(firm, cast.a, on=date(2020, 3, 2))
    with writing():
        details = ActivityDetails(ActivityKind.CALL, date(2020, 1, 8), "改为电话")
        services.correct(activity, details, version=1, by=cast.a)
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    changes = details_of(entry)["changes"]
    assert changes["kind"] == ["visit", "call"]
    assert changes["summary"] == ["走访", "改为电话"]
    assert last_on(firm) == date(2020, 3, 2)


def test_a_correction_of_an_older_version_is_refused(cast, firm):
    activity = log(firm, cast.a)
    details = ActivityDetails(ActivityKind.CALL, date(2020, 9, 8), "改为电话")
    with writing():
        services.correct(activity, details, version=1, by=cast.a)
    with pytest.raises(StaleRecord), writing():
        services.correct(activity, details, version=1, by=cast.b)


def test_an_archived_activity_is_gone_from_the_pages_and_no_contact(cast, firm):
    activity = log(firm, cast.a)
    with writing():
        services.archive(activity, version=1, by=cast.a)
    assert last_on(firm) is None
    assert session.get_one(Activity, activity.id).archived_at is not None


def test_many_are_written_in_few_statements_with_one_entry_in_the_log(cast, query_count):
    firms = [factories.make_company(cast.carrier_a) for _ in range(30)]
    rows = [
        ActivityRow(
            "company",
            firm.id,
            cast.carrier_a.id,
            ActivityDetails(ActivityKind.CALL, date(2020, 9, 1), "电话"),
            cast.a.id,
        )
        for firm in firms
    ]
    with query_count() as queries, writing():
        assert len(services.record_many(rows, by=cast.a)) == 30
    assert len(queries) < 10
    assert session.scalar(select(func.count()).select_from(LastContact)) == 30
    assert session.scalars(select(AuditEntry.action)).all() == ["activities.recorded"]
