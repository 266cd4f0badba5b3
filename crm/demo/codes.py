"""Numbers that check out and belong to nobody."""

from crm.companies.models import CompanyKind
from crm.core.identifiers import uscc_check_character

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I O S V Z
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714-1997

# Who registers it and as what, then 武进区. Firms share one series; institutes and colleges are 事业单位.
_AUTHORITY = {
    CompanyKind.SOLE_TRADER: "92320412",
    CompanyKind.INSTITUTE: "12320412",
    CompanyKind.COLLEGE: "12320412",
}
_SERIES = "MAY"  # the last series of all: offices have not reached it


def uscc(kind: CompanyKind, serial: int) -> str:
    """The code of the firm with this serial number; both its check characters are right."""
    body = _SERIES + _in_alphabet(serial)
    first_17 = _AUTHORITY.get(kind, "91320412") + body + organisation_check(body)
    return first_17 + uscc_check_character(first_17)


def organisation_check(body: str) -> str:
    """The ninth character of an organisation code, by GB 11714-1997."""
    total = sum(
        int(character, 36) * weight
        for character, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X0"[(11 - total % 11)]


def phone(serial: int) -> str:
    """A mobile number in a block that no operator has given out."""
    return f"1990000{serial % 10_000:04d}"


def email(serial: int) -> str:
    return f"contact{serial}@example.com"


def _in_alphabet(number: int) -> str:
    digits = ""
    for _ in range(5):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
