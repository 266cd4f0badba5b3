"""Whether a firm is on course for the rung that it is to reach: a rule of rungs and months. Pure: no database here."""

from datetime import date

from crm.core.words import N_, LabelledEnum
from crm.cultivation.outlook import Outlook
from crm.ladder.rungs import Rung, Standing

HALF_A_YEAR = 6  # months

RULE = N_(
    "按一年上一级的进度：还差的级数不超过到目标年为止的年数（含今年）为按期；"
    "级数与年数相等而今年已过6月、或级数更多的为需加力；目标年过完仍未达到的为已过期。当日具备目标层级即为已达成；已在更高层级而尚缺目标层级的，按还差一级计。"
    "目标层级有达标数据的（小微按科小、高新、规上）：条件已满足的为按期；目标年当年有条件未满足的为需加力，规上的本年累计按月折算。"
)


class Course(LabelledEnum):
    """How a firm stands to its target today."""

    REACHED = "reached", N_("已达成")
    ON_COURSE = "on_course", N_("按期")
    BEHIND = "behind", N_("需加力")
    OVERDUE = "overdue", N_("已过期")

    @property
    def tone(self) -> str:
        return {"reached": "ok", "on_course": "info", "behind": "warn", "overdue": "bad"}[
            self.value
        ]


def course(
    standing: Standing, target: Rung, year: int, today: date, outlook: Outlook = Outlook.UNKNOWN
) -> Course:
    """By RULE: what the figures say of the target, else one rung a year, the one of this year by the end of June."""
    if target in standing.held:
        return Course.REACHED
    if today.year > year:
        return Course.OVERDUE
    if outlook is Outlook.READY:
        return Course.ON_COURSE
    if outlook is Outlook.LACKING and today.year == year:
        return Course.BEHIND
    missing, years = max(target.order - standing.level, 1), year - today.year + 1
    if missing > years or (missing == years and today.month > HALF_A_YEAR):
        return Course.BEHIND
    return Course.ON_COURSE
