"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "import": N_("导入"),
    },
    actions={
        "import.received": N_("上传导入文件"),
        "import.landed": N_("导入"),
        "import.undone": N_("撤销导入"),
        "import.dropped": N_("放弃导入"),
        "import.cleared": N_("清除导入的原表和个人信息"),
        "import.sheet_taken": N_("下载附错误原因的表"),
    },
    fields={
        "file": N_("文件"),
        "creates": N_("新增"),
        "updates": N_("更新"),
        "version": N_("版本"),
    },
)
