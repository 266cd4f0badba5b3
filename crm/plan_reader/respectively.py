"""分别: what is said of several things at once belongs to each of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from crm.plan_reader import lexicon as words
from crm.plan_reader.layout import Span
from crm.plan_reader.parts import Part
from crm.plan_reader.subjects import Phrase, acted_on, subject_of

Told = TypeVar("Told")
_SINCE = re.compile(rf"同比|环比|{words.COMPARED}(?:上一?年度?|去年|同期)")


def bound_together(parts: list[Part], masked: str, clause: Span) -> list[Part]:
    """分别提高4个和6个百分点以上: what stands behind the last is said of all."""
    __, after = _numbers(parts, masked, clause)
    return [_as_the_last(part, parts[-1]) if at in after else part for at, part in enumerate(parts)]


def _as_the_last(part: Part, last: Part) -> Part:
    said = part.quantity
    is_cut_short = said.unit in ("", "个") and last.quantity.unit.startswith(said.unit)
    unit = last.quantity.unit if is_cut_short else said.unit
    return replace(part, quantity=replace(said, unit=unit), bound=part.bound or last.bound)


def shared(parts: Sequence[Part], masked: str, clause: Span) -> dict[int, Phrase]:
    """A、B、C分别增长8%、10%和6%: what each of the numbers is about, where as many are named."""
    before, after = _numbers(parts, masked, clause)
    names = re.split(r"、|和|及|以及|与", re.sub(r"\([^)]*\)", "", before))
    named = [subject_of(name, "", True).subject for name in names if name.strip()]
    if not after or len(named) != len(after):
        return {}
    return _grown(parts[after[0]], dict(zip(after, named, strict=True)))


def echoed(
    parts: Sequence[Part], masked: str, clause: Span, told: Sequence[Told]
) -> dict[int, Told]:
    """产值1500亿元、税收100亿元,分别增长8%和10%: which of those told before each of the numbers goes on with."""
    before, after = _numbers(parts, masked, clause)
    if len(after) != len(told) or _SINCE.sub("", before).strip():
        return {}
    return dict(zip(after, told, strict=True))


def going_on(parts: Sequence[Part], subjects: Mapping[int, str]) -> dict[int, Phrase]:
    """What each of the numbers that go on is about."""
    if not subjects:
        return {}
    return _grown(parts[min(subjects)], {at: acted_on(said) for at, said in subjects.items()})


def _numbers(parts: Sequence[Part], masked: str, clause: Span) -> tuple[str, list[int]]:
    """What stands before the word, and which numbers come after it."""
    before, word, __ = clause.of(masked).partition("分别")
    begins = clause.start + len(before)
    return before, [at for at, part in enumerate(parts) if word and part.quantity.start > begins]


def _grown(first: Part, subjects: Mapping[int, str]) -> dict[int, Phrase]:
    found = re.search(words.GROWTH, first.lead.partition("分别")[2])
    verb = found[0] if found else ""
    return {at: Phrase(said + verb, "", bool(verb)) for at, said in subjects.items()}
