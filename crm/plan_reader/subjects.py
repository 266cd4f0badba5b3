"""What a number is about: the words before it, or around it where it stands before what it counts."""

import re
from dataclasses import dataclass

from crm.plan_reader import lexicon as words
from crm.plan_reader.firmness import MODAL
from crm.plan_reader.numerals import UNIT
from crm.plan_reader.parts import SIZE


@dataclass(frozen=True)
class Phrase:
    """A subject; `scope` is whose it is where that is said (三大孵化器全年新增…)."""

    subject: str
    scope: str
    is_growth: bool = False
    is_only_growth: bool = False

    @property
    def is_partial(self) -> bool:
        """Whether it says nothing alone."""
        return bool(_PARTIAL.fullmatch(self.subject))

    def after(self, before: str) -> str:
        """The whole subject, where this is only what is done or how it grows: 签约项目30个、开工20个."""
        own = self.subject
        if re.fullmatch(_LEVEL, own) and re.search(_LEVEL, before):
            return re.sub(_LEVEL, own, before, count=1)
        if own.startswith("高于"):  # 增速不低于9%、高于全市2个百分点
            return before + own
        if not own or self.is_only_growth or self.is_partial:
            return re.sub(f"(?:[净新]?{words.GROWTH}|{_LEVEL})$", "", before) + own
        if re.fullmatch(words.ACTS, own):
            return re.sub(f"^(?:{words.ACTS})+|{words.ACTS}$", "", before) + own
        return own


_LEVEL = "(?:国家|省|市|区|县|部)级(?:以上)?"
_PARTIAL = re.compile(
    rf"每(?:个?月|个?季度?|周|年)|(?:奋斗|挑战|冲刺|底线)目标|高于全[国省市区县](?:平均(?:水平)?)?|总(?:投资|数|量|额|规模|面积)额?|累计(?:总数)?|{_LEVEL}"
)
"""Says nothing alone: it is that of what the words before spoke of."""
_TIME = (
    r"(?:到|至|在)?(?:20\d\d年)?(?:全年|年内|今年|本年度|当年|明年|年底前|年底|年末"
    r"|[上下]半年(?:末|底)?|第?[一二三四]季度(?:末|底)?|\d{1,2}月(?:底|份)?前?|20\d\d年(?:底|末)?)"
)
_OPENING = re.compile(
    rf"^(?:{_TIME}|其中|同时|并且|并|以及|和|及|与|、|,|\s|{MODAL}|再|还|要|将|预计|计划|实现|完成|达到|确保|包括|含|\(|目标|:|使|让|园区实现)+"
)
_BOUNDS = re.compile(
    rf"(?:{words.ABOVE}|{words.AT_LEAST}|{words.AT_MOST}|{words.AMOUNTS}|{words.STRICT}|{MODAL}|分别|(?<!公)共|(?<!人)均|都|就|要|(?<![供响])应|超额|:|为|\s|\(|{_TIME})+$"
)
_COMPARISON = re.compile(
    rf"{words.COMPARED}(?:上一?年度?|去年|前年|20\d\d年|上期|同期)(?:同期)?(?:末|底)?|同比|环比|\([^()]*20\d\d年[^()]*\)"
)
_GROWN = re.compile(
    f"(?:年均|同口径|同比|环比|{words.COMPARED}[^,]*?)?(?:{words.GROWTH})(?:率|幅度)?$"
)
_BREAK = re.compile(
    r"前?来|到(?!账|位)|赴|落户|入驻|开工(?!活动|仪式)|竣工|建成|投产|投用|上市|挂牌|通过|获得|获评|达到|进行|用于|实现|参加|参与|进入|完成|,|;|。|以上|左右"
)
_SIGN = re.compile(r"^\(?(?:\d{1,2}|[一二三四五六七八九十]{1,3})\)")  # (1)引进企业180家
_SIZE = re.compile("总?(?:规模|投资|面积)(?:约|为|达)?")  # 设立基金(规模5亿元)
_EMPTY_ACTS = re.compile(r"^(?:完成|实现|达到|确保|做到|有|共|新)$")


def subject_of(lead: str, rest: str, stands_last: bool) -> Phrase:
    """From the words before a number and, where it stands before what it counts, those after it."""
    scope, own = _apart(_COMPARISON.sub("", lead))
    own = _stripped(own)
    if not stands_last:
        own = _around(own, rest)
    growth = _GROWN.search(own)
    is_only = bool(growth) and not own[: growth.start()].strip()  # type: ignore[union-attr]
    return Phrase(own, scope, bool(growth), is_only)


def _apart(lead: str) -> tuple[str, str]:
    """三大孵化器全年新增创业项目: whose, and what."""
    found = re.match(rf"(?P<who>[^,]{{3,60}}?){_TIME}(?:力争|确保|争取)?(?P<what>[^,]+)$", lead)
    if found and not _OPENING.match(found["who"]) and not re.match(words.ACTS, found["who"]):
        return found["who"].strip(" 、和及"), found["what"]
    return "", lead


def _stripped(lead: str) -> str:
    own = _SIGN.sub("", re.sub(rf"\({UNIT}\)", "", lead).strip())
    if own.count("(") > own.count(")"):
        outside, inside = own.rsplit("(", 1)
        own = outside + inside if _SIZE.fullmatch(inside) else inside
    for __ in range(3):
        own = _OPENING.sub("", own).strip()
        shorter = _BOUNDS.sub("", own).strip()
        if shorter == own:
            break
        own = shorter
    own = re.sub(r"实现(?=.)|至少|最少|起码|分别", "", re.sub(words.OF_BEFORE, "", own))
    own = _BOUNDS.sub("", own).strip("、,的 )")
    return f"{own})" if own.count("(") > own.count(")") else own


_SIZED = re.compile(rf"(?:{SIZE})?[\d.]*[百千]?(?:[万亿]元|(?<=\d){UNIT})(?:及?以上|以下)?的?")
"""Of 亿元以上项目, of 总投资10亿元以上的项目."""


def _around(own: str, rest: str) -> str:
    rest = re.sub(r"\([^)]*\)|(?<!公)[一合总]?共$|[总合共]计$", "", rest)
    size = _SIZED.match(rest)
    begins = size.end() if size else 0
    noun = rest[:begins] + _BREAK.split(rest[begins:], maxsplit=1)[0]
    if not own or _EMPTY_ACTS.match(own):  # 1家企业科创板上市: what happens is said behind
        noun = rest[:begins] + re.split("[,;。]", rest[begins:], maxsplit=1)[0]
    noun = noun.strip("、的 )")
    noun = re.sub(r"(?:任务|工作)$", "", noun).replace("的新建", "新建")
    if own.endswith("等"):
        act = re.match(words.ACTS, own)
        own = act[0] if act else ""
    if _EMPTY_ACTS.match(own):
        own = ""
    own = re.sub("总?规模$", "", own)
    return f"{own}{noun or rest.strip('、的 )')}"


def acted_on(subject: str) -> str:
    return re.sub(f"^(?:(?!研发){words.ACTS})+", "", subject)
