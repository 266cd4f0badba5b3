"""A plan's text becomes a draft, the draft is put right by a person, and then is the plan of its year."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError, StaleRecord
from crm.plans import adoption
from crm.plans import services as drafts
from crm.plans.models import DraftEntry, PlanDraft
from crm.plans.services import EntryDetails
from crm.targets.models import AnnualPlan, Indicator, PlanMilestone
from crm.targets.pace import Comparator, Kind
from tests import factories

PLAN = """常州科教城2021年工作要点
一、主要目标
全年新增入驻企业400家以上，营业收入突破200亿元，有效高新技术企业总数达到150家。
二、重点任务
1.项目建设。年底前软件园三期竣工投用。新增入驻企业400家以上。
2.创新。申请发明专利3000件，其中科研院所80件，授权专利增长10%。
"""


@pytest.fixture
def draft(app, cast):
    with writing():
        made = drafts.read_in(PLAN, name="2021年工作要点", by=cast.supervisor)
    return session.get(PlanDraft, made.id)


def _named(draft, name):
    return next(entry for entry in draft.entries if name in entry.name)


def _details(entry, **changes):
    given = {name: getattr(entry, name) for name in EntryDetails.__dataclass_fields__}
    return EntryDetails(**(given | changes))


def test_what_the_text_promises_stands_in_the_draft_with_its_place(draft):
    assert draft.year == 2021
    found = {entry.name: entry for entry in draft.entries}
    assert found["营业收入"].comparator is Comparator.MORE_THAN
    assert found["营业收入"].kind is Kind.SUM
    assert draft.text[found["营业收入"].start : found["营业收入"].end] == "营业收入突破200亿元"
    assert found["有效高新技术企业总数"].kind is Kind.STOCK
    assert found["有效高新技术企业总数"].metric == "ladder.high_tech_holders"
    again = [entry for entry in draft.entries if entry.repeats_id]
    assert [entry.name for entry in again] == ["新增入驻企业"]
    assert _named(draft, "科研院所").parent_id == _named(draft, "申请发明专利").id
    assert _named(draft, "软件园三期").is_milestone


def test_growth_without_a_base_keeps_the_draft_from_being_adopted(draft, cast):
    growth = _named(draft, "授权专利增长")
    assert [entry for entry, _error in drafts.shortcomings(draft)] == [growth]
    with pytest.raises(Conflict, match="没有补全"), writing():
        adoption.adopt(session.get(PlanDraft, draft.id), by=cast.supervisor, version=1)
    with writing():
        entry = session.get(DraftEntry, growth.id)
        drafts.change(
            entry,
            _details(entry, baseline=Decimal(2702)),
            by=cast.supervisor,
            version=entry.version,
        )
    assert drafts.shortcomings(draft) == []


def test_adopted_it_is_the_plan_of_its_year_with_repeats_as_mentions(draft, cast):
    with writing():
        drafts.leave_out(
            session.get(DraftEntry, _named(draft, "授权专利增长").id), True, by=cast.supervisor
        )
    with writing():
        adoption.adopt(session.get(PlanDraft, draft.id), by=cast.supervisor, version=draft.version)
    plan = session.scalars(select(AnnualPlan).where(AnnualPlan.year == 2021)).one()
    indicators = session.scalars(
        select(Indicator).where(Indicator.plan_id == plan.id).order_by(Indicator.code)
    ).all()
    assert "授权专利增长" not in [one.name for one in indicators]
    entrants = next(one for one in indicators if one.name == "新增入驻企业")
    assert len(entrants.mentions) == 2
    assert {mention.task.number for mention in entrants.mentions if mention.task} >= {1}
    part = next(one for one in indicators if "科研院所" in one.name)
    assert part.parent.name == "申请发明专利"
    (milestone,) = session.scalars(select(PlanMilestone).where(PlanMilestone.plan_id == plan.id))
    assert (milestone.name, milestone.due_on) == ("软件园三期", date(2021, 12, 31))
    with pytest.raises(Conflict), writing():
        drafts.leave_out(session.get(DraftEntry, draft.entries[0].id), True, by=cast.supervisor)
    with writing():
        second = drafts.read_in(PLAN, name="又一份", by=cast.supervisor)
        for entry in second.entries:
            entry.is_left_out = entry.kind is Kind.GROWTH
    with pytest.raises(Conflict, match="已有年度计划"), writing():
        adoption.adopt(session.get(PlanDraft, second.id), by=cast.supervisor, version=None)


def test_what_somebody_changed_meanwhile_is_not_adopted_unseen(draft, cast):
    seen = draft.version
    with writing():
        growth = session.get(DraftEntry, _named(draft, "授权专利增长").id)
        drafts.leave_out(growth, True, by=cast.supervisor)
    with pytest.raises(StaleRecord), writing():
        adoption.adopt(session.get(PlanDraft, draft.id), by=cast.supervisor, version=seen)


def test_repeats_point_to_the_first_and_never_round(draft, cast):
    first = next(entry for entry in draft.entries if entry.name == "新增入驻企业")
    other = _named(draft, "营业收入")
    _refuse(first.id, "不能再转指", cast, repeats_id=other.id)
    _refuse(other.id, "其他条目", cast, parent_id=other.id)


def _refuse(entry_id, said, cast, **changes):
    with writing():
        entry = session.get(DraftEntry, entry_id)
        details = _details(entry, **changes)
        with pytest.raises(DomainError, match=said):
            drafts.change(entry, details, by=cast.supervisor, version=None)


def test_a_text_without_promises_or_without_a_year_is_refused(app, cast):
    for text in ("2021年工作要点\n一、总体要求\n加强学习。", "新增企业5家。"):
        with pytest.raises(DomainError), writing():
            drafts.read_in(text, name="方案", by=cast.supervisor)


def test_the_supervisor_reads_reviews_and_adopts_in_the_browser(app, cast):
    client = factories.signed_in_client(app, cast.supervisor)
    assert client.get("/targets/plans").status_code == 200
    refused = client.post("/targets/plans", data={"name": "方案", "text": ""})
    assert refused.status_code == 422
    answer = client.post("/targets/plans", data={"name": "2021年工作要点", "text": PLAN})
    assert answer.status_code == 303
    address = answer.location
    page = client.get(address).text
    assert "营业收入突破200亿元" in page
    draft = session.scalars(select(PlanDraft)).one()
    growth = _named(draft, "授权专利增长")
    form = client.get(f"/targets/plans/entries/{growth.id}")
    assert "授权专利增长10%" in form.text
    wrong = client.post(
        f"/targets/plans/entries/{growth.id}",
        data={
            "name": "授权专利增长",
            "target": "很多",
            "starts_on": "2021-01-01",
            "due_on": "2021-12-31",
        },
    )
    assert wrong.status_code == 422
    assert "很多" in wrong.text
    assert client.post(f"/targets/plans/entries/{growth.id}/omissions").status_code == 303
    version = session.scalar(select(PlanDraft.version))
    assert client.post(f"{address}/adoption", data={"version": version}).status_code == 303
    assert "新增入驻企业" in client.get("/targets?year=2021").text
    outsider = factories.signed_in_client(app, cast.leader)
    assert outsider.get(address).status_code == 403


def test_a_year_is_copied_with_what_came_of_it_as_baselines(app, cast, plan):
    with writing():
        draft = drafts.copy_year(2020, 2021, by=cast.supervisor)
    draft = session.get(PlanDraft, draft.id)
    assert {entry.starts_on.year for entry in draft.entries} == {2021}
    stock = next(entry for entry in draft.entries if entry.kind is Kind.STOCK)
    assert stock.opening == stock.baseline
