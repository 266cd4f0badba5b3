"""Duties, shares with lights of their own, levels, and what units expect of the year."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from crm.core.db import session, writing
from crm.core.errors import DomainError, NotAllowed, StaleRecord
from crm.people.scope import WHOLE_PARK_SCOPE, scope_of
from crm.responsibility import queries, services, shares, stating
from crm.responsibility.models import Expectation, StatedBy, TaskDuty
from crm.responsibility.services import DutyDetails, Part
from crm.responsibility.stating import Statement
from crm.targets import services as targets
from crm.targets.board import board
from crm.targets.models import Indicator, PlanTask
from crm.targets.pace import Light
from crm.targets.services import ReportDetails
from tests import factories
from tests.metrics.test_figures import entrant
from tests.targets.test_standing import indicator

SEP_30 = date(2020, 9, 30)


def split(plan, cast, code, parts, version=None):
    with writing():
        one = session.get(Indicator, indicator(plan, code).id)
        services.split(one, parts, version=version, by=cast.supervisor)
    return one.id


def rows(plan, code, scope=WHOLE_PARK_SCOPE, as_of=SEP_30):
    found = shares.split_of(indicator(plan, code), as_of, scope)
    return found, {row.share.unit_id: row for row in found.rows}


def test_each_share_of_a_computed_target_has_its_own_figure_and_light(plan, cast):
    inner = factories.make_unit("科技园二期", cast.carrier_a)
    for _ in range(3):
        entrant(cast.carrier_a, date(2020, 5, 1))
    entrant(inner, date(2020, 9, 30))
    entrant(cast.carrier_b, date(2020, 10, 1))
    split(
        plan,
        cast,
        "T01",
        {
            cast.carrier_a.id: Part(Decimal(5)),
            inner.id: Part(Decimal(1)),
            cast.carrier_b.id: Part(Decimal(4)),
        },
    )
    found, by_unit = rows(plan, "T01")
    one, below, other = (by_unit[u.id] for u in (cast.carrier_a, inner, cast.carrier_b))
    assert (one.standing.actual, one.light) == (4, Light.GREEN)  # 80 % against 75 %
    assert (below.standing.actual, below.light, below.is_inner) == (1, Light.DONE, True)
    assert (other.standing.actual, other.light) == (0, Light.RED)
    assert (found.total, found.gap) == (9, 351)  # the inner one is not added
    assert rows(plan, "T01", as_of=date(2020, 10, 1))[1][cast.carrier_b.id].standing.actual == 1


def test_a_share_has_its_own_curve(plan, cast):
    steps = tuple(map(Decimal, (0, 0, 10, 100)))
    split(plan, cast, "T01", {cast.carrier_a.id: Part(Decimal(10), quarters=steps)})
    row = rows(plan, "T01")[1][cast.carrier_a.id]
    assert (row.standing.pace, row.light) == (Decimal("0.1"), Light.YELLOW)


def test_a_unit_sees_its_own_share_only_and_no_sum(plan, cast):
    split(plan, cast, "T01", {u.id: Part(Decimal(5)) for u in (cast.carrier_a, cast.carrier_b)})
    found, by_unit = rows(plan, "T01", scope_of(cast.a))
    assert (set(by_unit), found.total, found.gap) == ({cast.carrier_a.id}, None, None)


def test_a_share_by_hand_counts_once_verified_and_never_for_the_whole(plan, cast):
    split(plan, cast, "T42", {cast.office.id: Part(Decimal(40))})
    with writing():
        one = session.get(Indicator, indicator(plan, "T42").id)
        entered = targets.report(
            one,
            ReportDetails(SEP_30, Decimal(39), "台账"),
            by=cast.unit_staff,
            on=SEP_30,
            share_of=cast.office,
        )
    row = rows(plan, "T42")[1][cast.office.id]
    assert (row.standing.actual, row.unverified.value) == (None, 39)
    with writing():
        fresh = session.merge(entered)
        targets.sign(fresh, by=cast.unit_head)
        targets.verify(fresh, by=cast.supervisor)
    assert rows(plan, "T42")[1][cast.office.id].standing.actual == 39
    assert board(plan, SEP_30, WHOLE_PARK_SCOPE).row("T42").actual is None


def test_a_share_by_hand_is_reported_by_its_own_unit(plan, cast):
    with writing(), pytest.raises(NotAllowed):
        targets.report(
            session.get(Indicator, indicator(plan, "T42").id),
            ReportDetails(SEP_30, Decimal(1), "台账"),
            by=cast.unit_staff,
            on=SEP_30,
            share_of=cast.carrier_b,
        )


@pytest.mark.parametrize(
    "part",
    [
        Part(Decimal(-1)),
        Part(Decimal("1.5")),
        Part(Decimal(1), quarters=(Decimal(50), Decimal(40))),
    ],
)
def test_a_part_that_cannot_be_is_refused_with_its_unit(plan, cast, part):
    with pytest.raises(services.SplitRefused) as refused:
        split(plan, cast, "T01", {cast.carrier_a.id: part, cast.carrier_b.id: Part(Decimal(1))})
    assert set(refused.value.errors) == {cast.carrier_a.id}
    assert rows(plan, "T01")[0].rows == ()


def test_the_split_is_saved_on_the_version_that_was_shown(plan, cast):
    seen = indicator(plan, "T01").version
    split(plan, cast, "T01", {cast.carrier_a.id: Part(Decimal(5))}, seen)
    with pytest.raises(StaleRecord):
        split(plan, cast, "T01", {cast.carrier_b.id: Part(Decimal(5))}, seen)


def test_a_window_is_not_split(plan, cast):
    with pytest.raises(DomainError):
        split(plan, cast, "T44", {cast.office.id: Part(Decimal(1))})


def test_all_shares_of_a_plan_cost_the_same_however_many(plan, cast, query_count):
    split(plan, cast, "T01", {cast.carrier_a.id: Part(Decimal(5))})
    with query_count() as few:
        shares.splits(plan, SEP_30, WHOLE_PARK_SCOPE)
    for code in ("T01", "T02"):
        split(
            plan,
            cast,
            code,
            {u.id: Part(Decimal(5)) for u in (cast.carrier_a, cast.carrier_b, cast.office)},
        )
    with query_count() as many:
        shares.splits(plan, SEP_30, WHOLE_PARK_SCOPE)
    assert len(many) <= len(few) + 1


# duties


def duty(plan, cast, version=None, **details):
    task = session.scalars(queries.tasks(plan)).first()
    with writing():
        services.set_duty(
            session.get(PlanTask, task.id),
            DutyDetails(**{"leader_id": cast.leader.id, "unit_id": cast.office.id, **details}),
            version=version,
            by=cast.supervisor,
        )
    return queries.duty_of(task)


def test_a_task_has_a_leader_a_lead_unit_and_joint_units(plan, cast):
    found = duty(plan, cast, 0, joint_unit_ids=(cast.carrier_b.id, cast.carrier_a.id))
    assert (found.leader.name, found.task.unit_id) == ("韩主任", cast.office.id)
    assert {unit.id for unit in found.joint_units} == {cast.carrier_a.id, cast.carrier_b.id}
    with pytest.raises(StaleRecord):
        duty(plan, cast, found.version + 1)


@pytest.mark.parametrize("what", ["leader", "joint", "dates"])
def test_a_duty_that_cannot_be_is_refused(plan, cast, what):
    wrong = {
        "leader": {"leader_id": cast.unit_head.id},
        "joint": {"joint_unit_ids": (cast.office.id,)},
        "dates": {"starts_on": SEP_30, "due_on": SEP_30 - timedelta(days=1)},
    }
    with pytest.raises(DomainError):
        duty(plan, cast, 0, **wrong[what])
    assert session.scalar(select(func.count()).select_from(TaskDuty)) == 0


# levels and expectations


def test_the_board_judges_by_the_plan_unless_the_office_says_otherwise(plan, cast):
    statements = {
        StatedBy.CITY: Statement(Decimal(300), "市下达", date(2020, 2, 1)),
        StatedBy.PLAN: Statement(Decimal(360)),
        StatedBy.OWN: Statement(Decimal(400)),
    }
    for judged, target in ((StatedBy.PLAN, 360), (StatedBy.OWN, 400), (StatedBy.PLAN, 360)):
        with writing():
            one = session.get(Indicator, indicator(plan, "T01").id)
            stating.state(one, statements, judged, version=one.version, by=cast.supervisor)
        assert board(plan, SEP_30, WHOLE_PARK_SCOPE).row("T01").indicator.target == target
    found = queries.stated(indicator(plan, "T01"))
    assert [(x.stated_by, x.is_judged) for x in found] == [
        (StatedBy.CITY, False),
        (StatedBy.PLAN, True),
        (StatedBy.OWN, False),
    ]


def test_the_level_that_is_judged_has_a_figure(plan, cast):
    levels = {StatedBy.PLAN: Statement(Decimal(1))}
    with writing():
        one = session.get(Indicator, indicator(plan, "T01").id)
        with pytest.raises(DomainError):
            stating.state(one, levels, StatedBy.OWN, version=None, by=cast.supervisor)


def test_an_expectation_is_official_once_the_head_signed_and_keeps_its_history(plan, cast):
    with writing():
        target = session.get(Indicator, indicator(plan, "T42").id)
        target.unit_id = cast.office.id
    for value in ("350", "365"):
        with writing():
            stating.expect(
                session.get(Indicator, target.id),
                Decimal(value),
                "在手合同",
                by=cast.unit_staff,
                on=SEP_30,
            )
    assert queries.year_ends([target.id], SEP_30) == {}
    newest = session.scalars(select(Expectation.id).order_by(Expectation.id.desc())).first()
    with writing():
        stating.sign_expectation(
            session.get(Expectation, newest), version=None, by=cast.unit_head, on=SEP_30
        )
    assert queries.year_ends([target.id], SEP_30) == {target.id: 365}
    assert queries.year_ends([target.id], SEP_30 - timedelta(days=1)) == {}
    assert len(session.scalars(queries.expectations(target)).all()) == 2
    with writing(), pytest.raises(NotAllowed):
        stating.expect(session.get(Indicator, target.id), Decimal(1), "", by=cast.a, on=SEP_30)
