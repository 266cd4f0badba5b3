"""An import that is long over, or was left lying, keeps neither its file nor the personal data of its rows."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from crm.audit.models import AuditEntry
from crm.companies.models import Company, Contact
from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import Conflict
from crm.imports import undo
from crm.imports.clearing import clear_old
from crm.imports.models import Import, ImportRow, ImportState
from tests import factories
from tests.imports.bringing import bring, fresh, land, row

HEAD = ("企业名称", "统一社会信用代码", "联系人", "电话", "证件号码", "成立日期")
ID_NUMBER = "110101199003077774"


def brought(by: Any, *rows: tuple[str, ...]) -> Import:
    return bring("companies", HEAD, *rows, by=by)


def a_row(name: str, *, day: str = "2019-01-01") -> tuple[str, ...]:
    return (name, factories.make_uscc(), "李雷", "13812340000", ID_NUMBER, day)


def aged(import_: Import, days: int) -> None:
    with writing():
        on = clock.now() - timedelta(days=days)
        landed_at = on if import_.landed_at else None
        session.execute(
            update(Import)
            .where(Import.id == import_.id)
            .values(recorded_at=on, landed_at=landed_at)
        )


def test_long_after_it_landed_only_facts_of_no_person_stay(cast: Any) -> None:
    import_ = land(brought(cast.a, a_row("甲公司"), a_row("乙公司", day="x")), cast.a)
    aged(import_, 89)
    clear_old()
    assert fresh(import_).file_id is not None
    assert ID_NUMBER in row(import_, 2).cells
    aged(import_, 91)
    clear_old()
    import_ = fresh(import_)
    assert (import_.state, import_.file_id) == (ImportState.LANDED, None)
    first, second = row(import_, 2), row(import_, 3)
    name, code, *person, day = json.loads(first.cells)
    assert (name, len(code), person, day) == ("甲公司", 18, ["", "", ""], "2019-01-01")
    assert "不是日期" in second.faults
    assert session.get_one(Company, first.record_id).name == "甲公司"
    assert session.scalars(select(Contact.id_number)).all() == [ID_NUMBER]
    with pytest.raises(Conflict, match="不能再撤销"):
        undo.undo(import_.id, cast.a.id)
    count = select(AuditEntry.details).where(AuditEntry.action == "import.cleared")
    assert len(session.scalars(count).all()) == 1
    clear_old()
    assert len(session.scalars(count).all()) == 1


def test_one_that_was_left_lying_is_given_up(cast: Any) -> None:
    import_ = brought(cast.a, a_row("甲公司"))
    with writing():
        session.execute(update(ImportRow).values(mended=ImportRow.cells))
        session.execute(update(Import).values(mapping="{}"))
    aged(import_, 91)
    clear_old()
    import_ = fresh(import_)
    assert import_.state is ImportState.DROPPED
    kept = row(import_, 2)
    assert [json.loads(text or "") for text in (kept.cells, kept.mended)] == [[""] * len(HEAD)] * 2


def test_its_page_says_so_and_reads_the_file_no_more(cast: Any, browser_of: Any) -> None:
    import_ = land(brought(cast.a, a_row("甲公司")), cast.a)
    aged(import_, 91)
    clear_old()
    page = browser_of("a").get(f"/imports/{import_.id}").text
    assert "不能再撤销" in page
    assert "/undoings" not in page
    assert ID_NUMBER not in page
