"""The annual plan as a file: read into frozen entries and checked before anybody trusts it.

The files in `plans/` hold the facts and figures of a plan in our own words. A repeated target is
one indicator with several mentions. An opening stock is given only where a source states it;
where a metric exists, the records know it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from crm.core.errors import DomainError
from crm.core.words import N_
from crm.metrics.catalogue import METRICS
from crm.targets.pace import Comparator, Kind

MODALS = (N_("力争"),)
EVENTS = (N_("开工"), N_("竣工投用"), N_("完成"))

_PLANS = Path(__file__).with_name("files")

Record: TypeAlias = Mapping[str, Any]


class PlanFileError(ValueError):
    """The file contradicts itself; the message says where."""


@dataclass(frozen=True)
class ChapterEntry:
    number: str
    title: str
    title_en: str


@dataclass(frozen=True)
class TaskEntry:
    number: int
    chapter: str
    title: str
    title_en: str
    summary: str


@dataclass(frozen=True)
class Mention:
    """A repeat of a target elsewhere in the plan."""

    id: str
    task: int | None


@dataclass(frozen=True)
class Baseline:
    """The actual figure of an earlier year and where it was published."""

    value: Decimal
    year: int
    source: str


@dataclass(frozen=True)
class IndicatorEntry:
    """One target; `task` is None for the plan's 主要目标, `metric` None for 人工填报."""

    id: str
    task: int | None
    subject_zh: str
    subject_en: str
    comparator: Comparator
    target: Decimal
    target_to: Decimal | None
    unit: str
    unit_en: str
    modal: str | None
    kind: Kind
    scope_zh: str
    scope_en: str
    definition_zh: str
    definition_en: str
    parent: str | None
    mentions: tuple[Mention, ...]
    baseline: Baseline | None
    opening: Decimal | None
    starts_on: date
    due: date
    responsible_unit: str
    metric: str | None
    filters: Mapping[str, str]


@dataclass(frozen=True)
class MilestoneEntry:
    """An event to happen within a window; `same_as` names the indicator it is one thing with."""

    id: str
    task: int
    subject_zh: str
    subject_en: str
    event: str
    event_en: str
    not_before: date
    due: date
    project: str | None
    same_as: str | None
    responsible_unit: str


@dataclass(frozen=True)
class PlanFile:
    year: int
    title: str
    title_en: str
    document_number: str | None
    issued_on: date
    published_on: date
    mention_count: int
    chapters: tuple[ChapterEntry, ...]
    tasks: tuple[TaskEntry, ...]
    indicators: tuple[IndicatorEntry, ...]
    milestones: tuple[MilestoneEntry, ...]


def available_plans() -> tuple[int, ...]:
    """The years there is a plan file for, oldest first."""
    return tuple(sorted(int(path.stem) for path in _PLANS.glob("*.json")))


def read_plan(year: int) -> PlanFile:
    """The plan of that year; LookupError if there is none."""
    if year not in available_plans():
        raise LookupError(f"there is no plan file for {year}")
    return parse_plan((_PLANS / f"{year}.json").read_text(encoding="utf-8"))


def parse_plan(text: str) -> PlanFile:
    """A plan from JSON; raises PlanFileError when it contradicts itself."""
    data = json.loads(text, parse_float=Decimal)
    plan = PlanFile(
        **{
            **data,
            "issued_on": date.fromisoformat(data["issued_on"]),
            "published_on": date.fromisoformat(data["published_on"]),
            "chapters": tuple(ChapterEntry(**record) for record in data["chapters"]),
            "tasks": tuple(TaskEntry(**record) for record in data["tasks"]),
            "indicators": tuple(_indicator(record) for record in data["indicators"]),
            "milestones": tuple(_milestone(record) for record in data["milestones"]),
        }
    )
    _check(plan)
    return plan


def _indicator(record: Record) -> IndicatorEntry:
    return IndicatorEntry(
        **{
            **record,
            "comparator": Comparator(record["comparator"]),
            "kind": Kind(record["kind"]),
            "target": Decimal(record["target"]),
            "target_to": _decimal(record["target_to"]),
            "opening": _decimal(record["opening"]),
            "baseline": _baseline(record["baseline"]),
            "mentions": tuple(Mention(**mention) for mention in record["mentions"]),
            "starts_on": date.fromisoformat(record["starts_on"]),
            "due": date.fromisoformat(record["due"]),
        }
    )


def _milestone(record: Record) -> MilestoneEntry:
    window = {name: date.fromisoformat(record[name]) for name in ("not_before", "due")}
    return MilestoneEntry(**{**record, **window})


def _baseline(record: Record | None) -> Baseline | None:
    if record is None:
        return None
    return Baseline(**{**record, "value": Decimal(record["value"])})


def _decimal(value: int | Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _check(plan: PlanFile) -> None:
    indicators = [entry.id for entry in plan.indicators]
    repeats = [mention for entry in plan.indicators for mention in entry.mentions]
    mentioned = [*indicators, *(mention.id for mention in repeats)]
    chapters = [entry.number for entry in plan.chapters]
    tasks = [entry.number for entry in plan.tasks]

    _refuse_repeats("chapters", chapters)
    _refuse_repeats("tasks", tasks)
    _refuse_repeats("targets", mentioned)
    _refuse_repeats("milestones", [entry.id for entry in plan.milestones])
    _refuse_unknown("chapter", [entry.chapter for entry in plan.tasks], chapters)
    _refuse_unknown("task", [entry.task for entry in plan.indicators], [None, *tasks])
    _refuse_unknown("task", [mention.task for mention in repeats], [None, *tasks])
    _refuse_unknown("task", [entry.task for entry in plan.milestones], tasks)
    _refuse_unknown("parent", [entry.parent for entry in plan.indicators], [None, *indicators])
    _refuse_unknown("same_as", [entry.same_as for entry in plan.milestones], [None, *indicators])
    if len(mentioned) != plan.mention_count:
        raise PlanFileError(f"{len(mentioned)} mentions instead of {plan.mention_count}")
    _refuse_unknown("metric", [entry.metric for entry in plan.indicators], [None, *METRICS])
    for entry in plan.indicators:
        _check_terms(entry)
    _refuse_unknown("modal", [entry.modal for entry in plan.indicators], [None, *MODALS])
    _refuse_unknown("event", [entry.event for entry in plan.milestones], EVENTS)
    for milestone in plan.milestones:
        if milestone.not_before > milestone.due:
            raise PlanFileError(f"{milestone.id}: its window ends before it begins")


def _check_terms(entry: IndicatorEntry) -> None:
    is_range = entry.comparator is Comparator.RANGE
    if is_range and (entry.target_to is None or entry.target_to <= entry.target):
        raise PlanFileError(f"{entry.id}: a range needs an upper value above the lower one")
    if not is_range and entry.target_to is not None:
        raise PlanFileError(f"{entry.id}: only a range has an upper value")
    if entry.kind is Kind.GROWTH and entry.baseline is None:
        raise PlanFileError(f"{entry.id}: growth needs a baseline")
    if entry.starts_on > entry.due:
        raise PlanFileError(f"{entry.id}: it is due before it starts")
    if entry.parent == entry.id:
        raise PlanFileError(f"{entry.id}: it cannot be part of itself")
    if entry.metric is not None:
        try:
            METRICS[entry.metric].checked(entry.filters)
        except DomainError as error:
            raise PlanFileError(f"{entry.id}: {error.message % error.values}") from error


def _refuse_repeats(what: str, ids: Iterable[object]) -> None:
    if repeated := [str(id_) for id_, times in Counter(ids).items() if times > 1]:
        raise PlanFileError(f"{what} given twice: {', '.join(repeated)}")


def _refuse_unknown(what: str, named: Iterable[object], known: Iterable[object]) -> None:
    if unknown := sorted(str(id_) for id_ in set(named) - set(known)):
        raise PlanFileError(f"unknown {what}: {', '.join(unknown)}")
