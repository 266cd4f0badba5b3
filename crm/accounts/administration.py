"""Pages for who administers: people and units."""

from typing import Any

from flask import Blueprint, Flask, abort, flash, render_template, request
from flask_babel import gettext as _

from crm.accounts import passwords, queries, services
from crm.accounts.forms import NewUnitForm, NewUserForm, UnitForm, UserForm
from crm.core import registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people import services as people
from crm.people.models import Unit, User
from crm.people.roles import Action
from crm.web.forms import blame
from crm.web.guards import me, needs
from crm.web.htmx import go_to

PAGE_SIZE = 50

users = Blueprint("users", __name__, url_prefix="/users")
units = Blueprint("units", __name__, url_prefix="/units")


@users.get("")
@needs(Action.USERS_MANAGE)
def index() -> Any:
    search = request.args.get("q", "").strip()[:100]
    query = queries.users(search=search, after=request.args.get("after", ""))
    found = session.scalars(query.limit(PAGE_SIZE + 1)).all()
    return render_template(
        "accounts/users/index.html",
        people=found[:PAGE_SIZE],
        search=search,
        more_after=found[PAGE_SIZE - 1].username if len(found) > PAGE_SIZE else None,
    )


@users.get("/new")
@needs(Action.USERS_MANAGE)
def new() -> Any:
    return render_template("accounts/users/new.html", form=NewUserForm(queries.unit_tree()))


@users.post("")
@needs(Action.USERS_MANAGE)
def create() -> Any:
    """Opens the account with a random first password, shown on this answer and nowhere again."""
    form = NewUserForm(queries.unit_tree())
    status = 422
    if form.validate_on_submit():
        password = passwords.invent()
        password_hash = passwords.hash_password(password)
        try:
            with writing():
                user = people.add_user(form.to_details(form.username.data), password_hash, by=me())
        except DomainError as error:
            status = blame(form, error)
        else:
            return _first_password(user, password), 201
    return render_template("accounts/users/new.html", form=form), status


@users.get("/<int:user_id>/edit")
@needs(Action.USERS_MANAGE)
def edit(user_id: int) -> Any:
    user = _user(user_id)
    form = UserForm.of(user, queries.unit_tree())
    return render_template("accounts/users/edit.html", form=form, user=user)


@users.post("/<int:user_id>")
@needs(Action.USERS_MANAGE)
def update(user_id: int) -> Any:
    user = _user(user_id)
    form = UserForm(queries.unit_tree())
    status = 422
    if form.validate_on_submit():
        try:
            with writing():
                details = form.to_details(user.username)
                people.change_user(user, details, version=form.version.data or 0, by=me())
        except DomainError as error:
            status = blame(form, error)
        else:
            flash(_("已保存：%(name)s", name=user.name), "success")
            return go_to("users.index")
    return render_template("accounts/users/edit.html", form=form, user=user), status


@users.post("/<int:user_id>/disable")
@needs(Action.USERS_MANAGE)
def disable(user_id: int) -> Any:
    """The account is closed and its sessions end: whoever uses it is out at the next click."""
    with writing():
        user = _user(user_id)
        people.disable(user, by=me())
        services.end_sessions(user, by=me())
    flash(_("已停用：%(name)s", name=user.name), "success")
    return go_to("users.index")


@users.post("/<int:user_id>/enable")
@needs(Action.USERS_MANAGE)
def enable(user_id: int) -> Any:
    with writing():
        user = _user(user_id)
        people.enable(user, by=me())
    flash(_("已启用：%(name)s", name=user.name), "success")
    return go_to("users.index")


@users.post("/<int:user_id>/first-password")
@needs(Action.USERS_MANAGE)
def reset_password(user_id: int) -> Any:
    """A new random password, shown once, to be changed at the next login; the person's sessions end."""
    password = passwords.invent()
    password_hash = passwords.hash_password(password)
    with writing():
        user = _user(user_id)
        people.reset_password(user, password_hash, by=me())
        services.end_sessions(user, by=me())
    return _first_password(user, password)


def _first_password(user: User, password: str) -> str:
    return render_template("accounts/users/first_password.html", user=user, password=password)


def _user(user_id: int) -> User:
    return session.get(User, user_id) or abort(404)


@units.get("", endpoint="index")
@needs(Action.USERS_MANAGE)
def unit_index() -> Any:
    return render_template(
        "accounts/units/index.html", tree=queries.unit_tree(), people=queries.people_by_unit()
    )


@units.get("/new", endpoint="new")
@needs(Action.USERS_MANAGE)
def new_unit() -> Any:
    return render_template("accounts/units/new.html", form=NewUnitForm(queries.unit_tree()))


@units.post("", endpoint="create")
@needs(Action.USERS_MANAGE)
def create_unit() -> Any:
    form = NewUnitForm(queries.unit_tree())
    status = 422
    if form.validate_on_submit():
        try:
            with writing():
                unit = people.add_unit(form.to_details(), by=me())
        except DomainError as error:
            status = blame(form, error)
        else:
            flash(_("已新增：%(name)s", name=unit.name), "success")
            return go_to("units.index")
    return render_template("accounts/units/new.html", form=form), status


@units.get("/<int:unit_id>/edit", endpoint="edit")
@needs(Action.USERS_MANAGE)
def edit_unit(unit_id: int) -> Any:
    unit = _unit(unit_id)
    return render_template("accounts/units/edit.html", form=UnitForm(obj=unit), unit=unit)


@units.post("/<int:unit_id>", endpoint="update")
@needs(Action.USERS_MANAGE)
def update_unit(unit_id: int) -> Any:
    unit = _unit(unit_id)
    form = UnitForm()
    status = 422
    if form.validate_on_submit():
        try:
            with writing():
                people.change_unit(
                    unit,
                    name=form.name.data,
                    is_national_incubator=form.is_national_incubator.data,
                    version=form.version.data or 0,
                    by=me(),
                )
        except DomainError as error:
            status = blame(form, error)
        else:
            flash(_("已保存：%(name)s", name=unit.name), "success")
            return go_to("units.index")
    return render_template("accounts/units/edit.html", form=form, unit=unit), status


def _unit(unit_id: int) -> Unit:
    return session.get(Unit, unit_id) or abort(404)


def init_app(app: Flask) -> None:
    app.register_blueprint(users)
    app.register_blueprint(units)
    manage = Action.USERS_MANAGE.value
    registry.navigation += [
        registry.NavigationEntry(N_("用户"), "users.index", "users", 80, manage),
        registry.NavigationEntry(N_("单位"), "units.index", "sitemap", 81, manage),
    ]
