"""Whether a sentence speaks of what was and is, or of what shall be."""

import re
from dataclasses import dataclass

from crm.plan_reader import lexicon as words
from crm.plan_reader.layout import Sentence, without_sign

_PAST = re.compile(
    f"(?<![较比由从于到超过达])(?<!同比)(?<!相比)({words.BACKGROUND}|[完达取获实引新建形集荣][成到得评现进增成聚获]了)"
)
_YEAR = re.compile(r"(20\d\d)(?:-20\d\d)?年")
_ASIDE = re.compile(r"\([^()]{0,4}?(20\d\d)年[^()]*\)")  # (2022年为50家)
_COMPARED = re.compile(f"{words.COMPARED}$")
_FIRMLY = re.compile(f"{words.TOWARDS_FIRMLY}|要(?:新增|达到|实现|完成|确保|引进)")
_TOWARDS = re.compile(f"{words.TOWARDS}|{_FIRMLY.pattern}")


@dataclass(frozen=True)
class Tense:
    """Where a sentence turns to the past and where to what shall be; `asides`: what it says of before in brackets.

    `is_review`: what it stands in looks back.
    """

    past: tuple[int, ...]
    towards: tuple[int, ...]
    asides: tuple[tuple[int, int], ...]
    is_review: bool

    def is_past(self, at: int) -> bool:
        """Whether what stands at a place tells of the past: the last turn before it decides, else what it stands in."""
        if any(start < at < end for start, end in self.asides):
            return True
        then = max((place for place in self.past if place < at), default=-1)
        now = max((place for place in self.towards if place < at), default=-1)
        return then > now or (now < 0 and self.is_review)


def tense_of(text: str, sentence: Sentence, year: int) -> Tense:
    """How a sentence of a narrow text stands to the plan's year."""
    start = max(text.rfind(sign, 0, sentence.start) for sign in "。!?\n") + 1
    said = text[start : sentence.end]  # what a ; divides goes on in the same tense
    is_review = _is_review(sentence, year) or _paragraph_is_past(text, sentence, year)
    past = [found.start() for found in _PAST.finditer(said)]
    towards = [found.start() for found in (_FIRMLY if is_review else _TOWARDS).finditer(said)]
    asides = [one.span() for one in _ASIDE.finditer(said) if int(one[1]) < year]
    for found in _YEAR.finditer(_ASIDE.sub(lambda aside: " " * len(aside[0]), said)):
        if int(found[1]) >= year:
            towards.append(found.start())
        elif not _COMPARED.search(said[max(0, found.start() - 4) : found.start()]):
            past.append(found.start())
    return Tense(
        tuple(start + at for at in past),
        tuple(start + at for at in towards),
        tuple((start + begin, start + end) for begin, end in asides),
        is_review,
    )


def _is_review(sentence: Sentence, year: int) -> bool:
    titles = (sentence.chapter_title, sentence.task_title)
    return any(
        (re.search(words.PAST_CHAPTER, title) or "," not in title and _is_of_before(title, year))
        and not re.search("目标|安排|打算|思路|计划|任务", title)
        for title in titles
    )


def _paragraph_is_past(text: str, sentence: Sentence, year: int) -> bool:
    opening = without_sign(text[text.rfind("\n", 0, sentence.start) + 1 :][:20]).strip()
    opening = re.split(r"[,。;]", opening, maxsplit=1)[0]
    if re.match(r"(?:过去|一年来|五年来|回顾|去年)", opening):
        return True
    return _is_of_before(opening, year)


def _is_of_before(words_said: str, year: int) -> bool:
    named = _YEAR.match(words_said)
    return named is not None and int(named[1]) < year
