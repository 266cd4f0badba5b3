"""Each target and milestone of the plan of 2020: rows on both sides of every edge, and exactly its own are the figure.

A table says for each computed target what one record that counts is like, and by what single change it does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm.audit.services import SYSTEM
from crm.audit.verification import VerificationState
from crm.core import clock
from crm.core.db import session, writing
from crm.evidence.kinds import KINDS
from crm.evidence.kinds.contracts import ContractKind
from crm.evidence.kinds.events import Audience, EventKind, Origin
from crm.evidence.kinds.financings import Instrument, InvestorKind
from crm.evidence.kinds.incubation_projects import VentureKind
from crm.evidence.kinds.patents import ApplicantKind, PatentKind
from crm.evidence.kinds.platforms import HostKind, PlatformKind, PlatformLevel
from crm.evidence.kinds.press_reports import PressLevel
from crm.evidence.kinds.talents import Programme, Way
from crm.evidence.services import Row, save_many
from crm.ladder.models import Level, QualificationKind
from crm.metrics import figures
from crm.people.models import Unit, UnitKind
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.targets import queries
from crm.targets.board import board
from crm.targets.models import Indicator, ReviewState
from crm.targets.pace import Light
from crm.targets.standing import question_of
from tests import factories
from tests.evidence.conftest import patent_number
from tests.ladder import test_revenue
from tests.metrics import test_figures
from tests.targets import test_standing
from tests.targets.test_standing import indicator, reported

AS_OF = date(2020, 9, 30)
DAY = timedelta(days=1)
FIRST, LAST = date(2020, 1, 1), date(2020, 12, 31)
MOVED_ON, LATER = date(2020, 6, 1), date(2021, 3, 1)
PENDING, VERIFIED, RETURNED = VerificationState


@dataclass(frozen=True)
class Case:
    """A target over a register: a record that counts, what each counts for, and changes of one fact that make it not count."""

    register: str
    counts: Mapping[str, Any]
    worth: Decimal = Decimal(1)
    day: str = "happened_on"
    others: tuple[Mapping[str, Any], ...] = ()
    is_incubators: bool = False
    is_stock: bool = False


INVENTION = {"kind": PatentKind.INVENTION, "applicant_kind": ApplicantKind.FIRM}
UTILITY, DESIGN = {"kind": PatentKind.UTILITY_MODEL}, {"kind": PatentKind.DESIGN}
PERSON = {
    "programme": Programme.SCIENCE,
    "year": 2020,
    "way": Way.BROUGHT_IN,
    "nationality": "中国",
}
PLATFORM = {
    "kind": PlatformKind.FIRM_RESEARCH,
    "level": PlatformLevel.PROVINCIAL,
    "host_kind": HostKind.FIRM,
}
EVENT = {"kind": EventKind.TEACHERS, "audience": Audience.TEACHERS, "programme": Origin.OWN}
PRESS = {"level": PressLevel.NATIONAL, "outlet": "科技日报"}
CONTRACT = {
    "kind": ContractKind.DEVELOPMENT,
    "counterpart": "江苏大学",
    "amount": Decimal(2_000_000),
}


def _person(programme: Programme, **more: Any) -> dict[str, Any]:
    return PERSON | {"programme": programme} | more


CASES = {
    "T03": Case("patents", INVENTION, others=(UTILITY, DESIGN)),
    "T04": Case("patents", INVENTION | {"happened_on": date(2019, 3, 1)}, day="granted_on"),
    "T05": Case("platforms", PLATFORM, is_stock=True),
    "T06": Case("contracts", CONTRACT),
    "T07": Case("contracts", CONTRACT, worth=Decimal("0.02")),
    "T10": Case("talents", _person(Programme.EXPERT, nationality="德国"),
                others=({"nationality": "法国"}, {"programme": Programme.SCIENCE})),
    "T13": Case("platforms", PLATFORM | {"kind": PlatformKind.PUBLIC_RESEARCH, "level": PlatformLevel.PROVINCIAL_FIRST},
                others=({"level": PlatformLevel.PROVINCIAL}, {"kind": PlatformKind.FIRM_RESEARCH})),
    "T14": Case("patents", INVENTION | {"applicant_kind": ApplicantKind.INSTITUTE},
                others=({"applicant_kind": ApplicantKind.COLLEGE}, {"applicant_kind": ApplicantKind.FIRM}, UTILITY)),
    "T15": Case("platforms", PLATFORM,
                others=({"level": PlatformLevel.MUNICIPAL}, {"host_kind": HostKind.INSTITUTE}, {"kind": PlatformKind.SERVICE})),
    "T16": Case("platforms", PLATFORM | {"kind": PlatformKind.TRANSFER_BASE}, others=({"kind": PlatformKind.TRANSFER_BODY},)),
    "T19": Case("transformations", {"origin": "常州大学", "is_high_tech": True}, others=({"is_high_tech": False},)),
    "T21": Case("talents", _person(Programme.BROKER), others=({"programme": Programme.SERVICE},)),
    "T22": Case("talents", _person(Programme.SERVICE, way=Way.TRAINED),
                others=({"programme": Programme.BROKER}, {"way": Way.BROUGHT_IN})),
    "T23": Case("grants", {"level": Level.PROVINCIAL, "amount": Decimal(3_000_000)}, worth=Decimal("0.03")),
    "T26": Case("incubation_projects", {"kind": VentureKind.TEAM}, is_incubators=True),
    "T28": Case("patents", INVENTION, others=({"applicant_kind": ApplicantKind.PERSON}, DESIGN), is_incubators=True),
    "T31": Case("talents", PERSON,
                others=({"programme": Programme.BROKER}, {"programme": Programme.SERVICE}, {"programme": Programme.EXPERT})),
    "T32": Case("talents", _person(Programme.NATIONAL), others=({"programme": Programme.GOLDEN_PHOENIX},)),
    "T33": Case("talents", _person(Programme.DOUBLE_CREATION), others=({"programme": Programme.NATIONAL},)),
    "T34": Case("talents", _person(Programme.LONGCHENG), others=({"programme": Programme.DOUBLE_CREATION},)),
    "T43": Case("events", EVENT, others=({"kind": EventKind.TRAINING},)),
    "T45": Case("press_reports", PRESS),
    "T46": Case("press_reports", PRESS, others=({"level": PressLevel.PROVINCIAL},)),
    "T47": Case("press_reports", PRESS | {"level": PressLevel.PROVINCIAL}, others=({"level": PressLevel.NATIONAL},)),
}  # fmt: skip
BY_HAND = {
    "T08",
    "T09",
    "T11",
    "T12",
    "T20",
    "T37",
    "T38",
    "T39",
    "T40",
    "T41",
    "T42",
    "T48",
    "T49",
}


class Planter:
    """Writes records of one register that differ in what is said; each has its own name and number, `after` others'."""

    def __init__(self, case: Case, after: int = 0) -> None:
        self.kind, self.case, self.after = KINDS[case.register], case, after
        self.rows: list[Row] = []

    def row(self, day: date, company: Any = None, state: Any = VERIFIED, **changes: Any) -> int:
        """One record; its place among the written."""
        number = self.after + len(self.rows) + 1
        values: dict[str, Any] = {
            "title": f"第{number}条", "holder": "甲公司", "happened_on": day, **self.case.counts,
        }  # fmt: skip
        values[self.case.day] = day
        if self.case.register == "contracts":
            values["registration_number"] = f"2020320412{number:04}"
        if self.case.register == "patents":
            first = values.get("happened_on", day)
            kind = {"invention": 1, "utility_model": 2, "design": 3}[
                (values | changes)["kind"].value
            ]
            values["number"] = patent_number(number, first.year, kind)
        meta = {name: changes.pop(name) for name in ("co_holder_ids", "unit_id") if name in changes}
        self.rows.append(
            Row(values | changes, company.id if company else None, state=state, **meta)
        )
        return len(self.rows) - 1

    def write(self) -> list[int]:
        clock.set_business_date(LATER)  # what happens after the day asked for is known by then
        with writing():
            return save_many(self.kind, self.rows, by=SYSTEM)


def settled(
    carrier: Unit, from_on: date = date(2016, 1, 1), to_on: date | None = None, **values: Any
) -> Any:
    firm = factories.make_company(carrier, **values)
    factories.make_residence(firm, carrier, from_on, to_on)
    return firm


def asked(one: Indicator, as_of: date = AS_OF, scope: Any = WHOLE_PARK_SCOPE) -> figures.Question:
    return question_of(one, 2020, as_of, scope)


def within(unit: Unit) -> Any:
    return WHOLE_PARK_SCOPE.within(session.get_one(Unit, unit.id))


@pytest.mark.parametrize("code", CASES)
def test_only_its_own_rows_make_a_target(plan, cast, code):
    case = CASES[code]
    firm = settled(cast.carrier_a)
    moved = settled(cast.carrier_a, to_on=MOVED_ON)
    factories.make_residence(moved, cast.carrier_b, MOVED_ON)
    gone = settled(cast.carrier_a, to_on=date(2020, 5, 1))
    other = settled(cast.carrier_b)
    plant = Planter(case)
    before = plant.row(FIRST - DAY, firm)
    inside = [plant.row(day, firm) for day in (FIRST, date(2020, 5, 31), AS_OF)]
    after = plant.row(AS_OF + DAY, firm)
    at_the_end = plant.row(LAST, firm)
    plant.row(LAST + DAY, firm)
    beside = plant.row(FIRST, firm, PENDING)
    plant.row(FIRST, firm, RETURNED)
    of_mover = plant.row(MOVED_ON - DAY, moved)
    mover_later = plant.row(MOVED_ON, moved)
    left = plant.row(date(2020, 4, 30), gone)
    plant.row(date(2020, 5, 1), gone)  # the day it had left: counts nowhere
    elsewhere = plant.row(MOVED_ON, other)
    archived = plant.row(FIRST, firm)
    for change in case.others:
        plant.row(FIRST, firm, **change)
    ids = plant.write()
    with writing():
        session.get_one(plant.kind.model, ids[archived]).archived_at = clock.now()
    in_a, in_b = [*inside, of_mover, left], [mover_later, elsewhere]
    if case.is_stock:  # who moved or left is where he is on the day asked
        in_a, in_b = [before, *inside], [of_mover, mover_later, elsewhere]
    whole = in_a if case.is_incubators else [*in_a, *in_b]
    one = indicator(plan, code)
    assert_rows(asked(one), [ids[place] for place in whole], case.worth)
    assert_rows(
        asked(one, scope=within(cast.carrier_a)), [ids[place] for place in in_a], case.worth
    )
    of_b = [] if case.is_incubators else in_b
    assert_rows(
        asked(one, scope=within(cast.carrier_b)), [ids[place] for place in of_b], case.worth
    )
    assert_rows(asked(one, AS_OF + DAY), [ids[place] for place in (*whole, after)], case.worth)
    all_year = [ids[place] for place in (*whole, after, at_the_end)]
    assert_rows(asked(one, LATER), all_year, case.worth)
    assert figures.figure(asked(one).unverified) == case.worth
    assert [row.record_id for row in figures.drill_down(asked(one).unverified)] == [ids[beside]]
    if not case.is_stock:
        assert figures.figure(asked(one).opening) == case.worth  # 31 December, in its own year


def assert_rows(question: figures.Question, ids: list[int], worth: Decimal) -> None:
    rows = figures.drill_down(question)
    assert sorted(row.record_id for row in rows) == sorted(ids)
    assert figures.figure(question) == sum(row.contribution for row in rows) == len(ids) * worth


# distinctness


@pytest.mark.parametrize("code", ["T03", "T04", "T06", "T28"])
def test_what_two_firms_share_is_one_in_the_park_and_one_in_each_carrier(plan, cast, code):
    first, second = settled(cast.carrier_a), settled(cast.carrier_b)
    plant = Planter(CASES[code])
    plant.row(MOVED_ON, first, co_holder_ids=(second.id,))
    plant.write()
    one = indicator(plan, code)
    assert figures.figure(asked(one)) == 1
    assert figures.figure(asked(one, scope=within(cast.carrier_a))) == 1
    assert figures.figure(asked(one, scope=within(cast.carrier_b))) == (code != "T28")


def test_one_person_under_two_programmes_is_one_of_700_and_one_of_each(plan, cast):
    firm, other = settled(cast.carrier_a), settled(cast.carrier_b)
    plant = Planter(CASES["T31"])
    first = plant.row(FIRST, firm, title="李明", holder=firm.name, programme=Programme.LONGCHENG)
    plant.row(MOVED_ON, firm, title="李明", holder=firm.name, programme=Programme.NATIONAL)
    namesake = plant.row(MOVED_ON, other, title="李明", holder=other.name)
    numbered = plant.row(FIRST, firm, title="王芳", id_number="320401198001010011")
    plant.row(
        AS_OF, other, title="王 芳", id_number="320401198001010011", programme=Programme.NATIONAL
    )
    ids = plant.write()
    whole = [ids[place] for place in (first, namesake, numbered)]
    assert_rows(asked(indicator(plan, "T31")), whole, Decimal(1))
    assert figures.figure(asked(indicator(plan, "T31"), scope=within(cast.carrier_b))) == 2
    assert figures.figure(asked(indicator(plan, "T32"))) == 2
    assert figures.figure(asked(indicator(plan, "T34"))) == 1


def test_the_fund_counts_a_high_tech_firm_once_at_its_first(plan, cast):
    firm, plain, early = (settled(cast.carrier_a) for _ in range(3))
    for holder, kind in ((firm, QualificationKind.HIGH_TECH), (early, QualificationKind.TECH_SME)):
        factories.make_qualification(holder, kind, FIRST)
    money = {
        "instrument": Instrument.FUND, "investor_kind": InvestorKind.GUIDANCE_FUND, "amount": Decimal(1_000_000),
    }  # fmt: skip
    plant = Planter(Case("financings", money))
    for day, holder in (
        (FIRST, firm),
        (AS_OF, firm),
        (AS_OF, plain),
        (FIRST - DAY, early),
        (AS_OF + DAY, early),
    ):
        plant.row(day, holder)
    plant.row(FIRST, early, PENDING)
    plant.row(FIRST, early, investor_kind=InvestorKind.BANK, instrument=Instrument.SUKE)
    plant.write()
    one = indicator(plan, "T29")
    rows = figures.drill_down(asked(one))
    assert [(row.record_id, row.happened_on) for row in rows] == [(firm.id, FIRST)]
    assert figures.figure(asked(one)) == 1
    assert [row.record_id for row in figures.drill_down(asked(one).unverified)] == [early.id]
    assert figures.figure(asked(one, AS_OF + DAY)) == 2


# stocks, growth, windows, nested


def test_a_platform_stands_until_the_day_it_is_withdrawn(plan, cast):
    plant = Planter(CASES["T05"])
    firm = settled(cast.carrier_a)
    for withdrawn in (AS_OF, AS_OF + DAY, None):
        plant.row(date(2018, 1, 1), firm, withdrawn_on=withdrawn)
    plant.row(FIRST, firm)
    plant.write()
    row = board(plan, AS_OF, WHOLE_PARK_SCOPE).row("T05")
    assert (row.actual, row.opening) == (3, 3)


def test_1900_grants_are_70_3_per_cent_of_the_floor_of_2702(plan, cast):
    plant = Planter(CASES["T04"])
    college = factories.make_unit("常州大学", cast.park, kind=UnitKind.COLLEGE)
    for _ in range(1900):
        plant.row(MOVED_ON, unit_id=college.id)
    plant.write()
    standing = board(plan, AS_OF, WHOLE_PARK_SCOPE).row("T04").standing
    assert (standing.actual, standing.floor) == (1900, 2702)
    assert (round(float(standing.completion) * 100, 1), round(float(standing.gap_points), 1)) == (
        70.3,
        -4.7,
    )


def test_more_than_is_not_met_by_as_many(plan, cast):
    plant = Planter(CASES["T07"])
    firm = settled(cast.carrier_a)
    plant.row(FIRST, firm, amount=Decimal(280_000_000))
    plant.write()
    assert board(plan, AS_OF, WHOLE_PARK_SCOPE).row("T07").light is Light.GREEN
    plant = Planter(CASES["T07"], after=1)
    plant.row(FIRST, firm, amount=Decimal("0.01"))
    plant.write()
    assert board(plan, AS_OF, WHOLE_PARK_SCOPE).row("T07").light is Light.DONE


def test_parts_lie_within_their_whole(plan, cast):
    firm = settled(cast.carrier_a)
    for code in ("T03", "T14", "T28", "T45", "T46", "T47"):
        plant = Planter(CASES[code], after=int(code[1:]))
        plant.row(MOVED_ON, firm)
        plant.write()
    found = board(plan, AS_OF, WHOLE_PARK_SCOPE)
    assert [found.row(code).actual for code in ("T03", "T14", "T28")] == [3, 1, 2]
    assert [found.row(code).actual for code in ("T45", "T46", "T47")] == [3, 2, 1]


@pytest.mark.parametrize("code", sorted(BY_HAND))
def test_by_hand_only_what_is_verified_counts_from_its_own_day(plan, cast, code):
    one = indicator(plan, code)
    for value, day, state in (
        (1, FIRST, ReviewState.VERIFIED), (2, AS_OF - DAY, ReviewState.RETURNED),
        (3, AS_OF, ReviewState.SIGNED), (4, AS_OF + DAY, ReviewState.VERIFIED),
    ):  # fmt: skip
        reported(cast, one, str(value), day, state)
    row = board(plan, AS_OF, WHOLE_PARK_SCOPE).row(code)
    assert (row.actual, row.beside) == (1, 3)
    assert board(plan, AS_OF + DAY, WHOLE_PARK_SCOPE).row(code).actual == 4
    assert board(plan, FIRST - DAY, WHOLE_PARK_SCOPE).row(code).actual is None


# all of them

ELSEWHERE: Mapping[
    str, tuple[Any, ...]
] = {  # proved by other rooms' records: the tests of their edges
    "T01": (
        test_figures.test_an_entrant_counts_from_its_first_day_in_the_year_until_the_day_asked,
        test_figures.test_a_year_is_closed_after_its_31_december,
        test_figures.test_only_enterprises_are_entrants,
        test_figures.test_an_entrant_needs_its_licence_and_its_agreement_signed_by_then,
        test_figures.test_a_move_between_carriers_is_not_a_second_entry,
    ),
    "T02": (
        test_figures.test_a_holder_counts_while_its_proof_is_valid,
        test_figures.test_a_holder_that_left_the_park_no_longer_counts,
        test_figures.test_a_holder_with_two_certificates_is_one_firm,
        test_figures.test_a_holder_counts_for_the_carrier_of_the_day_asked,
    ),
    "T27": (
        test_figures.test_certified_counts_certificates_issued_in_the_year_while_resident,
        test_figures.test_certified_in_the_national_incubators_leaves_the_other_carriers_out,
        test_figures.test_a_certificate_counts_for_the_carrier_of_its_day_of_issue,
    ),
    "T29": (test_the_fund_counts_a_high_tech_firm_once_at_its_first,),
    "T30": (test_figures.test_a_firm_that_reformed_and_was_quoted_in_one_year_is_one,),
    "T35": (
        test_figures.test_a_holder_counts_while_its_proof_is_valid,
        test_figures.test_a_holder_that_left_the_park_no_longer_counts,
    ),
    "T36": (
        test_revenue.test_the_line_is_met_this_year_and_was_not_last_year,
        test_revenue.test_it_is_dated_by_the_first_period_that_shows_it_and_counted_where_the_firm_was,
        test_revenue.test_only_verified_reports_tell,
        test_revenue.test_a_firm_off_the_register_or_out_of_the_park_is_none,
    ),
    "T44": (
        test_figures.test_floor_area_counts_in_its_window_in_ten_thousand_square_metres,
        test_figures.test_floor_area_of_another_purpose_is_left_out_and_parts_of_ten_thousand_are_exact,
    ),
}
IN_WINDOW = test_standing.test_the_second_half_year_is_neither_june_nor_the_next_january
MILESTONES: Mapping[str, Any] = {
    "M1": IN_WINDOW,
    "M2": IN_WINDOW,
    "M3": IN_WINDOW,
    "M4": test_standing.test_completed_and_in_use_needs_both_dates,
    "M5": test_standing.test_the_flats_are_one_thing_with_their_milestone,
    "M6": test_standing.test_the_training_bases_are_done_with_their_target_on_the_day_it_was_met,
    "M7": test_standing.test_a_milestone_without_a_project_is_done_when_verified,
}


def test_every_target_and_milestone_of_the_plan_has_its_edges_tested(plan):
    """45 and 7: a code that is in none of these tables, or whose test is gone, fails here."""
    assert {one.code for one in plan.indicators} == set(CASES) | set(ELSEWHERE) | BY_HAND
    assert {one.code for one in plan.indicators if not one.is_computed} == BY_HAND
    assert {one.code for one in session.scalars(queries.milestones(plan))} == set(MILESTONES)
    text = Path("docs/plan-2020.md").read_text()
    assert all(f"| {code} |" in text for code in (*CASES, *ELSEWHERE, *BY_HAND))
