"""What a spreadsheet may say of a firm: a column for each fact, with the words that stand over it in what people receive."""

import re
from collections.abc import Mapping
from typing import Any

from crm.companies.contacts import clean_id_number
from crm.companies.former_names import FormerNameDetails
from crm.companies.models import (
    CompanyKind,
    EconomyType,
    EndReason,
    FutureIndustry,
    PartyOrganisation,
    ResidenceKind,
)
from crm.core.attributes import Attribute, Sort, read_day
from crm.core.clock import today
from crm.core.errors import DomainError
from crm.core.identifiers import clean_uscc
from crm.core.texts import clean_email, clean_phone
from crm.core.words import N_
from crm.reference import industries

LONGEST_TEXT = 4000
_CLASS = re.compile(r"([A-T]?)(\d{2,4})")
_FORMER_NAME = re.compile(r"(.+?)[(（](?:至|截至|~)?\s*(\d[^()（）]*)[)）]")


def clean_industry(text: str) -> str:
    """A division's code or name, a class with or without its letter: I65, 65, 6513, 软件和信息技术服务业. Raises DomainError."""
    if code := _CLASS.match(text.upper()):
        letter, digits = code.groups()
        for division in industries.all_divisions():
            if division.code[1:] == digits[:2] and letter in ("", division.section):
                return division.section + digits
    for division in industries.all_divisions():
        if text in (division.name_zh, division.name_en):
            return division.code
    raise DomainError(N_("“%(text)s”不是 GB/T 4754—2017 的大类名称或代码，如 I65。"), text=text)


def former_names_in(values: Mapping[str, Any]) -> tuple[FormerNameDetails, ...]:
    """甲公司（至2018-03-01）、乙公司: each until the day beside it, else until the firm was renamed. Raises DomainError."""
    found = []
    for part in re.split(r"[、;；\n]+", values.get("former_names") or ""):
        if not part.strip():
            continue
        dated = _FORMER_NAME.fullmatch(part.strip())
        name = dated[1].strip() if dated else part.strip()
        until_on = read_day(dated[2]) if dated else values.get("renamed_on") or today()
        if until_on > today():
            raise DomainError(N_("日期不能晚于今天。"))
        if len(name) > _NAME.longest:
            raise DomainError(
                N_("不能超过%(most)s个字符，现有%(now)s个。"), most=120, now=len(name)
            )
        found.append(FormerNameDetails(name, until_on))
    return tuple(found)


_NAME = Attribute(
    "name", N_("企业名称"), is_required=True, is_default=True, width=34,
    headings=("名称", "公司名称", "单位名称", "企业全称", "企业", "公司"),
    help=N_("与营业执照一致；团队填写团队名称。"), example="常州光合智能装备有限公司",
)  # fmt: skip
FIRM = (
    _NAME,
    Attribute("uscc", N_("统一社会信用代码"), Sort.CODE, longest=60, clean=clean_uscc, width=22,
              headings=("社会信用代码", "信用代码", "统一信用代码", "组织机构代码/统一社会信用代码"),
              help=N_("18位；团队没有，院所、高校、服务机构可不填。"), example="91320412MA1WKBTU9G"),
    Attribute("kind", N_("类别"), Sort.CHOICE, choices=CompanyKind, headings=("企业类别", "主体类别"),
              help=N_("不填即“企业”。"), example="企业", width=10),
    Attribute("legal_representative", N_("法定代表人"), longest=40, width=12, example="李雷",
              headings=("法人代表", "法人", "法定代表人姓名", "负责人")),
    Attribute("registered_capital", N_("注册资本"), Sort.MONEY, headings=("注册资金",), example="500"),
    Attribute("established_on", N_("成立日期"), Sort.DATE, example="2018-05-21",
              headings=("成立时间", "注册日期", "注册时间", "成立年月日")),
    Attribute("registered_address", N_("注册地址"), longest=200, width=34, example="常州市武进区科教城A座301",
              headings=("地址", "住所", "注册地", "企业地址", "企业住所")),
    Attribute("industry_code", N_("行业"), longest=60, clean=clean_industry, width=24, example="I65",
              headings=("行业代码", "所属行业", "国民经济行业", "行业类别"),
              help=N_("GB/T 4754—2017 大类名称或代码，也可填小类代码，如 6513。")),
    Attribute("future_industry", N_("未来产业"), Sort.CHOICE, choices=FutureIndustry, width=16, example="机器人"),
    Attribute("economy_types", N_("四类经济"), Sort.CHOICES, choices=EconomyType, width=16, example="数字经济"),
    Attribute("business_scope", N_("经营范围"), Sort.LINES, longest=LONGEST_TEXT, width=40,
              headings=("主营业务", "业务范围"), example="智能装备的研发、制造、销售"),
    Attribute("party_organisation", N_("党组织类别"), Sort.CHOICE, choices=PartyOrganisation, width=18),
    Attribute("is_safety_focus", N_("安全重点"), Sort.BOOL, width=10, example="否"),
    Attribute("is_environment_focus", N_("环保重点"), Sort.BOOL, width=10, example="否"),
    Attribute("focus_note", N_("重点说明"), longest=200, width=24),
    Attribute("staff_contact_id", N_("园区联系人"), Sort.PERSON, longest=60, width=14,
              headings=("服务专员", "联系专员"), help=N_("姓名或用户名，须是您数据范围内的在用账号。")),
)  # fmt: skip
NAMES = (
    Attribute("former_names", N_("曾用名"), Sort.LINES, longest=1000, width=34, headings=("原名称", "更名前名称"),
              help=N_("多个以顿号或分号隔开；可写明截止日期，如“甲公司（至2018-03-01）”。")),
    Attribute("renamed_on", N_("更名日期"), Sort.DATE, headings=("更名时间",),
              help=N_("没有写明日期的曾用名用到这一天；留空即今天。")),
)  # fmt: skip
PERSON = (
    Attribute("contact_name", N_("联系人姓名"), longest=40, is_personal=True, headings=("联系人",), width=12,
              example="韩梅梅"),
    Attribute("contact_position", N_("职务"), longest=40, headings=("联系人职务",), width=12, example="行政主管"),
    Attribute("contact_phone", N_("电话"), longest=30, clean=clean_phone, is_personal=True, width=16,
              headings=("联系电话", "手机", "手机号", "手机号码", "联系人电话", "联系方式"), example="13812340000"),
    Attribute("contact_email", N_("电子邮箱"), longest=120, clean=clean_email, is_personal=True, width=22,
              headings=("邮箱", "电子邮件", "email", "e-mail")),
    Attribute("contact_id_number", N_("证件号码"), Sort.CODE, longest=30, clean=clean_id_number, is_personal=True,
              headings=("身份证号", "身份证号码"), width=22),
)  # fmt: skip
STAY = (
    Attribute("carrier", N_("所在载体"), Sort.UNIT, is_default=True, width=22,
              headings=("统计归属", "载体", "孵化器", "所属载体", "所属孵化器", "入驻载体"),
              help=N_("新登记的企业由该载体管理；只有一个载体时可不填。")),
    Attribute("residence_kind", N_("入驻方式"), Sort.CHOICE, choices=ResidenceKind, width=14, example="注册在园"),
    Attribute("from_on", N_("入驻日期"), Sort.DATE, headings=("入驻时间", "入园日期", "入园时间"),
              help=N_("尚未入驻的留空，入驻后再登记。"), example="2018-06-01"),
    Attribute("agreement_number", N_("入驻协议编号"), longest=60, headings=("协议编号", "入驻协议号"), width=18),
    Attribute("agreement_on", N_("协议签订日期"), Sort.DATE, headings=("协议日期", "签约日期")),
    Attribute("rooms", N_("用房"), longest=120, headings=("房号", "房间号", "楼栋房号"), width=18, example="A座301"),
    Attribute("to_on", N_("离园日期"), Sort.DATE, headings=("离园时间", "迁出日期", "退出日期")),
    Attribute("end_reason", N_("离园原因"), Sort.CHOICE, choices=EndReason, headings=("迁出原因", "退出原因")),
)  # fmt: skip
ORIGIN = (
    Attribute("recorded_on", N_("登记日期"), Sort.DATE, may_be_future=True, headings=("建档日期", "填报日期"),
              help=N_("只用于新登记的企业：原来何时登记。")),
    Attribute("registered_by", N_("登记人"), Sort.PERSON, longest=60, headings=("建档人", "经办人"),
              help=N_("只用于新登记的企业：原来由谁登记；姓名或用户名。")),
)  # fmt: skip
ATTRIBUTES = (*FIRM, *NAMES, *PERSON, *STAY, *ORIGIN)
FACTS = tuple(attribute.name for attribute in FIRM)
CONTACT = {
    "name": "contact_name",
    "position": "contact_position",
    "phone": "contact_phone",
    "email": "contact_email",
    "id_number": "contact_id_number",
}
