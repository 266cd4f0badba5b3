"""What the gates ask for, filled in for a project's history: each fact before the step that needed it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from crm.demo.office import Office
from crm.projects.models import PIPELINE, ProjectKind, Stage
from crm.projects.services import ProjectDetails, StageStep

_WISHES = (
    "科教城北侧A-07地块",
    "智能制造产业园",
    "创新基地三期",
    "国际创新基地5号楼",
    "园区东扩起步区",
)
_ROOM_WISHES = ("孵化楼六层", "创新楼整层", "2号楼1200㎡", "研发楼一至二层", "共享实验室旁")


def facts_for(
    details: ProjectDetails,
    steps: Sequence[StageStep],
    number: int,
    office: Office,
    *,
    is_ready: bool = False,
) -> ProjectDetails:
    """The details with all that its stages asked for; if it is ready, also what the next one will."""
    entered = _entered(steps)
    now = steps[-1].to_stage
    if is_ready and now in PIPELINE[:-1]:
        entered[PIPELINE[PIPELINE.index(now) + 1]] = office.until
    values: dict[str, Any] = {}
    for stage, on in entered.items():
        values |= _facts(stage, on, details, number, office)
    if Stage.NEGOTIATING not in entered:
        values["contact"] = ""  # a lead of which little is known
    return replace(details, **values)


def _entered(steps: Sequence[StageStep]) -> dict[Stage, date]:
    """When each stage up to the furthest was first entered; a skipped one with the stage that skipped it."""
    entered: dict[Stage, date] = {}
    for step in steps:
        if step.to_stage not in PIPELINE:
            continue
        for stage in PIPELINE[: PIPELINE.index(step.to_stage) + 1]:
            entered.setdefault(stage, step.effective_on)
    return entered


def _facts(
    stage: Stage, on: date, details: ProjectDetails, number: int, office: Office
) -> dict[str, Any]:
    rng, is_building = office.rng, details.kind is ProjectKind.CONSTRUCTION
    before = on - timedelta(days=rng.randrange(1, 4))
    match stage:
        case Stage.INTENT:
            return {
                "visited_on": before,
                "space_wish": rng.choice(_WISHES if is_building else _ROOM_WISHES),
                "intent_document": f"投资意向书（演示{number:04d}）",
            }
        case Stage.SIGNED:
            share = Decimal(rng.randrange(70, 116)) / 100
            expected = details.expected_investment or Decimal(0)
            return {
                "agreement_number": f"科投协〔{on.year}〕演示{number:04d}号",
                "agreement_on": before,
                "agreed_investment": Decimal(round(expected * share / 100_000)) * 100_000,
            }
        case Stage.APPROVAL:
            filing = f"常科备〔{on.year}〕演示{number:04d}号" if is_building else ""
            return {"builder_id": _builder(on, office), "filing_number": filing}
        case Stage.CONSTRUCTION:
            permit = f"演示施许{on.year}-{number:04d}" if is_building else ""
            return {"permit_number": permit, "works_seen_on": before}
        case Stage.COMPLETED if is_building:
            in_use_on = on + timedelta(days=rng.randrange(20, 90))
            is_in_use = in_use_on <= office.until
            return {"accepted_on": before, "in_use_on": in_use_on if is_in_use else None}
        case Stage.COMPLETED:
            return {"in_use_on": before}
        case _:
            return {}


def _builder(on: date, office: Office) -> int | None:
    """A firm that had its licence by then."""
    for _ in range(20):
        builder = office.rng.choice(office.builders)
        if builder.established_on <= on:
            return builder.id
    return min(office.builders, key=lambda builder: builder.established_on).id
