"""The counting rule of new entrants: its versions, what each changes, and that a past year stays as it was."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.queries import details_of
from crm.carriers.figures import FIGURES, TOTAL, Place, rows, table
from crm.carriers.periods import Period
from crm.carriers.wording import entrants
from crm.companies.models import CompanyKind, EndReason
from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError, StaleRecord
from crm.metrics.catalogue import METRICS
from crm.metrics.figures import Question, drill_down, figure
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.reference.counting import STANDARD, EntrantTerms, amend, decree, terms_on
from crm.reference.models import EntrantRule
from tests.factories import make_company, make_residence

JAN_1, MAY_1, SEP_30 = date(2020, 1, 1), date(2020, 5, 1), date(2020, 9, 30)
YEAR = Period(JAN_1, SEP_30)


def counted(period: Period = YEAR) -> int:
    """The figure on the carriers' page, the rows behind it and the target: one number."""
    number = table(WHOLE_PARK_SCOPE, [], period).value("new", TOTAL)
    listed = session.execute(rows(FIGURES["new"], Place(WHOLE_PARK_SCOPE), period)).all()
    metric = METRICS["companies.new_entrants"]
    question = Question(metric, period.until, period.until.year, WHOLE_PARK_SCOPE)
    assert number == len(listed) == figure(question) == len(drill_down(question))
    return number


def rule(terms: EntrantTerms, valid_from: date, by: Any) -> EntrantRule:
    with writing():
        return decree(terms, valid_from=valid_from, by=by)


def entrant(cast: Any, on: date, **values: Any) -> Any:
    residence = {key: values.pop(key) for key in ("agreement_on",) if key in values}
    firm = make_company(cast.carrier_a, **values)
    make_residence(firm, cast.carrier_a, on, **residence)
    return firm


@pytest.mark.parametrize(
    ("firm", "terms"),
    [
        ({"kind": CompanyKind.BRANCH}, replace(STANDARD, kinds=frozenset({"branch"}))),
        ({"uscc": None}, replace(STANDARD, needs_licence=False)),
        ({"agreement_on": None}, replace(STANDARD, needs_agreement=False)),
        ({"agreement_on": date(2020, 10, 1)}, replace(STANDARD, needs_agreement=False)),
    ],
)
def test_each_term_changes_figure_rows_and_target_from_its_day_on(
    cast: Any, firm: dict[str, Any], terms: EntrantTerms
) -> None:
    entrant(cast, date(2020, 4, 30), **firm)
    entrant(cast, MAY_1, **firm)
    assert counted() == 0
    rule(terms, MAY_1, cast.admin)
    assert counted() == 1  # the day before is counted by the rule before
    rule(terms, JAN_1, cast.admin)
    assert counted() == 2


def test_returns_count_where_the_rule_says_so_once_in_a_period(cast: Any) -> None:
    firm = make_company(cast.carrier_a)
    for start, end in ((date(2018, 1, 1), date(2019, 1, 1)), (MAY_1, date(2020, 6, 1))):
        make_residence(firm, cast.carrier_a, start, end, reason=EndReason.MOVED_OUT)
    make_residence(firm, cast.carrier_b, date(2020, 7, 1))
    assert counted() == 0
    rule(replace(STANDARD, counts_returns=True), JAN_1, cast.admin)
    assert counted() == 1


@pytest.mark.parametrize(
    ("back_on", "reason", "number"),
    [
        (MAY_1, EndReason.TRANSFERRED, 0),  # a move, on the very day
        (MAY_1, EndReason.MOVED_OUT, 1),
        (date(2020, 5, 2), EndReason.MOVED_OUT, 1),
    ],
)
def test_a_move_between_carriers_is_never_new(
    cast: Any, back_on: date, reason: EndReason, number: int
) -> None:
    firm = make_company(cast.carrier_a)
    make_residence(firm, cast.carrier_a, date(2018, 1, 1), MAY_1, reason=reason)
    make_residence(firm, cast.carrier_b, back_on)
    rule(replace(STANDARD, counts_returns=True), JAN_1, cast.admin)
    assert counted() == number


def test_a_new_rule_alters_no_past_year(cast: Any) -> None:
    entrant(cast, date(2019, 12, 31), kind=CompanyKind.INSTITUTE)
    last_year = Period(date(2019, 1, 1), date(2019, 12, 31))
    rule(replace(STANDARD, kinds=frozenset({"institute"})), JAN_1, cast.admin)
    assert counted(last_year) == 0
    for day in (date(2019, 12, 31), date(2000, 1, 1)):
        with pytest.raises(DomainError, match="2020年1月1日"):
            rule(STANDARD, day, cast.admin)


def test_a_version_of_a_past_year_is_closed(cast: Any) -> None:
    version = rule(replace(STANDARD, needs_licence=False), MAY_1, cast.admin)
    clock.set_business_date(date(2021, 1, 1))
    with pytest.raises(DomainError, match="2021年1月1日"), writing():
        amend(session.get_one(EntrantRule, version.id), STANDARD, version=1, by=cast.admin)


def test_two_versions_never_begin_on_one_day_and_two_admins_see_each_other(cast: Any) -> None:
    version = rule(STANDARD, MAY_1, cast.admin)
    with pytest.raises(Conflict, match="已有一个版本"):
        rule(STANDARD, MAY_1, cast.admin)
    with writing():
        fresh = session.get_one(EntrantRule, version.id)
        amend(fresh, replace(STANDARD, needs_licence=False), version=1, by=cast.admin)
    with pytest.raises(StaleRecord), writing():
        amend(session.get_one(EntrantRule, version.id), STANDARD, version=1, by=cast.admin)
    assert not terms_on(MAY_1).needs_licence
    assert terms_on(date(2020, 4, 30)) == STANDARD


def test_every_change_is_logged_old_and_new(cast: Any) -> None:
    rule(replace(STANDARD, kinds=frozenset({"branch", "enterprise"})), MAY_1, cast.admin)
    entry = session.scalars(select(AuditEntry)).one()
    assert entry.action == "rule.changed"
    assert details_of(entry)["changes"] == {"kinds": [["enterprise"], ["branch", "enterprise"]]}
    assert details_of(entry)["valid_from"] == "2020-05-01"


def test_no_kind_at_all_is_refused(cast: Any) -> None:
    with pytest.raises(DomainError, match="至少选择一类"):
        rule(replace(STANDARD, kinds=frozenset()), MAY_1, cast.admin)


def test_the_text_beside_the_figure_is_written_from_the_rule(app: Any, cast: Any) -> None:
    with app.test_request_context():
        (before,) = entrants(JAN_1, SEP_30)
        assert "首次注册在园的企业；" in before
        assert "已取得执照" in before
        assert "返回的不计" in before
        terms = EntrantTerms(frozenset({"enterprise", "branch"}), False, False, True)
        rule(terms, MAY_1, cast.admin)
        same, after = entrants(JAN_1, SEP_30)
        assert same == before
        assert after.startswith("自 2020-05-01 起：期间内首次注册在园的企业、分公司；")
        assert "执照" not in after
        assert "协议" not in after
        assert "返回的计入" in after
