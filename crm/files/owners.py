"""Who may see and change the files of a record: decided by the record, found through what its room handed down."""

from flask import abort, current_app

from crm.core import registry
from crm.core.registry import FileOwner, SubjectRef
from crm.files.store import Store
from crm.web.guards import may, my_scope


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


def may_change(kind: str) -> bool:
    return any(may(action) for action in registry.file_owners[kind].writing)


def store() -> Store:
    found: Store = current_app.config["FILE_STORE"]
    return found
