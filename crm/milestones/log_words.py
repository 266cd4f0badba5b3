"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "milestone": N_("节点"),
        "milestones": N_("节点"),
        "problem": N_("难点"),
        "problems": N_("难点"),
    },
    actions={
        "milestone.added": N_("加节点"),
        "milestones.added": N_("批量加节点"),
        "milestone.changed": N_("修改节点日期"),
        "milestone.dropped": N_("取消节点"),
        "problem.raised": N_("登记难点"),
        "problems.raised": N_("批量登记难点"),
        "problem.changed": N_("修改难点"),
        "problem.escalated": N_("上报难点"),
        "problem.instructed": N_("难点批示"),
        "problem.solved": N_("解决难点"),
    },
    fields={
        "planned_on": N_("计划日期"),
        "forecast_on": N_("预计日期"),
        "solver_unit_id": N_("解决单位编号"),
        "solver_id": N_("解决人编号"),
    },
)
