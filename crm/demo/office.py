"""Who carries the generated projects, and with what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from crm.demo.names import Namer


@dataclass(frozen=True)
class Builder:
    """A firm that can carry a project out."""

    id: int
    established_on: date


@dataclass(frozen=True)
class Office:
    """Units by code, the people of 投资促进处, the firms, and the world's last day."""

    rng: Random
    namer: Namer
    units: dict[str, int]
    owners: Sequence[int]
    builders: Sequence[Builder]
    today: date
    until: date
    leader: int | None = None  # 责任领导
