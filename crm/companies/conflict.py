"""Two people edit one firm: what each of them changed since the version that both began from, field by field.

What only one side changed is merged; where both did, and differently, a person chooses. What was there before comes
from the log: each entry says to which version it led.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from crm.audit.models import AuditEntry
from crm.audit.queries import details_of as logged
from crm.audit.queries import history_of
from crm.companies.facts import FIELDS, from_log
from crm.companies.models import Company
from crm.companies.services import CompanyDetails, details_of
from crm.core.db import session
from crm.core.errors import Conflict
from crm.core.words import N_, LabelledEnum

VERSIONS_READ = 200
COUNTING = (
    "company.changed",
    "company.archived",
    "company.restored",
    "company.merged",
)  # each leads to a version


class Side(LabelledEnum):
    """Whose value a field is to have."""

    MINE = "mine", N_("我填写的")
    THEIRS = "theirs", N_("对方保存的")
    BEFORE = "before", N_("修改之前的")


@dataclass(frozen=True)
class Clash:
    """A field that both sides changed, each to something else. `before` is None as well where the log does not reach."""

    field: str
    before: Any
    theirs: Any
    mine: Any
    by: str = ""

    @property
    def label(self) -> str:
        return FIELDS[self.field]

    def value(self, side: Side) -> Any:
        return {Side.MINE: self.mine, Side.THEIRS: self.theirs, Side.BEFORE: self.before}[side]


@dataclass(frozen=True)
class Merge:
    """Both sides together: `details` has what only one side changed, `taken` names the fields that only the others did."""

    version: int
    details: CompanyDetails
    clashes: tuple[Clash, ...]
    taken: tuple[str, ...]
    is_history_known: bool

    def is_settled_by(self, choices: Mapping[str, Side], seen: int | None) -> bool:
        """Whether a choice was made for each clash, by somebody who saw this very state."""
        is_chosen = all(clash.field in choices for clash in self.clashes)
        return not self.clashes or (is_chosen and seen == self.version)

    def settled(self, choices: Mapping[str, Side]) -> CompanyDetails:
        """The details with the chosen values."""
        chosen = {clash.field: clash.value(choices[clash.field]) for clash in self.clashes}
        return replace(self.details, **chosen)


class EditConflict(Conflict):
    """Others changed the same fields; `merge` says which and to what."""

    def __init__(self, merge: Merge) -> None:
        super().__init__(
            N_("在您填写期间，他人也改了其中%(n)s项，请逐项选择以哪个为准。"), n=len(merge.clashes)
        )
        self.merge = merge


def merge(company: Company, mine: CompanyDetails, since: int) -> Merge:
    """What somebody typed who saw version `since`, together with what the register says now."""
    theirs = details_of(company)
    before, authors = _before(company, theirs, since)
    merged, clashes, taken = {}, [], []
    for name in (field.name for field in fields(CompanyDetails)):
        now, typed = getattr(theirs, name), getattr(mine, name)
        was = getattr(before, name) if before else None
        if typed == now or (before and now == was):
            merged[name] = typed
        elif before and typed == was:
            merged[name] = now
            taken.append(name)
        else:
            merged[name] = now
            clashes.append(Clash(name, was, now, typed, authors.get(name, "")))
    return Merge(
        company.version,
        CompanyDetails(**merged),
        tuple(clashes),
        tuple(taken),
        is_history_known=before is not None,
    )


def _before(
    company: Company, now: CompanyDetails, since: int
) -> tuple[CompanyDetails | None, dict[str, str]]:
    """The details as of a version, and who changed each field since; None where the log does not tell of every step."""
    was: dict[str, Any] = {}
    authors: dict[str, str] = {}
    steps = set()
    query = history_of(company).where(AuditEntry.action.in_(COUNTING)).limit(VERSIONS_READ)
    for entry in session.scalars(query):
        details = logged(entry)
        version = details.get("version", 0)
        if version <= since:
            break
        steps.add(version)
        for name, (old, _new) in details.get("changes", {}).items():
            if name in FIELDS:
                was[name] = from_log(name, old)
                authors.setdefault(name, entry.actor)
    if steps != set(range(since + 1, company.version + 1)):
        return None, authors
    return replace(now, **was), authors
