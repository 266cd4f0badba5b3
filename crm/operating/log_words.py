"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "operating_report": N_("经营数据"),
        "round": N_("经营数据收集"),
    },
    actions={
        "operating_report.entered": N_("填报经营数据"),
        "operating_report.entered_many": N_("批量填报经营数据"),
        "operating_report.corrected": N_("更正经营数据"),
        "operating_report.taken_out_many": N_("撤销导入，移出经营数据"),
        "operating_report.verified": N_("核验经营数据"),
        "operating_report.returned": N_("退回经营数据"),
        "round.opened": N_("开启经营数据收集"),
        "round.reminded": N_("催报经营数据"),
        "round.closed": N_("结束经营数据收集"),
        "round.workbooks_taken": N_("下载填报表"),
        "round.contacts_revealed": N_("查看催报名单完整电话"),
    },
    fields={
        "operating.due_days": N_("季报期限"),
        "through_month": N_("截止月份"),
        "revenue": N_("营业收入"),
        "assets": N_("资产总额"),
        "staff": N_("从业人员"),
        "tech_staff": N_("科技人员"),
        "tax": N_("上缴税费"),
        "profit": N_("利润总额"),
        "r_and_d": N_("研发费用"),
        "high_tech_income": N_("高新收入"),
        "size_class": N_("规模"),
        "confirmed": N_("已确认的疑点"),
    },
)
