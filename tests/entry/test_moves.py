"""The moves: each from its own state only, all refusals at once, numbers without gaps, two people at one application."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from crm.audit.models import AuditEntry
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError, StaleRecord
from crm.entry import moves, services
from crm.entry.models import Decision, EntrantKind, EntryApplication, EntryState, EntryStep
from crm.entry.moves import NotYet
from crm.entry.services import EntryRefused, Receipt
from tests.entry.conftest import AGREED, AGREEMENT, MONDAY, details, hand_in_all

S = EntryState
TODAY = date(2020, 9, 30)


def the(id_: int) -> EntryApplication:
    return session.get_one(EntryApplication, id_)


def test_the_whole_way_leaves_a_step_for_each_move(led_to: Any, cast: Any, second: Any) -> None:
    application = the(led_to(S.ERRANDS))
    assert [(step.from_state, step.to_state, step.by_id) for step in application.steps] == [
        (None, S.DRAFT, cast.a.id),
        (S.DRAFT, S.ACCEPTANCE, cast.a.id),
        (S.ACCEPTANCE, S.REVIEW, cast.a.id),
        (S.REVIEW, S.SIGNING, second.id),
        (S.SIGNING, S.ERRANDS, cast.a.id),
    ]
    assert application.received_by_id == cast.a.id
    assert application.reviews[0].people == "安二、丁三"
    assert [errand.name for errand in application.errands][:2] == ["核名", "办理营业执照"]
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("entry.%")))
    assert {
        "entry.drafted",
        "entry.submitted",
        "entry.accepted",
        "entry.reviewed",
        "entry.signed",
    } <= set(actions)


def test_a_draft_says_all_that_it_lacks_at_once(cast: Any) -> None:
    empty = details(
        cast, industry_code="", business_plan="", intended_on=None, contact_name="", contact_phone=""
    )  # fmt: skip
    with writing():
        id_ = services.draft(empty, by=cast.a).id
    with pytest.raises(NotYet) as refused, writing():
        moves.submit(the(id_), by=cast.a, on=TODAY, version=None)
    assert [lack.label for lack in refused.value.missing] == [
        "联系人", "联系电话", "行业", "入驻项目和经营计划", "拟入驻日期",
    ]  # fmt: skip


def test_acceptance_asks_for_every_required_material_and_no_other(led_to: Any, cast: Any) -> None:
    id_ = led_to(S.ACCEPTANCE)
    with pytest.raises(NotYet) as refused, writing():
        moves.accept(the(id_), by=cast.a, on=TODAY, version=None)
    required = [m.name for m in the(id_).materials if m.is_required]
    assert [lack.label for lack in refused.value.missing] == required
    with writing():
        for material in the(id_).materials:
            if material.is_required:
                services.tick(material, Receipt(TODAY), by=cast.a)
        assert moves.accept(the(id_), by=cast.a, on=TODAY, version=None).to_state is S.REVIEW


def test_a_return_tells_all_that_is_missing_in_one_list(led_to: Any, cast: Any) -> None:
    id_ = led_to(S.ACCEPTANCE)
    with writing():
        first = the(id_).materials[0]
        services.tick(first, Receipt(MONDAY), by=cast.a)
        step = moves.send_back(the(id_), by=cast.a, on=MONDAY, opinion="名称请核对", version=None)
    assert step.missing.splitlines() == [m.name for m in the(id_).materials if m.is_missing]
    assert first.name not in step.missing
    with pytest.raises(NotYet), writing():
        moves.resubmit(the(id_), by=cast.a, on=TODAY, version=None)


def test_with_all_materials_there_a_return_must_say_what_to_mend(led_to: Any, cast: Any) -> None:
    id_ = led_to(S.ACCEPTANCE)
    with writing():
        hand_in_all(the(id_), cast.a)
    with pytest.raises(EntryRefused) as refused, writing():
        moves.send_back(the(id_), by=cast.a, on=TODAY, version=None)
    assert refused.value.field == "opinion"


def test_who_received_it_does_not_review_it(led_to: Any, cast: Any, second: Any) -> None:
    id_ = led_to(S.REVIEW)
    with pytest.raises(EntryRefused, match="受理人不能评审"), writing():
        moves.review(the(id_), AGREED, by=cast.a, version=None)
    with writing():
        moves.review(the(id_), AGREED, by=second, version=None)
    assert the(id_).state is S.SIGNING


@pytest.mark.parametrize(
    ("decision", "state"),
    [(Decision.AGREED, S.SIGNING), (Decision.DECLINED, S.FAILED), (Decision.CORRECTION, S.CORRECTION)],
)  # fmt: skip
def test_a_review_leads_where_it_says(
    led_to: Any, second: Any, decision: Decision, state: EntryState
) -> None:
    id_ = led_to(S.REVIEW)
    with writing():
        moves.review(the(id_), replace(AGREED, decision=decision), by=second, version=None)
    assert the(id_).state is state
    assert the(id_).reviews[-1].decision is decision
    if decision is Decision.CORRECTION:
        assert (the(id_).returned_from, the(id_).days_allowed) == (S.REVIEW, 4)


def test_a_review_cannot_agree_while_a_material_was_taken_back(
    led_to: Any, cast: Any, second: Any
) -> None:
    id_ = led_to(S.REVIEW)
    with writing():
        services.tick(the(id_).materials[0], Receipt(None), by=cast.a)
    with pytest.raises(NotYet), writing():
        moves.review(the(id_), AGREED, by=second, version=None)


@pytest.mark.parametrize("move", [moves.refuse, moves.withdraw])
def test_an_end_needs_its_reason(led_to: Any, cast: Any, move: Any) -> None:
    id_ = led_to(S.ACCEPTANCE)
    with pytest.raises(EntryRefused) as refused, writing():
        move(the(id_), by=cast.a, on=TODAY, opinion="", version=None)
    assert refused.value.field == "opinion"
    with writing():
        move(the(id_), by=cast.a, on=TODAY, opinion="不属产业方向", version=None)
    assert the(id_).due_on is None
    with pytest.raises(EntryRefused, match="申请现为"), writing():
        moves.withdraw(the(id_), by=cast.a, on=TODAY, opinion="再撤", version=None)


def test_nothing_can_be_signed_before_the_review(led_to: Any, cast: Any) -> None:
    for state in (S.DRAFT, S.ACCEPTANCE, S.REVIEW):
        id_ = led_to(state, name=f"常州{state.value}有限公司")
        with pytest.raises(EntryRefused, match="不能“"), writing():
            moves.sign(the(id_), AGREEMENT, by=cast.a, version=None)


def test_an_agreement_needs_the_promise_on_safety_and_environment(led_to: Any, cast: Any) -> None:
    id_ = led_to(S.SIGNING)
    with pytest.raises(EntryRefused) as refused, writing():
        moves.sign(the(id_), replace(AGREEMENT, pledge_on=None), by=cast.a, version=None)
    assert refused.value.field == "pledge_on"


@pytest.mark.parametrize("day", [date(2020, 10, 1), date(2020, 9, 20)])
def test_a_day_in_the_future_or_before_the_last_step_is_refused(
    led_to: Any, cast: Any, day: date
) -> None:
    id_ = led_to(S.ACCEPTANCE)
    with pytest.raises(EntryRefused) as refused, writing():
        moves.withdraw(the(id_), by=cast.a, on=day, opinion="撤回", version=None)
    assert refused.value.field == "on"


def test_numbers_run_on_within_a_year_and_drafts_take_none(led_to: Any) -> None:
    numbers = [the(led_to(S.ACCEPTANCE, name=f"常州{n}号有限公司")).number for n in "甲乙丙"]
    assert numbers == [f"科教城入申〔2020〕000{n}号" for n in (1, 2, 3)]
    assert the(led_to(S.DRAFT)).number is None


def test_two_who_hand_in_at_once_get_two_numbers_in_a_row(
    led_to: Any, cast: Any, at_once: Any
) -> None:
    ids = [led_to(S.DRAFT, name=f"常州{n}号有限公司") for n in "甲乙丙丁"]

    def hand_in(id_: int) -> Any:
        def act() -> None:
            with writing():
                by = session.merge(cast.a, load=False)
                moves.submit(the(id_), by=by, on=TODAY, version=None)

        return act

    assert at_once(*(hand_in(id_) for id_ in ids)) == [None] * 4
    session.expire_all()
    found = sorted(session.scalars(select(EntryApplication.sequence)))
    assert found == [1, 2, 3, 4]


def test_the_second_of_two_at_one_application_is_told_so(led_to: Any, cast: Any) -> None:
    id_ = led_to(S.ACCEPTANCE)
    seen = the(id_).version
    with writing():
        moves.send_back(the(id_), by=cast.a, on=TODAY, version=seen)
    with pytest.raises(StaleRecord) as refused, writing():
        moves.refuse(the(id_), by=cast.a, on=TODAY, opinion="不符", version=seen)
    assert isinstance(refused.value, Conflict)
    assert session.scalar(select(func.count()).where(EntryStep.application_id == id_)) == 3


def test_two_who_decide_at_once_do_not_both_succeed(led_to: Any, cast: Any, at_once: Any) -> None:
    id_ = led_to(S.ACCEPTANCE)
    seen = the(id_).version

    def act() -> None:
        with writing():
            by = session.merge(cast.a, load=False)
            moves.refuse(the(id_), by=by, on=TODAY, opinion="不符", version=seen)

    results = at_once(act, act)
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "StaleRecord"]


def test_another_kind_brings_its_own_list_and_keeps_what_was_handed_in(
    led_to: Any, cast: Any
) -> None:
    id_ = led_to(S.DRAFT)
    with writing():
        services.tick(the(id_).materials[0], Receipt(MONDAY, "档案柜3"), by=cast.a)
    with writing():
        application = the(id_)
        team = replace(services.details_of(application), kind=EntrantKind.TEAM)
        services.change(application, team, version=application.version, by=cast.a)
    names = {m.name: m.kept_at for m in the(id_).materials}
    assert "团队成员名单和简历" in names
    assert "全体股东身份证明" not in names
    assert names["入驻申请表"] == "档案柜3"


def test_kind_and_carrier_stay_once_it_was_handed_in(led_to: Any, cast: Any) -> None:
    id_ = led_to(S.ACCEPTANCE)
    changed = replace(services.details_of(the(id_)), kind=EntrantKind.TEAM)
    with pytest.raises(EntryRefused), writing():
        services.change(the(id_), changed, version=2, by=cast.a)


def test_the_log_keeps_no_personal_data(led_to: Any, cast: Any) -> None:
    id_ = led_to(S.DRAFT)
    with writing():
        changed = replace(services.details_of(the(id_)), contact_phone="13899998888")
        services.change(the(id_), changed, version=the(id_).version, by=cast.a)
    for entry in session.scalars(select(AuditEntry)):
        assert "138" not in entry.details
        assert "lilei" not in entry.details
    last = session.scalars(select(AuditEntry).where(AuditEntry.action == "entry.changed")).one()
    assert json.loads(last.details)["changes"] == {"contact_phone": ["***", "***"]}


def test_materials_are_closed_once_the_review_is_over(led_to: Any, cast: Any) -> None:
    id_ = led_to(S.SIGNING)
    with pytest.raises(EntryRefused, match="已过评审"), writing():
        services.tick(the(id_).materials[0], Receipt(None), by=cast.a)


def test_an_errand_is_skipped_with_a_reason_only(led_to: Any, cast: Any) -> None:
    id_ = led_to(S.ERRANDS)
    with pytest.raises(DomainError) as refused, writing():
        services.skip(the(id_).errands[:1], the(id_), reason="", by=cast.a)
    assert refused.value.field == "reason"
    with writing():
        services.skip(the(id_).errands[:1], the(id_), reason="已领照", by=cast.a)
        services.carry_out(the(id_).errands[1], the(id_), on=TODAY, note="当日办结", by=cast.a)
    first, other = the(id_).errands[:2]
    assert (first.is_skipped, first.is_open, first.note) == (True, False, "已领照")
    assert (other.done_on, other.by_id) == (TODAY, cast.a.id)


def test_an_application_at_a_carrier_of_others_is_refused(cast: Any) -> None:
    with pytest.raises(DomainError, match="数据范围"), writing():
        services.draft(details(cast, carrier_id=cast.carrier_b.id), by=cast.a)
