"""Named settings with their defaults. A value in the database goes before the default."""

from typing import Any

from sqlalchemy import select

from crm.audit.services import Actor, record
from crm.core.db import session
from crm.reference.models import Setting

DEFAULTS: dict[str, Any] = {
    "demo_data": None,  # {"seed": 1, "companies": 1200, …} once generated data was loaded
    "setup.finished": False,  # the first start has filled the database
    "pace.yellow_points": 10,
    "pace.red_points": 30,
    "projects.stalled_days": {
        "lead": 30, "negotiating": 60, "intent": 90, "signed": 30, "approval": 120, "construction": 720,
    },
}  # fmt: skip


def get(key: str) -> Any:
    """The setting's value. KeyError for a name that is not in DEFAULTS."""
    default = DEFAULTS[key]
    found = session.get(Setting, key)
    return default if found is None else found.value


def put(key: str, value: Any, *, by: Actor) -> None:
    """Change a setting, with its entry in the audit log."""
    before = get(key)
    session.merge(Setting(key=key, value=value))
    record("setting.changed", None, by=by, name=key, changes={key: (before, value)})


def is_demo_data() -> bool:
    """Whether the database holds generated data (marked on every page and report)."""
    return session.scalar(select(Setting.value).where(Setting.key == "demo_data")) is not None
