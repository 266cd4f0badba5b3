"""Dated milestones: what is to be begun, finished or taken into use by when."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from crm.plan_reader import lexicon as words
from crm.plan_reader.dates import Window, windows
from crm.plan_reader.layout import Sentence, Span, clauses, without_sign
from crm.plan_reader.tense import tense_of
from crm.plan_reader.things import (
    EVENT,
    OPENING,
    STAGE,
    building,
    in_full,
    is_count,
    is_step,
    is_thing,
    listed,
    name_of,
    named,
    thing_of,
)


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


_FINISH = re.compile(
    r"^[\s░]*(?:力争|确保|争取|全面|全部|基本|按期|如期|顺利)*(完成|建成|开工建设|开工|启动建设|竣工|启用|投用|交付|出台|发布|开通|上线|启动|取得|办理)(?P<also>并(?:投入使用|投入运营|启用|投用|运营))?(?!率|情况|时间|额|量|数)(?P<object>.{2,})"
)
_OPENED = re.compile(
    r"^[\s░]*(?:力争|确保|全面|加快|全力)*(?:推进|完成|启动|实施|建设|加快)(?P<object>[^,、]{2,30}(?:建设|工程|工作|改造))$"
)
"""完成二期主体工程建设, 9月投入运营: what the parts after it go on with."""
_PAST_HERE = re.compile(words.BACKGROUND)
_FIRST_WORDS = re.compile(
    r"^(?:力争|确保|争取|前|全部|全面|全线|正式|实现|完成|基本|顺利|首[台批]|,)*"
)


def milestones_of(plain: str, masked: str, sentence: Sentence, year: int) -> Iterator[Milestone]:
    """The milestones of one sentence in order."""
    carried = _headed(masked, sentence, year)
    subjects = named(sentence.task_title)
    tense = tense_of(masked, sentence, year)
    for part in _parts(masked, sentence, year):
        said = part.of(masked).rstrip("。;!? ")
        window = next(windows(said, year), None)
        if window is None and masked[part.end : part.end + 1] == ":":  # 某某项目:3月底前开工
            subjects = [building(one) for one in listed(OPENING.sub("", said).strip())]
            continue
        if window and not said.replace(said[window.start : window.end], "", 1).strip(
            " 力争确保在前到"
        ):
            carried = window
            continue
        if window is None and (opened := _OPENED.match(part.of(plain))):
            subjects = [building(opened["object"])]
        elif window is None:
            subjects = named(part.of(plain)) or subjects
        is_told = _PAST_HERE.search(said) or not window
        if is_told and tense.is_past(part.start + len(said)):
            continue
        found = _found(part.of(plain).rstrip("。;!? "), window, carried, subjects)
        found = [(in_full(name, subjects), event, when) for name, event, when in found]
        for subject, event, when in found:
            if is_thing(subject):
                yield _milestone(plain, part, subject, event, when, sentence, year)
        if window and not found:  # 研究院二季度末出地面,11月封顶
            subjects = listed(OPENING.sub("", part.of(plain)[: window.start])) or subjects
        things = [(name, STAGE.sub("", name), event) for name, event, __ in found]
        spoken = [thing for name, thing, event in things if event != "完成" or thing != name]
        subjects = [thing for thing in spoken if thing] or subjects


def _headed(masked: str, sentence: Sentence, year: int) -> Window | None:
    """二季度(4-6月): what a date before a colon says for all of its paragraph, or the deadline of a row for all of it."""
    if sentence.deadline:
        by = next(windows(sentence.deadline, year), None)
        return replace(by, not_before=date(by.due.year, 1, 1)) if by else None
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
    if window is None and (subject := _acceptance(said)):
        return [(subject, "完成", carried)]
    when = window or carried
    if when is None:
        return []
    lead = OPENING.sub("", said[: window.start] if window else "").strip().rstrip("于在")
    after = said[window.end :] if window else said
    bare = _FIRST_WORDS.sub("", after)
    begins = EVENT.match(bare)
    if begins and (lead or window and not bare[begins.end() :].strip("建设并正式使用")):
        return [(subject, name_of(begins), when) for subject in (listed(lead) if lead else before)]
    begun = _FINISH.match(after)
    if begun and not is_count(begun["object"]):
        event = _finished(begun)
        thing = thing_of(begun["object"])
        whose = listed(lead) or before
        whose = whose if is_step(thing, whose) else []
        if whose and (ending := EVENT.fullmatch(thing)):  # 完成主体封顶
            return [(name, name_of(ending), when) for name in whose]
        return [(name + thing, event, when) for name in whose or [""]]
    ends = list(EVENT.finditer(after))
    if not ends or after[ends[-1].end() :].strip("。建设并正式"):
        return []
    if is_count(after[: ends[-1].start()]):
        return []
    subjects = listed(OPENING.sub("", after[: ends[-1].start()])) or before
    if lead and all(map(STAGE.fullmatch, subjects)):  # 厂房四期9月底主体完工
        subjects = [name + stage for name in listed(lead) for stage in subjects]
    return [(subject, name_of(ends[-1]), when) for subject in subjects]


def _finished(begun: re.Match[str]) -> str:
    """What is done by 建成甲, by 建成甲并投入使用 or 建成并启用甲."""
    events = dict(words.EVENTS)
    behind = re.search(rf"并(?:{EVENT.pattern})$", begun["object"])
    also = begun["also"] or (behind[0] if behind else "")
    return events.get(begun[1] + also) or events.get(begun[1], "完成")


def _acceptance(said: str) -> str:
    """完成…验收 is due by the end of the year even where no day is named."""
    found = re.match(r"^[\s░]*(?:力争|确保|顺利|全面)*完成(?P<what>[^,]{3,40}验收)$", said.strip())
    return found["what"] if found else ""


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
