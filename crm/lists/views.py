"""Saved views of every list: kept, changed, put away. The lists themselves are pages of their own rooms."""

from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request
from flask_babel import gettext as _

from crm.core import registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.lists import exports, queries, services, state, wording
from crm.lists.asking import units_seen
from crm.lists.fields import Listing
from crm.lists.forms import ViewForm
from crm.lists.log_words import LOG_WORDS
from crm.lists.models import SavedView
from crm.people.roles import Action
from crm.web.forms import blame
from crm.web.guards import may, me, needs

bp = Blueprint("lists", __name__, url_prefix="/views")

READERS = (Action.COMPANIES_READ, Action.PROJECTS_READ)  # and each view asks for its own list's


@bp.get("/<list_key>/new")
@needs(*READERS)
def new(list_key: str) -> Any:
    listing = _listing(list_key)
    form = ViewForm(formdata=None, state=_clean(listing, request.args.get("state", "")))
    return _page(listing, form)


@bp.post("/<list_key>")
@needs(*READERS)
def create(list_key: str) -> Any:
    listing = _listing(list_key)
    form = ViewForm()
    form.state.data = _clean(listing, form.state.data or "")
    if form.validate_on_submit():
        try:
            with writing():
                view = services.save_view(listing.key, form.to_details(), by=me())
            flash(_("已保存视图“%(name)s”。", name=view.name), "success")
            return redirect(f"{listing.address}?view={view.id}", 303)
        except DomainError as refused:
            return _refused(listing, form, refused)
    return _page(listing, form), 422


@bp.get("/<int:view_id>/edit")
@needs(*READERS)
def edit(view_id: int) -> Any:
    """Its name and sharing; with `state` also what it shows from now on."""
    view = _own_view(view_id)
    listing = _listing(view.list_key)
    shown = request.args.get("state")
    form = ViewForm.of(view, None if shown is None else _clean(listing, shown))
    return _page(listing, form, view)


@bp.post("/<int:view_id>")
@needs(*READERS)
def update(view_id: int) -> Any:
    view = _own_view(view_id)
    listing = _listing(view.list_key)
    form = ViewForm.of(view)
    form.state.data = _clean(listing, form.state.data or "")
    if form.validate_on_submit():
        version = form.version.data or 0
        try:
            with writing():
                mine = _own_view(view_id)
                services.change_view(mine, form.to_details(), version=version, by=me())
            flash(_("已保存视图“%(name)s”。", name=form.name.data), "success")
            return redirect(f"{listing.address}?view={view_id}", 303)
        except DomainError as refused:
            return _refused(listing, form, refused, _own_view(view_id))
    return _page(listing, form, view), 422


@bp.post("/<int:view_id>/archive")
@needs(*READERS)
def archive(view_id: int) -> Any:
    with writing():
        view = _own_view(view_id)
        services.archive_view(view, by=me())
    flash(_("已删除视图“%(name)s”。", name=view.name), "success")
    return redirect(f"{_listing(view.list_key).address}?view=0", 303)


def _listing(key: str) -> Listing:
    """The list of this name, if the reader may see it at all."""
    listing: Listing = registry.lists.get(key) or abort(404)
    if not may(listing.action):
        abort(403)
    return listing


def _own_view(view_id: int) -> SavedView:
    """404 for a view that the reader does not see, 403 for a shared one of somebody else's."""
    view = session.scalar(queries.visible_to(me()).where(SavedView.id == view_id)) or abort(404)
    if view.owner_id != me().id:
        abort(403)
    return view


def _clean(listing: Listing, text: str) -> str:
    """What a view keeps: only what the list understands. Raises DomainError for a filter that makes no sense."""
    return state.read_text(listing, text[: services.LONGEST_STATE], unit_ids=units_seen()).text


def _page(listing: Listing, form: ViewForm, view: SavedView | None = None) -> str:
    shown = state.read_text(listing, form.state.data or "", unit_ids=units_seen())
    unit = units_seen()[shown.unit].name if shown.unit is not None else None
    return render_template(
        "lists/view.html",
        listing=listing,
        form=form,
        view=view,
        lines=wording.state(shown, unit),
        back=shown.address(),
    )


def _refused(
    listing: Listing, form: ViewForm, error: DomainError, view: SavedView | None = None
) -> Any:
    status = blame(form, error, view)
    return _page(listing, form, view), status


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    registry.job_kinds[exports.KIND] = exports.JOB
    app.register_blueprint(bp)
