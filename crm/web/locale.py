"""Chinese first, complete English. The choice is kept in the session cookie."""

from functools import lru_cache
from typing import Any, cast

from babel.support import NullTranslations, Translations
from flask import (
    Blueprint,
    Flask,
    Request,
    g,
    has_request_context,
    redirect,
    request,
    session,
    url_for,
)
from flask_babel import Babel, get_locale, get_translations, gettext
from markupsafe import Markup
from wtforms.i18n import messages_path

from crm.core.errors import DomainError
from crm.core.words import LabelledEnum
from crm.web.addresses import safe_address
from crm.web.guards import public

LOCALES = {"zh_Hans_CN": "中文", "en": "English"}
DEFAULT = "zh_Hans_CN"

bp = Blueprint("web", __name__)


def choose() -> str:
    """The reader's language; the command line speaks the default one."""
    chosen = str(session.get("locale")) if has_request_context() else DEFAULT
    return chosen if chosen in LOCALES else DEFAULT


def sentence(error: DomainError) -> str:
    """A domain error in the reader's language."""
    values = {key: label(value) for key, value in error.values.items()}
    return str(gettext(error.message, **values))


def label(value: Any) -> Any:
    """The translated label of an enumeration's member or a marked word, or of several; anything else as it is."""
    if isinstance(value, tuple):
        return _word("、").join(str(label(part)) for part in value)
    if isinstance(value, LabelledEnum):
        return _word(value.label)
    return _word(value) if isinstance(value, str) and value else value


def _word(text: str) -> str:
    """As gettext, without its search for the catalogue: a page asks for hundreds of words."""
    return _translated(_language(), text)


def _in_template(text: str, /, **values: Any) -> Markup:
    """`_('…')` of the templates: a word is made safe once, its values each time."""
    word = _safe(_language(), text)
    return word % values if values else word


def _language() -> str:
    """Of the request, looked up once: a page asks a hundred times."""
    if not has_request_context():
        return _found_language()
    if "language" not in g:
        g.language = _found_language()
    return g.language  # type: ignore[no-any-return]


def _found_language() -> str:
    locale = get_locale()
    return locale.language if locale else ""


@lru_cache(4096)
def _safe(language: str, text: str) -> Markup:
    return Markup(_translated(language, text))


@lru_cache(4096)
def _translated(_language: str, text: str) -> str:
    """Of the language that is the request's own just now: asked for once in a process."""
    return str(cast(NullTranslations, get_translations()).gettext(text))


class RequestWithWords(Request):
    """Where Flask-WTF looks for the words of WTForms; by itself it reads them at each request, and finds none for zh_Hans_CN."""

    @property
    def wtforms_translations(self) -> NullTranslations:
        return _words_of_wtforms(_language())


@lru_cache(len(LOCALES))
def _words_of_wtforms(language: str) -> NullTranslations:
    return Translations.load(messages_path(), [language], domain="wtforms")


@bp.post("/locale")
@public
def set_locale() -> Any:
    """Remember the language and go back to the page it was asked from."""
    chosen = request.form.get("locale", "")
    if chosen in LOCALES:
        session["locale"] = chosen
    return redirect(safe_address(request.form.get("next")) or url_for("home.index"), 303)


def init_app(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = DEFAULT
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Asia/Shanghai"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(app.config["ROOT"] / "translations")
    Babel(app, locale_selector=choose)
    app.request_class = RequestWithWords
    app.jinja_env.globals["_"] = _in_template
    app.register_blueprint(bp)
