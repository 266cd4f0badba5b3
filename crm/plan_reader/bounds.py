"""How a number binds: at least, at most, more than, about, from one to another."""

import re

from crm.plan_reader import lexicon as words
from crm.plan_reader.parts import AND, Part


def comparator_of(part: Part, before: str) -> str:
    """How the number binds; one in a list (分别达8%、10%) as the one before it."""
    quantity, lead = part.quantity, re.sub(words.OF_BEFORE, "", part.lead.rstrip(" :为("))
    if quantity.is_rank:
        return "<="
    if quantity.value_to is not None:
        return "range"
    if re.search(words.ABOUT, part.bound) or re.search(r"(?:(?<!签)约|近|接近)$", lead):
        return "="
    if re.search(f"(?<!不)(?<!不得){words.AT_MOST}$", lead) or re.search(words.OR_LESS, part.bound):
        return "<="
    if re.search(f"(?:{words.AT_LEAST})$", lead):
        return ">="
    if re.search(f"(?<!通)(?:{words.ABOVE}|{words.STRICT})$", lead) or re.match(
        r"\s*(?:力争|确保|争取)?(?:突破|超过)", lead
    ):
        return "=" if _OVERCOMES.search(lead + part.rest) else ">"
    if part.bound or quantity.is_floor or re.search("至少|最少|起码", lead):
        return ">="
    return "=" if AND.sub("", part.lead).strip() else before


_OVERCOMES = re.compile("突破[^,]*(?:(?:核心|关键|共性)技术|难题|瓶颈)")
