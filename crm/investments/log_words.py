"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "investment": N_("投资"),
        "investments": N_("批量投资"),
    },
    actions={
        "investment.paid_in": N_("登记到账"),
        "investments.reported": N_("批量登记待核到账"),
        "investments.taken_out": N_("撤销导入的到账"),
        "investment.verified": N_("核验到账"),
        "investment.returned": N_("退回到账"),
        "investment.withdrawn": N_("撤回到账"),
        "investment.planned": N_("年度计划投资"),
        "investment.works_reported": N_("填报完成投资"),
        "investment.rate_quoted": N_("登记汇率"),
        "investments.paid_in": N_("批量登记到账"),
        "investments.planned": N_("批量登记年度计划"),
        "investments.works_reported": N_("批量填报完成投资"),
    },
    fields={
        "month": N_("月份"),
        "paid_on": N_("到账日期"),
        "voucher": N_("凭证号"),
        "completed": N_("本年累计完成"),
        "through_q1": N_("至一季度末"),
        "through_q2": N_("至二季度末"),
        "through_q3": N_("至三季度末"),
    },
)
