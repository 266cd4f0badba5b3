"""By which day 规上 firms count: the versions of the rule, on both sides of their days, in every figure alike."""

from dataclasses import replace
from datetime import date

import pytest

from crm.audit.verification import VerificationState
from crm.carriers.figures import TOTAL
from crm.carriers.periods import Period
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.ladder.counting_day import counts_by, decide, versions
from crm.ladder.history import Change
from crm.ladder.models import Qualification, QualificationKind
from crm.ladder.pyramid import pyramid
from crm.ladder.queries import awarded, holders
from crm.ladder.rungs import Rung
from crm.ladder.services import QualificationDetails, award, correct
from crm.ladder.transitions import table
from crm.metrics.catalogue import METRICS
from crm.metrics.figures import Question, figure
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.reference.models import CountsBy
from tests import factories

KIND = QualificationKind.ABOVE_SCALE
JAN_1, JULY_31, AUG_1 = date(2020, 1, 1), date(2020, 7, 31), date(2020, 8, 1)
APPROVED = QualificationDetails(
    KIND, "2020年第5批", date(2020, 6, 10), reports_from_on=AUG_1, received_on=date(2020, 6, 20),
    state=VerificationState.VERIFIED,
)  # fmt: skip


@pytest.fixture
def firm(cast):
    company = factories.make_company(cast.carrier_a)
    factories.make_residence(company, cast.carrier_a, date(2018, 3, 1))
    return company


def approve(firm, by, details=APPROVED):
    with writing():
        return award(firm, details, by=by).id


def rule(counts, valid_from, by):
    with writing():
        return decide(counts, valid_from=valid_from, by=by)


def counted_on(day):
    """The stock, the flow of the year, the pyramid, 五转 and the target's figure: one number."""
    stock = len(session.execute(holders(KIND, day)).all())
    step = next(s for s in pyramid(WHOLE_PARK_SCOPE, day) if s.rung is Rung.ABOVE_SCALE)
    turns = table(WHOLE_PARK_SCOPE, [], Period(JAN_1, day))
    question = Question(METRICS["ladder.above_scale_holders"], day, 2020, WHOLE_PARK_SCOPE)
    flow = len(session.execute(awarded(KIND, JAN_1, day)).all())
    arrived = turns.value(Rung.ABOVE_SCALE, Change.ARRIVED, TOTAL)
    assert stock == flow == step.holding == arrived == figure(question)
    return stock


@pytest.mark.parametrize(
    ("counts", "first"),
    [
        (CountsBy.APPROVED, date(2020, 6, 10)),
        (CountsBy.ENTERED, date(2020, 6, 20)),
        (CountsBy.REPORTS, AUG_1),
    ],
)
def test_every_figure_counts_from_the_day_that_the_office_chose(cast, firm, counts, first):
    approve(firm, cast.a)
    rule(counts, JAN_1, cast.admin)
    assert (counted_on(date.fromordinal(first.toordinal() - 1)), counted_on(first)) == (0, 1)


def test_a_version_holds_for_approvals_from_its_day_until_the_next_one(cast, firm):
    ids = {
        on: approve(firm, cast.a, replace(APPROVED, number=str(on), issued_on=on, received_on=None))
        for on in (date(2019, 12, 31), date(2020, 5, 31), date(2020, 6, 1), JULY_31)
    }
    rule(CountsBy.REPORTS, date(2020, 7, 31), cast.admin)
    assert rule(CountsBy.REPORTS, date(2020, 6, 1), cast.admin) == 1
    starts = {on: session.get_one(Qualification, id_).counts_from for on, id_ in ids.items()}
    assert [on for on, start in starts.items() if start == AUG_1] == [date(2020, 6, 1), JULY_31]
    rule(CountsBy.APPROVED, date(2020, 6, 1), cast.admin)  # thought better of: one version, not two
    rules = session.scalars(versions()).all()
    assert [r.valid_from for r in rules] == [JULY_31, date(2020, 6, 1)]
    assert counts_by(date(2020, 7, 30), rules) is CountsBy.APPROVED


def test_what_is_recorded_later_follows_the_rule_and_its_month_is_then_verified_anew(cast, firm):
    rule(CountsBy.REPORTS, JAN_1, cast.admin)
    proof_id = approve(firm, cast.a, replace(APPROVED, reports_from_on=None))
    assert session.get_one(Qualification, proof_id).counts_from == APPROVED.issued_on
    with writing():
        proof = session.get_one(Qualification, proof_id)
        assert correct(proof, APPROVED, by=cast.a, version=proof.version)
    assert session.get_one(Qualification, proof_id).counts_from == AUG_1


def test_one_that_left_the_register_before_it_counted_never_counts(cast, firm):
    approve(firm, cast.a, replace(APPROVED, revoked_on=date(2020, 7, 1)))
    rule(CountsBy.REPORTS, JAN_1, cast.admin)
    assert (counted_on(JULY_31), len(session.execute(holders(KIND, AUG_1)).all())) == (0, 0)


def test_a_past_year_stays_as_it_was(cast):
    with pytest.raises(DomainError):
        rule(CountsBy.REPORTS, date(2019, 12, 31), cast.admin)


def test_the_keeper_of_the_rules_decides_and_the_others_read(browser_of, cast):
    sent = {"valid_from": "2020-01-01", "counts_by": "reports"}
    admin = browser_of("admin")
    assert "规上企业的统计日期" in admin.get("/counting-rules").text
    assert (
        admin.post("/ladder/counting-day", data=sent | {"valid_from": "2019-01-01"}).status_code
        == 422
    )
    assert admin.post("/ladder/counting-day", data=sent).status_code == 303
    assert "起报月" in browser_of("leader").get("/ladder/counting-day").text
    assert browser_of("a").post("/ladder/counting-day", data=sent).status_code == 403
