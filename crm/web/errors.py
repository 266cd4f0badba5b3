"""Everything that can go wrong, turned into an answer, in one place."""

from typing import Any

import structlog
from flask import Flask, current_app, g, redirect, request
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed

from crm.core import registry
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.web.guards import ask_to_sign_in, is_signed_in
from crm.web.htmx import wants_fragment
from crm.web.locale import sentence

log = structlog.get_logger()

SENTENCES = {
    400: (N_("请求有误"), N_("浏览器发来的内容不完整或无法识别，请返回后重试。")),
    403: (N_("没有权限"), N_("您的角色不包含这项操作。如工作需要，请联系系统管理员。")),
    404: (N_("找不到该页面"), N_("地址有误，或该记录不在您的数据范围内。")),
    405: (N_("请求有误"), N_("这个地址不接受这种操作，请从页面上的按钮重新进入。")),
    409: (N_("内容已有变化"), N_("这条记录在您打开之后已有变化，请核对后再试。")),
    413: (N_("内容过大"), N_("提交的内容超过了允许的大小。")),
    422: (N_("无法处理"), N_("填写的内容有误，请按提示修改。")),
    429: (N_("操作过于频繁"), N_("请稍后再试。")),
    500: (N_("系统出错"), N_("问题已记录。请稍后再试；如仍出错，请把请求编号告诉管理员。")),
    503: (N_("暂时不可用"), N_("数据库正忙或不可写，您的内容没有丢失，请稍后再试。")),
}


def page(status: int, message: str | None = None) -> tuple[str, int]:
    """The error page; only a sentence where htmx asked for a fragment.

    Rendered past the context processors: it must come out when the database, or the reader's session, is what failed.
    """
    title, usual = SENTENCES.get(status, SENTENCES[400 if status < 500 else 500])
    context = {
        "code": status,
        "title": _(title),
        "message": message or _(usual),
        "request_id": g.get("request_id", ""),
        "back_href": _form_page(),
        "locale": str(get_locale()),
    }
    template = "errors/_fragment.html" if wants_fragment() else "errors/page.html"
    return current_app.jinja_env.get_template(template).render(context), status


def _form_page() -> str | None:
    """The page whose form was refused: it is drawn anew, and the browser kept what was typed."""
    page_before = request.referrer or ""
    return (
        page_before
        if request.method == "POST" and page_before.startswith(request.host_url)
        else None
    )


def _elsewhere() -> str | None:
    """Where the record is now that this address named."""
    return next(filter(None, (forward() for forward in registry.forwardings)), None)


def init_app(app: Flask) -> None:
    @app.errorhandler(DomainError)
    def refused(error: DomainError) -> Any:
        session.rollback()
        return page(error.status, sentence(error))

    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> Any:
        if wants_fragment() and not is_signed_in():
            return ask_to_sign_in()
        return page(
            400, _("页面已过期，没有提交成功。请返回再提交一次；填写的内容会留在本标签页。")
        )

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Any:
        if error.code is None or error.code < 400:
            return error
        session.rollback()
        if error.code == 404 and (address := _elsewhere()):
            return redirect(address, 303)
        answer = page(error.code)
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            return *answer, {"Allow": ", ".join(sorted(error.valid_methods))}
        return answer

    @app.errorhandler(OverflowError)
    def too_large(error: OverflowError) -> Any:
        """A number came in that no column and no float can hold: nobody means it."""
        log.warning("overflow", path=request.path, exc_info=error)
        session.rollback()
        return page(400)

    @app.errorhandler(OperationalError)
    @app.errorhandler(InterfaceError)
    @app.errorhandler(TimeoutError)
    def unavailable(error: Exception) -> Any:
        log.error("database", path=request.path, exc_info=error)
        session.rollback()
        return page(503)

    @app.errorhandler(InternalServerError)
    def crashed(error: InternalServerError) -> Any:
        log.error("crash", path=request.path, exc_info=error.original_exception)
        session.rollback()
        return page(500)
