"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "job": N_("后台任务"),
    },
    actions={
        "job.requested": N_("发起后台任务"),
        "job.cancelled": N_("取消后台任务"),
        "job.downloaded": N_("下载任务结果"),
        "job.expired": N_("清理任务结果"),
    },
    fields={
        "jobs.result_days": N_("后台文件保留天数"),
    },
)
