"""What every template may rely on."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import get_locale, gettext
from markupsafe import Markup

from crm.core import clock, registry
from crm.web.guards import is_signed_in, may, me
from crm.web.htmx import keeping_next


def asset(path: str) -> str:
    """The address of a static file with its content hash: browsers keep it for a year, and never too long."""
    return request.script_root + _address(path)


@cache
def _address(path: str) -> str:
    """Put together once in a process: a page has thirty of them."""
    file = Path(current_app.static_folder or "") / path
    version = hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.exists() else "missing"
    return f"{current_app.static_url_path}/{path}?v={version}"


def icon(name: str) -> Markup:
    """One of the sprite's drawings, beside words that say the same."""
    return _icon(asset("icons.svg"), name)


@cache
def _icon(sprite: str, name: str) -> Markup:
    return Markup(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#i-{}"/></svg>'
    ).format(sprite, name)


class NavigationLink:
    """A place in the head of the page; `is_own` where it belongs to the person's daily work."""

    def __init__(self, entry: registry.NavigationEntry) -> None:
        self.is_own = not entry.roles or not me().roles.isdisjoint(entry.roles)
        self.label = gettext(entry.label)
        self.icon = entry.icon
        self.href = url_for(entry.endpoint)
        self.badge = url_for(entry.badge) if entry.badge else None
        here = _room(request.path)
        is_within = registry.within.get(here) == entry.endpoint
        self.active = is_within or here == _room(self.href.removeprefix(request.script_root))


def _room(address: str) -> str:
    """The first part of an address: pages of one feature share it."""
    return address.split("/")[1]


def _navigation() -> list[NavigationLink]:
    if not is_signed_in():
        return []
    entries = sorted(registry.navigation, key=lambda entry: entry.position)
    return [NavigationLink(e) for e in entries if e.action is None or may(e.action)]


def _is_on_demo_data() -> bool:
    """Whether the database says of itself that it was generated; asked for signed-in people only."""
    if not is_signed_in():
        return bool(current_app.config["IS_DEMO"])
    return any(check() for check in registry.demo_checks)


def init_app(app: Flask) -> None:
    # the frame's own are functions: a fragment asks for neither
    app.jinja_env.globals.update(
        asset=asset,
        draw=icon,
        may=may,
        navigation=_navigation,
        is_on_demo_data=_is_on_demo_data,
        keeping_next=keeping_next,
    )

    @app.context_processor
    def shared() -> dict[str, Any]:
        return {
            "me": me() if is_signed_in() else None,
            "locale": str(get_locale()),
            "today": clock.today(),
            "business_date_is_set": clock.is_business_date_set(),
        }
