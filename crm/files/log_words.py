"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "file": N_("附件"),
    },
    actions={
        "file.attached": N_("上传附件"),
        "file.described": N_("修改附件说明"),
        "file.removed": N_("移除附件"),
        "file.restored": N_("恢复附件"),
        "file.infected": N_("附件未通过病毒扫描"),
        "file.forgotten": N_("清除过期的已移除附件"),
        "file.deleted": N_("清除无人使用的文件"),
    },
    fields={
        "files.keep_removed_days": N_("已移除附件的保留天数"),
        "size": N_("大小（字节）"),
        "of": N_("所属记录"),
    },
)
