"""What a milestone is of: a building, with the steps of its way, or whatever else is finished."""

import re

from crm.plan_reader import lexicon as words
from crm.plan_reader.numerals import quantities

EVENT = re.compile("|".join(f"(?P<e{at}>{word})" for at, (word, __) in enumerate(words.EVENTS)))
STAGE = re.compile(
    r"(?:的?(?:主体工程|主体结构|主体建设|主体|选址|土地出让|土地摘牌|土地征收|供地|规划设计|方案设计|前期手续|前期工作|立项|能评|环评|稳评|报建|审批|和|及"
    r"|桩基工程|桩基|基础工程|(?:基础|主体|地下室?|幕墙|装饰|安装|管线|土方)施工|精?装修工程|装修装饰|内部装修|精?装修|设备安装调试|设备安装|设备调试|验收|招标|搬迁|封顶"
    r"|[^的\d]{0,10}?(?:许可证?|土地证|产权证)))+$"
)
"""A step of a building's way: what stands before it is the building."""
OPENING = re.compile(
    r"^(?:和|及|以及|同时|并|力争|确保|争取|推动|推进|加快|促进|抓好|实现|保证|全力|加快推进|积极推进|,|、|\s|░|全面|其中|要|将|做好|抓紧|持续|年产)+"
)
_NO_THING = re.compile(r"(?:任务|目标|指标)[^,]{0,4}$|^\(|^(?:年度|各项|所有)?$")
_DESCRIBED = re.compile(
    r"(?:^|(?<=、))总?(?:建筑面积|投资额?|占地面积?|规模)[^的]{1,16}的|\([^)]*\)"
)
_SAID_BEHIND = re.compile(
    r"(?:(?:等|等?\d+个)(?:重[大点])?(?:项目|工程)?|(?<=项目|工程)\d+个|力争|确保|争取|计划|预计|拟|陆续|逐步)+$"
)
_PHASE = re.compile("[一二三四五六]期")
_OF_PHASE = re.compile("[一二三四五六]期[^的]{0,4}")
_NAMED = re.compile(
    "(?!(?:全[区市县]|各类)?重[大点])(?:[^,。]{2,30})"
    "(?:项目|工程|大厦|大楼|中心|基地|公寓|社区|平台|[厂楼]房|广场|学校|医院|实验室|研究院|[厂馆站]|大道|公路|加速器|孵化器|产业园|科技园|园区|[一二三四五六]期)"
)


def name_of(event: re.Match[str]) -> str:
    return words.EVENTS[int(str(event.lastgroup)[1:])][1]


def is_thing(subject: str) -> bool:
    """Not so 确保全年各项目标任务完成, (2021年2月20日印发)."""
    return not _NO_THING.search(subject)


def is_count(object_: str) -> bool:
    """完成土地出让100亩 is a target only; 15万平方米人才公寓 and 甲、乙等13个基地的改造 are things."""
    inside = [one for one in quantities(object_) if one.unit not in ("", *words.NEVER_CHINESE)]
    if not inside:
        return False
    one = inside[-1]
    rest = object_[one.end :].strip("。 以上左右")
    is_thing = one.unit.endswith(words.MEASURED) or object_[: one.start].rstrip().endswith("等")
    return not (rest and is_thing)


def listed(subjects: str) -> list[str]:
    """A、B和C: each of them; 和 only splits where a list is going on."""
    subjects = _DESCRIBED.sub("", subjects.strip(" ,的"))
    parts = re.split(
        r"、|(?<=[^、]{2})(?:以及|及|和)(?=[^、]{2,}$)" if "、" in subjects else r"、", subjects
    )
    found = [_SAID_BEHIND.sub("", part.strip(" ,的")) for part in parts]
    return [part for part in found if len(part) > 1]


def building(works: str) -> str:
    """二期8万平方米主体工程建设: of what the works are."""
    for size in reversed(list(quantities(works))):
        if size.unit.endswith(words.MEASURED):
            works = works[: size.start] + works[size.end :]
    return STAGE.sub("", re.sub("建设$", "", works)) or works


def named(said: str) -> list[str]:
    """The buildings or projects, where the words name some and say nothing else."""
    said = re.sub("^(?:建设|实施)", "", OPENING.sub("", _DESCRIBED.sub("", said.strip())))
    return listed(said) if _NAMED.fullmatch(said) and not re.match(words.ACTS, said) else []


def in_full(subject: str, before: list[str]) -> str:
    """人才社区一期…,二期10月底前封顶: the phase of what was spoken of before."""
    if before and _OF_PHASE.fullmatch(subject):
        return _PHASE.split(before[0], maxsplit=1)[0] + subject
    return subject


def is_step(thing: str, whose: list[str]) -> bool:
    """Whether what is finished is a step on the way of what was spoken of: 完成招标, not 完成智慧平台建设."""
    is_of_known = any(map(named, whose)) and not re.search("(?:建设|改造|提升|升级)$", thing)
    is_own = len(thing) > _LONGEST_STEP or named(thing) or _PHASE.match(thing)
    return bool(STAGE.fullmatch(thing)) or is_of_known and not is_own


_LONGEST_STEP = 8


def thing_of(words_after: str) -> str:
    """What is finished: 完成甲、乙等13个基地的新建任务."""
    own = re.sub(r"\([^)]*\)", "", words_after).strip("。 ,")
    if "等" in own and list(quantities(own)):
        own = own[own.index("等") + 1 :]
    own = re.sub(rf"(?:(?<!年度)任务|工作|并(?:{EVENT.pattern}))$", "", own)
    return re.sub(r"的(?=新建|改造|建设|提升)", "", own)
