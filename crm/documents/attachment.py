"""A report as the file that a browser saves."""

from urllib.parse import quote

from flask import make_response
from werkzeug.wrappers import Response


def as_attachment(content: bytes, media_type: str, plain: str, name: str) -> Response:
    """RFC 6266: the name in Chinese, and one in ASCII for what cannot read it."""
    answer = make_response(content)
    answer.mimetype = media_type
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    )
    return answer
