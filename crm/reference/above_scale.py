"""The lines of 规模以上 (above scale) by industry, in versions by date: until 2019 services had other lines.

Being above scale is given by the statistics office; these lines only tell who may apply (达线未入库).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm.core.money import WAN
from crm.core.words import N_, LabelledEnum


class LineMeasure(LabelledEnum):
    """What decides in an industry: revenue, a licence (建筑业), or that there is any activity (房地产开发)."""

    REVENUE = "revenue", N_("营业收入")
    LICENCE = "licence", N_("总承包或专业承包资质")
    ACTIVITY = "activity", N_("房地产开发经营活动")


@dataclass(frozen=True)
class Line:
    """One industry's line while it is in force; `or_staff`: so many people do instead of the revenue (yuan)."""

    industry: str
    prefixes: tuple[str, ...]
    source: str
    at_least: Decimal | None = None
    measure: LineMeasure = LineMeasure.REVENUE
    or_staff: int | None = None
    valid_from: date = date.min
    valid_to: date = date.max


_INDUSTRY = N_("统计上规模以上工业标准：年主营业务收入")
_TRADE = N_("限额以上批发零售住宿餐饮业标准：年主营业务收入")
_NOW = N_("国统字〔2019〕101号（2019年统计年报和2020年定期报表起）：年营业收入")
_BEFORE = N_("2019年及以前的规模以上服务业标准：年营业收入，或年末从业人员50人及以上")
_LAST_OLD, _FIRST_NEW = date(2019, 12, 31), date(2020, 1, 1)
_REAL_ESTATE_SERVICES = ("K7020", "K7030", "K7040")

_LINES = (
    Line(N_("工业"), ("B", "C", "D"), _INDUSTRY, 2000 * WAN),
    Line(
        N_("建筑业"),
        ("E",),
        N_("有总承包或专业承包资质的建筑业企业"),
        measure=LineMeasure.LICENCE,
    ),
    Line(N_("批发业"), ("F51",), _TRADE, 2000 * WAN),
    Line(N_("零售业"), ("F52",), _TRADE, 500 * WAN),
    Line(N_("住宿和餐饮业"), ("H",), _TRADE, 200 * WAN),
    Line(
        N_("房地产开发经营"),
        ("K7010",),
        N_("有开发经营活动的全部房地产开发经营法人"),
        measure=LineMeasure.ACTIVITY,
    ),
    Line(
        N_("交通运输仓储邮政、信息传输软件、水利环境公共设施、卫生"),
        ("G", "I", "N", "Q84"),
        _NOW,
        2000 * WAN,
        valid_from=_FIRST_NEW,
    ),
    Line(
        N_("租赁商务、科研技术、教育、物业和房地产中介租赁"),
        ("L", "M", "P", *_REAL_ESTATE_SERVICES),
        _NOW,
        1000 * WAN,
        valid_from=_FIRST_NEW,
    ),
    Line(
        N_("居民服务修理、文化体育娱乐、社会工作"),
        ("O", "R", "Q85"),
        _NOW,
        500 * WAN,
        valid_from=_FIRST_NEW,
    ),
    Line(
        N_("服务业（居民服务、文体娱乐以外）"),
        ("G", "I", "N", "Q", "L", "M", "P", *_REAL_ESTATE_SERVICES),
        _BEFORE,
        1000 * WAN,
        or_staff=50,
        valid_to=_LAST_OLD,
    ),
    Line(
        N_("居民服务修理、文化体育娱乐"),
        ("O", "R"),
        _BEFORE,
        500 * WAN,
        or_staff=50,
        valid_to=_LAST_OLD,
    ),
)
HIGHEST = max(line.at_least for line in _LINES if line.at_least)
"""Who reaches it is over every industry's line."""


def line_of(industry_code: str, on: date) -> Line | None:
    """The line that holds for an industry on a day, by the longest prefix; None where the table has none for it.

    A plain `K70` has none: which line holds is decided by the class (K7010 is development, K7020 物业管理).
    """
    found = [
        (len(prefix), line)
        for line in lines_on(on)
        for prefix in line.prefixes
        if industry_code.startswith(prefix)
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def lines_on(on: date) -> list[Line]:
    """The whole table as it is in force on a day."""
    return [line for line in _LINES if line.valid_from <= on <= line.valid_to]
