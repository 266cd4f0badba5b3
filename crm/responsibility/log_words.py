"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "reporting": N_("月度报送"),
        "responsibility": N_("责任与分解"),
    },
    actions={
        "target.duty_set": N_("确定任务责任"),
        "target.duties_set": N_("批量确定任务责任"),
        "target.split": N_("分解指标"),
        "target.split_many": N_("批量分解指标"),
        "target.stated": N_("登记各级目标"),
        "target.stated_many": N_("批量登记各级目标"),
        "target.expected": N_("申报预计全年"),
        "target.expected_many": N_("批量申报预计全年"),
        "target.expectation_signed": N_("签发预计全年"),
        "reporting.opened": N_("布置月度报送"),
        "reporting.opened_many": N_("批量布置月度报送"),
        "reporting.closed": N_("关闭月度报送"),
        "reporting.confirmed": N_("确认系统数"),
        "responsibility.exported": N_("导出任务分解表"),
    },
    fields={
        "joint_units": N_("配合单位"),
        "shares": N_("分解数"),
        "stated_city": N_("市下达"),
        "stated_plan": N_("工作要点"),
        "stated_own": N_("自加压"),
    },
)
