"""Personal data of evidence as it is shown to who may not see it, and written to the log."""

from typing import Any

from crm.audit.services import Changes
from crm.companies.masking import masked_id_number, masked_phone
from crm.core.attributes import Attribute
from crm.evidence.kind import Kind

MASK = "*"
_MASKS = {"phone": masked_phone, "id_number": masked_id_number}


def masked(one: Attribute, value: Any) -> Any:
    return _MASKS[one.name](value or "") if one.is_personal else value


def is_masked(one: Attribute | None, value: Any) -> bool:
    """Whether it is what `masked` showed: it says nothing of what stands there."""
    return one is not None and one.is_personal and MASK in str(value or "")


def told(kind: Kind, changes: Changes) -> Changes:
    """Changes as the log keeps them."""
    return {
        name: (masked(one, before), masked(one, after)) if (one := kind.by_name.get(name)) else (before, after)
        for name, (before, after) in changes.items()
    }  # fmt: skip
