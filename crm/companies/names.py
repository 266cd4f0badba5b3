"""Names of firms: the key by which two of them look alike, and the text that the search reads."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

from crm.core.collecting import collector_paused

# Longest first: 股份有限公司 must not leave 股份 behind.
_LEGAL_FORM = re.compile(
    r"股份有限责任公司|股份有限公司|有限责任公司|有限公司|特殊普通合伙|普通合伙|有限合伙|"
    r"合伙企业|个人独资|股份公司|总公司|公司"
)
_REGION = re.compile(r"^(?:江苏省?|常州市?|武进区?)+")
_NOT_A_WORD = re.compile(r"[\W_]+")
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0304\u030c"))
KEY_LENGTH = 120
KEPT = (
    2**13
)  # names: more than what is written at once (services.CHUNK), in which each is asked for again and again
_LONGEST_PHRASE = 4
_SHORTEST_CORE = 2


@lru_cache(KEPT)
def name_key(name: str) -> str:
    """The name without what people write in different ways: width, case, brackets, spaces and the legal form.

    常州 甲科技（集团）有限责任公司 and 常州甲科技(集团)有限公司 have one key. A name that is only a legal form keeps it.
    """
    plain = spelling(name)
    return (_LEGAL_FORM.sub("", plain) or plain or name)[:KEY_LENGTH]


@lru_cache(KEPT)
def spelling(name: str) -> str:
    """The name without width, case, brackets and spaces, its legal form kept: two firms may differ by that alone."""
    plain = plain_text(name)
    return plain if plain.isalnum() else _NOT_A_WORD.sub("", plain)


def core_key(key: str) -> str:
    """A key without the region before it: 江苏甲科技, 常州市甲科技 and 甲科技 are one. What is then too short keeps it."""
    core = _REGION.sub("", key)
    return core if len(core) >= _SHORTEST_CORE else key


def search_text(
    name: str,
    uscc: str | None,
    *,
    former_names: Iterable[str] = (),
    people: Iterable[str] = (),
    former_codes: Iterable[str] = (),
) -> str:
    """What a search runs through, a line for each: the name and former ones, the code and those of firms that were merged
    into it, people to call, and the initials of the names' pinyin (常州甲科技 → czjkj). No telephone numbers: not
    everybody may see them.
    """
    names = [plain_text(each) for each in (name, *former_names)]
    codes = filter(None, (uscc, *former_codes))
    others = [*map(str.lower, codes), *map(plain_text, people)]
    return "\n".join(filter(None, dict.fromkeys((*names, *others, *map(initials, names)))))


def plain_text(text: str) -> str:
    """Half-width and lower case: how search texts are stored and how a search reads what was typed."""
    return unicodedata.normalize("NFKC", text).lower()


def initials(text: str) -> str:
    """The first letter of each character's pinyin, read in its phrase (重庆银行 → cqyh); letters and digits stay."""
    letters = []
    position = 0
    phrases, beginnings = _phrases_read_otherwise()
    while position < len(text):
        longest = _LONGEST_PHRASE if text[position] in beginnings else 1
        for length in range(longest, 1, -1):
            found = phrases.get(text[position : position + length])
            if found:
                letters.append(found)
                position += length
                break
        else:
            letters.append(_initial(text[position]))
            position += 1
    return "".join(letters)


def reading(text: str) -> str:
    """Its pinyin without tones, character by character: 佳科 and 嘉科 are both jia ke. What has none stays as it is."""
    return " ".join(map(_syllable, text))


@cache
def _initial(character: str) -> str:
    if character.isascii():
        return character if character.isalnum() else ""
    return _letter(_readings(character))


@cache
def _syllable(character: str) -> str:
    usual = _readings(character).partition(",")[0]
    return unicodedata.normalize("NFD", usual).translate(_TONES) or character


def _readings(character: str) -> str:
    """With commas between, the usual one first."""
    from pypinyin.pinyin_dict import pinyin_dict  # half a second, so only once it is needed

    return str(pinyin_dict.get(ord(character), ""))


@cache
@collector_paused()
def _phrases_read_otherwise() -> tuple[dict[str, str], frozenset[str]]:
    """The phrases of pypinyin's dictionary whose initials differ from those of their characters one by one, and the
    characters that they begin with.
    """
    from pypinyin.phrases_dict import phrases_dict

    found = {}
    for phrase, readings in phrases_dict.items():
        if len(phrase) <= _LONGEST_PHRASE:
            letters = "".join([_letter(reading[0]) for reading in readings])
            if letters != "".join(map(_initial, phrase)):
                found[phrase] = letters
    return found, frozenset(phrase[0] for phrase in found)


@cache
def _letter(reading: str) -> str:
    """The letter that a reading begins with, its tone mark taken off."""
    return unicodedata.normalize("NFD", reading[:1])[:1]
