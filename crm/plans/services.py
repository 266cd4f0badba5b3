"""What we do with a plan that is being read: take its text in, put right what was found, adopt it for a year."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from crm.audit.services import Actor, changes_of, record
from crm.core import clock
from crm.core.db import session
from crm.core.errors import Conflict, DomainError
from crm.core.words import N_
from crm.metrics.catalogue import METRICS
from crm.metrics.options import moved
from crm.people.models import Unit, UnitKind
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.plan_reader.milestones import Milestone
from crm.plan_reader.reader import Reading, read
from crm.plan_reader.targets import Target
from crm.plans import suggesting
from crm.plans.models import DraftEntry, PlanDraft
from crm.plans.proving import expect_provable
from crm.targets.board import board as board_of
from crm.targets.pace import Comparator, Kind
from crm.targets.queries import find_plan, plan_of
from crm.targets.standing import Row

LONGEST_NAME, LONGEST_WORD = 80, 12
MOST_ENTRIES = 400


@dataclass(frozen=True)
class EntryDetails:
    """One promise as a person has put it right."""

    name: str
    starts_on: date
    due_on: date
    event: str = ""
    comparator: Comparator | None = None
    target: Decimal | None = None
    target_to: Decimal | None = None
    unit_word: str = ""
    modal: str = ""
    kind: Kind | None = None
    scope_text: str = ""
    definition: str = ""
    baseline: Decimal | None = None
    opening: Decimal | None = None
    metric: str = ""
    filters: Mapping[str, Any] = field(default_factory=dict)
    repeats_id: int | None = None
    parent_id: int | None = None
    unit_id: int | None = None


def visible() -> Select[PlanDraft]:
    """All drafts, the newest first: who may make plans makes them for the whole park."""
    return select(PlanDraft).where(PlanDraft.archived_at.is_(None)).order_by(PlanDraft.id.desc())


def with_entries(draft_id: int) -> Select[PlanDraft]:
    """One draft and its entries, each with its unit."""
    entries = selectinload(PlanDraft.entries).joinedload(DraftEntry.unit)
    return visible().where(PlanDraft.id == draft_id).options(entries)


def read_in(
    text: str, *, name: str, by: Actor, year: int | None = None, issued_on: date | None = None
) -> PlanDraft:
    """A draft of what a plan's text promises. Raises DomainError where nobody says the year, or nothing is promised."""
    reading = read(text, year)
    if not reading.targets and not reading.milestones:
        raise DomainError(N_("这份文字里没有找到带数字的目标或有日期的节点。"), field="text")
    if len(reading.targets) + len(reading.milestones) > MOST_ENTRIES:
        raise DomainError(
            N_("找到的目标超过%(most)s个，请分开读入。"), field="text", most=MOST_ENTRIES
        )
    draft = PlanDraft(
        year=reading.year,
        name=name,
        issued_on=issued_on,
        text=text,
        chapters=[_chapter(one) for one in reading.chapters],
        created_by_id=by.id,
    )
    session.add(draft)
    session.flush()
    _add_entries(draft, reading, _park().id)
    record("plan.read", draft, by=by, name=name, year=reading.year, count=len(draft.entries))
    return draft


def copy_year(year: int, to_year: int, *, by: Actor) -> PlanDraft:
    """A draft for another year out of a year's plan: its targets, with what came of them as baselines and opening stocks.

    The figures are those of that year's end, or of today where it is not over. Raises NoPlan.
    """
    plan = plan_of(year)
    board = board_of(plan, min(date(year, 12, 31), clock.today()), WHOLE_PARK_SCOPE)
    draft = PlanDraft(
        year=to_year,
        name=plan.name.replace(str(year), str(to_year)),
        chapters=[
            {"number": one.number, "title": one.name,
             "tasks": [[str(task.number), task.name] for task in one.tasks]}
            for one in plan.chapters
        ],
        created_by_id=by.id,
    )  # fmt: skip
    session.add(draft)
    session.flush()
    entries: dict[int, DraftEntry] = {}
    for position, row in enumerate(board.rows, 1):
        entries[row.indicator.id] = _copied(row, position, draft, to_year - year)
    session.add_all(entries.values())
    session.flush()
    for row in board.rows:
        if row.indicator.parent_id in entries:
            entries[row.indicator.id].parent_id = entries[row.indicator.parent_id].id
    record("plan.copied", draft, by=by, name=draft.name, year=to_year, count=len(entries))
    return draft


def change(entry: DraftEntry, details: EntryDetails, *, by: Actor, version: int | None) -> None:
    """Put an entry right. Raises StaleRecord, Conflict, DomainError."""
    _expect_open(entry.draft)
    details = _checked(details, entry.draft, entry)
    entry.expect_version(version)
    entry.draft.version += 1
    for name, value in asdict(details).items():
        setattr(entry, name, value)
    record("plan.entry_changed", entry, by=by, changes=changes_of(entry), name=entry.name)


def add(draft: PlanDraft, details: EntryDetails, *, by: Actor) -> DraftEntry:
    """An entry that the reading has missed. Raises Conflict, DomainError."""
    _expect_open(draft)
    details = _checked(details, draft, None)
    last = session.scalar(
        select(func.max(DraftEntry.position)).where(DraftEntry.draft_id == draft.id)
    )
    draft.version += 1
    entry = DraftEntry(draft_id=draft.id, position=(last or 0) + 1, **asdict(details))
    session.add(entry)
    session.flush()
    record("plan.entry_added", entry, by=by, name=entry.name)
    return entry


def leave_out(entry: DraftEntry, is_left_out: bool, *, by: Actor) -> None:
    """What is no target of this plan becomes nothing; taken in again it is one. Raises Conflict."""
    _expect_open(entry.draft)
    entry.is_left_out = is_left_out
    entry.version += 1
    entry.draft.version += 1
    action = "plan.entry_left_out" if is_left_out else "plan.entry_taken_in"
    record(action, entry, by=by, name=entry.name)


def give_up(draft: PlanDraft, *, by: Actor) -> None:
    """Put a draft away. Raises Conflict where it is adopted."""
    _expect_open(draft)
    draft.archived_at = clock.now()
    record("plan.given_up", draft, by=by, name=draft.name)


def restore(draft: PlanDraft, *, by: Actor) -> None:
    draft.archived_at = None
    record("plan.restored", draft, by=by, name=draft.name)


def shortcomings(draft: PlanDraft) -> list[tuple[DraftEntry, DomainError]]:
    """Everything that keeps a draft from being adopted, entry by entry."""
    kept = {entry.id for entry in draft.entries if not entry.is_left_out}
    found = []
    for entry in draft.entries:
        if not entry.is_left_out:
            found += [(entry, error) for error in _lacks(entry, kept)]
    return found


def _lacks(entry: DraftEntry, kept: set[int]) -> Iterator[DomainError]:
    if not entry.name:
        yield DomainError(N_("没有写明指标名称。"))
    if entry.unit_id is None:
        yield DomainError(N_("没有责任单位。"))
    if entry.repeats_id is not None and entry.repeats_id not in kept:
        yield DomainError(N_("它重复的那一项没有采用。"))
    if entry.is_milestone:
        return
    if entry.target is None or entry.comparator is None or entry.kind is None:
        yield DomainError(N_("没有写明目标值、比较方式或类型。"))
    if entry.kind is Kind.GROWTH and entry.baseline is None and entry.repeats_id is None:
        yield DomainError(N_("增长类指标需要上年基数；没有基数时请改为人工填报。"))
    try:
        expect_provable(entry.metric, entry.filters, kind=entry.kind, unit_word=entry.unit_word)
    except DomainError as error:
        yield error


def expect_complete(draft: PlanDraft) -> None:
    """Raises Conflict where it is adopted already, its year has a plan, or something is lacking."""
    _expect_open(draft)
    if find_plan(draft.year) is not None:
        raise Conflict(N_("%(year)s年已有年度计划，不能再采用一份。"), year=draft.year)
    lacking = shortcomings(draft)
    if lacking:
        raise Conflict(N_("还有%(n)s处没有补全，不能采用。"), n=len(lacking))
    if all(entry.is_left_out for entry in draft.entries):
        raise Conflict(N_("没有采用任何一项，不能成为年度计划。"))


def _expect_open(draft: PlanDraft) -> None:
    if draft.adopted_id is not None:
        raise Conflict(N_("这份草稿已经采用为年度计划，不能再改。"))
    if draft.archived_at is not None:
        raise Conflict(N_("这份草稿已经放弃。"))


def _checked(details: EntryDetails, draft: PlanDraft, entry: DraftEntry | None) -> EntryDetails:
    """The details with the filters as they are kept."""
    others = {one.id: one for one in draft.entries if one is not entry}
    for name in ("repeats_id", "parent_id"):
        if (chosen := getattr(details, name)) is not None and chosen not in others:
            raise DomainError(N_("请从这份方案的其他条目中选择。"), field=name)
    original = others.get(details.repeats_id) if details.repeats_id else None
    if original is not None and (
        original.repeats_id or any(entry and one.repeats_id == entry.id for one in others.values())
    ):
        raise DomainError(N_("相同的几项都指向最先出现的那一项，不能再转指。"), field="repeats_id")
    if details.due_on < details.starts_on:
        raise DomainError(N_("时限不能早于开始日期。"), field="due_on")
    is_range = details.comparator is Comparator.RANGE
    if is_range and (details.target_to is None or details.target is None
                     or details.target_to <= details.target):  # fmt: skip
        raise DomainError(N_("区间的上限要大于下限。"), field="target_to")
    if not is_range and details.target_to is not None:
        raise DomainError(N_("只有区间才有上限。"), field="target_to")
    filters = expect_provable(
        details.metric, details.filters, kind=details.kind, unit_word=details.unit_word
    )
    return replace(details, filters=filters)


def _chapter(chapter: Any) -> dict[str, Any]:
    return {
        "number": chapter.number[:4],
        "title": chapter.title[:LONGEST_NAME],
        "tasks": [[sign[:8], title[:LONGEST_NAME]] for sign, title in chapter.tasks],
    }


def _add_entries(draft: PlanDraft, reading: Reading, park_id: int) -> None:
    targets = [_target(one, place, draft, park_id) for place, one in enumerate(reading.targets)]
    session.add_all(targets)
    session.add_all(_milestone(one, draft, park_id) for one in reading.milestones)
    session.flush()
    for entry, one in zip(targets, reading.targets, strict=True):
        entry.repeats_id = None if one.repeats is None else targets[one.repeats].id
        entry.parent_id = None if one.parent is None else targets[one.parent].id
    session.flush()
    session.refresh(draft, ["entries"])


def _target(one: Target, place: int, draft: PlanDraft, park_id: int) -> DraftEntry:
    kind = suggesting.kind_of(one)
    return DraftEntry(
        draft_id=draft.id,
        position=one.start,
        start=one.start,
        end=one.end,
        chapter=one.chapter[:4],
        task=one.task[:8],
        name=one.subject[:LONGEST_NAME],
        comparator=Comparator(one.comparator),
        target=one.value,
        target_to=one.value_to,
        unit_word=one.unit[:LONGEST_WORD],
        modal=one.modal[:LONGEST_WORD],
        kind=kind,
        scope_text=one.scope[:160],
        starts_on=date(draft.year, 1, 1),
        due_on=max(one.due, date(draft.year, 1, 1)),
        metric=suggesting.metric_of(one, METRICS),
        unit_id=park_id,
    )


def _milestone(one: Milestone, draft: PlanDraft, park_id: int) -> DraftEntry:
    return DraftEntry(
        draft_id=draft.id,
        position=one.start,
        start=one.start,
        end=one.end,
        chapter=one.chapter[:4],
        task=one.task[:8],
        name=one.subject[:LONGEST_NAME],
        event=one.event[:20],
        starts_on=one.not_before,
        due_on=one.due,
        unit_id=park_id,
    )


def _copied(row: Row, position: int, draft: PlanDraft, years: int) -> DraftEntry:
    indicator = row.indicator
    home = next((m for m in indicator.mentions if m.code == indicator.code), None)
    task = home.task if home else None
    return DraftEntry(
        draft_id=draft.id,
        position=position,
        chapter=task.chapter.number if task else "",
        task=str(task.number) if task else "",
        name=indicator.name,
        comparator=Comparator(indicator.comparator),
        target=indicator.target,
        target_to=indicator.target_to,
        unit_word=indicator.unit_word,
        modal=indicator.modal,
        kind=Kind(indicator.kind),
        scope_text=indicator.scope_text,
        definition=indicator.definition,
        baseline=row.actual,
        opening=row.actual if indicator.kind == Kind.STOCK else None,
        starts_on=_later(indicator.starts_on, years),
        due_on=_later(indicator.due_on, years),
        metric=indicator.metric,
        filters=moved(indicator.filters, years),
        unit_id=indicator.unit_id,
    )


def _later(day: date, years: int) -> date:
    """The same day of another year; of 29 February the last of the month."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _park() -> Unit:
    """Who answers for a promise until somebody says who does."""
    parks = select(Unit).where(Unit.kind == UnitKind.PARK).order_by(Unit.id)
    return session.scalars(parks.limit(1)).one()
