"""Pages of 组织申报: the batches, one batch as a board or a list, its members and their steps."""

from typing import Any

from flask import Blueprint, Flask, abort, flash, render_template, request
from flask_babel import gettext as _

from crm.companies.pages import company_in_scope
from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.declarations import deadlines, expectation, queries, services, step_pages, timeline
from crm.declarations.expectation import Term
from crm.declarations.forms import BatchForm, MembersForm, cells, new_batch_form, ticked_firms
from crm.declarations.log_words import LOG_WORDS
from crm.declarations.members import add_members
from crm.declarations.models import Category, DeclarationBatch, State
from crm.declarations.pages import batch_or_404, declaration_in_scope
from crm.declarations.steps import allowed
from crm.people.roles import Action
from crm.web.addresses import record_number
from crm.web.dates import as_of
from crm.web.fields import choices_of
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to, wants_fragment
from crm.web.paging import count, page

bp = Blueprint("declarations", __name__, url_prefix="/declarations")

# The park


@bp.get("")
@needs(Action.COMPANIES_READ)
def index() -> Any:
    """A year's batches with who stands where, and what is expected of 高企 by its end."""
    today, on = clock.today(), as_of()
    year = request.args.get("year", default=today.year, type=record_number)
    found = session.scalars(queries.batches(year)).all()
    return render_template(
        "declarations/index.html",
        year=year,
        years=sorted({today.year, *session.scalars(queries.years())}, reverse=True),
        batches=found,
        counts=queries.counts([batch.id for batch in found], my_scope()),
        expectation=expectation.expected(my_scope(), on),
        State=State,
    )


@bp.get("/expected/<term>")
@needs(Action.COMPANIES_READ)
def expected(term: str) -> Any:
    """The rows behind one term of the formula."""
    found = next((t for t in Term if t.value == term), None) or abort(404)
    on = as_of()
    query = expectation.rows(found, my_scope(), on)
    key = query.selected_columns.id
    return render_template(
        "declarations/expected.html",
        term=found,
        as_of=on,
        firms=page(query, key),
        total=count(query),
    )


# A batch


@bp.get("/batches/new")
@needs(Action.COMPANIES_WRITE)
def new_batch() -> Any:
    return _batch_page(new_batch_form())


@bp.post("/batches")
@needs(Action.COMPANIES_WRITE)
def create_batch() -> Any:
    form = BatchForm()
    if not form.validate():
        return _batch_page(form), 422
    try:
        with writing():
            batch = services.open_batch(form.to_details(), by=me())
    except DomainError as error:
        status = blame(form, error)
        return _batch_page(form), status
    flash(_("已建立批次。"), "success")
    return go_to("declarations.show_batch", batch_id=batch.id)


@bp.get("/batches/<int:batch_id>/edit")
@needs(Action.COMPANIES_WRITE)
def edit_batch(batch_id: int) -> Any:
    batch = batch_or_404(batch_id)
    return _batch_page(BatchForm(batch), batch)


@bp.post("/batches/<int:batch_id>/edit")
@needs(Action.COMPANIES_WRITE)
def update_batch(batch_id: int) -> Any:
    batch = batch_or_404(batch_id)
    form = BatchForm(batch)
    if not form.validate():
        return _batch_page(form, batch), 422
    try:
        with writing():
            services.change_batch(
                batch_or_404(batch_id), form.to_details(), version=form.version.data, by=me()
            )
    except DomainError as error:
        status = blame(form, error, batch_or_404(batch_id))
        return _batch_page(form, batch), status
    flash(_("已保存。"), "success")
    return go_to("declarations.show_batch", batch_id=batch_id)


def _batch_page(form: BatchForm, batch: DeclarationBatch | None = None) -> str:
    return render_template("declarations/batch_form.html", form=form, batch=batch)


@bp.get("/batches/<int:batch_id>")
@needs(Action.COMPANIES_READ)
def show_batch(batch_id: int) -> Any:
    """One batch as a board; with ?state= the whole list of one column, with ?view=list of all."""
    return step_pages.batch_page(batch_or_404(batch_id))


# Its members


@bp.get("/batches/<int:batch_id>/members/new")
@needs(Action.COMPANIES_WRITE)
def new_members(batch_id: int) -> Any:
    form = MembersForm(formdata=None, batch=batch_or_404(batch_id).id)
    return _members_page(form, batch_id)


@bp.post("/members")
@needs(Action.COMPANIES_WRITE)
def create_members() -> Any:
    """Lines from a batch's own page, or firms that were ticked on the readiness page."""
    form = MembersForm()
    form.batch.choices = choices_of((b.id, b.id) for b in session.scalars(queries.batches()))
    if not form.validate():
        return _members_page(form, form.batch.data), 422
    try:
        with writing():
            found = add_members(
                batch_or_404(form.batch.data),
                ticked_firms(request.form),
                cells(form.lines.data),
                on=clock.today(),
                by=me(),
            )
    except DomainError as error:
        status = blame(form, error)
        return _members_page(form, form.batch.data), status
    flash(
        _("已添加 %(n)s 项，%(there)s 项原已在批次中。", n=found.added, there=found.were_there),
        "success",
    )
    return go_to("declarations.show_batch", batch_id=form.batch.data)


def _members_page(form: MembersForm, batch_id: int | None) -> str:
    if batch_id is None:
        abort(404)
    return render_template(
        "declarations/members.html",
        form=form,
        batch=batch_or_404(batch_id),
        ticked=ticked_firms(request.form),
        Category=Category,
    )


# One of them, and a firm's


@bp.get("/<int:declaration_id>")
@needs(Action.COMPANIES_READ)
def show(declaration_id: int) -> Any:
    declaration = declaration_in_scope(declaration_id)
    return render_template(
        "declarations/show.html",
        declaration=declaration,
        steps=session.execute(queries.steps_of([declaration.id])).all(),
        form=step_pages.step_form(allowed(declaration.state)),
    )


@bp.get("/companies/<int:record_id>")
@needs(Action.COMPANIES_READ)
def company(record_id: int) -> Any:
    """A firm's declarations: the panel on its page, or a page of its own."""
    firm = company_in_scope(record_id)
    name = "_company" if wants_fragment() else "company"
    found = session.scalars(queries.of_company(firm.id)).all()
    return render_template(f"declarations/{name}.html", firm=firm, declarations=found)


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    registry.children["declarations"] = registry.ChildKind(
        N_("组织申报"), href="/declarations/batches/{batch_id}"
    )
    app.register_blueprint(bp)
    app.register_blueprint(step_pages.bp)
    registry.within["declarations"] = "ladder.index"
    registry.panels.append(
        registry.Panel(
            "company", N_("组织申报"), "declarations.company", Action.COMPANIES_READ.value, 24
        )
    )
    registry.timeline_sources.setdefault("company", []).append(timeline.of_firm)
    registry.todo_sources.append(deadlines.todos)
