"""What text may stand in a cell of a sheet."""

import re

# Control characters and the code points XML forbids: one of them makes a whole workbook unreadable.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def plain_text(value: object) -> str:
    """The text of a cell: None is empty; characters no sheet can hold are left out."""
    return "" if value is None else FORBIDDEN.sub("", str(value))
