"""What the business refuses, in words. crm.web.errors turns each into an answer, in one place."""

from collections.abc import Mapping
from typing import Any

from crm.core.words import N_


class DomainError(Exception):
    """A rule was broken. `message` is a Chinese msgid with named placeholders filled from `values`.

    `field` names the form field that the person can mend, where there is one. `status` is the HTTP answer.
    """

    status = 422

    def __init__(self, message: str, *, field: str | None = None, **values: Any) -> None:
        self.message = message
        self.field = field
        self.values: Mapping[str, Any] = values
        super().__init__(message % values if values else message)


class Conflict(DomainError):
    """The record is not what the person thought it was when they began."""

    status = 409


class StaleRecord(Conflict):
    """Somebody else saved this record since the form was opened."""

    def __init__(self) -> None:
        super().__init__(N_("这条记录在您打开之后已被他人修改，请核对最新内容后再保存。"))


class NotAllowed(DomainError):
    """The person's role does not include this action."""

    status = 403
