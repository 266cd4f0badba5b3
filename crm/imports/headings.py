"""Words over columns: what makes two of them the same, and the unit that one of them names."""

import re
import unicodedata

from crm.core.attributes import MoneyUnit

_IN_BRACKETS = re.compile(r"[(\[【〔{][^()\[\]【】〔〕{}]*[)\]】〕}]")
_NOISE = re.compile(r"[\W_]+")
_UNIT = re.compile(
    r"(?:^|[(\[【〔:,/\s]|单位)(?:人民币)?(千元|万元|亿元|元)(?:人民币)?(?:[)\]】〕\s]|$)"
)
_UNITS = {unit.label: unit for unit in MoneyUnit}
_FOREIGN = re.compile(r"美元|美金|欧元|港元|港币|日元|英镑|usd|eur|hkd|jpy")
_UNIT_AT_END = re.compile(r"[:,/\s](?:单位)?(?:千元|万元|亿元|元)\s*$")


def keys_of(heading: str) -> tuple[str, ...]:
    """What a heading may be known by, the surest first: 公开(公告)号 as it stands, 金额（千元） without what is in brackets."""
    text = _plain(heading)
    without_unit = _UNIT_AT_END.sub("", _UNIT.sub(" ", text) if "(" in text else text)
    forms = (text, without_unit, _IN_BRACKETS.sub("", text), _IN_BRACKETS.sub("", without_unit))
    keys = (_NOISE.sub("", form) for form in forms)
    return tuple(dict.fromkeys(key for key in keys if key))


def key_of(word: str) -> str:
    """A whole heading without spaces, signs, width and case."""
    return _NOISE.sub("", _plain(word))


def unit_of(text: str) -> MoneyUnit | None:
    """The unit that a heading, or a line above the table, names: 金额（千元）, 单位：万元."""
    found = _UNIT.search(_plain(text))
    return _UNITS[found[1]] if found else None


def is_foreign(heading: str) -> bool:
    """Whether it names another currency: such a column is never taken for yuan unasked."""
    return bool(_FOREIGN.search(_plain(heading)))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
