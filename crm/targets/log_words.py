"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "target": N_("指标"),
    },
    actions={
        "target.levels_set": N_("设置三档目标"),
        "target.reported": N_("填报指标"),
        "target.reports_loaded": N_("批量填报指标"),
        "target.signed": N_("签审填报"),
        "target.verified": N_("核验填报"),
        "target.returned": N_("退回填报"),
    },
    fields={
        "as_of_on": N_("截至日期"),
        "floor_value": N_("底线目标"),
        "stretch_value": N_("冲刺目标"),
        "target": N_("目标"),
        "metric": N_("取数口径"),
        "filters": N_("筛选条件"),
        "comparator": N_("比较方式"),
        "target_to": N_("上限"),
        "unit_word": N_("单位"),
        "modal": N_("语气"),
        "scope_text": N_("范围"),
        "definition": N_("口径说明"),
        "baseline": N_("上年基数"),
        "curve": N_("序时计划"),
    },
)
