"""Two records of one firm become one, and two again: every row that hangs on them, of whatever room."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies
from sqlalchemy import func, select, update

from crm.audit.services import SYSTEM
from crm.carriers import movements
from crm.companies import merge_children, merging, queries, unmerging
from crm.companies.archive import restore
from crm.companies.changes import change
from crm.companies.duplicate_models import Merge
from crm.companies.merge_children import NOT_MOVED
from crm.companies.models import (
    Company,
    CompanyLink,
    Contact,
    EndReason,
    LinkKind,
    Residence,
    ResidenceKind,
)
from crm.companies.residence import leave
from crm.companies.services import (
    AlreadyRegistered,
    CompanyDetails,
    Registration,
    details_of,
    register,
)
from crm.core import registry
from crm.core.db import Base, session, writing
from crm.core.errors import Conflict, DomainError, StaleRecord
from crm.cultivation.models import Cultivation, Result
from crm.declarations.models import Declaration
from crm.followup.models import Activity, ActivityKind, LastContact
from crm.ladder.models import Qualification, QualificationKind
from crm.ladder.queries import counts_on
from crm.operating.models import OperatingReport
from crm.people.scope import WHOLE_PARK_SCOPE
from tests import factories
from tests.factories import _add
from tests.web.belongings import make_belongings, make_plan

DAY = date(2020, 3, 2)
OF_THE_MERGE = ("audit_entries", "merges", "duplicate_pairs")


def merge(winner: Company, loser: Company, **facts: Any) -> int:
    with writing():
        one, other = session.get_one(Company, winner.id), session.get_one(Company, loser.id)
        details = replace(merging.defaults(one, other), **facts)
        made = merging.merge(one, other, details, version=None, other_version=None, by=SYSTEM)
        return made.id


def unmerge(number: int, **how: Any) -> None:
    with writing():
        unmerging.undo(session.get_one(Merge, number), by=SYSTEM, **how)


def again(firm: Company) -> Company:
    session.rollback()
    session.expire_all()
    return session.get_one(Company, firm.id)


def everything() -> dict[str, set[str]]:
    """Every row of every table but its version."""
    session.rollback()
    return {
        table.name: {
            repr([row[column] for column in table.c if column.name != "version"])
            for row in session.execute(select(table)).mappings()
        }
        for table in Base.metadata.sorted_tables
        if table.name not in OF_THE_MERGE
    }


def two(cast: factories.Cast, **values: Any) -> tuple[Company, Company]:
    return tuple(factories.make_company(cast.carrier_a, **values) for _ in range(2))  # type: ignore[return-value]


def test_every_table_that_names_a_firm_has_words_or_a_reason_to_stay(app):
    for reference in merge_children.all_references():
        if reference.name not in NOT_MOVED:
            known = registry.children.keys() & {reference.name, reference.table.name}
            assert known, f"say in registry.children what {reference.name} is, or in NOT_MOVED why it stays"  # fmt: skip


def test_what_is_merged_and_taken_back_is_as_before_down_to_the_last_row(app, cast):
    """One row of every kind on either side, random further ones, whichever goes on; what people changed since stays changed."""
    units = (cast.carrier_a, cast.carrier_b)
    plan = make_plan(*units)
    sides = [
        make_belongings(unit, cast.park, plan, mark)
        for unit, mark in zip(units, "甲乙", strict=True)
    ]
    firms = [session.get_one(Company, side.values["company_id"][0]) for side in sides]
    with writing():  # at one carrier; reports, batches and libraries of their own
        for model, values in (
            (Residence, {"carrier_id": cast.carrier_a.id}),
            (OperatingReport, {"through_month": 7, "period_end_on": date(2020, 7, 31)}),
            (Declaration, {"batch_id": another_batch()}),
            (Cultivation, {"left_on": date(2020, 9, 8), "result": Result.WITHDRAWN}),
        ):
            session.execute(update(model).where(model.company_id == firms[1].id).values(**values))

    firms.append(factories.make_company(cast.carrier_a))

    @hypothesis.settings(max_examples=2, phases=[hypothesis.Phase.generate])
    @hypothesis.given(strategies.integers(0, 10**6))
    def is_as_before(seed: int) -> None:
        rng = Random(seed)
        add_some(firms, rng)
        for other in firms[1:]:
            unmerge(merge(firms[0], other))  # the factories leave out what only repeats a record
        later = {model: rng.sample(ids, rng.randint(0, len(ids))) for model, ids in editable()}
        edit(later, "后来改的")
        expected = everything()
        edit(later, "原来的")
        merges = merge_some(firms, rng)
        edit(later, "后来改的")
        for number in reversed(merges):
            unmerge(number)
        after = everything()
        for name, rows in expected.items():
            assert after[name] == rows, name

    is_as_before()


def merge_some(firms: list[Company], rng: Random) -> list[int]:
    """Firm after firm goes into another, now and then one comes back, until one is left; the merges that stand."""
    standing, merges = [*firms], list[tuple[int, Company]]()
    while len(standing) > 1:
        winner, loser = rng.sample(standing, 2)
        number = merge(winner, loser, name="合并后的企业", legal_representative="新法人")
        of_loser = Activity.subject_id == loser.id, Activity.subject_type == "company"
        assert session.scalars(select(Activity.id).where(*of_loser)).all() == []
        merges.append((number, loser))
        standing.remove(loser)
        if rng.random() < 0.3:
            number, loser = merges.pop()
            unmerge(number)
            standing.append(loser)
    return [number for number, _ in merges]


EDITABLE: dict[Any, str] = {Contact: "email", Activity: "people_met", Qualification: "authority"}


def editable() -> list[tuple[Any, list[int]]]:
    return [(model, sorted(session.scalars(select(model.id)))) for model in EDITABLE]


def edit(rows: dict[Any, list[int]], text: str) -> None:
    """Somebody writes a text into some rows of each kind."""
    with writing():
        for model, ids in rows.items():
            session.execute(update(model).where(model.id.in_(ids)).values({EDITABLE[model]: text}))


def another_batch() -> int:
    from crm.declarations.models import DeclarationBatch

    first = session.scalars(select(DeclarationBatch)).first()
    assert first is not None
    values = {
        c.name: getattr(first, c.name) for c in DeclarationBatch.__table__.c if c.name != "id"
    }
    other = DeclarationBatch(**{**values, "number": "第九批"})
    session.add(other)
    session.flush()
    return other.id


def add_some(firms: list[Company], rng: Random) -> None:
    for firm in firms:
        if rng.random() < 0.7:
            name = rng.choice(("张三", "李四"))
            _add(Contact(company_id=firm.id, name=name, phone="1", is_primary=False))
        if rng.random() < 0.7:
            factories.make_residence(
                firm, firm.unit, date(2019, rng.randint(1, 6), 1), date(2020, rng.randint(1, 6), 1),
                is_counted=False, kind=rng.choice(list(ResidenceKind)),
            )  # fmt: skip
        if rng.random() < 0.5:
            factories.make_qualification(firm, QualificationKind.TECH_SME, DAY)
        _add(
            Activity(
                kind=ActivityKind.CALL, happened_on=DAY, summary="电话", subject_type="company",
                subject_id=firm.id, unit_id=firm.unit_id,
            )
        )  # fmt: skip


COUNTS: dict[str, Callable[[date], Any]] = {
    "新增": lambda day: movements.new_entrants(date(2019, 1, 1), day),
    "现有在园": lambda day: movements.resident(day, day),
    "累计入驻": lambda day: movements.ever_resident(day, day),
    "迁出": lambda day: movements.left(date(2019, 1, 1), day),
}


def firms_of(figure: str, day: date) -> int:
    rows = COUNTS[figure](day).subquery()
    return session.scalar(select(func.count(rows.c.record_id.distinct()))) or 0


def holders(day: date) -> int:
    q = Qualification
    held = select(q.company_id).distinct().join(Company, Company.id == q.company_id)
    alive = held.where(Company.archived_at.is_(None), counts_on(q, day))
    return len(session.scalars(alive).all())


def test_a_figure_of_any_past_day_neither_doubles_nor_loses_the_firm(app, cast):
    one, other = two(cast)
    factories.make_residence(one, cast.carrier_a, date(2019, 6, 3))
    factories.make_residence(
        other, cast.carrier_a, date(2019, 2, 1), date(2020, 2, 3), reason=EndReason.MOVED_OUT
    )
    factories.make_qualification(
        one, QualificationKind.HIGH_TECH, date(2019, 12, 2), date(2022, 12, 2)
    )
    factories.make_qualification(
        other, QualificationKind.HIGH_TECH, date(2018, 12, 3), date(2021, 12, 3)
    )
    days = [
        date(2019, 1, 31),
        date(2019, 2, 1),
        date(2019, 6, 3),
        date(2020, 2, 3),
        date(2020, 9, 30),
    ]
    before = {(name, day): firms_of(name, day) for name in COUNTS for day in days}
    assert before["现有在园", date(2019, 6, 3)] == 2
    held = [holders(day) for day in days]
    number = merge(one, other)
    for (name, day), count in before.items():
        expected = 0 if name == "迁出" else min(count, 1)  # it never left: the other record goes on
        assert firms_of(name, day) == expected, (name, day)
    assert [holders(day) for day in days] == [min(count, 1) for count in held]
    unmerge(number)
    assert {key: firms_of(*key) for key in before} == before


def test_the_merged_record_is_found_by_its_name_and_code_under_the_other_one(app, cast):
    one, other = two(cast)
    name, code = other.name, other.uscc
    assert code
    merge(one, other)
    visible = queries.visible_to(WHOLE_PARK_SCOPE)
    for words in (name, code):
        assert [firm.id for firm in session.scalars(queries.search(visible, words))] == [one.id]
    assert session.scalars(queries.archived(WHOLE_PARK_SCOPE)).all() == []
    once_more = Registration(CompanyDetails("新企业", uscc=code), unit_id=cast.carrier_a.id)
    with writing(), pytest.raises(AlreadyRegistered) as refused:
        register(once_more, by=cast.a, despite_lookalikes=True)
    assert refused.value.company_id == one.id
    with writing(), pytest.raises(DomainError, match="撤销合并"):
        restore(session.get_one(Company, other.id), by=SYSTEM)


def test_the_one_that_goes_on_may_take_the_code_and_gives_it_back(app, cast):
    one, other = two(cast)
    mine, theirs = one.uscc, other.uscc
    number = merge(one, other, uscc=theirs)
    assert (again(one).uscc, again(other).uscc) == (theirs, None)
    unmerge(number)
    assert (again(one).uscc, again(other).uscc) == (mine, theirs)


def test_what_contradicts_each_other_stops_a_merge_and_says_where(app, cast):
    one, other = two(cast)
    factories.make_residence(one, cast.carrier_a, DAY)
    factories.make_residence(other, cast.carrier_b, DAY)
    for firm, revenue in ((one, 1), (other, 2)):
        factories.make_operating_report(firm, 2020, 6, date(2020, 6, 30), revenue=Decimal(revenue))
    for firm, day in ((one, DAY), (other, date(2020, 3, 3))):
        factories.make_qualification(firm, QualificationKind.HIGH_TECH, day, number="GR1")
        factories.make_cultivation(firm, measures=str(day))
    _add(CompanyLink(parent_id=one.id, child_id=other.id, kind=LinkKind.CONTROLS, from_on=DAY))
    with pytest.raises(merging.MergeRefused) as refused:
        merge(one, other)
    hrefs = sorted(obstacle.href for obstacle in refused.value.obstacles)
    assert [href.split("/")[1] for href in hrefs] == ["companies", "companies", "cultivation", "ladder", "operating"]  # fmt: skip
    assert again(other).archived_at is None


def test_what_says_the_same_stays_with_the_merged_record(app, cast):
    one, other = two(cast)
    for firm in (one, other):
        factories.make_qualification(firm, QualificationKind.HIGH_TECH, DAY, number="GR1")
        factories.make_operating_report(firm, 2020, 6, date(2020, 6, 30), revenue=Decimal(1))
        _add(Contact(company_id=firm.id, name="张三", phone="1", is_primary=True))
        _add(LastContact(subject_type="company", subject_id=firm.id, last_on=date(2020, firm.id % 9 + 1, 1)))  # fmt: skip
    latest = max(session.scalars(select(LastContact.last_on)))
    merge(one, other)
    for model in (Qualification, OperatingReport, Contact):
        query = select(model.company_id).order_by(model.company_id)
        assert session.scalars(query).all() == sorted((one.id, other.id))
    of_one = select(LastContact.last_on).where(LastContact.subject_id == one.id)
    assert session.scalar(of_one) == latest


def test_links_of_both_may_not_make_a_loop(app, cast):
    one, other = two(cast)
    third = factories.make_company(cast.carrier_a)
    _add(CompanyLink(parent_id=one.id, child_id=third.id, kind=LinkKind.CONTROLS, from_on=DAY))
    _add(CompanyLink(parent_id=third.id, child_id=other.id, kind=LinkKind.CONTROLS, from_on=DAY))
    with pytest.raises(merging.MergeRefused, match="1 处"):
        merge(one, other)


def test_merges_are_undone_in_the_reverse_order(app, cast):
    one, other = two(cast)
    third = factories.make_company(cast.carrier_a)
    first = merge(other, one)
    with pytest.raises(Conflict, match="已并入"):
        merge(one, third)
    second = merge(third, other)
    with pytest.raises(Conflict, match="后来又并入"):
        unmerge(first)
    unmerge(second)
    later = merge(other, third)
    with pytest.raises(unmerging.UnmergeRefused):
        unmerge(first)
    for number in (later, first):
        unmerge(number)
    with pytest.raises(Conflict, match="已经撤销"):
        unmerge(first)
    assert not any(again(firm).archived_at for firm in (one, other, third))


def test_later_edits_are_not_lost_by_undoing(app, cast):
    one, other = two(cast)
    factories.make_qualification(other, QualificationKind.HIGH_TECH, DAY)
    factories.make_residence(other, cast.carrier_a, DAY)
    number = merge(one, other, legal_representative="合并时填的")
    with writing():  # of a row that goes back: it goes with it
        session.scalars(select(Qualification)).one().batch = "后来补的批次"
    factories.make_operating_report(one, 2020, 6, date(2020, 6, 30), revenue=Decimal(1))
    with pytest.raises(unmerging.UnmergeRefused) as refused:
        unmerge(number)
    assert [(each.label, each.count) for each in refused.value.undoing.added] == [("经营数据", 1)]
    unmerge(number, despite_added=True)
    proof = session.scalars(select(Qualification)).one()
    assert (proof.company_id, proof.batch) == (other.id, "后来补的批次")
    assert session.scalars(select(OperatingReport.company_id)).one() == one.id

    number = merge(one, other, legal_representative="合并时填的")
    with writing():
        firm = session.get_one(Company, one.id)
        details = replace(details_of(firm), legal_representative="后来改的")
        change(firm, details, version=firm.version, by=SYSTEM)
        leave(firm, on=date(2020, 9, 1), reason=EndReason.MOVED_OUT, by=SYSTEM)
    with pytest.raises(unmerging.UnmergeRefused) as refused:
        unmerge(number, despite_added=True)
    assert {each.message for each in refused.value.undoing.obstacles} == {
        "“%(field)s”在合并之后又有修改，撤销会丢失这次修改。",
        "合并之后又办理了 %(n)s 项入驻变动，请先撤销或更正。",
    }


def test_both_versions_are_compared(app, cast):
    firms = two(cast)
    with writing():
        one, other = (session.get_one(Company, firm.id) for firm in firms)
        with pytest.raises(StaleRecord):
            merging.merge(one, other, details_of(one), version=1, other_version=2, by=SYSTEM)
