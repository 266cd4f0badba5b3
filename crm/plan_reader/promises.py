"""Which numbers of a plan are promises.

A number counts unless something speaks against it: it tells of the past, it is a threshold inside the subject (总投资超10亿元的
项目), it counts what the work rests on, it is part of a name or slogan. The rules stand in `is_promise`, in that order.
"""

import re

from crm.plan_reader import lexicon as words
from crm.plan_reader.layout import BLANK
from crm.plan_reader.numerals import UNIT
from crm.plan_reader.parts import BOUNDED, Part
from crm.plan_reader.tense import Tense


def is_promise(part: Part, tense: Tense, *, sums_up: bool = False) -> bool:
    """`sums_up`: the words before promised several projects, whose investment this may be (项目50个,总投资300亿元)."""
    return not (
        tense.is_past(part.quantity.start)
        or _is_bare(part)
        or _is_span_of_time(part)
        or is_start_of_range(part)
        or _is_threshold(part)
        or _is_policy(part)
        or (_is_description(part) and not (sums_up and _OF_ALL.fullmatch(part.lead)))
        or _is_basis(part)
        or _is_name(part)
        or _is_idle(part)
    )


def _is_bare(part: Part) -> bool:
    """A number of nothing, unless it is said how far it shall go (指数达到85) or it is a rank."""
    quantity = part.quantity
    if quantity.unit or quantity.is_rank:
        return quantity.is_rank and part.rest.startswith(("企业", "的", "强"))
    said = BOUNDED.search(part.lead.rstrip())
    if not quantity.value:
        return not re.search("[为至到]$", part.lead)
    is_rate = re.search("率|系数|强度", part.lead)
    return not ((said or part.bound) and part.stands_last and (quantity.value >= 1 or is_rate))


def _is_span_of_time(part: Part) -> bool:
    if part.quantity.unit not in words.SPANS:
        return False
    return not re.search(f"{words.SHORTENED}|时间|时长|天数|人均", part.lead + part.bound)


def is_start_of_range(part: Part) -> bool:
    """由30家增加到50家: only the second is promised. 比上年的240亿元增长: the first is not."""
    is_start = re.search(r"(?:由|从)[^,]{0,14}$", part.lead)
    if is_start and re.search(r"到|至|为", part.rest):
        return True
    return bool(re.search(f"{words.COMPARED}[^增降提减]{{0,10}}的?$", part.lead)) and bool(
        re.match(f"(?:的)?[^,]{{0,4}}{words.GROWTH}", part.rest)
    )


_MEASURES = re.compile(
    r"(?:总投资|投资额|投资总额|合同金额|成交金额|计划投资|注册资本|注册资金|估值|市值|年销售|年营收|年产值|年纳税|年税收|亩均税收|主营业务收入|营业收入|营收|销售收入|开票销售|产值|规模|面积|占地|单体|税收)额?"
    rf"(?:在|达到?|不低于|{words.ABOVE}|为|约)?$"
)


_JOINED = re.compile(
    rf"[、和且或及][^,、的]{{0,10}}[\d.]+{UNIT}(?:以上)?的(?!目标|任务)[^,]*?{words.BEARERS}"
)
"""营收超2亿元、利润超3000万元的企业: the second of two thresholds."""


def _is_threshold(part: Part) -> bool:
    """总投资超10亿元的项目, 亿元企业, 5000万元以上项目, 15平方公里的核心区: part of a subject."""
    quantity, rest = part.quantity, part.rest.lstrip(" )")
    is_money = quantity.unit.endswith(words.MONEY) or quantity.unit in words.SCALES
    is_measure = quantity.unit.endswith(words.MEASURED)
    is_acted_on = re.search(f"{words.ACTS}(?:了|总量)?$", part.lead.strip())
    if is_money and _JOINED.match(part.after):
        return True
    if (is_money or is_measure) and rest.startswith("的"):
        return not (is_acted_on and is_measure) and not re.match(
            f"的[^,]{{0,8}}?{words.VALUES}[^,]{{0,3}}$", rest
        )
    if is_money and rest and re.match(f"(?:的|级)?[^,、(]{{0,4}}?{words.BEARERS}", rest):
        return not re.match(words.VALUES, rest)
    if (
        is_money
        and part.is_bracketed
        and _MEASURES.search(part.lead)
        and not re.search(f"{words.GROWTH}|基金", part.before)
    ):
        return True
    if is_money and part.is_followed and part.bound:  # 10亿元以上12个
        return True
    return is_money and bool(part.rest.startswith(("及以上", "含以上", "级")))


_POLICY = re.compile(
    r"给予|予以(?:奖励|补助|补贴|通报)|最高(?:可?[达给奖补]|不超过|补助|奖励|支持|资助)+$"
    r"|(?:每|单|一次性|对[^,]*)[家个项户人]?[^,]{0,6}(?:奖励|奖补|补助|补贴|资助)(?:不超过)?$"
)
_ON_CONDITION = re.compile("的(?:方可|可|不得|由|予以|给予|取消|$)")


def _is_policy(part: Part) -> bool:
    """给予20万元奖励, 最高不超过100万元; 对完成率低于80%的单位: what is given for what, not what shall be reached."""
    of_whom = part.quantity.unit in (*words.SHARES, *words.POINTS) and re.match(
        r"的?(?:单位|部门|人员|企业|镇|街道|地区)(?!总|数|比|占|达|实)", part.rest.lstrip(" )")
    )
    given = _POLICY.search(part.before) or re.match(r"[^,]{0,4}给予", part.rest)
    is_mark = part.quantity.unit in words.POINTS and re.search("(?:占|加|扣|满分)$", part.lead)
    is_bounded = part.bound or BOUNDED.search(part.lead)
    is_condition = is_bounded and (
        _ON_CONDITION.match(part.rest)
        or part.quantity.unit in ("人", "名")
        and part.rest.startswith("的")
        or re.search("符合|满足|未达", part.before)
        and "的" in part.after
    )
    return bool(given or of_whom or is_mark or is_condition)


_DESCRIBES = re.compile(
    r"(?:规划面积|占地|占地面积|总面积|用地面积|辖区面积|建筑面积|总投资|投资总额|总投资额|注册资本|注册资金|概算|估算"
    r"|常住人口|户籍人口|可容纳|产能|装机|能力)(?:约|为|达|近|超)?$"
)


def _is_size(part: Part) -> bool:
    """人才公寓(1200套)6月底前交付: nothing but the number stands in the brackets."""
    return part.lead.endswith("(") and bool(
        re.match(r"[^、,;。()]{0,2}\)[^、,;。和及与]", part.after)
    )


_OF_ALL = re.compile(
    rf"[\s,、░]*(?:预计|计划)?(?:总投资|投资总额|总投资额)(?:约|为|{words.ABOVE}|{words.AT_LEAST})?"
)


def _is_description(part: Part) -> bool:
    """占地25平方公里, 总投资10亿元: what a thing is like, unless it is to be done (完成总投资10亿元)."""
    is_capacity = re.search("[年日](?:产|处理)$", part.lead) or part.quantity.unit.endswith("/日")
    if is_capacity and part.rest or _is_size(part):
        return True
    return bool(_DESCRIBES.search(part.lead)) and not re.search(
        f"完成|新增|实现|{words.GROWTH}|力争|确保|达到|突破", part.lead
    )


def _is_basis(part: Part) -> bool:
    """依托3个平台, 围绕5大方向, 12家驿站服务不少于2万人次: what the work rests on, who does it."""
    begins = part.lead.strip(" ░")
    if begins == "以" or not begins and BOUNDED.search(part.rest):
        return True
    found = list(re.finditer(words.SCOPED_BY, part.before))
    if not found or part.stands_last:
        return False
    return not re.search(words.ACTS, part.before[found[-1].end() :])


_SLOGANS = re.compile(
    r"行动|举措|措施|方面|方向|抓手|机制|领域|环节|关系|原则|要求|关键|重点任务|重要|主线|导向|阶段|层面|维度|统筹|体系|战役|理念|意识|支撑|文章|硬仗|关口|突破口"
)


def _is_name(part: Part) -> bool:
    """三大国家级孵化器, 五所高职院校, 百家企业: a Chinese numeral promises only right after what is done, or at the end."""
    quantity = part.quantity
    lead = part.lead.strip()
    if _SLOGANS.match(part.rest.lstrip("重点大")[:4]) and not part.stands_last:
        return True
    if part.rest.startswith(BLANK) and quantity.is_chinese:
        return True
    if not quantity.is_chinese:
        return False
    if quantity.unit in words.NEVER_CHINESE:
        is_last_of_several = part.stands_last and quantity.value > 1
        return not (_is_frequency(part) or quantity.unit == "次" and is_last_of_several)
    if BOUNDED.search(lead) or part.bound:
        return False
    if part.stands_last:
        return (
            not lead.strip("、和及与")
            or quantity.value == 1
            and not re.search(r"新增|引进|建成|培育|打造|争创|获批", lead)
        )
    is_said = re.search(f"(?:{words.ACTS}|力争|确保)$", lead)
    return (
        not is_said
        or quantity.value == 1
        or quantity.unit == "个"
        and part.rest.startswith(("一批", "确保", "坚持", "维护", "意识", "全面"))
    )


def _is_listed(part: Part) -> bool:
    """与8家银行、12家机构合作: what is done stands behind the last of a list."""
    return bool(re.match("(?:、|和|及|与|以及)", part.after[len(part.rest) :]))


_SOFT = re.compile(
    r"(?:推进|推动|加快|加强|抓好|做好|深化|持续|继续|落实|完善|强化|促进|用好|关注|统筹)[^,]*$"
)
_DONE = re.compile(
    r"完成|开工|竣工|建成|投用|投产|新增|引进|落地|上市|挂牌|交付|认定|获批|落户|签约|通过|入库|达产|封顶|新建|启动|成立|组建"
    r"|改造|转型|上云|股改|报辅导|辅导备案|报会|过会|升规|上规|入规|技改|数字化|复工|重组"
)


def _is_frequency(part: Part) -> bool:
    """每季度演练一次, 每半年报告1次进展."""
    return part.quantity.unit in ("次", "场", "期", "轮") and "每" in part.before


def _is_idle(part: Part) -> bool:
    """A number before what it counts needs something that is done: 引进5个项目, 5个项目开工; not 推进3个平台建设."""
    if part.stands_last or _is_frequency(part) or part.quantity.unit in words.SPANS:
        return False
    if part.bound and re.search(words.ACTS, part.lead):
        return False
    lead = part.lead if part.lead.strip("、和及与以 ") else part.before  # the next of a list
    if part.is_bracketed:
        lead = lead[lead.rfind("(") + 1 :]
    around = lead + "|" + (part.after if _is_listed(part) else part.rest)
    if BOUNDED.search(part.lead.strip()):
        return False
    if part.lead.rstrip().endswith("等") or _SOFT.search(part.lead):
        return not _DONE.search(around)
    if part.quantity.unit in words.SHARES:
        return part.rest.startswith(("政策", "优惠", "的政策")) or not re.search(
            f"{words.GROWTH}|{words.ACTS}|率|占|比重|覆盖", around
        )
    return not re.search(words.ACTS, around)
