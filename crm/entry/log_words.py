"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "entry": N_("入驻申请"),
        "entries": N_("入驻申请"),
        "checklist": N_("材料清单"),
    },
    actions={
        "entry.drafted": N_("新建入驻申请"),
        "entry.changed": N_("修改入驻申请"),
        "entry.submitted": N_("提交入驻申请"),
        "entry.accepted": N_("受理入驻申请"),
        "entry.sent_back": N_("退回补正"),
        "entry.resubmitted": N_("补正后重新提交"),
        "entry.refused": N_("不予受理"),
        "entry.reviewed": N_("评审入驻申请"),
        "entry.signed": N_("签订入驻协议"),
        "entry.settled": N_("办理入驻"),
        "entry.withdrawn": N_("撤回入驻申请"),
        "entry.material_noted": N_("登记申请材料"),
        "entry.errand_done": N_("办结代办事项"),
        "entry.errand_skipped": N_("免办代办事项"),
        "entry.taken_over": N_("变更经办人"),
        "entry.contact_revealed": N_("显示申请联系人完整信息"),
        "entry.printed": N_("打印入驻文书"),
        "entries.received": N_("批量登记入驻申请"),
        "checklist.changed": N_("修改材料清单"),
    },
    fields={
        "space_wish": N_("意向地块、载体或房源"),
        "business_plan": N_("入驻项目和经营计划"),
        "expected_capital": N_("拟投入资金"),
        "expected_staff": N_("预计人数"),
        "intended_on": N_("拟入驻日期"),
        "is_workstation": N_("工位入驻"),
        "is_cluster_registered": N_("集群注册"),
        "contact_name": N_("联系人姓名"),
        "contact_position": N_("职务"),
        "contact_phone": N_("电话"),
        "contact_email": N_("电子邮箱"),
        "received_by_id": N_("收件人"),
        "kept_at": N_("存放位置"),
        "material": N_("材料"),
        "errand": N_("代办事项"),
        "paper": N_("文书"),
        "items": N_("清单内容"),
        "done_on": N_("完成日期"),
    },
)
