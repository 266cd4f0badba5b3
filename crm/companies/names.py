"""Names of firms: the key by which two of them look alike, and the text that the search reads."""

import re
import unicodedata
from functools import cache

# Longest first: 股份有限公司 must not leave 股份 behind.
_LEGAL_FORM = re.compile(
    r"(股份有限责任公司|股份有限公司|有限责任公司|有限公司|有限合伙|普通合伙|特殊普通合伙|个人独资|"
    r"股份公司|合伙企业|总公司|公司)"
)
_NOT_A_WORD = re.compile(r"[\W_]+")
KEY_LENGTH = 120


def name_key(name: str) -> str:
    """The name without what people write in different ways: width, case, brackets, spaces and the legal form.

    常州 甲科技（集团）有限责任公司 and 常州甲科技(集团)有限公司 have one key. A name that is nothing but a legal form keeps it.
    """
    plain = _NOT_A_WORD.sub("", unicodedata.normalize("NFKC", name).lower())
    return (_LEGAL_FORM.sub("", plain) or plain or name)[:KEY_LENGTH]


def search_text(name: str, uscc: str | None) -> str:
    """What a search runs through: the name in lower case, the code, the initials of the name's pinyin (常州甲科技 → czjkj)."""
    plain = unicodedata.normalize("NFKC", name).lower()
    return " ".join(part for part in (plain, (uscc or "").lower(), initials(plain)) if part)


def initials(text: str) -> str:
    """The first letter of each character's usual pinyin; letters and digits stand for themselves."""
    return "".join(_initial(character) for character in text)


@cache
def _initial(character: str) -> str:
    if "a" <= character <= "z" or "0" <= character <= "9":
        return character
    from pypinyin import Style, pinyin  # its dictionaries take a while to load

    letter = pinyin(character, style=Style.FIRST_LETTER, errors="ignore")
    return letter[0][0][:1] if letter else ""
