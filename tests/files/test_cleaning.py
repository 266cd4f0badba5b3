"""What the store may forget, and what it may never: also while others attach, and where somebody pulls the plug."""

import io
import os
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from crm.audit.models import AuditEntry
from crm.audit.services import SYSTEM
from crm.core import clock
from crm.core.db import session, writing
from crm.files import cleaning, services
from crm.files.cleaning import Cleaned, Damage
from crm.files.models import Attachment, StoredFile
from crm.files.store import DRAFTS, Kept, Store
from tests import factories
from tests.files.hostile import PDF

AT_ONCE = timedelta(days=-1)  # what is as young as this may go


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.at(str(tmp_path / "files"))


def keep(store: Store, text: str = "") -> Kept:
    return store.keep(io.BytesIO(PDF + text.encode()))


def attach(kept: Kept, by: Any, record_id: int = 1) -> int:
    with writing():
        return services.attach("project", record_id, kept, name="a.pdf", by=by).id


def clean(store: Store, **options: Any) -> Cleaned:
    return cleaning.clean(store, by=SYSTEM, **{"grace": AT_ONCE, **options})


def contents(store: Store) -> set[str]:
    return set(store.contents())


def test_only_what_nothing_names_and_is_old_goes(store: Store, cast: factories.Cast) -> None:
    named, removed, unnamed, rowless = (keep(store, name) for name in "abcd")
    attach(named, cast.a)
    number = attach(removed, cast.a)
    with writing():
        services.remove(session.get_one(Attachment, number), by=cast.a)
        services.stored(unnamed)
    (Path(store.root) / DRAFTS / "left-behind").write_bytes(b"half")
    everything = contents(store)

    assert cleaning.clean(store, by=SYSTEM) == Cleaned(0, 0, 0, 0)
    expected = Cleaned(0, 2, unnamed.size + rowless.size, 1)
    assert clean(store, is_rehearsal=True) == expected
    assert contents(store) == everything
    assert clean(store) == expected
    assert contents(store) == {named.sha256, removed.sha256}
    assert os.listdir(Path(store.root) / DRAFTS) == []
    assert clean(store) == Cleaned(0, 0, 0, 0)
    deleted = select(func.count()).where(AuditEntry.action == "file.deleted")
    assert session.scalar(deleted) == 2


def test_a_removed_attachment_keeps_its_content_until_its_time_is_over(
    store: Store, cast: factories.Cast
) -> None:
    kept = keep(store)
    number = attach(kept, cast.a)
    with writing():
        services.remove(session.get_one(Attachment, number), by=cast.a)
    assert clean(store, keep_removed=timedelta(days=1)) == Cleaned(0, 0, 0, 0)
    with writing():
        session.get_one(Attachment, number).archived_at = clock.now() - timedelta(days=2)
    gone = Cleaned(1, 1, kept.size, 0)
    assert clean(store, keep_removed=timedelta(days=1), is_rehearsal=True) == gone
    assert clean(store, keep_removed=timedelta(days=1)) == gone
    assert session.scalar(select(func.count(Attachment.id))) == 0
    assert contents(store) == set()


def test_two_clean_at_once_and_each_content_goes_once(store: Store, at_once: Any) -> None:
    kept = [keep(store, str(n)) for n in range(10)]
    with writing():
        for one in kept:
            services.stored(one)
    done = at_once(lambda: clean(store), lambda: clean(store))
    assert sum(one.contents for one in done) == 10
    assert contents(store) == set()


def test_what_is_attached_while_it_is_collected_is_there_afterwards(
    store: Store, at_once: Any
) -> None:
    """The content was put into the store before the cleaner came, the row that names it is written after.

    Content and row are old; what is put back is not, nor the draft that it comes from.
    """
    for number in range(1, 13):
        kept = keep(store)
        with writing():
            services.stored(kept).stored_at = clock.now() - timedelta(days=2)
        os.utime(Path(store.root) / kept.sha256[:2] / kept.sha256, (0, 0))
        attaching = partial(attach, kept, SYSTEM, number)
        attached, _ = at_once(attaching, lambda: clean(store, grace=cleaning.GRACE))
        assert isinstance(attached, int), attached
        assert contents(store) == {kept.sha256}
        assert session.scalars(select(StoredFile.sha256)).all() == [kept.sha256]
        with writing():
            session.execute(delete(Attachment))
        clean(store)


class PulledPlug(Store):
    """Its machine loses its power when something is deleted: before the commit."""

    def delete(self, sha256: str) -> None:
        super().delete(sha256)
        raise KeyboardInterrupt


def test_a_cleaning_that_is_broken_off_leaves_nothing_that_somebody_misses(
    app: Flask, store: Store, cast: factories.Cast
) -> None:
    kept = keep(store)
    with writing():
        services.stored(kept)
    broken = PulledPlug(store.system, store.root)
    with pytest.raises(KeyboardInterrupt):
        clean(broken)
    assert list(cleaning.verify(store)) == [Damage(kept.sha256, True, ())]
    attach(kept, cast.a)  # the row is there, the content is not: it is put back
    assert contents(store) == {kept.sha256}
    assert list(cleaning.verify(store)) == []


def test_damage_is_found_and_named(store: Store, cast: factories.Cast) -> None:
    whole, changed, missing = (keep(store, name) for name in "abc")
    for kept in (whole, changed, missing):
        attach(kept, cast.a)
    Path(store._place(changed.sha256)).write_bytes(PDF)
    store.delete(missing.sha256)
    found = list(cleaning.verify(store))
    assert found == [
        Damage(changed.sha256, False, ("a.pdf",)),
        Damage(missing.sha256, True, ("a.pdf",)),
    ]


def test_the_commands_say_what_they_did(app: Flask, cast: factories.Cast) -> None:
    store = app.config["FILE_STORE"]
    attach(keep(store, "command"), cast.a)
    runner = app.test_cli_runner()
    said = runner.invoke(args=["files", "clean", "--dry-run"])
    assert (said.exit_code, "将清除" in said.output) == (0, True)
    assert "0 个文件" in runner.invoke(args=["files", "clean"]).output
    assert "全部完好" in runner.invoke(args=["files", "verify"]).output
    store.delete(session.scalars(select(StoredFile.sha256)).one())
    damaged = runner.invoke(args=["files", "verify"])
    assert (damaged.exit_code, "缺失" in damaged.output) == (1, True)
