"""Words for people that are written where no request exists.

Chinese is the source language. `N_` marks a string for the catalogue and returns it unchanged; the web layer
translates it when it is shown.
"""

from enum import StrEnum


def N_(text: str) -> str:  # noqa: N802 - the name that gettext tools look for
    return text


class LabelledEnum(StrEnum):
    """An enumeration stored by its English value and shown by its Chinese label: `LEAD = "lead", N_("信息")`.

    What follows the label are other words for it in the papers of other offices, understood where they are read in.
    """

    label: str
    also: tuple[str, ...]

    def __new__(cls, value: str, label: str = "", *also: str) -> "LabelledEnum":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.also = also
        return member
