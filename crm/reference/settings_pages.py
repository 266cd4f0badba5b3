"""Settings that an administrator may change: by group, within bounds, each change in the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, flash, render_template
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, Field

from crm.core import registry
from crm.core.db import session, writing
from crm.core.words import N_
from crm.people.roles import Action
from crm.reference import settings
from crm.reference.log_words import LOG_WORDS
from crm.reference.models import Setting
from crm.web.fields import count_field
from crm.web.guards import me, needs
from crm.web.htmx import go_to

bp = Blueprint("settings", __name__, url_prefix="/settings")


@dataclass(frozen=True)
class Asked:
    """One setting: what it is called, between which numbers it lies (yes or no where there are none), in what unit."""

    key: str
    label: str
    bounds: tuple[int, int] | None = None
    unit: str = ""
    help: str = ""

    @property
    def name(self) -> str:
        """Of its field."""
        return self.key.replace(".", "_")

    @property
    def may_be_empty(self) -> bool:
        return settings.DEFAULTS[self.key] is None


GROUPS: Mapping[str, tuple[Asked, ...]] = {
    N_("导出和报告"): (
        Asked("lists.at_once", N_("直接导出的最多行数"), (100, 50_000), help=N_("更多行的列表由后台任务导出。")),
        Asked("reports.at_once", N_("直接生成报告的最多项目数"), (1, 500), N_("个项目"), N_("更多项目的报告由后台任务生成。")),
        Asked("jobs.result_days", N_("后台文件保留天数"), (1, 90), N_("天"), N_("只对此后完成的任务生效。")),
        Asked("lists.asks_purpose", N_("导出列表时必须填写用途")),
    ),
    N_("附件"): (
        Asked("files.keep_removed_days", N_("已移除附件的保留天数"), (30, 3650), N_("天"),
              N_("留空为一直保留；到期后内容不可恢复。")),
    ),
    N_("提醒"): (
        Asked("followup.neglected_days", N_("企业久未联系"), (7, 730), N_("天"), N_("超过这些天没有联系的企业列入“久未联系”。")),
        Asked("projects.quiet_days", N_("项目久未跟进"), (7, 730), N_("天"),
              N_("超过这些天没有跟进或变更阶段的项目标为“久未跟进”。")),
        Asked("operating.due_days", N_("季报期限"), (1, 60), N_("天"), N_("季度结束后这些天内应报经营数据。")),
    ),
}  # fmt: skip
ASKED = tuple(one for group in GROUPS.values() for one in group)


def _field(one: Asked) -> Any:
    words, help_ = _(one.label), _(one.help) if one.help else ""
    if one.bounds is None:
        return BooleanField(words, description=help_)
    return count_field(
        words, *one.bounds, required=None if one.may_be_empty else True, description=help_
    )


class _Form(FlaskForm):
    def of(self, one: Asked) -> Field:
        return self[one.name]


SettingsForm = type("SettingsForm", (_Form,), {one.name: _field(one) for one in ASKED})


@bp.get("")
@needs(Action.RULES_MANAGE)
def edit() -> Any:
    now = {one.name: settings.get(one.key) for one in ASKED}
    return _page(SettingsForm(formdata=None, data=now))


@bp.post("")
@needs(Action.RULES_MANAGE)
def change() -> Any:
    """Only what is another value than before is written."""
    form = SettingsForm()
    if not form.validate_on_submit():
        return _page(form), 422
    with writing():
        for one in ASKED:
            if (value := form.of(one).data) != settings.get(one.key):
                settings.put(one.key, value, by=me())
    flash(gettext("已保存。"), "success")
    return go_to("settings.edit")


def _page(form: _Form) -> str:
    query = select(Setting.key, Setting.changed_at)
    changed = {row.key: row.changed_at for row in session.execute(query)}
    return render_template(
        "reference/settings.html",
        form=form,
        groups=GROUPS,
        usual=settings.DEFAULTS,
        changed=changed,
    )


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    app.register_blueprint(bp)
    registry.navigation.append(
        registry.NavigationEntry(
            N_("系统设置"), "settings.edit", "adjustments-horizontal", 86, Action.RULES_MANAGE.value
        )
    )
