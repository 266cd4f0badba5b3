"""Headers on every answer, cookies, the CSRF token, limits on what is sent in."""

from flask import Flask, Response, abort, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_wtf import CSRFProtect

from crm.web.addresses import RecordNumber
from crm.web.uploads import allow_files, let_go_of_files

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
ONE_YEAR = 365 * 24 * 3600

csrf = CSRFProtect()


class _CookieForPagesOnly(SecureCookieSessionInterface):
    """Static files may be kept by a cache that many share: the session's cookie must not ride on them."""

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        return request.endpoint != "static" and super().should_set_cookie(app, session)


def init_app(app: Flask, *, is_https: bool) -> None:
    prefix = "__Host-" if is_https else ""
    app.config.update(
        SESSION_COOKIE_NAME=f"{prefix}crm",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=500_000,
        MAX_FORM_PARTS=1000,
        SEND_FILE_MAX_AGE_DEFAULT=ONE_YEAR,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open over lunch still saves
        WTF_CSRF_SSL_STRICT=is_https,
    )
    app.session_interface = _CookieForPagesOnly()
    # An address is right or it is not: the router's own redirects would carry the Host header that was sent.
    app.url_map.strict_slashes = app.url_map.merge_slashes = False
    app.url_map.converters["int"] = RecordNumber

    app.before_request(allow_files)
    app.teardown_request(let_go_of_files)

    @app.before_request
    def refuse_nul() -> None:
        """No text of ours holds U+0000, and PostgreSQL cannot store it."""
        sent = (*request.args.items(multi=True), *request.form.items(multi=True))
        if "\0" in request.path or any("\0" in part for pair in sent for part in pair):
            abort(400)

    csrf.init_app(app)

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if is_https:
            headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}"
        if request.endpoint != "static" or response.status_code >= 400:
            headers["Cache-Control"] = "no-store"
            headers.add("Vary", "HX-Request")
        return response
