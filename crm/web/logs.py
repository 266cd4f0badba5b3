"""One line of JSON for each request, with an id that the error page shows and the audit log keeps."""

import logging
import re
import secrets
import sys
import time

import structlog
from flask import Flask, Response, g, request

from crm.audit.services import origin


def configure() -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def init_app(app: Flask) -> None:
    configure()
    log = structlog.get_logger()

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        known = app.config["PROXY_HOPS"] and re.fullmatch(r"[\w\-]{8,64}", given)
        g.request_id = given if known else secrets.token_hex(8)
        g.began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)
        origin.set(f"{request.remote_addr} {g.request_id}")

    @app.after_request
    def end(response: Response) -> Response:
        if request.endpoint not in ("static", "home.healthz"):
            log.info(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                ms=round((time.perf_counter() - g.began) * 1000, 1),
            )
        response.headers["X-Request-Id"] = g.get("request_id", "")
        return response
