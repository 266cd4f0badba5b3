"""The columns of 项目调度, once for all faces: what each says of a project, and how it is written down."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from crm.reports.dispatch import DispatchLine, DispatchReport
from crm.web.filters import day, money, number, percent, points
from crm.web.locale import label

Kind = Literal["text", "int", "money_wan", "date", "percent", "points"]
WRITTEN: dict[Kind, Callable[[Any], str]] = {
    "text": lambda value: str(value) if value else "–",
    "int": number,
    "money_wan": money,
    "date": day,
    "percent": percent,
    "points": points,
}


@dataclass(frozen=True)
class Column:
    """`width` is in characters, as in a sheet."""

    header: Any
    kind: Kind
    width: float
    value: Callable[[DispatchLine], Any]

    @property
    def is_number(self) -> bool:
        return self.kind not in ("text", "date")

    @property
    def size(self) -> str:
        """How wide it is drawn: narrow, short, middle or wide."""
        grades = ((8, "narrow"), (12, "short"), (15, "middle"))
        return next((size for limit, size in grades if self.width < limit), "wide")

    def written(self, line: DispatchLine) -> str:
        """As people read it; a missing figure is “–”."""
        return WRITTEN[self.kind](self.value(line))


def _category(line: DispatchLine) -> str:
    tags = (line.project.economy_type, line.project.future_industry)
    return "\n".join(str(label(tag)) for tag in tags if tag) or str(label(line.project.kind))


def _problems(line: DispatchLine) -> str:
    said = [line.note.problems] if line.note and line.note.problems else []
    hurdles = [
        _(
            "%(what)s（%(solver)s，%(day)s前解决%(up)s）",
            what=hurdle.what,
            solver=hurdle.solver,
            day=day(hurdle.due_on),
            up=_("，已上报") if hurdle.is_escalated else "",
        )
        for hurdle in line.hurdles
    ]
    return "\n".join([*said, *hurdles])


def _next(line: DispatchLine) -> str:
    mark = line.next_milestone
    if mark is not None:
        return f"{mark.name or label(mark.kind)} {day(mark.due_on)}"
    if line.project.next_action:
        return f"{line.project.next_action} {day(line.project.next_action_on)}"
    return ""


COLUMNS: Sequence[Column] = (
    Column(lazy_gettext("项目名称"), "text", 20, lambda line: line.project.name),
    Column(lazy_gettext("类别"), "text", 10, _category),
    Column(lazy_gettext("投资方"), "text", 14, lambda line: line.project.investor),
    Column(lazy_gettext("建设内容"), "text", 18, lambda line: line.content),
    Column(lazy_gettext("币种"), "text", 6, lambda line: label(line.project.currency)),
    Column(lazy_gettext("总投资"), "money_wan", 10, lambda line: line.total),
    Column(lazy_gettext("年度计划投资"), "money_wan", 9, lambda line: line.money.planned),
    Column(lazy_gettext("本月完成"), "money_wan", 9, lambda line: line.money.month_done),
    Column(lazy_gettext("累计完成"), "money_wan", 9, lambda line: line.money.cumulative),
    Column(lazy_gettext("完成年度计划%"), "percent", 8, lambda line: line.money.share),
    Column(lazy_gettext("序时进度%"), "percent", 8, lambda line: line.money.pace),
    Column(lazy_gettext("超（欠）序时（百分点）"), "points", 8, lambda line: line.money.ahead),
    Column(lazy_gettext("当前阶段"), "text", 8, lambda line: label(line.project.stage)),
    Column(lazy_gettext("进入阶段日期"), "date", 11, lambda line: line.project.entered_on),
    Column(lazy_gettext("停留天数"), "int", 6, lambda line: line.project.days),
    Column(lazy_gettext("本月进展"), "text", 26, lambda line: line.note and line.note.progress),
    Column(lazy_gettext("存在问题"), "text", 22, _problems),
    Column(
        lazy_gettext("需协调事项"), "text", 16, lambda line: line.note and line.note.coordination
    ),
    Column(lazy_gettext("下一节点与时限"), "text", 14, _next),
    Column(lazy_gettext("责任领导"), "text", 7, lambda line: line.leader),
    Column(lazy_gettext("责任单位"), "text", 12, lambda line: line.project.unit),
    Column(lazy_gettext("责任人"), "text", 7, lambda line: line.project.owner),
    Column(lazy_gettext("亮灯"), "text", 8, lambda line: label(line.light)),
)
"""Behind 序号, which is a line's place in the table."""


@dataclass(frozen=True)
class Difference:
    """What an issued report says of a project and what is recorded now; a side that has no such project is empty."""

    project: str
    header: Any
    issued: str
    now: str


def differences(issued: DispatchReport, now: DispatchReport) -> list[Difference]:
    """Cell by cell, what was corrected since a report went out."""
    before = {line.project.id: line for line in issued.lines}
    after = {line.project.id: line for line in now.lines}
    found = []
    for id_, line in before.items():
        other = after.get(id_)
        if other is None:
            found.append(Difference(line.project.name, "", _("在表中"), _("不在表中")))
            continue
        for column in COLUMNS:
            said, is_now = column.written(line), column.written(other)
            if said != is_now:
                found.append(Difference(line.project.name, column.header, said, is_now))
    found += [
        Difference(line.project.name, "", _("不在表中"), _("在表中"))
        for id_, line in after.items()
        if id_ not in before
    ]
    return found
