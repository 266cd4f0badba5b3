"""Text as it is kept: trimmed, without what cannot be seen, never with what no file can hold."""

import re
import unicodedata

from crm.core.errors import DomainError
from crm.core.words import N_

PHONE = r"^[\d\s+\-()（）转,，;；/]*$"
EMAIL = r"^([^@\s]+@[^@\s]+\.[^@\s]+)?$"
NO_PHONE = N_("电话只能包含数字和 + - ( ) 等符号。")
NO_EMAIL = N_("邮箱格式应如 name@example.com。")


def trimmed(text: str) -> str:
    """Trimmed, line ends as \\n, without what cannot be seen (zero-width and direction marks)."""
    if text.isprintable():  # nearly all are, and a sheet has millions
        return text.strip()
    seen = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return seen.replace("\r\n", "\n").strip()


def is_refused(character: str) -> bool:
    """Whether a text that is to be kept may not have this character: controls, lone surrogates, non-characters.

    Unassigned code points pass: Python's tables are older than the newest rare characters in names.
    """
    code = ord(character)
    is_no_character = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return is_no_character or unicodedata.category(character) in ("Cc", "Cs")


def clean_phone(text: str) -> str:
    """A telephone number as people write it. Raises DomainError."""
    if not re.match(PHONE, text):
        raise DomainError(NO_PHONE, field="phone")
    return text


def clean_email(text: str) -> str:
    """Raises DomainError."""
    if not re.match(EMAIL, text):
        raise DomainError(NO_EMAIL, field="email")
    return text
