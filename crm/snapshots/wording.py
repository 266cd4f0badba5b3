"""A snapshot in the park's own sentences, made of the frozen figures."""

from typing import cast

from flask_babel import gettext as _

from crm.snapshots.paper import Line, Paper
from crm.targets.models import Indicator
from crm.targets.standing import Row
from crm.targets.wording import sentence


def sentences(paper: Paper) -> list[str]:
    """截至9月底，…完成…，占年度目标…%，…: one for each target, of the figure that was reported."""
    return [sentence(_row(line), paper.as_of) for line in paper.lines]


def _row(line: Line) -> Row:
    indicator = cast(Indicator, line)  # has the promise under the same names, as it was
    return Row(indicator, line.standing, line.opening, line.is_part, True)


def notes(paper: Paper) -> list[str]:
    """How the table is to be read."""
    found = [
        _("系统数由系统按记录计算，人工填报的指标取已核验的数；完成率、高于/低于和灯按上报数计。"),
        _("外部权威数为统计局、科技局等公布的数，注明来源和日期；三个数不一致的，写明原因。"),
    ]
    if any(line.is_part for line in paper.lines):
        found.append(_("系统计算的指标仅为本单位数据，人工填报的指标只列本单位负责的。"))
    if paper.replaces:
        found.append(_("本件更正“%(title)s”。", title=paper.replaces))
    return found


def source_of(line: Line) -> str:
    """科技局 2020-10-12, of an authority's figure."""
    said = line.said
    return " ".join(filter(None, (said.authority_source, str(said.authority_on or ""))))
