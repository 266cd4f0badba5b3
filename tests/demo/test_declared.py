"""The generated rounds of 组织申报: they fit the certificates, and go no further than the world has come."""

from datetime import date, timedelta
from random import Random

import pytest

from crm.declarations.models import State
from crm.declarations.steps import FORWARD, needs_reason
from crm.demo.declared import Autumn, Certificate, Firm

ISSUED = (
    date(2018, 10, 24),
    date(2018, 11, 30),
    date(2019, 12, 6),
    date(2020, 5, 28),
    date(2020, 9, 11),
)
OTHERS = [Firm(number, 11) for number in range(100, 180)]
ENDING = [Firm(number, 12) for number in range(50, 70)]
OVER = [Firm(number, 13) for number in range(200, 208)]


def rounds(until):
    certificates = [
        Certificate(number, Firm(number, 11), day)
        for number, day in enumerate(ISSUED * 4, 1)
        if day <= until
    ]
    autumn = Autumn(Random("1"), until, until)
    return list(autumn.rounds(certificates, ending=ENDING, others=OTHERS, over_the_line=OVER))


def test_each_certificate_ends_a_declaration_on_its_own_day():
    issued = {}
    for found in rounds(date(2020, 9, 30)):
        for row in found.rows:
            if row.qualification_id:
                issued[row.qualification_id] = row.steps[-1]
    assert {number: (step.to_state, step.effective_on) for number, step in issued.items()} == {
        number: (State.RECOGNISED, day) for number, day in enumerate(ISSUED * 4, 1)
    }


@pytest.mark.parametrize("until", [date(2020, 1, 1), date(2020, 9, 30), date(2020, 12, 31)])
def test_histories_take_allowed_steps_in_order_and_none_in_the_future(until):
    for found in rounds(until):
        for row in found.rows:
            days = [step.effective_on for step in row.steps]
            assert days == sorted(days)
            assert not days or days[-1] <= until
            for before, after in zip(row.steps, row.steps[1:], strict=False):
                is_onward = after.to_state in FORWARD[before.to_state]
                assert is_onward or (after.to_state is State.REJECTED and after.note)
                assert needs_reason(before.to_state, after.to_state) is not is_onward


def test_this_autumns_rounds_are_under_way_on_30_september_and_over_by_the_years_end():
    names = [
        (r.details.programme or r.details.kind, r.details.number) for r in rounds(date(2020, 9, 30))
    ]
    assert ("above_scale", "年度") in names
    assert ("龙城英才计划", "第二批") in names
    assert len(rounds(date(2020, 12, 31))) == 4
    assert len(names) == 8
    open_until = max(r.details.due_on for r in rounds(date(2020, 9, 30)))
    assert open_until - date(2020, 9, 30) == timedelta(31)
