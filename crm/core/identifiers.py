"""Numbers that carry their own proof: 统一社会信用代码 (GB 32100-2015) and the Chinese patent application number."""

import re
from operator import mul

from stdnum.cn import uscc as _uscc
from stdnum.exceptions import (
    InvalidChecksum,
    InvalidFormat,
    InvalidLength,
    ValidationError,
)

from crm.core.errors import DomainError
from crm.core.words import N_

_USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUES = {sign: value for value, sign in enumerate(_USCC_SIGNS)}
_USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_USCC = re.compile(f"[0-9]{{8}}[{_USCC_SIGNS}]{{10}}")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def clean_uscc(text: str) -> str:
    """The code as it is stored: half-width capitals without spaces or dashes.

    Raises DomainError with what is wrong: length, a letter that the standard leaves out (I O S V Z), or the check character.
    """
    if _USCC.fullmatch(text) and uscc_check_character(text) == text[-1]:
        return text  # nearly all are right as they are, and a list has very many
    code = re.sub(r"[\s\-]", "", text.translate(_FULL_WIDTH)).upper()
    try:
        return str(_uscc.validate(code))
    except InvalidLength:
        message = N_("统一社会信用代码应为18位，现为%(length)s位。")
        raise DomainError(message, field="uscc", length=len(code)) from None
    except InvalidChecksum:
        message = N_("统一社会信用代码的校验位不符，请逐位核对。")
        raise DomainError(message, field="uscc") from None
    except (InvalidFormat, ValidationError):
        message = N_("统一社会信用代码只含数字和大写字母（不含 I、O、S、V、Z），第3至8位为数字。")
        raise DomainError(message, field="uscc") from None


def is_uscc(text: str) -> bool:
    """Whether a text is a code, as it is stored."""
    try:
        return clean_uscc(text) == text
    except DomainError:
        return False


def uscc_check_character(first_17: str) -> str:
    """The 18th character of a code that begins so, by GB 32100-2015: Σ place × weight, the weights powers of 3 mod 31."""
    total = sum(map(mul, map(_USCC_VALUES.__getitem__, first_17[:17]), _USCC_WEIGHTS))
    return _USCC_SIGNS[-total % 31]


_PATENT_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)


def patent_check_character(digits: str) -> str:
    """The character after the point: Σ digit × weight mod 11, X for 10 (8 digits before October 2003, 12 since)."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _PATENT_WEIGHTS, strict=False))
    return "0123456789X"[total % 11]


def clean_patent_number(text: str) -> str:
    """An application number as digits, point, check character; `ZL` and `CN` before it are dropped. Raises DomainError."""
    number = re.sub(r"^(ZL|CN)", "", re.sub(r"\s", "", text.translate(_FULL_WIDTH)).upper())
    match = re.fullmatch(r"(\d{8}|\d{12})\.?([\dX])", number)
    if not match:
        message = N_("专利申请号应为8位或12位数字加校验位，如 201710601862.3。")
        raise DomainError(message, field="number")
    digits, check = match.groups()
    if patent_check_character(digits) != check:
        raise DomainError(N_("专利申请号的校验位不符，请逐位核对。"), field="number")
    return f"{digits}.{check}"
