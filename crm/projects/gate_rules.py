"""What each stage asks of each kind of project, in dated versions. An administrator's go before those that the product brings."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import Select, select

from crm.audit.services import Actor, record
from crm.core import clock
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.projects.gate_models import GateVersion
from crm.projects.models import PIPELINE, ProjectKind, Stage
from crm.projects.requirements import CATALOGUE, DEFAULTS, Asks, Requirement

GATED = PIPELINE[1:]  # nothing is asked of a lead


@dataclass(frozen=True)
class Gate:
    """What one stage asks of one kind on a day; `since` is empty for what the product brings."""

    kind: ProjectKind
    stage: Stage
    requirements: tuple[Requirement, ...]
    since: date | None = None


Rules = Mapping[tuple[ProjectKind, Stage], Gate]


def standard() -> dict[tuple[ProjectKind, Stage], Gate]:
    """The gates that the product brings."""
    return {
        (kind, stage): Gate(kind, stage, requirements)
        for kind, gates in DEFAULTS.items()
        for stage, requirements in gates.items()
    }


def rules_on(day: date) -> Rules:
    """All gates as they hold on a day, in one query."""
    return rules_for([day])[day]


class Version(NamedTuple):
    """A version of a gate, without who set it. Of several the last holds, in this order."""

    valid_from: date
    id: int
    kind: ProjectKind
    stage: Stage
    requirements: list[dict[str, str]]


_VERSIONS = select(*(getattr(GateVersion, name) for name in Version._fields))


def rules_for(days: Collection[date]) -> dict[date, Rules]:
    """The same for several days, in one query."""
    if not days:
        return {}
    rows = session.execute(_VERSIONS.where(GateVersion.valid_from <= max(days)))
    versions = [Version(*row) for row in rows]
    return {day: rules_of(one for one in versions if one.valid_from <= day) for day in days}


def rules_of(versions: Iterable[Version]) -> Rules:
    """The gates that hold where these versions were set."""
    found = standard()
    for version in sorted(versions, key=lambda version: version[:2]):
        found[version.kind, version.stage] = gate_of(version)
    return found


def history() -> Select[GateVersion]:
    """Every version that was ever set, with who set it, the one that holds last."""
    return select(GateVersion).order_by(GateVersion.valid_from, GateVersion.id)


def gate_of(row: GateVersion | Version) -> Gate:
    asked = (Requirement(Asks(one["asks"]), one["key"], one["label"]) for one in row.requirements)
    known = tuple(one for one in asked if one.code in CATALOGUE)
    return Gate(row.kind, row.stage, known, row.valid_from)


def change(
    kind: ProjectKind,
    stage: Stage,
    requirements: Sequence[Requirement],
    *,
    valid_from: date,
    by: Actor,
) -> GateVersion:
    """What a stage asks from a day on; moves that are dated before it keep what held then. Raises DomainError."""
    if stage not in GATED:
        raise DomainError(N_("“%(stage)s”没有关口。"), field="stage", stage=stage)
    if valid_from < clock.today():
        message = N_("新的关口只能从今天或以后起生效，以往的移动按当时的关口。")
        raise DomainError(message, field="valid_from")
    before = rules_on(valid_from)[kind, stage]
    if before.requirements == tuple(requirements):
        raise DomainError(N_("与现行关口相同，没有需要保存的改动。"), field="asked")
    new = GateVersion(
        kind=kind,
        stage=stage,
        valid_from=valid_from,
        requirements=[
            {"asks": one.asks.value, "key": one.key, "label": one.label} for one in requirements
        ],
        by_id=by.id,
    )
    session.add(new)
    changes = {"items": (_labels(before.requirements), _labels(requirements))}
    name = f"{kind.label} {stage.label}"
    record("gate.changed", new, by=by, name=name, changes=changes, effective_on=valid_from)
    return new


def _labels(requirements: Sequence[Requirement]) -> str:
    return "、".join(requirement.label for requirement in requirements)
