"""What arrived, was planned and completed: the rules of each, dates and amounts on both sides of each edge."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.verification import SamePerson, VerificationState
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError, StaleRecord
from crm.core.money import Currency
from crm.investments import queries, services
from crm.investments.models import FundSource, InvestmentPlan, PaidInFund, WorksReport
from crm.investments.rates import converted, quote
from crm.investments.services import PaymentDetails, PlanDetails, WorksDetails
from crm.people.scope import scope_of
from crm.projects.models import Project, Stage
from tests import factories

TODAY = date(2020, 9, 30)
WAN = 10_000
SEPTEMBER = date(2020, 9, 1)


@pytest.fixture
def project(cast):
    return factories.make_project(cast.office, owner=cast.investment)


def here(project):
    return session.get_one(Project, project.id)


def wan(number):
    return Decimal(number * WAN)


def pay(cast, project, paid_on=TODAY, amount=5):
    details = PaymentDetails(paid_on, wan(amount), Currency.CNY, FundSource.DOMESTIC, "凭1")
    with writing():
        payment = services.pay_in(here(project), details, by=cast.investment)
    return payment.id


def withdraw(cast, number, reason, version):
    with writing():
        payment = session.get_one(PaidInFund, number)
        services.withdraw_payment(payment, reason=reason, by=cast.investment, version=version)


def report(cast, project, month, amount, version=None, **values):
    with writing():
        details = WorksDetails(month, wan(amount))
        by = cast.investment
        services.report_works(here(project), details, by=by, version=version, **values)


# Payments


@pytest.mark.parametrize(
    ("paid_on", "amount", "field"), [(date(2020, 10, 1), 5, "paid_on"), (TODAY, 0, "amount")]
)
def test_a_payment_has_arrived_and_is_more_than_nothing(cast, project, paid_on, amount, field):
    with pytest.raises(DomainError) as refused:
        pay(cast, project, paid_on, amount)
    assert refused.value.field == field


def test_a_payment_is_verified_by_somebody_else_and_withdrawn_with_a_reason(cast, project):
    number = pay(cast, project)
    with pytest.raises(SamePerson), writing():
        services.verify_payment(
            session.get_one(PaidInFund, number), VerificationState.VERIFIED, by=cast.investment, version=1
        )  # fmt: skip
    with writing():
        services.verify_payment(
            session.get_one(PaidInFund, number), VerificationState.VERIFIED, by=cast.supervisor, version=1
        )  # fmt: skip
    payment = session.get_one(PaidInFund, number)
    assert (payment.counts, payment.is_waiting, payment.verified_by_id) == (
        True,
        False,
        cast.supervisor.id,
    )
    for reason, version, error in (("", 2, DomainError), ("重复", 1, StaleRecord)):
        with pytest.raises(error):
            withdraw(cast, number, reason, version)
    withdraw(cast, number, "重复", 2)
    payment = session.get_one(PaidInFund, number)
    assert (payment.counts, payment.withdrawn_on) == (False, TODAY)
    with pytest.raises(Conflict):
        withdraw(cast, number, "再撤", None)
    actions = session.scalars(select(AuditEntry.action)).all()
    assert actions == ["investment.paid_in", "investment.verified", "investment.withdrawn"]


def test_what_was_sent_back_does_not_count(cast, project):
    number = pay(cast, project)
    with writing():
        services.verify_payment(
            session.get_one(PaidInFund, number), VerificationState.RETURNED, by=cast.supervisor, version=None
        )  # fmt: skip
    assert not session.get_one(PaidInFund, number).counts


# Plans


@pytest.mark.parametrize(
    ("quarters", "field"),
    [
        ((None, None, None), None),
        ((10, 20, 30), None),
        ((10, 20, 100), None),
        ((10, None, 30), "through_q1"),
        ((10, 5, 30), "through_q3"),
        ((10, 20, 101), "through_q3"),
    ],
)
def test_a_plan_by_quarter_is_whole_and_never_falls(cast, project, quarters, field):
    ends = [None if end is None else wan(end) for end in quarters]
    details = PlanDetails(2020, wan(100), *ends)
    if field is None:
        with writing():
            services.plan_year(here(project), details, by=cast.investment, version=None)
        assert session.scalars(select(InvestmentPlan)).one().through_q3 == ends[2]
    else:
        with pytest.raises(DomainError) as refused, writing():
            services.plan_year(here(project), details, by=cast.investment, version=None)
        assert refused.value.field == field


def test_a_plan_is_changed_by_who_saw_it_as_it_is(cast, project):
    for version, amount in ((None, 100), (1, 120)):
        with writing():
            services.plan_year(
                here(project), PlanDetails(2020, wan(amount)), by=cast.investment, version=version
            )
    for version in (None, 1, 3):
        with pytest.raises(StaleRecord), writing():
            services.plan_year(
                here(project), PlanDetails(2020, wan(1)), by=cast.investment, version=version
            )
    assert session.scalars(select(InvestmentPlan)).one().amount == wan(120)


# Completed amounts


def test_a_later_month_below_an_earlier_one_is_asked_about(cast, project):
    report(cast, project, date(2020, 7, 1), 50)
    report(cast, project, SEPTEMBER, 50)  # equal is no fall
    for month, amount in ((date(2020, 8, 1), 49), (date(2020, 8, 1), 51)):
        with pytest.raises(services.FallsBehind):
            report(cast, project, month, amount)
    report(cast, project, date(2020, 8, 1), 49, is_confirmed=True)
    report(cast, project, date(2019, 12, 1), 700)  # another year does not matter
    assert len(session.scalars(select(WorksReport)).all()) == 4


def test_a_corrected_month_keeps_old_and_new_in_the_log(cast, project):
    report(cast, project, SEPTEMBER, 50)
    report(cast, project, date(2020, 9, 17), 60, version=1)
    with pytest.raises(StaleRecord):
        report(cast, project, SEPTEMBER, 70, version=1)
    assert session.scalars(select(WorksReport.completed)).all() == [wan(60)]
    last = session.scalars(select(AuditEntry.details).order_by(AuditEntry.id.desc())).first()
    assert '["500000", "600000"]' in last.replace(".00", "")


def test_a_month_that_has_not_begun_cannot_be_reported(cast, project):
    report(cast, project, SEPTEMBER, 1)
    with pytest.raises(DomainError) as refused:
        report(cast, project, date(2020, 10, 1), 2)
    assert refused.value.field == "month"


def test_many_rows_are_written_at_once(cast, project):
    with writing():
        payment = PaymentDetails(TODAY, wan(3), Currency.USD, FundSource.FOREIGN, "凭9")
        services.pay_in_many(
            [(project.id, payment)], by=cast.investment, verified_by=cast.supervisor
        )
        services.plan_many([(project.id, PlanDetails(2020, wan(90)))], by=cast.investment)
        works = [(project.id, WorksDetails(date(2020, n, 1), wan(n))) for n in (8, 9)]
        assert services.report_works_many(works, by=cast.investment) == 2
    payment = session.scalars(select(PaidInFund)).one()
    assert (payment.amount, payment.currency, payment.is_waiting) == (wan(3), Currency.USD, False)
    assert len(session.scalars(select(AuditEntry)).all()) == 3


# Who owes a report, and the sums of a month


def test_who_owes_a_months_report_by_the_stage_at_its_end(cast):
    def made(*stages):
        return factories.make_project(cast.office, "", (Stage.LEAD, date(2020, 1, 2)), *stages).id

    signed = made((Stage.SIGNED, date(2020, 8, 31)))
    late = made((Stage.SIGNED, date(2020, 9, 1)))
    done = made((Stage.CONSTRUCTION, date(2020, 2, 3)), (Stage.COMPLETED, date(2020, 9, 30)))
    made()
    scope = scope_of(cast.leader)

    def owing(month):
        return set(session.scalars(queries.owing(scope, month)))

    assert owing(date(2020, 8, 1)) == {signed, done}
    assert owing(SEPTEMBER) == {signed, late}
    factories.make_works_report(session.get_one(Project, signed), SEPTEMBER, 4)
    assert set(session.scalars(queries.missing(scope, SEPTEMBER))) == {late}
    assert set(session.scalars(queries.followed(scope, SEPTEMBER))) == {signed, late}


def test_the_sums_of_a_month_keep_currencies_apart_and_add_only_what_is_known(cast):
    def made(planned, *works, currency=Currency.CNY, **quarters):
        project = factories.make_project(cast.office, currency=currency)
        if planned:
            factories.make_plan_of(project, 2020, planned, **quarters)
        for month, amount in works:
            factories.make_works_report(project, date(2020, month, 1), amount)

    made(1200, (8, 500), (9, 650))
    made(400, (7, 100), through_q1=wan(0), through_q2=wan(100), through_q3=wan(400))
    made(None, (9, 30))
    made(50, (8, 3), (9, 5), currency=Currency.USD)
    found = queries.totals(select(Project.id), SEPTEMBER)
    yuan, dollars = found
    assert (yuan.planned, yuan.month_done, yuan.cumulative) == (wan(1600), wan(150), wan(780))
    assert (yuan.share, yuan.pace_share) == (Decimal(750) / 1600, Decimal(1300) / 1600)
    assert (dollars.planned, dollars.month_done, dollars.cumulative) == (wan(50), wan(2), wan(5))
    january = queries.totals(select(Project.id), date(2020, 1, 1))
    assert [(one.cumulative, one.month_done) for one in january] == [(None, None)] * 2


def test_a_rate_is_a_statement_apart_by_the_day(cast):
    for day, rate in ((date(2020, 1, 2), "690"), (date(2020, 9, 1), "680.5")):
        with writing():
            quote(
                Currency.USD, valid_from=day, per_hundred=Decimal(rate), source="中间价", by=cast.admin
            )  # fmt: skip
    sums = {Currency.CNY: wan(5), Currency.USD: wan(10)}
    assert [one.yuan for one in converted(sums, date(2020, 8, 31))] == [wan(69)]
    assert [one.yuan for one in converted(sums, date(2020, 9, 1))] == [Decimal("680500.00")]
    assert converted(sums, date(2020, 1, 1)) == []
    for day, error in ((date(2020, 9, 1), Conflict), (date(2020, 10, 1), DomainError)):
        with pytest.raises(error), writing():
            quote(Currency.USD, valid_from=day, per_hundred=Decimal(1), source="x", by=cast.admin)
