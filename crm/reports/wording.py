"""The sentences of a report, as the park writes them, in the reader's language."""

from datetime import date

from babel.dates import format_skeleton
from flask_babel import get_locale
from flask_babel import gettext as _

from crm.pipeline.flow import MoveKind
from crm.reports.pipeline import PipelineReport
from crm.web.filters import day, moment, money
from crm.web.locale import label


def title(report: PipelineReport) -> str:
    return str(label(report.title))


def standing(report: PipelineReport) -> str:
    """截至9月30日，七个一批项目共160个，其中信息项目24个、…。"""
    now = report.total.now
    stages = [
        _("%(stage)s%(n)s个", stage=label(line.stage), n=line.now.count) for line in report.stages
    ]
    sentence = _(
        "截至%(day)s，七个一批项目共%(n)s个，其中%(stages)s。",
        day=_day(report, report.as_of),
        n=now.count,
        stages=_("、").join(stages),
    )
    amounts = _(
        "信息至意向阶段预计投资%(expected)s亿元，签约至竣工阶段协议投资%(agreed)s亿元。",
        expected=money(now.expected, "亿元"),
        agreed=money(now.agreed, "亿元"),
    )
    return f"{sentence}{amounts}"


def movement(report: PipelineReport) -> str:
    """较8月31日新增3个、推进5个、后退1个、暂停0个、流失1个、恢复0个；停滞项目4个。"""
    number = {change.kind: change.projects for change in report.changes}
    sentence: str = _(
        "较%(day)s新增%(new)s个、推进%(advance)s个、后退%(back)s个、暂停%(paused)s个、"
        "流失%(lost)s个、恢复%(returned)s个；停留超过常规时限的项目%(stalled)s个。",
        day=_day(report, report.since),
        new=number[MoveKind.NEW],
        advance=number[MoveKind.ADVANCE],
        back=number[MoveKind.BACK],
        paused=number[MoveKind.PAUSE],
        lost=number[MoveKind.LOSS],
        returned=number[MoveKind.RETURN],
        stalled=len(report.stalled),
    )
    return sentence


def notes(report: PipelineReport) -> list[str]:
    """How the figures are to be read."""
    found = [
        _("阶段和投资额按统计截止日统计；责任单位等为系统现有记录。"),
        _("预计投资统计信息至意向阶段，协议投资统计签约至竣工阶段，两者不相加。"),
        _("进入、推进、后退等按项次统计，一个项目期内变动两次计两次；暂停和流失的项目不计入合计。"),
    ]
    return [*found, *left_out(report)]


def left_out(report: PipelineReport) -> list[str]:
    """What the sums of yuan do not have in them."""
    found, now = [], report.total.now
    if now.expected_usd is not None or now.agreed_usd is not None:
        amounts = {"expected": money(now.expected_usd), "agreed": money(now.agreed_usd)}
        note = _(
            "另有以美元计的预计投资%(expected)s万美元、协议投资%(agreed)s万美元，不并入人民币合计。",
            **amounts,
        )
        found.append(note)
    if missing := now.without_amount:
        found.append(_("其中%(n)s个项目尚未填写投资额，未计入投资额合计。", n=missing))
    return found


def heading(report: PipelineReport) -> list[str]:
    """What stands over each sheet: what it is, as of when, for whom, made when, and whether it is made up."""
    lines = [
        title(report),
        _("统计截止：%(day)s", day=day(report.as_of)),
        _("对比日期：%(day)s", day=day(report.since)),
        _("统计范围：%(scope)s", scope=label(report.scope)),
        _("生成时间：%(moment)s", moment=moment(report.generated_at)),
    ]
    if report.is_demo:
        lines.append(_("演示数据：由程序生成，不是真实记录"))
    return lines


def _day(report: PipelineReport, which: date) -> str:
    """9月30日; with its year where the period spans two."""
    skeleton = "MMMd" if report.since.year == report.as_of.year else "yMMMd"
    return str(format_skeleton(skeleton, which, locale=get_locale()))
