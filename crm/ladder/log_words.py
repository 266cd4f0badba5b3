"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "qualification": N_("资质"),
        "label": N_("资质种类"),
        "official": N_("公布名单"),
    },
    actions={
        "qualification.awarded": N_("登记资质"),
        "qualification.awarded_many": N_("批量登记资质"),
        "qualification.taken_out_many": N_("撤销导入，移出资质"),
        "qualification.revoked": N_("终止资质"),
        "qualification.revocation_reported": N_("登记资质终止"),
        "qualification.revocations_reported": N_("批量登记资质终止"),
        "qualification.revocation_returned": N_("退回资质终止"),
        "qualification.corrected": N_("更正资质"),
        "qualification.renewal_filed": N_("登记重新认定申报"),
        "qualification.verified": N_("核验资质"),
        "qualification.verified_many": N_("批量核验资质"),
        "qualification.returned": N_("退回资质"),
        "qualification.returned_many": N_("批量退回资质"),
        "label.added": N_("新增资质种类"),
        "label.changed": N_("修改资质种类"),
        "label.retired": N_("停用资质种类"),
        "label.restored": N_("恢复资质种类"),
        "official.read": N_("读入公布名单"),
        "official.confirmed": N_("确认名单中的企业"),
        "official.set_aside": N_("标记名单中的非本园企业"),
        "official.matched": N_("匹配名单中的企业"),
    },
    fields={
        "since": N_("对比日期"),
        "valid_to": N_("有效至"),
        "batch": N_("批次"),
        "label_id": N_("资质种类编号"),
        "announced_on": N_("公示日期"),
        "counts_from": N_("起计日期"),
        "counts_to": N_("失效日"),
        "is_renewal": N_("重新认定"),
        "is_moved_in": N_("整体迁移带入"),
        "name_on_it": N_("证书上的企业名称"),
        "renewal_filed_on": N_("重新认定申报日期"),
        "reports_from_on": N_("起报月"),
        "specialty": N_("专业"),
        "revoked_on": N_("终止日期"),
        "validity": N_("有效期规则"),
        "years": N_("有效年数"),
    },
)
