"""The page of settings: what is another value than before is written and logged, what is out of bounds refused."""

from typing import Any

from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.core.db import session
from crm.reference import settings
from crm.reference.settings_pages import ASKED

PAGE = {
    "lists_at_once": "200", "reports_at_once": "30", "jobs_result_days": "7", "lists_asks_purpose": "y",
    "files_keep_removed_days": "", "followup_neglected_days": "90", "projects_quiet_days": "60",
    "operating_due_days": "15",
}  # fmt: skip


def _changes() -> list[str]:
    session.rollback()
    query = select(AuditEntry.details).where(AuditEntry.action == "setting.changed")
    return list(session.scalars(query.order_by(AuditEntry.id)))


def test_what_is_another_value_is_written_and_logged_once(
    app: Any, cast: Any, browser_of: Any
) -> None:
    browser = browser_of("admin")
    assert browser.get("/settings").status_code == 200
    assert browser.post("/settings", data=PAGE).status_code == 303
    assert browser.post("/settings", data=PAGE).status_code == 303
    said = _changes()
    assert len(said) == 2
    assert "[5000, 200]" in said[0]
    assert settings.get("lists.at_once") == 200
    assert settings.get("lists.asks_purpose") is True
    assert settings.get("files.keep_removed_days") is None
    assert "改于" in browser.get("/settings").text


def test_what_is_out_of_bounds_is_refused_with_what_was_typed(
    app: Any, cast: Any, browser_of: Any
) -> None:
    for one in ASKED:
        if one.bounds is None:
            continue
        least, most = one.bounds
        for wrong in (str(least - 1), str(most + 1), "三", *([] if one.may_be_empty else [""])):
            answer = browser_of("admin").post("/settings", data=PAGE | {one.name: wrong})
            assert answer.status_code == 422, (one.key, wrong)
            assert f'value="{wrong}"' in answer.text
        usual = settings.DEFAULTS[one.key]
        assert usual is None or least <= usual <= most
    assert _changes() == []


def test_only_an_administrator_opens_it(app: Any, cast: Any, browser_of: Any) -> None:
    assert browser_of("a").get("/settings").status_code == 403
    assert browser_of("supervisor").post("/settings", data=PAGE).status_code == 403
    assert _changes() == []
