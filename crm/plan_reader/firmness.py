"""How firmly something is promised: 力争, 确保 … — and when such a word is a verb of its own (争取资金 is to win money)."""

import re

from crm.plan_reader import lexicon as words

_VERB_FOLLOWS = rf"(?={words.ACTS}|{words.ABOVE}|{words.AT_LEAST}|{words.GROWTH}|在|到|至|全年|年内|今年|再|新|早日|尽快|\d|$)"
MODAL = rf"(?:{words.alternatives(words.FIRM)}|{words.alternatives(words.WEAK)}{_VERB_FOLLOWS})"
_MODAL = re.compile(MODAL)
_DATE_ONLY = re.compile(r"[\s,]*(?:到|至|在|用)?[\d年月日底末前内全今本度一二三四五十时间的]*")


def modal_of(lead: str, *, alone: bool = False) -> str:
    """The last such word of a lead, or nothing; with `alone`, only where nothing but a date comes after it."""
    found = list(_MODAL.finditer(lead))
    if not found or alone and not _DATE_ONLY.fullmatch(lead[found[-1].end() :]):
        return ""
    return found[-1][0]
