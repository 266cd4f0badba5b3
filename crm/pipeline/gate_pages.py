"""The gates by stage and kind: read by who reads projects, changed in dated versions by who keeps the rules."""

from typing import Any

from flask import Blueprint, abort, flash, render_template
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.people.roles import Action
from crm.projects import gate_rules
from crm.projects.gate_models import GateVersion
from crm.projects.gate_rules import GATED, Gate
from crm.projects.models import ProjectKind, Stage
from crm.projects.requirements import CATALOGUE, Asks, Requirement
from crm.web.fields import TickList, choices_of, day_field, text_field
from crm.web.forms import blame
from crm.web.guards import me, needs
from crm.web.htmx import go_to
from crm.web.locale import label

bp = Blueprint("gates", __name__, url_prefix="/gates")

LONGEST_WORDS = 40


class GateForm(FlaskForm):
    """A version of a gate: from which day, what is asked, and in which words where the usual ones do not fit."""

    valid_from = day_field(
        _("自哪天起"),
        required=True,
        future=True,
        description=_("生效日期在这一天或以后的移动按新关口；以前的按原来的。"),
    )
    asked = TickList(
        _("所需事项"),
        choices=lambda: choices_of((code, label(one.label)) for code, one in CATALOGUE.items()),
        default=(),
    )

    @classmethod
    def of(cls, gate: Gate) -> "GateForm":
        words = {
            _words(one): one.label
            for one in gate.requirements
            if one.label != CATALOGUE[one.code].label
        }
        asked = [one.code for one in gate.requirements]
        return cls(formdata=None, valid_from=clock.today(), asked=asked, **words)

    def requirements(self) -> list[Requirement]:
        """What is ticked, in the order of the catalogue."""
        return [
            Requirement(one.asks, one.key, self[_words(one)].data or one.label)
            for one in CATALOGUE.values()
            if one.code in self.asked.data
        ]


def _words(requirement: Requirement) -> str:
    return f"words_{requirement.asks}_{requirement.key}"


for _one in CATALOGUE.values():
    setattr(GateForm, _words(_one), text_field(_one.label, LONGEST_WORDS))


@bp.get("")
@needs(Action.RULES_MANAGE, Action.PROJECTS_READ)
def index() -> Any:
    """All gates as they hold today, by stage and kind, and what is to come."""
    later = gate_rules.history().where(GateVersion.valid_from > clock.today())
    return render_template(
        "pipeline/gates.html",
        rules=gate_rules.rules_on(clock.today()),
        stages=GATED,
        kinds=ProjectKind,
        later=[gate_rules.gate_of(row) for row in session.scalars(later)],
    )


@bp.get("/<project_kind>/<stage>")
@needs(Action.RULES_MANAGE)
def edit(project_kind: str, stage: str) -> Any:
    here = _gate(project_kind, stage)
    return _page(here, GateForm.of(here))


@bp.post("/<project_kind>/<stage>")
@needs(Action.RULES_MANAGE)
def create_version(project_kind: str, stage: str) -> Any:
    here, form, status = _gate(project_kind, stage), GateForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                gate_rules.change(
                    here.kind,
                    here.stage,
                    form.requirements(),
                    valid_from=form.valid_from.data,
                    by=me(),
                )
        except DomainError as error:
            status = blame(form, error)
        else:
            flash(gettext("已保存，自%(day)s起生效。", day=form.valid_from.data), "success")
            return go_to("gates.index")
    return _page(here, form), status


def _gate(kind: str, stage: str) -> Gate:
    if kind not in list(ProjectKind) or stage not in GATED:
        abort(404)
    return gate_rules.rules_on(clock.today())[ProjectKind(kind), Stage(stage)]


def _page(gate: Gate, form: GateForm) -> str:
    versions = gate_rules.history().where(
        GateVersion.kind == gate.kind, GateVersion.stage == gate.stage
    )
    return render_template(
        "pipeline/gate.html",
        gate=gate,
        form=form,
        groups=[
            (
                asks,
                [
                    (one, one.code in form.asked.data, form[_words(one)])
                    for one in CATALOGUE.values()
                    if one.asks is asks
                ],
            )
            for asks in Asks
        ],
        versions=list(reversed(session.scalars(versions).all())),
    )
