"""What a gate may ask for: a closed catalogue of facts, papers, approvals and activities, each with how it is proved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crm.core.words import N_, LabelledEnum
from crm.followup.models import ActivityKind
from crm.projects.gate_models import ApprovalKind, DocumentKind
from crm.projects.models import Project, ProjectKind, Stage


class Asks(LabelledEnum):
    """The four sorts of requirement."""

    FIELD = "field", N_("项目信息")
    DOCUMENT = "document", N_("材料")
    APPROVAL = "approval", N_("审批")
    ACTIVITY = "activity", N_("活动")


@dataclass(frozen=True)
class Requirement:
    """One thing that a gate asks for: its place in the catalogue, and the words in which this gate says it."""

    asks: Asks
    key: str
    label: str

    @property
    def code(self) -> str:
        return f"{self.asks}.{self.key}"


@dataclass(frozen=True)
class Approval:
    """How one item of the list of approvals stands."""

    due_on: date | None
    granted_on: date | None
    is_inapplicable: bool = False


@dataclass(frozen=True)
class Evidence:
    """What is kept beside a project's own fields: its papers, approvals and the first day of each kind of activity."""

    documents: frozenset[str] = frozenset()
    approvals: Mapping[str, tuple[Approval, ...]] = field(default_factory=dict)
    activities: Mapping[str, date] = field(default_factory=dict)


NOTHING = Evidence()
LISTED, TALK = "listed", "talk"
TALKS = (ActivityKind.VISIT, ActivityKind.MEETING)

FIELDS: Mapping[str, str] = {
    "investor": N_("投资方"),
    "contact": N_("联系人"),
    "owner_id": N_("责任人"),
    "future_industry": N_("产业"),
    "economy_type": N_("经济类型"),
    "source": N_("线索来源"),
    "floor_area": N_("建筑面积"),
    "expected_investment": N_("预计投资"),
    "space_wish": N_("意向地块或载体"),
    "intent_document": N_("意向书、框架协议或预留凭据"),
    "agreement_number": N_("协议编号"),
    "agreement_on": N_("协议签订日期"),
    "agreed_investment": N_("协议投资"),
    "builder_id": N_("项目公司/建设单位"),
    "filing_number": N_("立项备案号"),
    "permit_number": N_("施工许可证或施工合同编号"),
    "works_seen_on": N_("主体施工现场照片日期"),
    "accepted_on": N_("竣工验收日期"),
    "in_use_on": N_("投用日期"),
}
_GRANTED_BY = {  # what an approval proves need not be typed into the project as well
    "filing_number": ApprovalKind.FILING,
    "permit_number": ApprovalKind.CONSTRUCTION_PERMIT,
}


def _catalogue() -> dict[str, Requirement]:
    found = [Requirement(Asks.FIELD, key, words) for key, words in FIELDS.items()]
    found += [Requirement(Asks.DOCUMENT, kind.value, kind.label) for kind in DocumentKind]
    found.append(Requirement(Asks.APPROVAL, LISTED, N_("审批事项清单和时限")))
    found += [
        Requirement(Asks.APPROVAL, kind.value, kind.label)
        for kind in ApprovalKind
        if kind is not ApprovalKind.OTHER
    ]
    found.append(Requirement(Asks.ACTIVITY, TALK, N_("洽谈或考察")))
    found.append(Requirement(Asks.ACTIVITY, ActivityKind.VISIT.value, N_("实地走访")))
    return {requirement.code: requirement for requirement in found}


CATALOGUE = _catalogue()


def _ask(asks: Asks, key: str, label: str = "") -> Requirement:
    usual = CATALOGUE[f"{asks}.{key}"]
    return Requirement(asks, key, label or usual.label)


_NEGOTIATING = tuple(
    _ask(Asks.FIELD, key)
    for key in ("investor", "contact", "owner_id", "future_industry", "source")
)
_AGREEMENT = (_ask(Asks.FIELD, "agreement_number"), _ask(Asks.FIELD, "agreement_on"))


def _intent(space: str) -> tuple[Requirement, ...]:
    return (
        _ask(Asks.FIELD, "expected_investment"),
        _ask(Asks.ACTIVITY, TALK),
        _ask(Asks.FIELD, "space_wish", space),
        _ask(Asks.FIELD, "intent_document"),
    )


# What the product brings: domain.md §3. The unit that takes a project in is always there: none is registered without one.
DEFAULTS: Mapping[ProjectKind, Mapping[Stage, tuple[Requirement, ...]]] = {
    ProjectKind.CONSTRUCTION: {
        Stage.NEGOTIATING: _NEGOTIATING,
        Stage.INTENT: _intent(N_("意向地块或载体")),
        Stage.SIGNED: (*_AGREEMENT, _ask(Asks.FIELD, "agreed_investment")),
        Stage.APPROVAL: (
            _ask(Asks.FIELD, "builder_id"),
            _ask(Asks.FIELD, "filing_number"),
            _ask(Asks.APPROVAL, LISTED),
        ),
        Stage.CONSTRUCTION: (
            _ask(Asks.FIELD, "permit_number"),
            _ask(Asks.FIELD, "works_seen_on"),  # 场平 is not 开工
        ),
        Stage.COMPLETED: (_ask(Asks.FIELD, "accepted_on"),),
    },
    ProjectKind.MOVE_IN: {
        Stage.NEGOTIATING: _NEGOTIATING,
        Stage.INTENT: _intent(N_("意向载体或房源")),
        Stage.SIGNED: _AGREEMENT,
        Stage.APPROVAL: (_ask(Asks.FIELD, "builder_id", N_("办照企业")),),
        Stage.CONSTRUCTION: (_ask(Asks.FIELD, "works_seen_on", N_("装修进场日期")),),
        Stage.COMPLETED: (_ask(Asks.FIELD, "in_use_on", N_("开业投用日期")),),
    },
}


def is_met(
    requirement: Requirement, facts: Any, evidence: Evidence = NOTHING, on: date | None = None
) -> bool:
    """Whether what is asked for is there; with a day given, a dated fact counts from its own day.

    `facts` has a project's fields: a Project, or what is about to become one.
    """
    return _PROVED[requirement.asks](requirement.key, facts, evidence, on)


def _is_there(key: str, facts: Any, evidence: Evidence, on: date | None) -> bool:
    value = getattr(facts, key)
    if isinstance(value, date):
        return _is_by(value, on)
    if not value and (kind := _GRANTED_BY.get(key)):
        return any(_is_by(one.granted_on, on) for one in evidence.approvals.get(kind, ()))
    return bool(value)


def _is_attached(key: str, _facts: Any, evidence: Evidence, _on: date | None) -> bool:
    return DocumentKind(key).owner in evidence.documents


def _is_approved(key: str, facts: Any, evidence: Evidence, on: date | None) -> bool:
    """Granted, or it does not apply; `listed`: there is a list, and each item has a time limit or needs none any more."""
    if key == LISTED:
        items = [one for items in evidence.approvals.values() for one in items]
        return bool(items) and all(
            one.due_on or one.granted_on or one.is_inapplicable for one in items
        )
    items = list(evidence.approvals.get(key, ()))
    if not items:
        return key == ApprovalKind.FILING and bool(facts.filing_number)
    return all(one.is_inapplicable or _is_by(one.granted_on, on) for one in items)


def _has_happened(key: str, facts: Any, evidence: Evidence, on: date | None) -> bool:
    kinds = TALKS if key == TALK else (ActivityKind(key),)
    days = [evidence.activities[kind] for kind in kinds if kind in evidence.activities]
    if key == TALK and facts.visited_on:
        days.append(facts.visited_on)
    return any(_is_by(day, on) for day in days)


def _is_by(day: date | None, on: date | None) -> bool:
    return day is not None and (on is None or day <= on)


_PROVED: Mapping[Asks, Callable[[str, Any, Evidence, date | None], bool]] = {
    Asks.FIELD: _is_there,
    Asks.DOCUMENT: _is_attached,
    Asks.APPROVAL: _is_approved,
    Asks.ACTIVITY: _has_happened,
}
PROJECT_FIELDS = tuple(getattr(Project, key) for key in (*FIELDS, "visited_on"))
