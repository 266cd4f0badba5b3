"""A draft becomes the plan of its year: chapters, tasks, indicators with their mentions, milestones."""

from collections.abc import Iterable, Mapping, Sequence

from crm.audit.services import Actor, record
from crm.core.db import session
from crm.plans.models import DraftEntry, PlanDraft
from crm.plans.services import expect_complete
from crm.targets.models import (
    AnnualPlan,
    Chapter,
    Indicator,
    IndicatorMention,
    PlanMilestone,
    PlanTask,
)
from crm.targets.pace import Comparator, Kind

Place = tuple[str, str]
"""A chapter's and a task's sign."""


def adopt(draft: PlanDraft, *, by: Actor, version: int | None) -> AnnualPlan:
    """The plan of the draft's year. Raises StaleRecord, Conflict where the year has one or something is lacking."""
    draft.expect_version(version)
    expect_complete(draft)
    kept = [entry for entry in draft.entries if not entry.is_left_out]
    plan = AnnualPlan(year=draft.year, name=draft.name, issued_on=draft.issued_on)
    session.add(plan)
    session.flush()
    tasks = _add_tasks(plan, draft, kept)
    indicators = _add_indicators(plan, [one for one in kept if not one.is_milestone], tasks)
    for number, entry in enumerate((one for one in kept if one.is_milestone), 1):
        session.add(_milestone(plan, number, entry, tasks))
    draft.adopted_id = plan.id
    session.flush()
    record("plan.adopted", plan, by=by, year=plan.year, indicators=len(indicators))
    return plan


def _add_tasks(
    plan: AnnualPlan, draft: PlanDraft, kept: Sequence[DraftEntry]
) -> Mapping[Place, PlanTask]:
    """Tasks keep their own numbers where these run through the plan; where each chapter begins anew they are counted.

    A chapter without tasks that promises something is one task itself.
    """
    used = {(one.chapter, one.task) for one in kept}
    signs = [sign for chapter in draft.chapters for sign, _title in chapter["tasks"]]
    is_numbered = all(sign.isdigit() for sign in signs) and len(set(signs)) == len(signs)
    found: dict[Place, PlanTask] = {}
    number = 0
    for position, given in enumerate(draft.chapters, 1):
        chapter = Chapter(
            plan_id=plan.id, position=position, number=given["number"], name=given["title"]
        )
        session.add(chapter)
        session.flush()
        named = given["tasks"] or [["", given["title"]]] * ((given["number"], "") in used)
        for sign, title in named:
            number = int(sign) if is_numbered and sign else number + 1
            task = PlanTask(chapter_id=chapter.id, number=number, name=title or given["title"])
            found[(given["number"], sign)] = task
    session.add_all(found.values())
    session.flush()
    return found


def _add_indicators(
    plan: AnnualPlan, entries: Sequence[DraftEntry], tasks: Mapping[Place, PlanTask]
) -> Mapping[int, Indicator]:
    codes = {entry.id: f"T{number:02}" for number, entry in enumerate(entries, 1)}
    found = {
        entry.id: _indicator(plan, codes[entry.id], entry)
        for entry in entries
        if entry.repeats_id is None
    }
    session.add_all(found.values())
    for entry in entries:
        original = found[_original(entry, entries)]
        task = tasks.get((entry.chapter, entry.task))
        original.mentions.append(
            IndicatorMention(code=codes[entry.id], task_id=task.id if task else None)
        )
    session.flush()
    for entry in entries:
        if entry.id in found and entry.parent_id in codes:
            whole = next(one for one in entries if one.id == entry.parent_id)
            parent = found[_original(whole, entries)]
            if parent is not found[entry.id]:
                found[entry.id].parent_id = parent.id
    return found


def _original(entry: DraftEntry, entries: Iterable[DraftEntry]) -> int:
    """The entry that this one repeats, however often over."""
    by_id = {one.id: one for one in entries}
    seen = {entry.id}
    while entry.repeats_id is not None and entry.repeats_id not in seen:
        entry = by_id[entry.repeats_id]
        seen.add(entry.id)
    return entry.id


def _indicator(plan: AnnualPlan, code: str, entry: DraftEntry) -> Indicator:
    return Indicator(
        plan_id=plan.id,
        code=code,
        name=entry.name,
        kind=(entry.kind or Kind.REPORTED).value,
        comparator=(entry.comparator or Comparator.EQUAL).value,
        target=entry.target,
        target_to=entry.target_to,
        unit_word=entry.unit_word,
        modal=entry.modal,
        scope_text=entry.scope_text,
        definition=entry.definition,
        baseline=entry.baseline,
        opening=entry.opening,
        starts_on=entry.starts_on,
        due_on=entry.due_on,
        metric=entry.metric,
        filters=dict(entry.filters),
        unit_id=entry.unit_id,
        mentions=[],
    )


def _milestone(
    plan: AnnualPlan, number: int, entry: DraftEntry, tasks: Mapping[Place, PlanTask]
) -> PlanMilestone:
    task = tasks.get((entry.chapter, entry.task))
    return PlanMilestone(
        plan_id=plan.id,
        code=f"M{number}",
        name=entry.name,
        event=entry.event,
        not_before=entry.starts_on,
        due_on=entry.due_on,
        task_id=task.id if task else None,
        unit_id=entry.unit_id,
    )
