"""Named settings with their defaults. A value in the database goes before the default."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from crm.audit.services import Actor, record
from crm.core.db import session
from crm.core.words import N_
from crm.reference.models import Setting

DEFAULTS: dict[str, Any] = {
    "demo_data": None,  # {"seed": 1, "companies": 1200, …} once generated data was loaded
    "setup.finished": False,  # the first start has filled the database
    "companies.compared": None,  # how far the look for look-alikes has come
    "files.keep_removed_days": None,  # so long a removed attachment keeps its content; None: for ever
    "followup.neglected_days": 90,  # a firm without a contact for so long is 久未联系
    "followup.request_days": {
        "space": 10, "financing": 15, "talent": 10, "policy": 5, "qualification": 10, "services": 5, "other": 10,
    },
    "operating.due_days": 15,  # after a quarter's end its figures are due
    "jobs.result_days": 7,  # so long the file that a job made can be taken
    "jobs.result_megabytes": 500,  # of one person's files together: beyond it the oldest go before their days are over
    "imports.kept_days": 90,  # so long an import keeps its file and the personal data of its rows, and can be undone
    "lists.at_once": 5000,  # a list of more rows is written to a file by the worker
    "lists.asks_purpose": False,  # whether who exports a list must say what for
    "pace.yellow_points": 10,
    "pace.red_points": 30,
    "reporting.data_day": 18,  # of the month after: the units' figures are due
    "reporting.report_day": 25,  # and the office's report
    "reporting.opens_by_itself": True,  # at a month's end the worker asks the units for its figures
    "entry.limits": {"acceptance": 1, "review": 5, "signing": 5},  # working days in each state of the desk
    "entry.errands": [N_("核名"), N_("办理营业执照"), N_("刻章"), N_("税务登记"), N_("银行开户")],  # 代办
    "progress.cadence": "month",  # how often the park asks for progress: week or month
    "progress.stages": ["intent", "signed", "approval", "construction"],  # projects in these owe a note
    "reports.at_once": 30,  # a report on more projects is printed by the worker
    "supervision.limit_days": {  # documents 30 days, minutes 20, leaders' notes 15, petitions 60, proposals 90
        "red_light": 20, "promise": 30, "city": 30, "key_project": 30, "instruction": 15, "meeting": 20,
        "proposal": 90, "petition": 60,
    },
    "supervision.escalation_days": {"head": 1, "supervisor": 4, "leader": 8},  # so long overdue it is put before them
    "projects.quiet_days": 60,  # so long without a contact or a step: 久未跟进
    "projects.stalled_days": {
        "lead": 30, "negotiating": 60, "intent": 90, "signed": 30, "approval": 120, "construction": 720,
    },
}  # fmt: skip


def get(key: str) -> Any:
    """The setting's value. KeyError for a name that is not in DEFAULTS."""
    default = DEFAULTS[key]
    return _stored().get(key, default)


def put(key: str, value: Any, *, by: Actor) -> None:
    """Change a setting, with its entry in the audit log."""
    before = get(key)
    keep(key, value)
    record("setting.changed", None, by=by, name=key, changes={key: (before, value)})


def keep(key: str, value: Any) -> None:
    """What the program itself remembers: nobody's decision, so no entry in the log."""
    session.merge(Setting(key=key, value=value))
    session.info.pop(_KEPT, None)


def is_demo_data() -> bool:
    """Whether the database holds generated data (marked on every page and report)."""
    return get("demo_data") is not None


_KEPT = "settings"


def _stored() -> Mapping[str, Any]:
    """All values in the database, read once in a transaction: every page asks for several of them."""
    transaction, values = session.info.get(_KEPT, (None, {}))
    if transaction is None or transaction is not session().get_transaction():
        values = {row.key: row.value for row in session.execute(_EVERY)}
        session.info[_KEPT] = session().get_transaction(), values
    return values  # type: ignore[no-any-return]


_EVERY = select(Setting.key, Setting.value)
