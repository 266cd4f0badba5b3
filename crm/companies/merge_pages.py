"""Pages of a merge: two firms and the result in three columns, what moves, and the merge that was made, to be undone."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from crm.companies import merging, unmerging
from crm.companies.duplicate_models import Merge
from crm.companies.duplicate_queries import merges_visible_to
from crm.companies.facts import FIELDS
from crm.companies.forms import FACTS
from crm.companies.listing import COMPANIES
from crm.companies.merge_forms import MergeForm, UndoForm, fields_of
from crm.companies.merge_plan import Line, plan
from crm.companies.merging import MergeRefused
from crm.companies.models import Company
from crm.companies.pages import company_in_scope
from crm.companies.show import fact_of
from crm.companies.unmerging import UnmergeRefused, undoing
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.lists import selection
from crm.people.queries import staff
from crm.people.roles import Action
from crm.web.addresses import record_number
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.locale import label

bp = Blueprint("merges", __name__, url_prefix="/companies")

ALL = "*"  # taken: every fact of one firm
TWO = 2


@bp.post("/merges/selections")
@needs(Action.COMPANIES_MERGE)
def select_two() -> Any:
    """Two firms ticked in the list; the one that was registered first goes on unless the page is told otherwise."""
    chosen = selection.of_request(COMPANIES).asked.query.with_only_columns(Company.id)
    ids = session.scalars(chosen.order_by(None).order_by(Company.id).limit(TWO + 1)).all()
    if len(ids) != TWO:
        raise DomainError(N_("合并须正好选择两家企业。"))
    return redirect(url_for("merges.new", company_id=ids[0], other=ids[1]), 303)


@bp.get("/<int:company_id>/merges/new")
@needs(Action.COMPANIES_MERGE)
def new(company_id: int) -> Any:
    """Side by side; asked without script as well, one field after the other (`create` with `take`)."""
    winner, loser = _two(company_id, request.args.get("other", 0, type=record_number))
    form = MergeForm(merging.defaults(winner, loser), loser, None)
    form.version.data = winner.version
    return _page(winner, loser, form)


@bp.post("/<int:company_id>/merges")
@needs(Action.COMPANIES_MERGE)
def create(company_id: int) -> Any:
    """Merge, or with `take=left:uscc` only show the result with that firm's value: then nothing is written."""
    winner, loser = _two(company_id, request.form.get("other", 0, type=record_number))
    form = MergeForm(merging.defaults(winner, loser), loser, request.form)
    _offer_staff(form, winner, loser)
    side, _colon, fact = request.form.get("take", "").partition(":")
    if side:
        firm = {"left": winner, "right": loser}.get(side) or abort(404)
        for name in FACTS if fact == ALL else [fact]:
            form.take(name if name in FACTS else abort(404), firm)
        return _page(winner, loser, form)
    if not form.validate_on_submit():
        return _page(winner, loser, form), 422
    try:
        with writing():
            made = merging.merge(
                *_two(company_id, loser.id),
                form.to_details(),
                version=form.version.data or 0,
                other_version=form.other_version.data or 0,
                by=me(),
            )
            merge_id = made.id
    except DomainError as refused:
        status = blame(form, refused)
        winner, loser = _two(company_id, loser.id)
        if not isinstance(refused, MergeRefused):
            form.version.data, form.other_version.data = winner.version, loser.version
        return _page(winner, loser, form), status
    flash(_("已合并，原“%(name)s”的地址和名称都指向本企业。", name=loser.name), "success")
    return go_to("merges.show", merge_id=merge_id)


@bp.get("/merges/<int:merge_id>")
@needs(Action.COMPANIES_READ)
def show(merge_id: int) -> Any:
    """What a merge moved, by whom and when, and what stands against undoing it."""
    return _merge_page(_merge(merge_id))


@bp.post("/merges/<int:merge_id>/undo")
@needs(Action.COMPANIES_MERGE)
def undo(merge_id: int) -> Any:
    merge, form = _merge(merge_id), UndoForm()
    loser_id = merge.loser_id
    if not form.validate_on_submit():
        return _merge_page(merge), 422
    try:
        with writing():
            unmerging.undo(_merge(merge_id), by=me(), despite_added=form.is_seen.data)
    except UnmergeRefused as refused:
        return _merge_page(_merge(merge_id), refused), refused.status
    flash(_("已撤销合并，两家企业恢复为合并前的记录。"), "success")
    return go_to("companies.show", company_id=loser_id)


def _two(company_id: int, other_id: int) -> tuple[Company, Company]:
    """Both in the reader's scope, and not the same one."""
    if company_id == other_id:
        abort(404)
    return company_in_scope(company_id), company_in_scope(other_id)


def _merge(merge_id: int) -> Merge:
    return session.scalar(merges_visible_to(my_scope()).where(Merge.id == merge_id)) or abort(404)


def _offer_staff(form: MergeForm, *firms: Company) -> None:
    people = list(session.scalars(staff(my_scope())))
    for firm in firms:
        if firm.staff_contact and firm.staff_contact not in people:
            people.append(firm.staff_contact)
    form.offer_staff(people)


def _page(winner: Company, loser: Company, form: MergeForm) -> str:
    _offer_staff(form, winner, loser)
    rows = [_row(fact, winner, loser, form) for fact in FACTS]
    found = plan(winner, loser)
    return render_template(
        "companies/merging.html",
        company=winner,
        other=loser,
        form=form,
        differing=sorted((row for row in rows if row["differs"]), key=lambda row: row["is_filled"]),
        agreeing=[row for row in rows if not row["differs"]],
        lines=[line for line in map(_counted, found.lines) if any(line[1:])],
        obstacles=found.obstacles,
    )


def _counted(line: Line) -> tuple[str, int, int, int]:
    """What a kind of rows is called, and how many of them the reader may know of: there, coming, staying behind."""
    rows = (line.there, line.moving, line.staying)
    there, coming, staying = (line.reference.shown(some, my_scope()) for some in rows)
    return line.reference.kind.label, there, coming, staying


def _row(fact: str, winner: Company, loser: Company, form: MergeForm) -> dict[str, Any]:
    """A fact of both firms; those that contradict each other come before those that only one of them has."""
    left, right = fact_of(winner, fact), fact_of(loser, fact)
    values = (left.value, right.value)
    return {
        "key": fact,
        "label": left.label,
        "left": left.value,
        "right": right.value,
        "differs": left.value != right.value or left.note != right.note,
        "is_filled": "–" in values,
        "fields": [form[name] for name in fields_of(fact)],
    }


def _merge_page(merge: Merge, refused: UnmergeRefused | None = None) -> str:
    is_undone = merge.undone_at is not None
    found = refused.undoing if refused else unmerging.Undoing() if is_undone else undoing(merge)
    told = unmerging.told(merge, my_scope())
    return render_template(
        "companies/merge.html",
        merge=merge,
        form=UndoForm(formdata=None),
        moved=told.moved,
        facts=[label(FIELDS[name]) for name in told.facts],
        undoing=found,
        is_refused=refused is not None,
    )
