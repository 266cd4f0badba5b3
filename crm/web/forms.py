"""What every form does to text: trims it, and refuses characters that no name or number contains."""

import unicodedata
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError


def clean_text(text: Any) -> Any:
    """Trimmed, line ends as \\n; None becomes the empty text."""
    return text.replace("\r\n", "\n").strip() if isinstance(text, str) else text or ""


class PlainText:
    """Refuses control characters, lone surrogates and non-characters; `lines` allows line breaks and tabs.

    Unassigned code points pass: Python's tables are older than the newest rare Chinese characters in names.
    """

    def __init__(self, *, lines: bool = False) -> None:
        self.allowed = "\n\t" if lines else ""

    def __call__(self, form: Any, field: Any) -> None:
        if any(c not in self.allowed and _is_refused(c) for c in field.data or ""):
            raise ValidationError(_("含有不能保存的字符，请重新输入。"))


def _is_refused(character: str) -> bool:
    code = ord(character)
    is_no_character = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return is_no_character or unicodedata.category(character) in ("Cc", "Cs")
