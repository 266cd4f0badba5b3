"""The day that counts for 规上: read by who reads firms, decided in dated versions by who keeps the rules."""

from typing import Any

from flask import flash, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm

from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.ladder.counting_day import STANDARD, counts_by, decide, versions
from crm.ladder.pages import bp
from crm.people.roles import Action
from crm.reference.models import CountsBy
from crm.web.fields import choice_field, day_field
from crm.web.forms import blame
from crm.web.guards import me, needs
from crm.web.htmx import go_to


class CountingDayForm(FlaskForm):
    """One version of the rule."""

    valid_from = day_field(
        lazy_gettext("生效日期"),
        required=lazy_gettext("请填写生效日期。"),
        future=True,
        description=lazy_gettext("这一天起批准的规上企业按本口径起计；以往年度批准的不变。"),
    )
    counts_by = choice_field(
        lazy_gettext("起计日期"),
        CountsBy,
        description=lazy_gettext("没有登记起报月或入库日期的，按批准日期起计。"),
    )


@bp.get("/counting-day")
@needs(Action.RULES_MANAGE, Action.COMPANIES_READ)
def counting_day() -> Any:
    today = clock.today()
    now = counts_by(today, session.scalars(versions()).all())
    return _page(CountingDayForm(formdata=None, valid_from=today, counts_by=now))


@bp.post("/counting-day")
@needs(Action.RULES_MANAGE)
def decide_counting_day() -> Any:
    """A new version, or another word for the one that begins that day."""
    form = CountingDayForm()
    if not form.validate():
        return _page(form), 422
    try:
        with writing():
            number = decide(form.counts_by.data, valid_from=form.valid_from.data, by=me())
    except DomainError as error:
        status = blame(form, error)
        return _page(form), status
    flash(_("已保存口径，%(n)s 项规上证明的起计日期随之改变。", n=number), "success")
    return go_to("ladder.counting_day")


def _page(form: CountingDayForm) -> str:
    rules = session.scalars(versions()).all()
    return render_template("ladder/counting_day.html", form=form, rules=rules, standard=STANDARD)


def init_app() -> None:
    registry.counting_rules.append((N_("规上企业的统计日期"), "ladder.counting_day"))
