"""Pages of one record: recorded, shown, corrected, archived and restored, its personal data revealed."""

from functools import partial
from typing import Any

from flask import abort, flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from crm.audit.services import record
from crm.companies import queries as companies
from crm.companies.models import Company
from crm.core import registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.registry import FileOwner, SubjectRef
from crm.evidence import facts, holders, queries, services
from crm.evidence.forms import EvidenceForm, form_of
from crm.evidence.kind import Kind
from crm.evidence.kinds import KINDS
from crm.evidence.models import Evidence
from crm.evidence.pages import bp, kind_of, record_in_scope
from crm.lists.asking import units_seen
from crm.people.roles import Action
from crm.people.scope import Scope
from crm.web.fields import records_of
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.timeline import as_shown
from crm.web.undo import flash_undo

SUGGESTED = 10


@bp.get("/<register>/new")
@needs(Action.EVIDENCE_WRITE)
def new(register: str) -> Any:
    """An empty form; `company` is the firm whose page one came from."""
    kind = kind_of(register)
    company_id = request.args.get("company", type=int)
    firm = session.scalar(companies.visible_to(my_scope()).where(Company.id == company_id))
    form = form_of(kind.key)(formdata=None, data={"holder": firm.name if firm else ""})
    return _form_page(kind, form)


@bp.post("/<register>")
@needs(Action.EVIDENCE_WRITE)
def create(register: str) -> Any:
    kind = kind_of(register)
    form = _with_units(form_of(kind.key)())
    if not form.validate():
        return _form_page(kind, form), 422
    try:
        with writing():
            record_id = services.save(kind, _row(kind, form), by=me())
    except DomainError as error:
        status = blame(form, error)
        return _form_page(kind, form), status
    flash(_("已登记，待他人核验后计入。"), "success")
    return go_to("evidence.show", register=kind.key, evidence_id=record_id)


@bp.get("/<register>/<int:evidence_id>")
@needs(Action.EVIDENCE_READ)
def show(register: str, evidence_id: int) -> Any:
    kind = kind_of(register)
    found = _visible_or_archived(kind, evidence_id)
    return _show_page(kind, found)


@bp.post("/<register>/<int:evidence_id>/reveals")
@needs(Action.CONTACTS_REVEAL)
def reveal(register: str, evidence_id: int) -> Any:
    """The personal data in full. A POST, because the look itself is logged."""
    kind = kind_of(register)
    with writing():
        found = record_in_scope(kind, evidence_id)
        record("evidence.revealed", found, by=me(), name=found.title)
    return _show_page(kind, record_in_scope(kind, evidence_id), is_masked=False)


@bp.get("/<register>/<int:evidence_id>/corrections/new")
@needs(Action.EVIDENCE_WRITE)
def new_correction(register: str, evidence_id: int) -> Any:
    kind = kind_of(register)
    found = record_in_scope(kind, evidence_id)
    return _form_page(kind, form_of(kind.key).of(found), found)


@bp.post("/<register>/<int:evidence_id>/corrections")
@needs(Action.EVIDENCE_WRITE)
def create_correction(register: str, evidence_id: int) -> Any:
    """更正. What a figure rests on waits for verification anew."""
    kind = kind_of(register)
    found, form = record_in_scope(kind, evidence_id), _with_units(form_of(kind.key)())
    if not form.validate():
        return _form_page(kind, form, found), 422
    try:
        with writing():
            fresh = record_in_scope(kind, evidence_id)
            row = _row(kind, form, fresh)
            is_waiting = services.correct(kind, fresh, row, by=me(), version=form.version.data)
    except DomainError as error:
        found = record_in_scope(kind, evidence_id)
        status = blame(form, error, found)
        return _form_page(kind, form, found), status
    flash(_("已更正，待他人核验后计入。") if is_waiting else _("已更正，计数依据未变。"), "success")
    return go_to("evidence.show", register=kind.key, evidence_id=evidence_id)


@bp.post("/<register>/<int:evidence_id>/archivings")
@needs(Action.EVIDENCE_WRITE)
def create_archiving(register: str, evidence_id: int) -> Any:
    kind = kind_of(register)
    with writing():
        found = record_in_scope(kind, evidence_id)
        services.archive(found, by=me(), version=request.form.get("version", type=int))
    undo = url_for("evidence.create_restoration", register=kind.key, evidence_id=evidence_id)
    flash_undo(_("已归档，不再计入。"), _("撤销归档"), undo)
    return go_to("evidence.records", register=kind.key)


@bp.post("/<register>/<int:evidence_id>/restorations")
@needs(Action.EVIDENCE_WRITE)
def create_restoration(register: str, evidence_id: int) -> Any:
    kind = kind_of(register)
    with writing():
        query = queries.archived(kind, my_scope()).where(kind.model.id == evidence_id)
        services.restore(kind, session.scalar(query) or abort(404), by=me())
    flash(_("已恢复。"), "success")
    return go_to("evidence.show", register=kind.key, evidence_id=evidence_id)


@bp.get("/firms")
@needs(Action.EVIDENCE_WRITE)
def suggest_firms() -> Any:
    """Firms of the reader's scope for the last name that is being typed, as a list to choose from."""
    words = (holders.names_in(request.args.get("holder", "")) or [""])[-1][:100]
    names: list[str] = []
    if words:
        found = companies.search(companies.visible_to(my_scope()), words).limit(SUGGESTED)
        names = list(session.scalars(found.with_only_columns(Company.name)))
    return render_template("companies/_suggestions.html", names=names)


def _row(kind: Kind, form: EvidenceForm, found: Evidence | None = None) -> services.Row:
    """What was typed, with the firms that its holder names. Raises DomainError."""
    values = form.values(found)
    (held,) = holders.held_by(kind, [values["holder"]], my_scope())
    for error in holders.faults(kind, held):
        raise error
    unit_id = form["unit"].data if kind.counts_alone else None
    if unit_id is None and found is not None:
        unit_id = found.unit_id
    return services.Row(values, held.company_id, held.others, unit_id)


def _with_units(form: EvidenceForm) -> EvidenceForm:
    if "unit" in form:
        form["unit"].choices = records_of(list(units_seen().values()), nothing=_("本单位"))
    return form


def _form_page(kind: Kind, form: EvidenceForm, found: Evidence | None = None) -> str:
    return render_template(
        "evidence/form.html", kind=kind, form=_with_units(form), found=found, kinds=KINDS
    )


def _show_page(kind: Kind, found: Any, *, is_masked: bool = True) -> str:
    return render_template(
        "evidence/show.html",
        kind=kind,
        found=found,
        is_masked=is_masked,
        facts=list(facts.shown(kind, found, is_masked=is_masked)),
        has_personal=any(one.is_personal and getattr(found, one.name) for one in kind.stored),
        counted=facts.counted(kind, found),
        others=queries.co_holders(kind, [found.id]),
        corrections=[as_shown(item) for item in facts.corrections_of(kind, found)],
    )


def _visible_or_archived(kind: Kind, evidence_id: int) -> Any:
    query = select(kind.model).where(
        kind.model.id == evidence_id, my_scope().includes(kind.model.unit_id)
    )
    return session.scalar(query) or abort(404)


def _find(kind: Kind, evidence_id: int, scope: Scope) -> SubjectRef | None:
    """A record as something that files are attached to."""
    found = session.scalar(queries.visible_to(kind, scope).where(kind.model.id == evidence_id))
    if found is None:
        return None
    return SubjectRef(found.id, found.title, found.unit_id, f"{kind.address}/{found.id}")


def init_app() -> None:
    for kind in KINDS.values():
        registry.file_owners[kind.key] = FileOwner(
            kind.label,
            Action.EVIDENCE_READ.value,
            (Action.EVIDENCE_WRITE.value,),
            partial(_find, kind),
        )
