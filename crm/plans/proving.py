"""Which metric may prove a target: the judge of what people, drafts and files choose."""

from collections.abc import Mapping

from crm.core.errors import DomainError
from crm.core.words import N_
from crm.metrics.catalogue import METRICS
from crm.metrics.figures import Metric
from crm.targets.pace import Kind
from crm.targets.services import MEASURED_IN_PARTS


def expect_provable(
    key: str, filters: Mapping[str, str], *, kind: Kind | None, unit_word: str
) -> dict[str, str]:
    """The filters as a target keeps them; none where it is reported by hand (no key).

    Raises DomainError where there is no such metric, it counts otherwise than the target, or knows no such filter.
    """
    if not key:
        return {}
    metric = METRICS.get(key)
    if metric is None:
        raise DomainError(N_("没有这个指标口径。"), field="metric")
    if kind is not None:
        _expect_same_run(metric, kind)
    if kind is not Kind.GROWTH:
        _expect_same_measure(metric, unit_word)
    return metric.checked(filters)


def _expect_same_run(metric: Metric, kind: Kind) -> None:
    if kind is Kind.REPORTED:
        raise DomainError(
            N_("类型为“人工填报”的指标不能由记录计算，请先更改类型。"), field="metric"
        )
    if metric.is_stock and kind is not Kind.STOCK:
        raise DomainError(
            N_("“%(metric)s”是时点存量，指标是年内累计，不能关联。"), field="metric", metric=metric.label
        )  # fmt: skip
    if not metric.is_stock and kind is Kind.STOCK:
        raise DomainError(
            N_("“%(metric)s”是年内累计，指标是时点存量，不能关联。"), field="metric", metric=metric.label
        )  # fmt: skip


def _expect_same_measure(metric: Metric, unit_word: str) -> None:
    """家 and 个 are both counted; 亿元 is neither counted nor 万元."""
    if metric.unit != unit_word and {metric.unit, unit_word} & MEASURED_IN_PARTS:
        raise DomainError(
            N_("指标的单位是“%(unit)s”，“%(metric)s”按%(other)s计，不能关联。"),
            field="metric", unit=unit_word, metric=metric.label, other=metric.unit,
        )  # fmt: skip
