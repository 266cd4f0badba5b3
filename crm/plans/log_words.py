"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "plan": N_("方案"),
    },
    actions={
        "target.bound": N_("关联取数口径"),
        "target.unbound": N_("改为人工填报"),
        "target.changed": N_("修改指标"),
        "target.added": N_("新增指标"),
        "milestone.bound": N_("关联里程碑"),
        "plan.adopted": N_("采用方案"),
        "plan.read": N_("读入方案"),
        "plan.copied": N_("复制方案"),
        "plan.entry_changed": N_("修改方案条目"),
        "plan.entry_added": N_("补充方案条目"),
        "plan.entry_left_out": N_("不采用方案条目"),
        "plan.entry_taken_in": N_("采用方案条目"),
        "plan.given_up": N_("放弃方案"),
        "plan.restored": N_("恢复方案"),
    },
    fields={
        "indicators": N_("指标"),
        "event": N_("节点事件"),
        "repeats_id": N_("重复的条目编号"),
    },
)
