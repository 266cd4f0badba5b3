"""A figure counts verified records, by their own day, each once in every scope."""

from datetime import date
from decimal import Decimal

import pytest

from crm.audit.verification import VerificationState
from crm.core.db import session
from crm.evidence.kinds import KINDS
from crm.evidence.kinds.events import Audience, Origin
from crm.evidence.kinds.patents import ApplicantKind
from crm.evidence.kinds.talents import Programme
from crm.ladder.models import QualificationKind
from crm.metrics.catalogue import METRICS
from crm.metrics.figures import Question, count, curve, drill_down, figure
from crm.people.models import Unit
from crm.people.scope import WHOLE_PARK_SCOPE
from tests import factories
from tests.evidence.conftest import patent_number, save

DAY = date(2020, 9, 30)
VERIFIED = VerificationState.VERIFIED


def ask(key, scope=WHOLE_PARK_SCOPE, as_of=DAY, **filters):
    session.rollback()
    session.expire_all()
    return figure(Question(METRICS[key], as_of, as_of.year, scope, tuple(filters.items())))


@pytest.fixture
def in_carriers(cast):
    return [
        WHOLE_PARK_SCOPE.within(session.get_one(Unit, u.id))
        for u in (cast.carrier_a, cast.carrier_b)
    ]


def test_a_shared_patent_is_one_in_the_park_and_one_in_each_carrier(
    firm, neighbour, cast, in_carriers
):
    save("patents", cast.a, company_id=firm.id, co_holder_ids=(neighbour.id,), state=VERIFIED)
    save("patents", cast.a, company_id=firm.id, number=patent_number(2), state=VERIFIED)
    save("patents", cast.a, company_id=firm.id, number=patent_number(3))
    key = "evidence.patents_applied"
    assert [ask(key), *(ask(key, scope) for scope in in_carriers)] == [2, 2, 1]
    question = Question(METRICS[key], DAY, 2020, WHOLE_PARK_SCOPE)
    assert count(question) == len(drill_down(question)) == 2
    assert curve(question)[-1].value == 2
    assert ask(key, kind="utility_model") == 0
    assert ask(key, applicant_kind="institute,firm") == 2


def test_applications_and_grants_count_by_their_own_days(firm, cast):
    save("patents", cast.a, company_id=firm.id, happened_on=date(2019, 12, 31), number=patent_number(1, 2019),
         granted_on=date(2020, 1, 1), applicant_kind=ApplicantKind.COLLEGE, state=VERIFIED)  # fmt: skip
    assert ask("evidence.patents_applied") == 0
    assert ask("evidence.patents_applied", as_of=date(2019, 12, 31)) == 1
    assert ask("evidence.patents_granted", kind="invention") == 1


def test_money_is_summed_in_the_targets_unit(firm, neighbour, cast):
    save("contracts", cast.a, company_id=firm.id, co_holder_ids=(neighbour.id,), amount=Decimal(123_000_000),
         state=VERIFIED)  # fmt: skip
    save("grants", cast.a, amount=Decimal(2_500_000), state=VERIFIED)
    assert ask("evidence.contract_amount") == Decimal("1.23")
    assert ask("evidence.contracts") == 1
    assert ask("evidence.grant_amount") == Decimal("0.025")


def test_platforms_stand_until_they_are_withdrawn_and_while_their_firm_is_here(firm, cast):
    gone = factories.make_company(cast.carrier_a, "常州丁科技有限公司")
    factories.make_residence(gone, cast.carrier_a, date(2016, 3, 1), date(2020, 9, 30))
    save("platforms", cast.a, company_id=firm.id, withdrawn_on=date(2020, 9, 30), state=VERIFIED)
    save("platforms", cast.a, company_id=gone.id, title="另一平台", state=VERIFIED)
    save("platforms", cast.a, title="园区自建平台", state=VERIFIED)
    assert ask("evidence.platforms", as_of=date(2020, 9, 29)) == 3
    assert ask("evidence.platforms") == 1
    assert ask("evidence.platforms_recognised") == 3


def test_persons_are_not_attendances_and_programmes_are_told_apart(cast):
    save(
        "events",
        cast.a,
        persons=60,
        attendances=600,
        audience=Audience.TEACHERS,
        programme=Origin.GERMAN,
        state=VERIFIED,
    )
    save("events", cast.a, title="无人数", state=VERIFIED)
    save(
        "talents",
        cast.a,
        title="甲",
        nationality="德国",
        programme=Programme.EXPERT,
        state=VERIFIED,
    )
    assert ask("evidence.event_persons", programme="german", audience="teachers") == 60
    assert ask("evidence.events") == 2
    assert ask("evidence.talents", programme="expert", nationality="德国") == 1
    assert ask("evidence.talents", programme="broker,service") == 0


def test_the_fund_counts_each_high_tech_firm_once(firm, neighbour, cast):
    factories.make_qualification(
        firm, QualificationKind.HIGH_TECH, date(2019, 1, 2), date(2022, 1, 2)
    )
    for company, by, amount in ((firm, cast.a, 1), (firm, cast.a, 2), (neighbour, cast.b, 1)):
        save("financings", by, company_id=company.id, investor_kind="guidance_fund", amount=Decimal(amount),
             state=VERIFIED)  # fmt: skip
    assert ask("evidence.firms_of_the_fund") == 1


@pytest.mark.parametrize("key", [key for key in METRICS if key.startswith("evidence.")])
def test_every_metric_opens_where_its_rows_are(key):
    page = METRICS[key].page
    assert page == "/companies/" or page.split("/")[2] in KINDS
