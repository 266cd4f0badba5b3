"""Who may see and change the files of a record: decided by the record, found through what its room handed down."""

from collections.abc import Collection, Sequence
from typing import IO

from flask import abort, current_app

from crm.audit.services import record
from crm.core import registry
from crm.core.db import writing
from crm.core.registry import FileOwner, SubjectRef
from crm.files.content import EVIDENCE, MediaType
from crm.files.models import Attachment
from crm.files.scanning import Infected
from crm.files.store import Kept, Store
from crm.web.guards import may, me, my_scope


def owner(kind: str) -> FileOwner:
    """A kind of record that has files, for who may read such records at all."""
    found = registry.file_owners.get(kind) or abort(404)
    if not may(found.reading):
        abort(403)
    return found


def record_of(kind: str, record_id: int, *, is_changing: bool = False) -> SubjectRef:
    """The record in the reader's scope; 404 otherwise, 403 for who may not change its files."""
    found = owner(kind)
    ref = found.find(record_id, my_scope()) or abort(404)
    if is_changing and not may_change(kind):
        abort(403)
    return ref


def records_of(attachments: Sequence[Attachment]) -> list[SubjectRef]:
    """The records of some attachments, those that the reader may see."""
    found = []
    for one in attachments:
        kind = registry.file_owners.get(one.subject_type)
        if kind and may(kind.reading) and (ref := kind.find(one.subject_id, my_scope())):
            found.append(ref)
    return found


def may_change(kind: str) -> bool:
    return any(may(action) for action in registry.file_owners[kind].writing)


def store() -> Store:
    found: Store = current_app.config["FILE_STORE"]
    return found


def keep_sent(stream: IO[bytes], allowed: Collection[MediaType] = EVIDENCE, *, name: str) -> Kept:
    """Put what somebody sends into the store. Raises DomainError; an infected file is noted in the log first."""
    try:
        return store().keep(stream, allowed)
    except Infected as error:
        with writing():
            record("file.infected", None, by=me(), name=name, sha256=error.sha256)
        raise
