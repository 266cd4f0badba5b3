"""The desk's rules, for who administers: limits, errands, and the materials asked of each kind of entrant."""

import re
from typing import Any

from flask import Blueprint, abort, flash, render_template
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import ValidationError

from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.entry import checklists
from crm.entry.checklists import Checklist, Item
from crm.entry.models import EntrantKind, EntryChecklist, MaterialForm
from crm.people.roles import Action
from crm.reference import settings
from crm.web.fields import count_field, day_field, lines_field
from crm.web.guards import me, needs
from crm.web.htmx import go_to
from crm.web.locale import label, sentence

bp = Blueprint("entry_rules", __name__, url_prefix="/entry/rules")

_LONGEST = {"name": 80, "hint": 200, "errand": 40}


class LimitsForm(FlaskForm):
    """Working days allowed in each state, and what is done for an entrant."""

    acceptance = count_field(_("受理"), 1, 60, required=True)
    review = count_field(_("评审"), 1, 60, required=True)
    signing = count_field(_("签约"), 1, 60, required=True)
    errands = lines_field(
        _("代办事项"),
        1000,
        required=True,
        rows=6,
        description=_("每行一项；已签约的申请保留原来的事项。"),
    )

    def names(self) -> list[str]:
        return [line.strip() for line in (self.errands.data or "").splitlines() if line.strip()]

    def validate_errands(self, field: TextAreaField) -> None:
        if any(len(name) > _LONGEST["errand"] for name in self.names()):
            raise ValidationError(gettext("每项不能超过%(n)s个字符。", n=_LONGEST["errand"]))
        if len(set(self.names())) < len(self.names()):
            raise ValidationError(gettext("事项有重复。"))


class ChecklistForm(FlaskForm):
    """A list of materials as text, a line an item: name | 必需/可选 | 原件/复印件 | help."""

    from_on = day_field(_("自哪天起"), required=True, future=True)
    lines = lines_field(_("材料清单"), 8000, required=True, rows=12)
    items: list[Item]

    def validate_lines(self, field: TextAreaField) -> None:
        self.items = []
        for number, line in enumerate((field.data or "").splitlines(), 1):
            if line.strip():
                self.items.append(self._item(number, line))

    def _item(self, number: int, line: str) -> Item:
        name, need, form, hint = ([p.strip() for p in re.split(r"[|｜]", line)] + [""] * 4)[:4]
        forms = {
            words: member for member in MaterialForm for words in (member.label, label(member))
        }
        needs_ = {
            "": True,
            "必需": True,
            gettext("必需"): True,
            "可选": False,
            gettext("可选"): False,
        }
        if not name or len(name) > _LONGEST["name"] or len(hint) > _LONGEST["hint"]:
            raise ValidationError(gettext("第%(n)s行：名称不能为空，也不能过长。", n=number))
        if need not in needs_:
            raise ValidationError(gettext("第%(n)s行：请写“必需”或“可选”。", n=number))
        if form and form not in forms:
            message = gettext("第%(n)s行：请写“原件”“复印件”或“原件或复印件”。", n=number)
            raise ValidationError(message)
        return Item(name, needs_[need], forms.get(form, MaterialForm.COPY), hint)


@bp.get("")
@needs(Action.RULES_MANAGE)
def show() -> Any:
    return _page(_limits_form())


@bp.post("/limits")
@needs(Action.RULES_MANAGE)
def set_limits() -> Any:
    """New limits hold for what enters a state from now on; running clocks keep theirs."""
    form = LimitsForm()
    if not form.validate_on_submit():
        return _page(form), 422
    values = {name: form[name].data for name in ("acceptance", "review", "signing")}
    with writing():
        if values != settings.get("entry.limits"):
            settings.put("entry.limits", values, by=me())
        if form.names() != settings.get("entry.errands"):
            settings.put("entry.errands", form.names(), by=me())
    flash(gettext("已保存。"), "success")
    return go_to("entry_rules.show")


@bp.get("/checklists/<kind>")
@needs(Action.RULES_MANAGE)
def edit_checklist(kind: str) -> Any:
    here = _kind(kind)
    present = checklists.on_day(here, clock.today())
    form = ChecklistForm(formdata=None, from_on=clock.today(), lines=_as_lines(present))
    return _checklist_page(here, form)


@bp.post("/checklists/<kind>")
@needs(Action.RULES_MANAGE)
def set_checklist(kind: str) -> Any:
    here, form, status = _kind(kind), ChecklistForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                checklists.change(here, form.items, from_on=form.from_on.data, by=me())
        except DomainError as refused:
            form.lines.errors = [sentence(refused)]
        else:
            flash(gettext("已保存。"), "success")
            return go_to("entry_rules.show")
    return _checklist_page(here, form), status


def _kind(kind: str) -> Any:
    return EntrantKind(kind) if kind in list(EntrantKind) else abort(404)


def _limits_form() -> LimitsForm:
    limits = settings.get("entry.limits")
    return LimitsForm(formdata=None, errands="\n".join(settings.get("entry.errands")), **limits)


def _page(form: LimitsForm) -> str:
    return render_template(
        "entry/rules/show.html", form=form, lists=checklists.all_on(clock.today()).values()
    )


def _checklist_page(kind: EntrantKind, form: ChecklistForm) -> str:
    versions = checklists.history().where(EntryChecklist.kind == kind)
    return render_template(
        "entry/rules/checklist.html",
        kind=kind,
        form=form,
        versions=list(reversed(session.scalars(versions).all())),
    )


def _as_lines(checklist: Checklist) -> str:
    return "\n".join(
        " | ".join(
            filter(
                None,
                (
                    item.name,
                    "必需" if item.is_required else "可选",
                    item.form.label,
                    item.hint,
                ),
            )
        )
        for item in checklist.materials
    )
