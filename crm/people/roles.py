"""Who may do what. The matrix in docs/access.md is written from this file (`flask docs access`)."""

from collections.abc import Iterable
from functools import cache

from crm.core.words import N_, LabelledEnum


class Role(LabelledEnum):
    """A job in the park; a person may hold several."""

    INCUBATOR_STAFF = "incubator_staff", N_("孵化器专员")
    INVESTMENT = "investment", N_("招商投资专员")
    UNIT_STAFF = "unit_staff", N_("责任单位联络员")
    UNIT_HEAD = "unit_head", N_("单位负责人")
    SUPERVISOR = "supervisor", N_("督查专员")
    LEADER = "leader", N_("领导")
    AUDITOR = "auditor", N_("审计")
    ADMIN = "admin", N_("系统管理员")


class Right(LabelledEnum):
    """A right of its own, given beside roles."""

    EXPORT = "export", N_("导出")
    UNMASK = "unmask", N_("查看个人信息")
    OPERATING_FIGURES = "operating_figures", N_("查看经营数据")
    WAIVE_GATE = "waive_gate", N_("放行关口")


class Action(LabelledEnum):
    """What an endpoint asks for. Every endpoint names one (crm.web.guards)."""

    COMPANIES_READ = "companies.read", N_("查看企业")
    COMPANIES_WRITE = "companies.write", N_("登记和维护企业")
    COMPANIES_MERGE = "companies.merge", N_("合并重复的企业")
    SPACE_WRITE = "space.write", N_("维护载体用房")
    ENTRY_READ = "entry.read", N_("查看入驻申请")
    ENTRY_WRITE = "entry.write", N_("受理入驻申请")
    ENTRY_REVIEW = "entry.review", N_("评审入驻申请")
    FOLLOWUP_READ = "followup.read", N_("查看跟进记录")
    FOLLOWUP_WRITE = "followup.write", N_("记录跟进和待办")
    INSTRUCTIONS_GIVE = "instructions.give", N_("批示")
    LISTS_SHARE = "lists.share", N_("共享视图")
    CONTACTS_REVEAL = "contacts.reveal", N_("显示联系人完整信息")
    QUALIFICATIONS_VERIFY = "qualifications.verify", N_("核验资质")
    EVIDENCE_READ = "evidence.read", N_("查看证明材料")
    EVIDENCE_WRITE = "evidence.write", N_("登记证明材料")
    EVIDENCE_VERIFY = "evidence.verify", N_("核验证明材料")
    OPERATING_READ = "operating.read", N_("查看经营数据")
    OPERATING_VERIFY = "operating.verify", N_("核验经营数据")
    PROJECTS_READ = "projects.read", N_("查看项目")
    PROJECTS_WRITE = "projects.write", N_("登记和推进项目")
    GATES_WAIVE = "gates.waive", N_("放行关口")
    TARGETS_READ = "targets.read", N_("查看指标")
    TARGETS_REPORT = "targets.report", N_("填报指标")
    TARGETS_SIGN = "targets.sign", N_("签审填报")
    TARGETS_VERIFY = "targets.verify", N_("核验填报")
    TARGETS_PLAN = "targets.plan", N_("编制年度方案")
    SNAPSHOTS_APPROVE = "snapshots.approve", N_("审定指标快照")
    SUPERVISION_READ = "supervision.read", N_("查看督办")
    SUPERVISION_MANAGE = "supervision.manage", N_("立项和审核督办")
    SUPERVISION_ANSWER = "supervision.answer", N_("签收和反馈督办")
    SUPERVISION_SIGN = "supervision.sign", N_("签发督办反馈")
    REPORTS_READ = "reports.read", N_("查看报告")
    REPORTS_EXPORT = "reports.export", N_("导出报告和列表")
    USERS_MANAGE = "users.manage", N_("管理用户和单位")
    RULES_MANAGE = "rules.manage", N_("维护字典、日历和口径")
    AUDIT_READ = "audit.read", N_("查看操作日志")


_READING = frozenset(
    {
        Action.COMPANIES_READ,
        Action.ENTRY_READ,
        Action.FOLLOWUP_READ,
        Action.EVIDENCE_READ,
        Action.PROJECTS_READ,
        Action.TARGETS_READ,
        Action.SUPERVISION_READ,
        Action.REPORTS_READ,
    }
)
_FOLLOWING_UP = _READING | {Action.FOLLOWUP_WRITE, Action.LISTS_SHARE}

ALLOWED: dict[Role, frozenset[Action]] = {
    Role.INCUBATOR_STAFF: _FOLLOWING_UP
    | {
        Action.COMPANIES_WRITE,
        Action.EVIDENCE_WRITE,
        Action.SPACE_WRITE,
        Action.ENTRY_WRITE,
        Action.ENTRY_REVIEW,
    },
    Role.INVESTMENT: _FOLLOWING_UP | {Action.PROJECTS_WRITE},
    Role.UNIT_STAFF: _FOLLOWING_UP
    | {Action.TARGETS_REPORT, Action.EVIDENCE_WRITE, Action.SUPERVISION_ANSWER},
    Role.UNIT_HEAD: _FOLLOWING_UP
    | {
        Action.TARGETS_REPORT,
        Action.TARGETS_SIGN,
        Action.SUPERVISION_ANSWER,
        Action.SUPERVISION_SIGN,
        Action.ENTRY_REVIEW,
        Action.QUALIFICATIONS_VERIFY,
        Action.EVIDENCE_VERIFY,
        Action.COMPANIES_MERGE,
    },
    Role.SUPERVISOR: _FOLLOWING_UP
    | {
        Action.TARGETS_VERIFY,
        Action.TARGETS_PLAN,
        Action.SNAPSHOTS_APPROVE,
        Action.SUPERVISION_MANAGE,
        Action.OPERATING_VERIFY,
        Action.QUALIFICATIONS_VERIFY,
        Action.EVIDENCE_VERIFY,
        Action.COMPANIES_MERGE,
        Action.INSTRUCTIONS_GIVE,
    },
    Role.LEADER: _FOLLOWING_UP | {Action.INSTRUCTIONS_GIVE, Action.SNAPSHOTS_APPROVE},
    Role.AUDITOR: _READING | {Action.AUDIT_READ},
    Role.ADMIN: frozenset({Action.USERS_MANAGE, Action.RULES_MANAGE}),
}

GRANTED: dict[Right, Action] = {
    Right.EXPORT: Action.REPORTS_EXPORT,
    Right.UNMASK: Action.CONTACTS_REVEAL,
    Right.OPERATING_FIGURES: Action.OPERATING_READ,
    Right.WAIVE_GATE: Action.GATES_WAIVE,
}

WHOLE_PARK = frozenset({Role.INVESTMENT, Role.SUPERVISOR, Role.LEADER, Role.AUDITOR})
OWN_UNIT = frozenset({Role.INCUBATOR_STAFF, Role.UNIT_STAFF, Role.UNIT_HEAD})


def actions_of(roles: Iterable[Role], rights: Iterable[Right]) -> frozenset[Action]:
    """All that these roles and rights allow together."""
    return _together(frozenset(roles), frozenset(rights))


@cache
def _together(roles: frozenset[Role], rights: frozenset[Right]) -> frozenset[Action]:
    """Put together once: a page asks for it a dozen times."""
    by_role = frozenset().union(*(ALLOWED[role] for role in roles))
    return by_role | frozenset(GRANTED[right] for right in rights)
