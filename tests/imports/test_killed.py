"""An import is killed with -9 at random moments: what it wrote is whole or absent, and it comes to its end when begun again.

CRM_KILLS=50 pytest tests/imports/test_killed.py kills more often.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

import crm
from crm.audit.models import AuditEntry
from crm.audit.queries import verify
from crm.companies.models import Company, Contact, Residence
from crm.core.db import session, writing
from crm.imports import checking, landing, services, staging
from crm.imports.mapping import guessed
from crm.imports.models import Import, ImportRow, ImportState
from crm.imports.queries import kind_of
from crm.imports.sheets import Line, Sheet
from crm.people.models import User
from tests import factories
from tests.imports.bringing import received

KILLS = int(os.environ.get("CRM_KILLS", "2"))
ROWS = 2100  # more than one chunk
HEAD = ("企业名称", "统一社会信用代码", "联系人", "电话", "入驻日期")


def a_sheet() -> Sheet:
    codes = [factories.make_uscc() for _ in range(ROWS)]
    lines = [
        Line(at, (f"常州{code}有限公司", code, "李雷", "13812340000", "2018-06-01"))
        for at, code in enumerate(codes, 2)
    ]
    return Sheet("表", 1, HEAD, lines)


def come_to_its_end(import_id: int, sheet: Sheet, by_id: int) -> None:
    """What the worker's jobs do one after another; each goes on from where it was."""
    import_ = session.get_one(Import, import_id)
    by = session.get_one(User, by_id)
    if import_.state is ImportState.UPLOADED:
        staging.stage(import_id, sheet)
        with writing():
            services.map_columns(import_, guessed(kind_of("companies"), sheet), by=by)
    checking.check(import_id, by_id)
    if session.get_one(Import, import_id, populate_existing=True).state is ImportState.CHECKED:
        with writing():
            services.begin_landing(session.get_one(Import, import_id), by=by)
    landing.land(import_id, by_id)


def killed_after(seconds: float, act: Callable[[], None]) -> None:
    """Do it in a process of its own, and kill that."""
    session.remove()
    crm.db.engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            act()
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def written() -> tuple[int | None, ...]:
    session.rollback()
    counted = (Company, Contact, Residence)
    return tuple(session.scalar(select(func.count()).select_from(model)) for model in counted)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_an_import_that_is_killed_is_whole_or_absent_and_goes_on(cast: Any) -> None:
    by_id = cast.a.id
    began = time.monotonic()
    sheet = a_sheet()
    come_to_its_end(received("companies", cast.a).id, sheet, by_id)
    usual = time.monotonic() - began
    landed = ROWS
    rng = random.Random(20)
    for _ in range(KILLS):
        sheet = a_sheet()
        import_id = received("companies", session.get_one(User, by_id)).id
        killed_after(rng.uniform(0, usual * 1.2), partial(come_to_its_end, import_id, sheet, by_id))
        assert written() in ((landed,) * 3, (landed + ROWS,) * 3)
        come_to_its_end(import_id, sheet, by_id)
        landed += ROWS
        assert written() == (landed,) * 3
        import_ = session.get_one(Import, import_id, populate_existing=True)
        assert (import_.state, import_.creates) == (ImportState.LANDED, ROWS)
        whole = select(func.count()).where(
            ImportRow.import_id == import_id, ImportRow.before.is_not(None)
        )
        assert session.scalar(whole) == ROWS
        assert verify().first_bad is None
    entries = select(func.count()).where(AuditEntry.action == "import.landed")
    assert session.scalar(entries) == KILLS + 1
