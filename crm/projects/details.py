"""What is written about a project, and what of its history is registered with it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from crm.companies.models import FutureIndustry
from crm.core.money import Currency
from crm.projects.models import (
    EconomyType,
    Figure,
    KeyLevel,
    LossReason,
    Nature,
    Origin,
    Project,
    ProjectKind,
    Purpose,
    Stage,
)


@dataclass(frozen=True)
class ProjectDetails:
    """All that people write about a project; its fields are the columns of Project."""

    name: str
    kind: ProjectKind
    origin: Origin
    unit_id: int
    investor: str = ""
    economy_type: EconomyType | None = None
    future_industry: FutureIndustry | None = None
    purpose: Purpose = Purpose.OTHER
    owner_id: int | None = None
    leader_id: int | None = None
    reporting_unit_id: int | None = None
    key_level: KeyLevel | None = None
    nature: Nature = Nature.NEW
    adds_to_id: int | None = None
    is_sealed: bool = False
    currency: Currency = Currency.CNY
    floor_area: int | None = None
    carrier_id: int | None = None
    rooms: str = ""
    plot: str = ""
    land_area: Decimal | None = None
    summary: str = ""
    next_action: str = ""
    next_action_on: date | None = None
    source: str = ""
    contact: str = ""
    expected_investment: Decimal | None = None
    visited_on: date | None = None
    space_wish: str = ""
    intent_document: str = ""
    agreement_number: str = ""
    agreement_on: date | None = None
    agreed_investment: Decimal | None = None
    builder_id: int | None = None
    became_id: int | None = None
    became_on: date | None = None
    filing_number: str = ""
    permit_number: str = ""
    works_seen_on: date | None = None
    accepted_on: date | None = None
    in_use_on: date | None = None


@dataclass(frozen=True)
class StageStep:
    """One step of a history that is registered together with its project."""

    to_stage: Stage
    effective_on: date
    note: str = ""
    recorded_at: datetime | None = None
    by_id: int | None = None
    loss_reason: LossReason | None = None


@dataclass(frozen=True)
class ProjectRow:
    """A project with its whole history, for imports and demo data."""

    details: ProjectDetails
    steps: tuple[StageStep, ...]
    recorded_at: datetime | None = None


def amounts_of(facts: ProjectDetails | Project) -> dict[Figure, Decimal | None]:
    """The two figures that are said."""
    return {
        Figure.EXPECTED: facts.expected_investment,
        Figure.AGREED: facts.agreed_investment,
    }
