"""What a project must show before it enters a stage, as data by kind (domain.md §3).

A gate asks for facts that stand on the project. What is missing is said all at once: for a skip,
the gates of the skipped stages as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from crm.core.words import N_
from crm.projects.models import PIPELINE, Project, ProjectKind, Stage


@dataclass(frozen=True)
class Requirement:
    """One fact that a gate asks for: the project's field and the words for it."""

    field: str
    label: str

    def is_met(self, project: Project, on: date | None = None) -> bool:
        """Whether the fact is there; with a day given, a dated fact counts from its own day."""
        value = getattr(project, self.field)
        if on is not None and isinstance(value, date):
            return value <= on
        return bool(value)


_NEGOTIATING = (
    Requirement("investor", N_("投资方")),
    Requirement("contact", N_("联系人")),
    Requirement("owner_id", N_("责任人")),
    Requirement("future_industry", N_("产业")),
    Requirement("source", N_("线索来源")),
)
_AGREEMENT = (
    Requirement("agreement_number", N_("协议编号")),
    Requirement("agreement_on", N_("协议签订日期")),
)

GATES: Mapping[ProjectKind, Mapping[Stage, tuple[Requirement, ...]]] = {
    ProjectKind.CONSTRUCTION: {
        Stage.NEGOTIATING: _NEGOTIATING,
        Stage.INTENT: (
            Requirement("expected_investment", N_("预计投资")),
            Requirement("visited_on", N_("洽谈或考察日期")),
            Requirement("space_wish", N_("意向地块或载体")),
            Requirement("intent_document", N_("意向书、框架协议或预留凭据")),
        ),
        # the unit that takes it in is always there: a project cannot be registered without one
        Stage.SIGNED: (*_AGREEMENT, Requirement("agreed_investment", N_("协议投资"))),
        Stage.APPROVAL: (
            Requirement("builder_id", N_("项目公司/建设单位")),
            Requirement("filing_number", N_("立项备案号")),
            Requirement("approvals", N_("审批事项清单和时限")),
        ),
        Stage.CONSTRUCTION: (
            Requirement("permit_number", N_("施工许可证或施工合同编号")),
            Requirement("works_seen_on", N_("主体施工现场照片日期")),  # 场平 is not 开工
        ),
        Stage.COMPLETED: (Requirement("accepted_on", N_("竣工验收日期")),),
    },
    ProjectKind.MOVE_IN: {
        Stage.NEGOTIATING: _NEGOTIATING,
        Stage.INTENT: (
            Requirement("expected_investment", N_("预计投资")),
            Requirement("visited_on", N_("洽谈或考察日期")),
            Requirement("space_wish", N_("意向载体或房源")),
            Requirement("intent_document", N_("意向书、框架协议或预留凭据")),
        ),
        Stage.SIGNED: _AGREEMENT,
        Stage.APPROVAL: (Requirement("builder_id", N_("办照企业")),),
        Stage.CONSTRUCTION: (Requirement("works_seen_on", N_("装修进场日期")),),
        Stage.COMPLETED: (Requirement("in_use_on", N_("开业投用日期")),),
    },
}


def gate(kind: ProjectKind, stage: Stage) -> tuple[Requirement, ...]:
    """What this stage asks of a project of this kind; nothing for 信息, 暂停 and 流失."""
    return GATES[kind].get(stage, ())


def stages_between(stood_at: Stage, to_stage: Stage) -> tuple[Stage, ...]:
    """The stages newly entered by a move, the target included; none for a step back or aside."""
    if to_stage not in PIPELINE:
        return ()
    return PIPELINE[PIPELINE.index(stood_at) + 1 : PIPELINE.index(to_stage) + 1]


def missing(
    project: Project, to_stage: Stage, *, stood_at: Stage | None = None, on: date | None = None
) -> list[Requirement]:
    """All that the gates on the way to a stage still lack, at once.

    `stood_at`: the stage where the project stands, or stood before it was paused or lost.
    """
    if stood_at is None:
        stood_at = project.stage if project.stage in PIPELINE else Stage.LEAD
    return [
        requirement
        for stage in stages_between(stood_at, to_stage)
        for requirement in gate(project.kind, stage)
        if not requirement.is_met(project, on)
    ]


def needs_reason(stage: Stage, stood_at: Stage, to_stage: Stage) -> bool:
    """Whether a move must say why: a skip, a step back, a pause, a loss, a return."""
    if stage not in PIPELINE or to_stage not in PIPELINE:
        return True
    return PIPELINE.index(to_stage) != PIPELINE.index(stood_at) + 1
