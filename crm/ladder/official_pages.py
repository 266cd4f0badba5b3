"""Pages of published lists: read in, look through side by side, confirm, keep what was not found as a work list."""

from typing import Any

from flask import abort, flash, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import SelectField

from crm.companies.models import Company
from crm.companies.queries import visible_to
from crm.core import registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.registry import FileOwner, SubjectRef
from crm.core.words import N_
from crm.files.content import MediaType, as_stream
from crm.files.grids import ACCEPTED
from crm.files.owners import keep_sent
from crm.ladder import matching, official, reading
from crm.ladder.forms import chosen_kind, kind_choices
from crm.ladder.models import Match, OfficialList, OfficialRow, RowState
from crm.ladder.official import ListTerms
from crm.ladder.pages import bp
from crm.people.models import Unit
from crm.people.roles import Action
from crm.people.scope import Scope
from crm.web.fields import count_field, day_field, lines_field, text_field
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.paging import page
from crm.web.uploads import takes_files

READERS = (Action.COMPANIES_WRITE, Action.QUALIFICATIONS_VERIFY)
SHOWN = 300  # names that nothing was found for, at once


class ListForm(FlaskForm):
    """A published list and what holds for all of it."""

    what = SelectField(_("资质"))
    name = text_field(
        _("来源文件"),
        120,
        required=_("请填写来源文件。"),
        description=_("公布文件的名称或文号；作为依据来源写入每项证明。"),
    )
    issued_on = day_field(
        _("取得日期"),
        required=True,
        description=_("证书的发证日期，或统计部门的批准日期；不是公示日期。"),
    )
    announced_on = day_field(_("公示日期"), description=_("只作记录，不作为统计日期。"))
    batch = text_field(_("批次"), 60)
    authority = text_field(_("发证机关"), 80)
    file = FileField(_("名单文件"), description=_("XLSX、XLS、CSV 或 TXT。"))
    text = lines_field(
        _("或粘贴名单"),
        400_000,
        rows=8,
        description=_("每行一家；可带信用代码、证书编号两列，有无表头均可。"),
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.what.choices = kind_choices(official.KINDS)

    def to_terms(self) -> ListTerms:
        kind, label_id = chosen_kind(self.what.data)
        return ListTerms(
            kind=kind,
            label_id=label_id,
            name=self.name.data,
            issued_on=self.issued_on.data,
            announced_on=self.announced_on.data,
            batch=self.batch.data,
            authority=self.authority.data,
        )


class AssignmentForm(FlaskForm):
    """Which firm a name of the list is."""

    position = count_field(_("第几行"), 1, reading.MOST_ROWS, required=True)
    firm = text_field(_("企业名称或信用代码"), 120, required=True)


@bp.get("/lists")
@needs(*READERS)
def lists() -> Any:
    """The lists that were read in."""
    shown = page(official.listed(official.visible_lists(my_scope())), OfficialList.id)
    return render_template(
        "ladder/lists.html",
        page=shown,
        counts=official.counts_of([one.id for one in shown.rows]),
        RowState=RowState,
    )


@bp.get("/lists/new")
@needs(*READERS)
def new_list() -> Any:
    return _form_page(ListForm())


@bp.post("/lists")
@needs(*READERS)
@takes_files
def create_list() -> Any:
    """Read, match, keep; nothing is written to a firm yet."""
    form = ListForm()
    if not form.validate_on_submit():
        return _form_page(form), 422
    try:
        list_id, is_new = _read_in(form)
    except DomainError as error:
        status = blame(form, error)
        return _form_page(form), status
    if not is_new:
        flash(gettext("这份名单以前读过，没有改动任何内容。"), "warning")
    return go_to("ladder.official_list", list_id=list_id)


def _read_in(form: ListForm) -> tuple[int, bool]:
    sent, text = form.file.data, form.text.data or ""
    if bool(sent) == bool(text):
        raise DomainError(N_("请上传名单文件，或粘贴名单（二者选一）。"), field="file")
    stream = sent.stream if sent else as_stream(text)
    name = (sent.filename if sent else "") or f"{form.name.data}.txt"
    kept = keep_sent(stream, ACCEPTED if sent else (MediaType.TEXT,), name=name)
    lines = reading.read_file(stream, kept.media_type)
    found = matching.match(lines, my_scope())
    with writing():
        made, is_new = official.read_in(
            form.to_terms(), lines, found, kept, file_name=name, by=me()
        )
        return made.id, is_new


@bp.get("/lists/<int:list_id>")
@needs(*READERS)
def official_list(list_id: int) -> Any:
    """What the list says beside our firms, by how sure the match is."""
    return _review_page(_list(list_id), AssignmentForm(formdata=None))


@bp.post("/lists/<int:list_id>/confirmations")
@needs(*READERS)
def confirm_list(list_id: int) -> Any:
    with writing():
        new, there = official.confirm(_list(list_id), _ticked(), my_scope(), by=me())
    flash(
        gettext("已登记 %(n)s 项证明，待他人核验后计入；%(m)s 项以前已有。", n=new, m=there),
        "success",
    )
    return go_to("ladder.official_list", list_id=list_id)


@bp.post("/lists/<int:list_id>/dismissals")
@needs(*READERS)
def dismiss_names(list_id: int) -> Any:
    """Names that are no firms of ours: those ticked, or all that nothing was found for."""
    ids = None if request.form.get("all") == "1" else _ticked()
    with writing():
        number = official.set_aside(_list(list_id), ids, by=me())
    flash(gettext("已标记 %(n)s 家为非本园企业。", n=number), "success")
    return go_to("ladder.official_list", list_id=list_id)


@bp.post("/lists/<int:list_id>/matchings")
@needs(*READERS)
def match_list_again(list_id: int) -> Any:
    with writing():
        number = official.match_again(_list(list_id), my_scope(), by=me())
    flash(gettext("重新匹配到 %(n)s 家。", n=number), "success")
    return go_to("ladder.official_list", list_id=list_id)


@bp.post("/lists/<int:list_id>/assignments")
@needs(*READERS)
def assign_firm(list_id: int) -> Any:
    form = AssignmentForm()
    if not form.validate_on_submit():
        return _review_page(_list(list_id), form), 422
    try:
        with writing():
            official.assign(_list(list_id), form.position.data, form.firm.data, my_scope(), by=me())
    except DomainError as error:
        status = blame(form, error)
        return _review_page(_list(list_id), form), status
    flash(gettext("已指定企业，请核对后确认。"), "success")
    return go_to("ladder.official_list", list_id=list_id)


def _ticked() -> list[int]:
    return [number for number in request.form.getlist("row", type=int) if 0 < number < 2**31]


def _list(list_id: int) -> OfficialList:
    query = official.visible_lists(my_scope()).where(OfficialList.id == list_id)
    return session.scalar(query) or abort(404)


def _form_page(form: ListForm) -> str:
    return render_template("ladder/list_form.html", form=form)


def _review_page(found: OfficialList, form: AssignmentForm) -> str:
    rows = session.scalars(official.rows_of(found)).all()
    firms = _firms([row.company_id for row in rows if row.company_id])
    held = official.held_by(found, firms.keys())
    waiting = [row for row in rows if row.state == RowState.OPEN]
    matched = [row for row in waiting if row.company_id in firms]
    unmatched = [row for row in waiting if row.company_id not in firms]
    return render_template(
        "ladder/list.html",
        found=found,
        form=form,
        sure=[row for row in matched if row.match != Match.ALIKE],
        alike=[row for row in matched if row.match == Match.ALIKE],
        unmatched=unmatched[:SHOWN],
        settled=[row for row in rows if row.state == RowState.TAKEN],
        firms=firms,
        held={row.id: _held(found, row, held) for row in matched},
        number=len(rows),
        unmatched_number=len(unmatched),
        dismissed_number=sum(row.state == RowState.NOT_OURS for row in rows),
    )


def _held(found: OfficialList, row: OfficialRow, held: Any) -> Any:
    return official.same_proof(found, row, held.get(row.company_id, ()))


def _firms(ids: list[int]) -> dict[int, Any]:
    query = visible_to(my_scope()).where(Company.id.in_(ids)).join(Unit, Unit.id == Company.unit_id)
    columns = (Company.id, Company.name, Company.uscc, Unit.name.label("unit"))
    return {firm.id: firm for firm in session.execute(query.with_only_columns(*columns))}


def _find(list_id: int, scope: Scope) -> SubjectRef | None:
    """A list as something that a file is attached to."""
    query = official.visible_lists(scope).where(OfficialList.id == list_id)
    found = session.scalar(query)
    if found is None:
        return None
    return SubjectRef(found.id, found.name, found.unit_id, f"/ladder/lists/{found.id}")


def init_app() -> None:
    registry.file_owners[official.SUBJECT] = FileOwner(
        N_("公布名单"),
        Action.COMPANIES_READ.value,
        tuple(action.value for action in READERS),
        _find,
    )
