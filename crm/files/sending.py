"""A stored file on its way to a browser: always to be saved, never shown as a page of ours."""

from typing import Any
from urllib.parse import quote

from flask import abort, send_file

from crm.files.models import StoredFile
from crm.files.owners import store


def to_be_saved(file: StoredFile, name: str, *, media_type: str, plain: str) -> Any:
    """The content under its own name, and under `plain` for what cannot read that (RFC 6266). 404 where it is gone."""
    try:
        content = store().open(file.sha256)
    except FileNotFoundError:
        abort(404)
    answer = send_file(content, media_type, etag=False, conditional=False)
    answer.content_length = file.size
    plain = f"{plain}.{name.rpartition('.')[2]}"
    answer.headers["Content-Disposition"] = (
        f"attachment; filename={plain}; filename*=UTF-8''{quote(name, safe='')}"
    )
    return answer
