"""What the rows of an import of projects are held against, asked at once for all of them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.orm import joinedload

from crm.companies import subject as companies
from crm.companies.names import name_key
from crm.core.among import among
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.registry import Meant
from crm.core.words import N_
from crm.followup.handlers import leaders
from crm.imports.kinds import Draft
from crm.people.models import Unit, User
from crm.people.named import People, Units
from crm.people.queries import carriers, units, users
from crm.people.scope import WHOLE_PARK_SCOPE, Scope, scope_of
from crm.projects.checks import said_of
from crm.projects.duplicates import Twin, twins_many
from crm.projects.gate_rules import Rules, rules_for
from crm.projects.gates import evidence_of
from crm.projects.import_columns import LINKS
from crm.projects.models import Figure, Project, Stage, StageChange
from crm.projects.queries import counted, stood_at_many, visible_to
from crm.projects.requirements import Evidence
from crm.projects.subject import find_named


class Context:
    """The projects of the importer's scope that rows are about, and whatever else rows name."""

    def __init__(self, drafts: Sequence[Draft], by: User) -> None:
        self.by, self.scope = by, scope_of(by)
        self._find = self._finders(drafts)
        self._projects = self._there(drafts)
        ids = sorted(self._projects)
        self.said: Mapping[int, set[Figure]] = said_of(ids)
        self.evidence: Mapping[int, Evidence] = evidence_of(ids)
        self.stood_at: Mapping[int, Stage] = stood_at_many(list(self._projects.values()))
        self.rules: Mapping[Any, Rules] = rules_for(
            {day for draft in drafts if (day := draft.values.get("stage_on"))}
        )
        self.told = self._steps(ids)
        opened = select(Unit.id).where(self.scope.opens(Unit.id, literal(0)))  # type: ignore[arg-type]
        self._opened = set(session.scalars(opened))
        new = [draft for draft in drafts if self.project_of(draft) is None]
        asked = [(*_names(draft), None) for draft in new]
        found = twins_many(asked, self.scope)
        self.twins: Mapping[int, list[Twin]] = {
            draft.number: some for draft, some in zip(new, found, strict=True)
        }

    def project_of(self, draft: Draft) -> Project | None:
        """The project of that investor and name, or the one that a person chose."""
        if draft.chosen:
            return self._projects.get(draft.chosen)
        key = tuple(map(name_key, _names(draft)))
        return self._by_key.get(key)

    def id_of(self, column: str, text: str) -> int:
        """The record that a column names. Raises DomainError."""
        try:
            return self._find[column](text)
        except DomainError as error:
            raise DomainError(error.message, field=column, **error.values) from None

    def keeps_sight(self, unit_id: int, owner_id: int | None) -> bool:
        """Whether the importer would see a sealed project of that unit and owner."""
        return owner_id == self.by.id or unit_id in self._opened

    def _finders(self, drafts: Sequence[Draft]) -> Mapping[str, Callable[[str], int]]:
        texts = {
            column: {text for draft in drafts if (text := draft.values.get(column))}
            for column in LINKS
        }
        of_leaders = [leader.id for leader in leaders()] if texts["leader"] else []
        open_accounts = users().where(User.disabled_at.is_(None))
        firms = {**_meant(companies.find_named, texts["builder"] | texts["became"], self.scope)}
        originals = _meant(find_named, texts["adds_to"], self.scope)
        self.originals = _projects([one.ref.id for one in originals.values() if one.ref])
        return {
            "unit": Units(units(self.scope), texts["unit"]).id_of,
            "reporting_unit": Units(units(), texts["reporting_unit"]).id_of,
            "carrier": Units(carriers(WHOLE_PARK_SCOPE), texts["carrier"]).id_of,
            "owner": People(open_accounts, texts["owner"]).id_of,
            "leader": People(users().where(User.id.in_(of_leaders)), texts["leader"]).id_of,
            "builder": lambda text: _sure(firms[text]),
            "became": lambda text: _sure(firms[text]),
            "adds_to": lambda text: _sure(originals[text]),
        }

    def _there(self, drafts: Sequence[Draft]) -> dict[int, Project]:
        keys = sorted({name_key(_names(draft)[0]) for draft in drafts} - {""})
        chosen = sorted({draft.chosen for draft in drafts if draft.chosen})
        conditions = [among(Project.name_key, keys)] if keys else []
        conditions += [among(Project.id, chosen)] if chosen else []
        self._by_key: dict[tuple[str, ...], Project] = {}
        found: dict[int, Project] = {}
        for condition in conditions:
            query = visible_to(self.scope).where(condition).options(*_SHOWN)
            for project in session.scalars(query.order_by(Project.id.desc())):
                found[project.id] = project
                self._by_key[project.name_key, project.investor_key] = project
        return found

    def _steps(self, ids: Sequence[int]) -> Mapping[int, set[tuple[Stage, Any]]]:
        found: dict[int, set[tuple[Stage, Any]]] = defaultdict(set)
        query = select(StageChange.project_id, StageChange.to_stage, StageChange.effective_on)
        for id_, stage, day in session.execute(
            query.where(among(StageChange.project_id, ids), counted())
        ):
            found[id_].add((stage, day))
        return found


_SHOWN = tuple(
    joinedload(one)
    for one in (
        Project.unit,
        Project.owner,
        Project.leader,
        Project.reporting_unit,
        Project.carrier,
        Project.builder,
        Project.became,
    )
)


def _projects(ids: Sequence[int]) -> Mapping[int, Project]:
    query = select(Project).where(among(Project.id, ids))
    return {one.id: one for one in session.scalars(query)} if ids else {}


def _names(draft: Draft) -> tuple[str, str]:
    return draft.values.get("name") or "", draft.values.get("investor") or ""


def _meant(
    find: Callable[[Collection[str], Scope], Mapping[str, Meant]], names: set[str], scope: Scope
) -> Mapping[str, Meant]:
    return find(names, scope) if names else {}


def _sure(meant: Meant) -> int:
    if meant.ref is None:
        raise meant.error or DomainError(N_("没有找到这条记录，请核对名称。"))
    return meant.ref.id
