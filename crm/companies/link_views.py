"""Pages on which firms are linked with each other. A firm outside the reader's scope is never named."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select

from crm.companies import links, queries
from crm.companies.link_forms import EndLinkForm, LinkForm
from crm.companies.models import Company, CompanyLink
from crm.companies.pages import company_in_scope
from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.identifiers import clean_uscc
from crm.core.words import N_
from crm.people.roles import Action
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to

bp = Blueprint("links", __name__, url_prefix="/companies")

SUGGESTED = 10


@bp.get("/suggestions")
@needs(Action.COMPANIES_WRITE)
def suggestions() -> Any:
    """Firms of the reader's scope for what is being typed, as a list to choose from."""
    words = request.args.get("other", "").strip()[:100]
    names: Sequence[str] = ()
    if words:
        found = queries.search(queries.visible_to(my_scope()), words).limit(SUGGESTED)
        names = session.scalars(found.with_only_columns(Company.name)).all()
    return render_template("companies/_suggestions.html", names=names)


@bp.get("/<int:company_id>/links/new")
@needs(Action.COMPANIES_WRITE)
def new(company_id: int) -> Any:
    form = LinkForm(formdata=None, from_on=clock.today(), role="parent")
    return render_template("companies/link.html", company=company_in_scope(company_id), form=form)


@bp.post("/<int:company_id>/links")
@needs(Action.COMPANIES_WRITE)
def create(company_id: int) -> Any:
    company, form, status = company_in_scope(company_id), LinkForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                company = company_in_scope(company_id)
                details = form.to_details(company, _other(form.other.data))
                links.add_link(company, details, by=me())
        except DomainError as refused:
            status = blame(form, refused)
        else:
            flash(_("已登记关联。"), "success")
            return go_to("companies.show", company_id=company_id, _anchor="links")
    return render_template("companies/link.html", company=company, form=form), status


@bp.get("/<int:company_id>/links/<int:link_id>/ends/new")
@needs(Action.COMPANIES_WRITE)
def new_end(company_id: int, link_id: int) -> Any:
    company, link = _link(company_id, link_id)
    form = EndLinkForm(formdata=None, on=clock.today(), version=link.version)
    return render_template("companies/link_end.html", company=company, link=link, form=form)


@bp.post("/<int:company_id>/links/<int:link_id>/ends")
@needs(Action.COMPANIES_WRITE)
def end(company_id: int, link_id: int) -> Any:
    company, link = _link(company_id, link_id)
    form, status = EndLinkForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                company, link = _link(company_id, link_id)
                version = form.version.data or 0
                links.end_link(link, company, on=form.on.data, version=version, by=me())
        except DomainError as refused:
            status = blame(form, refused)
            company, link = _link(company_id, link_id)
        else:
            flash(_("关联已结束，历史保留。"), "success")
            return go_to("companies.show", company_id=company_id, _anchor="links")
    return (
        render_template("companies/link_end.html", company=company, link=link, form=form),
        status,
    )


def _link(company_id: int, link_id: int) -> tuple[Company, CompanyLink]:
    company = company_in_scope(company_id)
    return company, session.scalar(links.link_of(company, link_id)) or abort(404)


def _other(typed: str) -> int:
    """The firm that is meant: by its code anywhere in the park, by its name in the writer's scope. Raises DomainError."""
    mine = queries.visible_to(my_scope()).with_only_columns(Company.id)
    by_name = session.scalars(mine.where(Company.name == typed).limit(2)).all()
    if len(by_name) == 1:
        return by_name[0]
    if by_name:
        raise DomainError(N_("有多家企业叫这个名称，请填写统一社会信用代码。"), field="other")
    try:
        code = clean_uscc(typed)
    except DomainError:
        code = ""
    anywhere = select(Company.id).where(Company.archived_at.is_(None), Company.uscc == code)
    found = session.scalar(anywhere) if code else None
    if found is None:
        message = N_("没有找到这家企业：名称须与登记的完全一致，其他单位的企业请填代码。")
        raise DomainError(message, field="other")
    return found
