"""Pages where a plan of work is read in, looked through beside its text, and adopted for its year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Flask, abort, flash, render_template, request, url_for
from flask_babel import gettext as _

from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.metrics.catalogue import METRICS
from crm.people import queries as people
from crm.people.roles import Action
from crm.plan_reader.files import text_of
from crm.plans import adoption, indicator_pages, services
from crm.plans.forms import CopyForm, EntryForm, PlanTextForm
from crm.plans.log_words import LOG_WORDS
from crm.plans.models import DraftEntry, PlanDraft
from crm.plans.narrowing import NarrowingForm, narrowing
from crm.plans.services import EntryDetails
from crm.targets import queries
from crm.web.forms import blame
from crm.web.guards import me, needs
from crm.web.htmx import go_to
from crm.web.locale import sentence
from crm.web.undo import flash_undo
from crm.web.uploads import sent_files, takes_files

bp = Blueprint("plan_drafts", __name__, url_prefix="/targets/plans")


@dataclass(frozen=True)
class Piece:
    """A stretch of a plan's text; `entries` came from it."""

    text: str
    entries: tuple[DraftEntry, ...] = ()


@bp.get("")
@needs(Action.TARGETS_PLAN)
def index() -> Any:
    """The years that have a plan, and what is being read."""
    found = session.scalars(services.visible().where(PlanDraft.adopted_id.is_(None))).all()
    return render_template(
        "plans/index.html", drafts=found, years=queries.years(), form=_copy_form()
    )


@bp.get("/new")
@needs(Action.TARGETS_PLAN)
def new() -> Any:
    return render_template("plans/new.html", form=PlanTextForm(formdata=None))


@bp.post("")
@needs(Action.TARGETS_PLAN)
@takes_files
def create() -> Any:
    form = PlanTextForm()
    if not form.validate_on_submit():
        return render_template("plans/new.html", form=form), 422
    try:
        files = sent_files("file")
        text = text_of(files[0][1]) if files else form.text.data
        if not text:
            raise DomainError(N_("请选择文件，或粘贴正文。"), field="text")
        with writing():
            draft = services.read_in(
                text, name=form.name.data, year=form.year.data, issued_on=form.issued_on.data, by=me()
            )  # fmt: skip
    except DomainError as error:
        status = blame(form, error)
        return render_template("plans/new.html", form=form), status
    flash(_("已读出 %(n)s 项，请逐项核对。", n=len(draft.entries)), "success")
    return go_to(".show", draft_id=draft.id)


@bp.post("/copies")
@needs(Action.TARGETS_PLAN)
def copy() -> Any:
    form = _copy_form()
    if form.validate_on_submit():
        with writing():
            draft = services.copy_year(form.from_year.data, form.to_year.data, by=me())
        flash(_("已复制，基数和年初存量取自上一份方案的完成数，请逐项核对。"), "success")
        return go_to(".show", draft_id=draft.id)
    found = session.scalars(services.visible().where(PlanDraft.adopted_id.is_(None))).all()
    page = render_template("plans/index.html", drafts=found, years=queries.years(), form=form)
    return page, 422


@bp.get("/<int:draft_id>")
@needs(Action.TARGETS_PLAN)
def show(draft_id: int) -> Any:
    """The text on one side, what was found in it on the other."""
    draft = _draft(draft_id)
    return render_template(
        "plans/show.html",
        draft=draft,
        pieces=pieces(draft),
        metric_words={key: metric.label for key, metric in METRICS.items()},
        lacking=_lacking(draft),
        kept=sum(not entry.is_left_out for entry in draft.entries),
        has_plan=queries.find_plan(draft.year) is not None and draft.adopted_id is None,
    )


@bp.get("/<int:draft_id>/entries/new")
@needs(Action.TARGETS_PLAN)
def new_entry(draft_id: int) -> Any:
    draft = _draft(draft_id)
    first, last = date(draft.year, 1, 1), date(draft.year, 12, 31)
    form = EntryForm(formdata=None, starts_on=first, due_on=last)
    return _entry_page(draft, form, narrowing(None, typed=None, filters={}))


@bp.post("/<int:draft_id>/entries")
@needs(Action.TARGETS_PLAN)
def create_entry(draft_id: int) -> Any:
    draft = _draft(draft_id)
    form, narrowed = _offered(EntryForm(), draft), _narrowed()
    if not form.validate_on_submit() or not narrowed.validate():
        return _entry_page(draft, form, narrowed), 422
    try:
        with writing():
            details = form.to_details(narrowed.to_filters())
            entry = services.add(_draft(draft_id), details, by=me())
    except DomainError as error:
        status = blame(narrowed if error.field in narrowed else form, error)
        return _entry_page(_draft(draft_id), form, narrowed), status
    flash(_("已添加“%(name)s”。", name=entry.name), "success")
    return go_to(".show", draft_id=draft_id, _anchor=f"entry-{entry.id}")


@bp.get("/entries/<int:entry_id>")
@needs(Action.TARGETS_PLAN)
def edit_entry(entry_id: int) -> Any:
    entry = _entry(entry_id)
    kept = narrowing(METRICS.get(entry.metric), typed=None, filters=entry.filters)
    return _entry_page(entry.draft, EntryForm(formdata=None, obj=entry), kept, entry)


@bp.post("/entries/<int:entry_id>")
@needs(Action.TARGETS_PLAN)
def update_entry(entry_id: int) -> Any:
    entry = _entry(entry_id)
    form, narrowed = _offered(EntryForm(), entry.draft, entry), _narrowed()
    if not form.validate_on_submit() or not narrowed.validate():
        return _entry_page(entry.draft, form, narrowed, entry), 422
    try:
        with writing():
            entry = _entry(entry_id)
            details: EntryDetails = form.to_details(narrowed.to_filters())
            services.change(entry, details, by=me(), version=form.version.data)
    except DomainError as error:
        entry = _entry(entry_id)
        status = blame(narrowed if error.field in narrowed else form, error, entry)
        return _entry_page(entry.draft, form, narrowed, entry), status
    flash(_("已保存“%(name)s”。", name=entry.name), "success")
    return go_to(".show", draft_id=entry.draft_id, _anchor=f"entry-{entry_id}")


@bp.post("/entries/<int:entry_id>/omissions")
@needs(Action.TARGETS_PLAN)
def omit(entry_id: int) -> Any:
    """Leave out what is no target, or take it in again."""
    is_left_out = request.form.get("back") != "1"
    with writing():
        entry = _entry(entry_id)
        services.leave_out(entry, is_left_out, by=me())
    return go_to(".show", draft_id=entry.draft_id, _anchor=f"entry-{entry_id}")


@bp.post("/<int:draft_id>/adoption")
@needs(Action.TARGETS_PLAN)
def adopt(draft_id: int) -> Any:
    with writing():
        draft = _draft(draft_id)
        plan = adoption.adopt(draft, by=me(), version=request.form.get("version", type=int))
    flash(_("已成为%(year)s年的年度计划。", year=plan.year), "success")
    return go_to("targets.index", year=plan.year)


@bp.post("/<int:draft_id>/archivings")
@needs(Action.TARGETS_PLAN)
def give_up(draft_id: int) -> Any:
    with writing():
        draft = _draft(draft_id)
        services.give_up(draft, by=me())
    said = _("已放弃“%(name)s”。", name=draft.name)
    flash_undo(said, _("撤销"), url_for(".restore", draft_id=draft_id))
    return go_to(".index")


@bp.post("/<int:draft_id>/restorations")
@needs(Action.TARGETS_PLAN)
def restore(draft_id: int) -> Any:
    with writing():
        draft = session.get(PlanDraft, draft_id) or abort(404)
        services.restore(draft, by=me())
    return go_to(".show", draft_id=draft_id)


def pieces(draft: PlanDraft) -> list[Piece]:
    """The text cut where the clauses of entries begin and end; what lies within another is shown with that."""
    by_place: dict[tuple[int, int], list[DraftEntry]] = {}
    for entry in draft.entries:
        if entry.start is not None and entry.end is not None:
            by_place.setdefault((entry.start, entry.end), []).append(entry)
    found: list[Piece] = []
    at = 0
    for (start, end), entries in sorted(by_place.items()):
        if start < at:  # within the clause before it, or across its end
            found[-1] = Piece(found[-1].text + draft.text[at:end], (*found[-1].entries, *entries))
        else:
            found += [Piece(draft.text[at:start]), Piece(draft.text[start:end], tuple(entries))]
        at = max(at, end)
    return [piece for piece in (*found, Piece(draft.text[at:])) if piece.text]


def _lacking(draft: PlanDraft) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for entry, error in services.shortcomings(draft):
        found.setdefault(entry.id, []).append(sentence(error))
    return found


def _draft(draft_id: int) -> PlanDraft:
    return session.scalar(services.with_entries(draft_id)) or abort(404)


def _entry(entry_id: int) -> DraftEntry:
    entry = session.get(DraftEntry, entry_id)
    if entry is None or entry.draft.archived_at is not None:
        abort(404)
    return entry


def _copy_form() -> CopyForm:
    years = queries.years()
    form = CopyForm(to_year=(years[0] + 1) if years else clock.today().year)
    form.from_year.choices = [(year, str(year)) for year in years]
    return form


def _offered(form: EntryForm, draft: PlanDraft, entry: DraftEntry | None = None) -> EntryForm:
    others: Sequence[DraftEntry] = [
        one for one in draft.entries if one is not entry and not one.is_milestone
    ]
    return form.offer(session.scalars(people.units()).all(), others)


def _narrowed() -> NarrowingForm:
    """What was chosen for the metric that was chosen."""
    return narrowing(METRICS.get(request.form.get("metric", "")), typed=request.form, filters={})


def _entry_page(
    draft: PlanDraft, form: EntryForm, narrowed: NarrowingForm, entry: DraftEntry | None = None
) -> str:
    clause = draft.text[entry.start : entry.end] if entry and entry.start is not None else ""
    return render_template(
        "plans/entry.html",
        draft=draft,
        entry=entry,
        clause=clause,
        form=_offered(form, draft, entry),
        **indicator_pages.shown(METRICS.get(form.metric.data or ""), narrowed, draft.year),
    )


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    app.register_blueprint(bp)
    app.register_blueprint(indicator_pages.bp)
    registry.panels.append(
        registry.Panel(
            "target", N_("口径与待核"), "plan_indicators.of_target", Action.TARGETS_READ.value, 4
        )
    )
