"""What a spreadsheet may say of a project, with the words that stand over each column in what people receive."""

from crm.companies.models import FutureIndustry
from crm.core.attributes import Attribute, Sort
from crm.core.money import Currency
from crm.core.words import N_
from crm.projects.models import (
    EconomyType,
    KeyLevel,
    LossReason,
    Nature,
    Origin,
    ProjectKind,
    Purpose,
    Stage,
)

_STAGES = N_(
    "阶段变更和在看板上移动一样核对关口，不能由导入放行；跳级、退回、暂停、流失须在“变更说明”写明原因。"
)
ATTRIBUTES = (
    Attribute("name", N_("项目名称"), is_required=True, example="光合智能装备研发总部", width=34,
              headings=("项目", "项目名", "名称")),
    Attribute("investor", N_("投资方"), example="光合控股集团有限公司", width=34,
              headings=("投资主体", "投资单位", "投资商", "投资企业", "客商名称")),
    Attribute("kind", N_("类别"), Sort.CHOICE, choices=ProjectKind, example="建设类", headings=("项目类别", "项目类型"),
              help=N_("新项目须填写。")),
    Attribute("origin", N_("来源地"), Sort.CHOICE, choices=Origin, example="国内", headings=("投资来源", "资金来源地"),
              help=N_("新项目须填写。")),
    Attribute("first_reported_on", N_("首报日期"), Sort.DATE, example="2020-03-05",
              headings=("首报日", "报送日期", "登记日期", "立项日期", "录入日期"),
              help=N_("新项目须填写；已登记的项目不由导入改动。")),
    Attribute("stage", N_("阶段"), Sort.CHOICE, choices=Stage, example="信息项目", help=_STAGES,
              headings=("项目阶段", "当前阶段", "项目状态", "进展阶段")),
    Attribute("stage_on", N_("阶段日期"), Sort.DATE, headings=("进入本阶段", "进入阶段日期", "阶段变更日期", "变更日期")),
    Attribute("stage_reason", N_("变更说明"), longest=400, headings=("变更原因", "阶段说明")),
    Attribute("loss_reason", N_("流失原因类别"), Sort.CHOICE, choices=LossReason, headings=("流失原因",)),
    Attribute("unit", N_("责任单位"), Sort.UNIT, headings=("牵头单位", "承办单位", "负责单位"), width=22,
              help=N_("新项目留空为本单位。")),
    Attribute("owner", N_("责任人"), Sort.PERSON, headings=("项目负责人", "跟踪人", "招商专员", "项目专员")),
    Attribute("leader", N_("责任领导"), Sort.PERSON, headings=("挂钩领导", "分管领导")),
    Attribute("reporting_unit", N_("首报单位"), Sort.UNIT, headings=("报送单位", "信息提供单位"), width=22),
    Attribute("key_level", N_("重点级别"), Sort.CHOICE, choices=KeyLevel, headings=("重点项目级别",)),
    Attribute("nature", N_("性质"), Sort.CHOICE, choices=Nature, headings=("建设性质", "项目性质"),
              help=N_("新建或增资；升级在原项目上办理。")),
    Attribute("adds_to", N_("增资的原项目"), width=34, headings=("原项目",), help=N_("仅增资项目填写原项目的名称。")),
    Attribute("is_sealed", N_("保密"), Sort.BOOL, headings=("是否保密",)),
    Attribute("future_industry", N_("产业"), Sort.CHOICE, choices=FutureIndustry, headings=("产业类别", "所属产业", "未来产业")),
    Attribute("economy_type", N_("经济类型"), Sort.CHOICE, choices=EconomyType, headings=("四类经济",)),
    Attribute("purpose", N_("用途"), Sort.CHOICE, choices=Purpose, headings=("建设用途",)),
    Attribute("source", N_("线索来源"), longest=80, headings=("信息来源", "项目来源")),
    Attribute("contact", N_("联系人"), longest=80, is_personal=True, headings=("项目联系人", "联系人及电话", "投资方联系人")),
    Attribute("currency", N_("币种"), Sort.CHOICE, choices=Currency, help=N_("留空为人民币；外币金额保留原币，不折算。")),
    Attribute("expected_investment", N_("预计投资"), Sort.MONEY, headings=("预计总投资", "计划总投资", "拟投资额", "投资意向额"),
              example="20000",
              help=N_("预计、协议、到账、完成四项投资各自填写，互不相加；已有金额的改动请在项目的“投资”中按日期填写。")),
    Attribute("agreed_investment", N_("协议投资"), Sort.MONEY, headings=("协议投资额", "合同投资额", "签约金额", "协议总投资")),
    Attribute("visited_on", N_("洽谈或考察日期"), Sort.DATE, headings=("洽谈日期", "考察日期", "首次洽谈日期")),
    Attribute("space_wish", N_("意向地块、载体或房源"), headings=("意向地块", "意向载体", "用地需求", "用房需求")),
    Attribute("intent_document", N_("意向书、框架协议或预留凭据"), headings=("意向书", "框架协议")),
    Attribute("agreement_number", N_("协议编号"), longest=60, headings=("合同编号", "协议号")),
    Attribute("agreement_on", N_("协议签订日期"), Sort.DATE, headings=("签约日期", "签约时间", "签订日期", "协议日期")),
    Attribute("builder", N_("项目公司/建设单位"), Sort.COMPANY,
              headings=("项目公司", "建设单位", "办照企业", "注册企业"), width=34,
              help=N_("已登记企业的名称或统一社会信用代码。")),
    Attribute("became", N_("落地企业"), Sort.COMPANY, headings=("落户企业",), width=34),
    Attribute("became_on", N_("落地日期"), Sort.DATE, headings=("落户日期",)),
    Attribute("filing_number", N_("立项备案号"), longest=60, headings=("备案号", "备案证号", "项目代码")),
    Attribute("permit_number", N_("施工许可证或施工合同编号"), longest=60, headings=("施工许可证号", "施工合同编号")),
    Attribute("works_seen_on", N_("主体施工（装修）现场照片日期"), Sort.DATE,
              headings=("现场照片日期", "装修进场日期")),  # a reported 开工日期 is no photo
    Attribute("accepted_on", N_("竣工验收日期"), Sort.DATE, headings=("验收日期",)),
    Attribute("in_use_on", N_("投用日期"), Sort.DATE, headings=("开业日期", "投产日期", "开业投用日期")),
    Attribute("floor_area", N_("建筑面积"), Sort.NUMBER, headings=("建筑面积（㎡）", "建筑面积（平方米）", "总建筑面积")),
    Attribute("carrier", N_("落户载体"), Sort.UNIT, headings=("载体", "所在载体"), width=22),
    Attribute("rooms", N_("用房"), headings=("房号", "楼栋房号")),
    Attribute("plot", N_("地块"), headings=("地块名称", "地块编号", "建设地点")),
    Attribute("land_area", N_("用地面积"), Sort.DECIMAL, headings=("用地面积（亩）", "占地面积（亩）", "占地面积")),
    Attribute("next_action", N_("下一步"), longest=200, headings=("下一步工作", "下步计划", "下阶段工作")),
    Attribute("next_action_on", N_("下一步时限"), Sort.DATE, may_be_future=True, headings=("下一步期限", "完成时限")),
    Attribute("summary", N_("项目简介"), Sort.LINES, longest=4000,
              headings=("项目内容", "建设内容", "项目概况", "主要内容"), width=50),
)  # fmt: skip
LINKS = {
    "unit": "unit_id",
    "owner": "owner_id",
    "leader": "leader_id",
    "reporting_unit": "reporting_unit_id",
    "carrier": "carrier_id",
    "adds_to": "adds_to_id",
    "builder": "builder_id",
    "became": "became_id",
}
"""Columns that name another record, and the project's own column of it."""
OF_THE_MOVE = ("first_reported_on", "stage", "stage_on", "stage_reason", "loss_reason")
MOST = {"floor_area": 10_000_000, "land_area": 1_000_000}
FACTS = tuple(one.name for one in ATTRIBUTES if one.name not in (*LINKS, *OF_THE_MOVE))
