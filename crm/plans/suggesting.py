"""What a promise that was read out of a plan probably is: which sort of figure, proved by which metric. A person decides."""

import re
from collections.abc import Mapping

from rapidfuzz import fuzz

from crm.metrics.figures import Metric
from crm.plan_reader.targets import Target
from crm.targets.pace import Kind

_STOCK = re.compile(r"总数|总量|有效|保有|拥有量|累计|存量|在园|在孵|(?:企业|机构|平台|载体)数量?$")
_ADDED = re.compile(r"新增|净增|新建|新认定|认定|申报|引进|入库")
_MONEY = re.compile(r"[万亿]?元|美元|欧元")
_SHARES = ("%", "个百分点", "比例", "倍", "位")
_ALIKE = 72  # of 100: below that a name says something else
_SAID_OFTEN = re.compile(r"新增|全年|年内|数量?$|总数|家数|完成|实现")


def kind_of(target: Target) -> Kind:
    """How the figure runs through the year. A share of something is known only to who reports it."""
    if target.unit in _SHARES and not target.is_growth:
        return Kind.REPORTED
    if target.is_growth and target.unit == "%":
        return Kind.GROWTH
    if _MONEY.search(target.unit):
        return Kind.SUM
    if _STOCK.search(target.subject) and not _ADDED.search(target.subject):
        return Kind.STOCK
    return Kind.FLOW


def metric_of(target: Target, metrics: Mapping[str, Metric]) -> str:
    """The key of the metric that is called most alike and counts in the same unit; nothing where none is."""
    kind = kind_of(target)
    best, found = float(_ALIKE), ""
    for key, metric in metrics.items():
        if metric.is_stock != (kind is Kind.STOCK) or not _is_same_unit(metric.unit, target.unit):
            continue
        likeness = fuzz.ratio(_bare(metric.label), _bare(target.subject))
        if likeness > best:
            best, found = likeness, key
    return found


def _is_same_unit(one: str, other: str) -> bool:
    people = ("人", "名", "位")
    return one == other or (one in people and other in people)


def _bare(name: str) -> str:
    return _SAID_OFTEN.sub("", name)
