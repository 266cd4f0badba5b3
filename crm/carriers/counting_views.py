"""The counting rule of 新增入驻企业: read by who reads firms, changed in dated versions by who keeps the rules."""

from typing import Any

from flask import Blueprint, abort, flash, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField

from crm.carriers.wording import entrants_sentence
from crm.companies.models import CompanyKind
from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.people.roles import Action
from crm.reference.counting import (
    STANDARD,
    EntrantTerms,
    amend,
    can_amend,
    decree,
    terms_of,
    terms_on,
    versions,
)
from crm.reference.models import EntrantRule
from crm.web.fields import day_field, ticks_field, version_field
from crm.web.forms import blame
from crm.web.guards import me, needs
from crm.web.htmx import go_to

bp = Blueprint("counting", __name__, url_prefix="/counting-rules")


class RuleForm(FlaskForm):
    """One version of the rule."""

    version = version_field()
    valid_from = day_field(
        lazy_gettext("生效日期"),
        required=lazy_gettext("请填写生效日期。"),
        future=True,
        description=lazy_gettext("这一天起发生的入驻按本口径计；以往年度的数字不变。"),
    )
    kinds = ticks_field(lazy_gettext("计入的类别"), tuple(CompanyKind))
    needs_licence = BooleanField(lazy_gettext("须已取得执照（有统一社会信用代码）"))
    needs_agreement = BooleanField(lazy_gettext("须已签入驻协议"))
    counts_returns = BooleanField(lazy_gettext("迁出后返回的企业也计入新增"))

    @classmethod
    def of(cls, terms: EntrantTerms, **values: Any) -> "RuleForm":
        return cls(
            kinds=sorted(terms.kinds),
            needs_licence=terms.needs_licence,
            needs_agreement=terms.needs_agreement,
            counts_returns=terms.counts_returns,
            **values,
        )

    def to_terms(self) -> EntrantTerms:
        return EntrantTerms(
            frozenset(self.kinds.data or ()),
            needs_licence=self.needs_licence.data,
            needs_agreement=self.needs_agreement.data,
            counts_returns=self.counts_returns.data,
        )


@bp.get("")
@needs(Action.RULES_MANAGE, Action.COMPANIES_READ)
def index() -> Any:
    rules = session.scalars(versions()).all()
    return render_template(
        "carriers/rules.html",
        rules=[(rule, entrants_sentence(terms_of(rule)), can_amend(rule)) for rule in rules],
        standard=entrants_sentence(STANDARD),
        others=[(name, url_for(endpoint)) for name, endpoint in registry.counting_rules],
    )


@bp.get("/new")
@needs(Action.RULES_MANAGE)
def new() -> Any:
    today = clock.today()
    return _page(RuleForm.of(terms_on(today), valid_from=today), None)


@bp.post("")
@needs(Action.RULES_MANAGE)
def create() -> Any:
    form = RuleForm()
    if form.validate_on_submit():
        try:
            with writing():
                decree(form.to_terms(), valid_from=form.valid_from.data, by=me())
        except DomainError as refused:
            return _refused(form, refused, None)
        flash(_("已保存口径，图表、明细和目标同时按新口径计算。"), "success")
        return go_to("counting.index")
    return _page(form, None), 422


@bp.get("/<int:rule_id>/edit")
@needs(Action.RULES_MANAGE)
def edit(rule_id: int) -> Any:
    rule = _rule(rule_id)
    form = RuleForm.of(terms_of(rule), valid_from=rule.valid_from, version=rule.version)
    return _page(form, rule)


@bp.post("/<int:rule_id>")
@needs(Action.RULES_MANAGE)
def update(rule_id: int) -> Any:
    """The day on which a version begins stays; another day is another version."""
    rule, form = _rule(rule_id), RuleForm()
    form.valid_from.data = rule.valid_from
    del form.valid_from
    if form.validate_on_submit():
        try:
            with writing():
                version = form.version.data or 0
                amend(_rule(rule_id), form.to_terms(), version=version, by=me())
        except DomainError as refused:
            return _refused(form, refused, _rule(rule_id))
        flash(_("已保存口径，图表、明细和目标同时按新口径计算。"), "success")
        return go_to("counting.index")
    return _page(form, rule), 422


def _rule(rule_id: int) -> EntrantRule:
    return session.scalar(versions().where(EntrantRule.id == rule_id)) or abort(404)


def _refused(form: RuleForm, refused: DomainError, rule: EntrantRule | None) -> Any:
    status = blame(form, refused, rule)
    return _page(form, rule), status


def _page(form: RuleForm, rule: EntrantRule | None) -> str:
    return render_template("carriers/rule.html", form=form, rule=rule)
