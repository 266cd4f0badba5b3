"""Dated milestones: what is to be begun, finished or taken into use by when."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from crm.plan_reader import lexicon as words
from crm.plan_reader.dates import Window, windows
from crm.plan_reader.layout import Sentence, Span, clauses, without_sign
from crm.plan_reader.numerals import Quantity, quantities
from crm.plan_reader.tense import tense_of


@dataclass(frozen=True)
class Milestone:
    """`subject` shall see `event` between two days. `text` is the clause, text[start:end] of the plan."""

    text: str
    start: int
    end: int
    subject: str
    event: str
    not_before: date
    due: date
    chapter: str
    task: str


_EVENT = re.compile("|".join(f"(?P<e{at}>{word})" for at, (word, __) in enumerate(words.EVENTS)))
_FINISH = re.compile(
    r"^[\s░]*(?:力争|确保|争取|全面|基本|按期|如期|顺利)*(完成|建成|开工建设|开工|启动建设|竣工|启用|投用|交付|出台|发布|开通|上线|启动|取得)(?!率|情况|时间|额|量|数)(?P<object>.{2,})"
)
_OPENED = re.compile(
    r"^[\s░]*(?:力争|确保|全面|加快|全力)*(?:推进|完成|启动|实施|建设|加快)(?P<object>[^,、░]{2,30}(?:建设|工程|工作|改造))$"
)
"""完成二期主体工程建设, 9月投入运营: what the parts after it go on with."""
_PAST_HERE = re.compile(words.BACKGROUND)
_FIRST_WORDS = re.compile(r"^(?:力争|确保|争取|前|全部|全面|正式|实现|完成|基本|顺利|,)*")
_OPENING = re.compile(
    r"^(?:和|及|以及|同时|并|力争|确保|争取|推动|推进|加快|促进|抓好|实现|保证|全力|加快推进|积极推进|,|、|\s|░|全面|其中|要|将|做好|抓紧|持续|年产)+"
)


def milestones_of(plain: str, masked: str, sentence: Sentence, year: int) -> Iterator[Milestone]:
    """The milestones of one sentence in order."""
    carried = _headed(masked, sentence, year)
    subjects: list[str] = []
    tense = tense_of(masked, sentence, year)
    for part in _parts(masked, sentence, year):
        said = part.of(masked).rstrip("。;!? ")
        window = next(windows(said, year), None)
        if window is None and masked[part.end : part.end + 1] == ":":  # 某某项目:3月底前开工
            subjects = [_building(one) for one in _listed(_OPENING.sub("", said).strip())]
            continue
        if window and not said.replace(said[window.start : window.end], "", 1).strip(
            " 力争确保在前到"
        ):
            carried = window
            continue
        if window is None and (opened := _OPENED.match(said)):
            subjects = [_building(opened["object"])]
        is_told = _PAST_HERE.search(said) or not window
        if is_told and tense.is_past(part.start + len(said)):
            continue
        found = _found(said, window, carried, subjects)
        for subject, event, when in found:
            if _NO_THING.search(subject):
                continue
            yield _milestone(plain, part, subject, event, when, sentence, year)
        things = [(name, _STAGE.sub("", name), event) for name, event, __ in found]
        spoken = [thing for name, thing, event in things if event != "完成" or thing != name]
        subjects = [thing for thing in spoken if thing] or subjects


def _headed(masked: str, sentence: Sentence, year: int) -> Window | None:
    """二季度(4-6月): what a date before a colon says for all of its paragraph."""
    line = without_sign(masked[masked.rfind("\n", 0, sentence.start) + 1 : sentence.end][:_OPENS])
    head, colon, __ = re.sub(r"\([^)]*\)", "", line).strip().partition(":")
    said = next(windows(head, year), None) if colon else None
    return said if said and not said.is_whole_year and said.end == len(head) else None


_OPENS = 24


def _parts(masked: str, sentence: Sentence, year: int) -> Iterator[Span]:
    """Clauses, and their parts where a 、 stands between two dates, or before one (主体封顶、年底前竣工)."""
    for clause in clauses(masked, sentence):
        start = told = clause.start
        for window in windows(clause.of(masked), year):
            at = clause.start + window.start
            cut = masked.find("、", told, at) if told > clause.start else at - 1
            if start < cut and masked[cut] == "、":
                yield Span(start, cut)
                start = cut + 1
            told = clause.start + window.end
        yield Span(start, clause.end)


def _found(
    said: str, window: Window | None, carried: Window | None, before: list[str]
) -> list[tuple[str, str, Window | None]]:
    """What a part promises for when: subject, event, window. `before`: what the part before it spoke of."""
    counted = list(quantities(said))
    if window is None and (subject := _acceptance(said)):
        return [(subject, "完成", carried)]
    when = window or carried
    if when is None:
        return []
    lead = _OPENING.sub("", said[: window.start] if window else "").strip().rstrip("于在")
    after = said[window.end :] if window else said
    bare = _FIRST_WORDS.sub("", after)
    begins = _EVENT.match(bare)
    if begins and (lead or window and not bare[begins.end() :].strip("建设并正式使用")):
        listed = _listed(lead) if lead else before
        return [(subject, _name(begins), when) for subject in listed]
    begun = _FINISH.match(after)
    if begun and not _is_count(begun["object"], counted):
        event = next((name for word, name in words.EVENTS if word == begun[1]), "完成")
        thing = _object(begun["object"])
        whose = (_listed(lead) or before) if _STAGE.fullmatch(thing) else []
        if whose and (ending := _EVENT.fullmatch(thing)):  # 完成主体封顶
            return [(name, _name(ending), when) for name in whose]
        return [(name + thing, event, when) for name in whose or [""]]
    ends = list(_EVENT.finditer(after))
    if not ends or after[ends[-1].end() :].strip("。建设并正式"):
        return []
    if _is_count(after[: ends[-1].start()], counted):
        return []
    listed = _listed(_OPENING.sub("", after[: ends[-1].start()])) or before
    return [(subject, _name(ends[-1]), when) for subject in listed]


_NO_THING = re.compile(r"(?:任务|目标|指标)[^,]{0,4}$|^\(")
"""What is done with them is no milestone: 确保全年各项目标任务完成, (2021年2月20日印发)."""
_STAGE = re.compile(
    r"(?:的?(?:主体工程|主体结构|主体建设|主体|选址|土地出让|土地摘牌|土地征收|供地|规划设计|方案设计|前期手续|前期工作|立项|能评|环评|稳评|报建|审批|和|及"
    r"|桩基工程|桩基|基础施工|基础工程|装修工程|装修装饰|内部装修|装修|设备安装调试|设备安装|设备调试|验收|招标|搬迁|封顶"
    r"|[^的]{0,10}?(?:许可证|土地证|产权证)))+$"
)
"""A step of a building's way: what stands before it is the building."""


def _acceptance(said: str) -> str:
    """完成…验收 is due by the end of the year even where no day is named."""
    found = re.match(r"^[\s░]*(?:力争|确保|顺利|全面)*完成(?P<what>[^,]{3,40}验收)$", said.strip())
    return found["what"] if found else ""


def _name(event: re.Match[str]) -> str:
    return words.EVENTS[int(str(event.lastgroup)[1:])][1]


def _is_count(object_: str, counted: list[Quantity]) -> bool:
    """完成土地出让100亩 is a target only; 15万平方米人才公寓 and 甲、乙等13个基地的改造 are things."""
    if not counted:
        return False
    inside = [one for one in quantities(object_) if one.unit not in words.NEVER_CHINESE]
    if not inside:
        return False
    one = inside[-1]
    rest = object_[one.end :].strip("。 以上左右")
    is_thing = one.unit.endswith(words.MEASURED) or object_[: one.start].rstrip().endswith("等")
    return not (rest and is_thing)


_DESCRIBED = re.compile(r"(?:^|(?<=、))总?(?:建筑面积|投资额?|占地面积?|规模)[^的]{1,16}的|\([^)]*\)")
_COUNTED = re.compile(r"(?:等|等?\d+个)(?:重[大点])?(?:项目|工程)?$|(?:力争|确保|争取)$")


def _listed(subjects: str) -> list[str]:
    """A、B和C: each of them; 和 only splits where a list is going on."""
    subjects = _DESCRIBED.sub("", subjects.strip(" ,░的"))
    parts = re.split(
        r"、|(?<=[^、]{2})(?:以及|及|和)(?=[^、]{2,}$)" if "、" in subjects else r"、", subjects
    )
    found = [_COUNTED.sub("", part.strip(" ,░的")) for part in parts]
    return [part for part in found if len(part) > 1]


def _building(works: str) -> str:
    """二期8万平方米主体工程建设: of what the works are."""
    for size in reversed(list(quantities(works))):
        if size.unit.endswith(words.MEASURED):
            works = works[: size.start] + works[size.end :]
    return _STAGE.sub("", re.sub("建设$", "", works)) or works


def _object(words_after: str) -> str:
    own = re.sub(r"\([^)]*\)", "", words_after).strip("。 ,")
    if "等" in own and list(quantities(own)):
        own = own[own.index("等") + 1 :]
    own = re.sub(rf"(?:任务|工作|并(?:{_EVENT.pattern}))$", "", own)
    return re.sub(r"的(?=新建|改造|建设|提升)", "", own)


def _milestone(
    plain: str,
    clause: Span,
    subject: str,
    event: str,
    window: Window | None,
    sentence: Sentence,
    year: int,
) -> Milestone:
    said = clause.of(plain)
    return Milestone(
        text=said.strip(),
        start=clause.start + len(said) - len(said.lstrip()),
        end=clause.end,
        subject=subject,
        event=event,
        not_before=window.not_before if window else date(year, 1, 1),
        due=window.due if window else date(year, 12, 31),
        chapter=sentence.chapter,
        task=sentence.task,
    )
