"""Personal data as it is shown to who may not see it: enough to recognise, not enough to use."""

import re


def masked_phone(number: str) -> str:
    """138****0000; a landline keeps its area code and last two digits; a short number nothing."""
    digits = re.sub(r"\D", "", number)
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}****{digits[-4:]}"
    area = re.match(r"0\d{2,3}", digits)
    if area and len(digits) > 8:
        return f"{area[0]}-****{digits[-2:]}"
    return "****" if number else ""


def masked_email(address: str) -> str:
    """z***@example.com"""
    person, at, domain = address.rpartition("@")
    return f"{person[:1]}***@{domain}" if at else ("****" if address else "")


def masked_id_number(number: str) -> str:
    """32**************14; of a short one nothing."""
    if len(number) <= 8:
        return "****" if number else ""
    return f"{number[:2]}{'*' * (len(number) - 4)}{number[-2:]}"
