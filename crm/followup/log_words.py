"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "activity": N_("跟进"),
        "activities": N_("跟进"),
        "task": N_("待办"),
        "tasks": N_("待办"),
        "request": N_("企业诉求"),
        "requests": N_("企业诉求"),
        "instruction": N_("批示"),
        "instructions": N_("批示"),
    },
    actions={
        "activity.recorded": N_("记录跟进"),
        "activities.recorded": N_("批量记录跟进"),
        "activity.corrected": N_("更正跟进记录"),
        "activity.archived": N_("归档跟进记录"),
        "task.added": N_("加待办"),
        "tasks.added": N_("批量加待办"),
        "task.done": N_("完成待办"),
        "task.cancelled": N_("取消待办"),
        "task.reopened": N_("恢复待办"),
        "task.postponed": N_("延期待办"),
        "task.handed_over": N_("移交待办"),
        "request.received": N_("登记诉求"),
        "requests.received": N_("批量登记诉求"),
        "request.taken_up": N_("开始办理诉求"),
        "request.answered": N_("答复诉求"),
        "request.closed": N_("诉求办结"),
        "request.not_satisfied": N_("回访不满意，重新办理"),
        "instruction.given": N_("批示交办"),
        "instructions.given": N_("批量批示交办"),
        "instruction.answered": N_("答复批示"),
        "instruction.closed": N_("批示销号"),
        "instruction.returned": N_("退回批示答复"),
    },
    fields={
        "followup.neglected_days": N_("企业久未联系"),
        "people_met": N_("会见人员"),
        "companions": N_("同行人员"),
        "result": N_("办理结果"),
        "category": N_("类别"),
        "what": N_("难点"),
    },
)
