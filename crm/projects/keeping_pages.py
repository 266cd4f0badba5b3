"""What is done on a project's page beside its facts: partners, 保密, 升级."""

from typing import Any

from flask import abort, flash, render_template, request
from flask_babel import gettext as _

from crm.core import clock
from crm.core.db import writing
from crm.core.errors import DomainError
from crm.people.roles import Action
from crm.projects import partners, sealing
from crm.projects.forms import PartnerForm, UpgradeForm
from crm.projects.models import Figure, Project, ProjectPartner
from crm.projects.pages import bp, project_in_scope
from crm.projects.show import project_page
from crm.projects.upgrades import upgrade as do_upgrade
from crm.web.addresses import record_number
from crm.web.forms import blame
from crm.web.guards import me, needs
from crm.web.htmx import go_to
from crm.web.locale import sentence


@bp.post("/<int:project_id>/partners")
@needs(Action.PROJECTS_WRITE)
def add_partner(project_id: int) -> Any:
    project = project_in_scope(project_id)
    form = PartnerForm()
    if not form.validate_on_submit():
        return project_page(project, form), 422
    try:
        with writing():
            partners.take_in(project_in_scope(project_id), form.to_details(), by=me())
    except DomainError as refused:
        status = blame(form, refused)
        return project_page(project_in_scope(project_id), form), status
    flash(_("已保存。"), "success")
    return go_to("projects.show", project_id=project_id)


@bp.post("/<int:project_id>/partners/<int:partner_id>/departures")
@needs(Action.PROJECTS_WRITE)
def let_partner_go(project_id: int, partner_id: int) -> Any:
    try:
        with writing():
            partners.let_go(_partner(project_id, partner_id), on=clock.today(), by=me())
    except DomainError as refused:
        flash(sentence(refused), "error")
    return go_to("projects.show", project_id=project_id)


def _partner(project_id: int, partner_id: int) -> ProjectPartner:
    project = project_in_scope(project_id)
    return next((one for one in project.partners if one.id == partner_id), None) or abort(404)


@bp.post("/<int:project_id>/seals")
@needs(Action.PROJECTS_READ)
def seal(project_id: int) -> Any:
    """保密, or with `open` no longer so: by those who see it either way."""
    is_sealed = "open" not in request.form
    version = request.form.get("version", type=record_number)
    try:
        with writing():
            sealing.seal(project_in_scope(project_id), is_sealed, by=me(), version=version)
    except DomainError as refused:
        flash(sentence(refused), "error")
    else:
        flash(_("已设为保密。") if is_sealed else _("已解除保密。"), "success")
    return go_to("projects.show", project_id=project_id)


@bp.get("/<int:project_id>/upgrades/new")
@needs(Action.PROJECTS_WRITE)
def new_upgrade(project_id: int) -> Any:
    project = project_in_scope(project_id)
    figure = Figure.EXPECTED if project.agreed_investment is None else Figure.AGREED
    form = UpgradeForm(
        formdata=None,
        on=clock.today(),
        figure=figure,
        key_level=project.key_level,
        version=project.version,
    )
    return _upgrade_page(project, form)


@bp.post("/<int:project_id>/upgrades")
@needs(Action.PROJECTS_WRITE)
def upgrade(project_id: int) -> Any:
    project = project_in_scope(project_id)
    form = UpgradeForm()
    if not form.validate_on_submit():
        return _upgrade_page(project, form), 422
    try:
        with writing():
            do_upgrade(
                project_in_scope(project_id),
                on=form.on.data,
                figure=form.figure.data,
                amount=form.amount.data,
                key_level=form.key_level.data,
                reason=form.reason.data,
                by=me(),
                version=form.version.data or 0,
            )
    except DomainError as refused:
        project = project_in_scope(project_id)
        status = blame(form, refused, project)
        return _upgrade_page(project, form), status
    flash(_("已登记升级；项目仍按一个计。"), "success")
    return go_to("projects.show", project_id=project_id)


def _upgrade_page(project: Project, form: UpgradeForm) -> str:
    return render_template("projects/upgrade.html", project=project, form=form)
