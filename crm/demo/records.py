"""What a generated project's record tells beside its gates: level, place, currency, the firm it became, a few that are sealed.

By the project's number, not by chance: what is drawn for the other parts of the world stays as it was.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from crm.core.money import Currency
from crm.demo.office import Office
from crm.projects.details import ProjectDetails, ProjectRow
from crm.projects.models import PIPELINE, KeyLevel, Nature, Origin, ProjectKind, Stage

_LEVELS = ((41, KeyLevel.PROVINCE), (17, KeyLevel.CITY), (7, KeyLevel.PARK))  # each so-manieth
_SEALED, _BECAME = 9, 2
_YUAN_IN_A_DOLLAR, _TEN_WAN = 7, 100_000
_MU = Decimal("666.67")  # ㎡


def told(details: ProjectDetails, stage: Stage, number: int, office: Office) -> ProjectDetails:
    """The details with all that; `stage` is where the project stands now."""
    values: dict[str, Any] = {
        "reporting_unit_id": office.units["investment"],
        "leader_id": office.leader,
        "is_sealed": stage is Stage.LEAD and number % _SEALED == 0,
    }
    is_signed = stage in PIPELINE[PIPELINE.index(Stage.SIGNED) :]
    if is_signed:
        values["key_level"] = next((level for n, level in _LEVELS if number % n == 0), None)
        values |= _place(details, office)
    if details.origin is Origin.OTHER_FOREIGN:
        values |= {"currency": Currency.USD, **_in_dollars(details)}
    if stage is Stage.COMPLETED and details.in_use_on and number % _BECAME == 0:
        values |= {"became_id": details.builder_id, "became_on": details.in_use_on}
    return replace(details, **values)


def added(rows: list[ProjectRow], original_id: int, original: ProjectRow) -> list[ProjectRow]:
    """The rows, the first signed one of which is an addition (增资) to the original."""
    place = next((n for n, row in enumerate(rows) if _is_signed(row)), None)
    if place is None:
        return rows
    details = replace(
        rows[place].details,
        name=f"{original.details.name}增资",
        investor=original.details.investor,
        nature=Nature.ADDITION,
        adds_to_id=original_id,
        currency=original.details.currency,
    )
    return [*rows[:place], replace(rows[place], details=details), *rows[place + 1 :]]


def housed(rows: list[ProjectRow], rooms: Sequence[str]) -> list[ProjectRow]:
    """The rows, the first of which that are to move in and have signed mean to have these rooms."""
    left = iter(rooms)
    return [
        replace(row, details=replace(row.details, rooms=room))
        if _is_to_move_in(row) and (room := next(left, None))
        else row
        for row in rows
    ]


def _is_to_move_in(row: ProjectRow) -> bool:
    is_under_way = row.steps[-1].to_stage in (Stage.SIGNED, Stage.APPROVAL, Stage.CONSTRUCTION)
    return row.details.kind is ProjectKind.MOVE_IN and is_under_way


def _is_signed(row: ProjectRow) -> bool:
    return row.steps[-1].to_stage is Stage.SIGNED and row.details.currency is Currency.CNY


def _place(details: ProjectDetails, office: Office) -> dict[str, Any]:
    if details.kind is ProjectKind.MOVE_IN:
        return {"carrier_id": office.units["ustp"], "rooms": details.space_wish}
    area = (Decimal(details.floor_area or 0) / 2 / _MU).quantize(Decimal("0.01"))
    return {"plot": details.space_wish, "land_area": area}


def _in_dollars(details: ProjectDetails) -> dict[str, Decimal]:
    return {
        name: Decimal(int(amount / _YUAN_IN_A_DOLLAR / _TEN_WAN) * _TEN_WAN)
        for name in ("expected_investment", "agreed_investment")
        if (amount := getattr(details, name))
    }
